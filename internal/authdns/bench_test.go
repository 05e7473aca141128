package authdns

import (
	"bytes"
	"fmt"
	"net"
	"net/netip"
	"testing"
	"time"

	"ddns-batch/internal/record"
	"ddns-batch/internal/testnet"
)

// BenchmarkObserve200RecordsOf10Domains asks two servers that take 50 ms for every answer. "of-bound" is the share of
// what it may take: 1.2 times the slowest answer, and 50 ms more. "per-answer" is how many times the slowest answer it
// takes.
func BenchmarkObserve200RecordsOf10Domains(b *testing.B) {
	const service = 50 * time.Millisecond
	q := Query{Nameservers: []netip.AddrPort{newMill(b, service), newMill(b, service)}, Names: manyNames(10, 20)}
	for b.Loop() {
		observeAll(b, q)
	}
	each := b.Elapsed() / time.Duration(b.N)
	b.ReportMetric(each.Seconds()/service.Seconds(), "per-answer")
	b.ReportMetric(each.Seconds()/(service*12/10+50*time.Millisecond).Seconds(), "of-bound")
	b.ReportMetric(each.Seconds()*1000, "ms/observe")
}

// BenchmarkObserve10000Records asks two servers that answer at once, on the same processors: fewer questions at a time, or
// datagrams are lost that the servers have no time to read.
func BenchmarkObserve10000Records(b *testing.B) {
	q := Query{Nameservers: []netip.AddrPort{newMill(b, 0), newMill(b, 0)}, Names: manyNames(67, 150), Concurrency: 64}
	for b.Loop() {
		observeAll(b, q)
	}
	b.ReportMetric(b.Elapsed().Seconds()*1000/float64(b.N), "ms/observe")
}

// newMill is a server that gives every name the same address some time after it was asked, with as little work as can
// be: what is measured is the one who asks.
func newMill(b *testing.B, delay time.Duration) netip.AddrPort {
	packets, streams := testnet.Sockets()
	streams.Close()
	ended := make(chan struct{})
	b.Cleanup(func() {
		packets.Close()
		<-ended
	})
	go func() {
		defer close(ended)
		buffer := make([]byte, 4096)
		for {
			_, from, err := packets.ReadFrom(buffer)
			if err != nil {
				return
			}
			// The id, "answer with authority", one question, one answer; the question itself; and the record.
			const header = 12
			question := buffer[header : header+bytes.IndexByte(buffer[header:], 0)+5]
			answer := append([]byte{buffer[0], buffer[1], 0x84, 0, 0, 1, 0, 1, 0, 0, 0, 0}, question...)
			answer = append(answer, 0xc0, header, 0, 1, 0, 1, 0, 0, 1, 44, 0, 4, 192, 0, 2, 1)
			answerTo(packets, from, answer, delay)
		}
	}()
	return netip.MustParseAddrPort(packets.LocalAddr().String())
}

func answerTo(packets net.PacketConn, to net.Addr, answer []byte, delay time.Duration) {
	if delay == 0 {
		_, _ = packets.WriteTo(answer, to)
		return
	}
	time.AfterFunc(delay, func() { _, _ = packets.WriteTo(answer, to) })
}

func manyNames(domains, hosts int) (names []record.Name) {
	for d := range domains {
		for h := range hosts {
			names = append(names, name(fmt.Sprintf("h%d", h), fmt.Sprintf("d%d.example.com", d)))
		}
	}
	return names
}

func observeAll(b *testing.B, q Query) {
	for _, o := range Observe(b.Context(), q) {
		if o.Status != Address || len(o.Servers) != 2 || o.Detail != "" {
			b.Fatalf("got %+v", o)
		}
	}
}
