package testnet

import (
	"errors"
	"net"
	"net/netip"

	"github.com/miekg/dns"
)

// NameServer answers by UDP and TCP, on one port, until its test ends.
func NameServer(tb TB, handler dns.HandlerFunc) netip.AddrPort {
	packets, streams := Sockets()
	for _, s := range []*dns.Server{{PacketConn: packets, Handler: handler}, {Listener: streams, Handler: handler}} {
		started, ended := make(chan struct{}), make(chan error, 1)
		s.NotifyStartedFunc = func() { close(started) }
		go func() { ended <- s.ActivateAndServe() }()
		select {
		case <-started:
		case err := <-ended:
			panic(err)
		}
		tb.Cleanup(func() {
			_ = s.Shutdown()
			<-ended
		})
	}
	return netip.MustParseAddrPort(packets.LocalAddr().String())
}

// Sockets are both kinds on one port. Whoever asks for them closes them.
func Sockets() (net.PacketConn, net.Listener) {
	var all error
	for range 20 {
		streams := must(net.Listen("tcp4", "127.0.0.1:0"))
		packets, err := net.ListenPacket("udp4", streams.Addr().String())
		if err == nil {
			return packets, streams
		}
		_ = streams.Close()
		all = errors.Join(all, err)
	}
	panic(all)
}

// NoSuchName answers every question with NXDOMAIN.
func NoSuchName(w dns.ResponseWriter, q *dns.Msg) {
	_ = w.WriteMsg(new(dns.Msg).SetRcode(q, dns.RcodeNameError))
}

// Silent answers no question.
func Silent(dns.ResponseWriter, *dns.Msg) {}
