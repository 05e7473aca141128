package testnet

import (
	"context"
	"net"
	"net/netip"
	"strings"

	"github.com/miekg/dns"
)

// Resolver asks only the name server at this host and port.
func Resolver(server string) *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, "udp4", server)
		if err == nil {
			// Without this Go's own goroutines wait for a silent name server to the end, whoever has given up.
			context.AfterFunc(ctx, func() { _ = conn.Close() })
		}
		return conn, err
	}}
}

// Names answers questions for the address of a name, and with NXDOMAIN for names that are not among them.
func Names(addresses map[string]string) dns.HandlerFunc {
	return func(w dns.ResponseWriter, q *dns.Msg) {
		question := q.Question[0]
		text, known := addresses[strings.TrimSuffix(strings.ToLower(question.Name), ".")]
		if !known {
			NoSuchName(w, q)
			return
		}
		m := new(dns.Msg).SetReply(q)
		address := netip.MustParseAddr(text)
		header := dns.RR_Header{Name: question.Name, Rrtype: question.Qtype, Class: dns.ClassINET, Ttl: 60}
		switch {
		case question.Qtype == dns.TypeA && address.Is4():
			m.Answer = append(m.Answer, &dns.A{Hdr: header, A: address.AsSlice()})
		case question.Qtype == dns.TypeAAAA && address.Is6():
			m.Answer = append(m.Answer, &dns.AAAA{Hdr: header, AAAA: address.AsSlice()})
		}
		_ = w.WriteMsg(m)
	}
}
