package sandbox

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"strings"

	"github.com/miekg/dns"

	"ddns-batch/internal/record"
)

// A resolver that is asked for the name servers of a domain is told these two, with these addresses. Dynamic DNS works at
// name servers below registrar-servers.com only.
var nameServers = []struct {
	name    string
	address netip.Addr
}{
	{"dns1.sandbox.registrar-servers.com.", netip.AddrFrom4([4]byte{192, 0, 2, 53})},
	{"dns2.sandbox.registrar-servers.com.", netip.AddrFrom4([4]byte{192, 0, 2, 54})},
}

// atFirst is what a record is published with until its first update, since somebody had to write something into the
// panel. A wildcard has another address, so that it is told from the records which it does not cover.
func atFirst(host string) netip.Addr {
	if strings.HasPrefix(host, "*") {
		return netip.AddrFrom4([4]byte{192, 0, 2, 2})
	}
	return netip.AddrFrom4([4]byte{192, 0, 2, 1})
}

// recordTTL is that of all records, in seconds.
const recordTTL = 60

// startDNS begins to answer DNS queries over UDP.
func (s *Server) startDNS(conn net.PacketConn) {
	s.packets = conn
	server := &dns.Server{PacketConn: conn, Handler: s}
	started := make(chan struct{})
	server.NotifyStartedFunc = func() { close(started) }
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = server.ActivateAndServe()
	}()
	select {
	case <-started:
	case <-ended:
	}
	s.endDNS = func() {
		_ = server.Shutdown()
		<-ended
	}
}

// listenDNS is a UDP socket beside the TCP socket at beside: with the same port number if that was asked for.
func listenDNS(beside net.Listener, asked string) (net.PacketConn, error) {
	at := netip.MustParseAddrPort(beside.Addr().String())
	if _, port, err := net.SplitHostPort(asked); asked == "" || err == nil && port == "0" {
		at = netip.AddrPortFrom(at.Addr(), 0)
	}
	conn, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(at))
	if err != nil {
		return nil, fmt.Errorf("cannot listen on %s for DNS queries: %w", at, causeOf(err))
	}
	return conn, nil
}

// NameServer is the address at which DNS queries are answered, over UDP, as the domains' own name servers and a resolver
// would: with what the records hold by now.
func (s *Server) NameServer() netip.AddrPort {
	return netip.MustParseAddrPort(s.packets.LocalAddr().String())
}

// DialDNS connects to NameServer whatever address is asked for, so that no query of somebody who is given this function
// can reach the network.
func (s *Server) DialDNS(ctx context.Context, _, _ string) (net.Conn, error) {
	return new(net.Dialer).DialContext(ctx, "udp", s.packets.LocalAddr().String())
}

// ServeDNS answers one query.
func (s *Server) ServeDNS(w dns.ResponseWriter, q *dns.Msg) {
	m := new(dns.Msg).SetReply(q)
	m.Authoritative = true
	if q.IsEdns0() != nil {
		m.SetEdns0(dns.DefaultMsgSize, false)
	}
	if len(q.Question) == 1 {
		m.Answer, m.Rcode = s.resolve(q.Question[0])
	} else {
		m.Rcode = dns.RcodeFormatError
	}
	_ = w.WriteMsg(m)
}

func (s *Server) resolve(q dns.Question) (answer []dns.RR, rcode int) {
	name := dns.CanonicalName(q.Name)
	header := dns.RR_Header{Name: q.Name, Rrtype: q.Qtype, Class: dns.ClassINET, Ttl: recordTTL}
	for _, server := range nameServers {
		if name == server.name && q.Qtype == dns.TypeA {
			return []dns.RR{&dns.A{Hdr: header, A: server.address.AsSlice()}}, dns.RcodeSuccess
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	n, known := s.nameOf(strings.TrimSuffix(name, "."))
	if !known {
		return nil, dns.RcodeRefused
	}
	if n.Host == "@" && q.Qtype == dns.TypeNS {
		for _, server := range nameServers {
			answer = append(answer, &dns.NS{Hdr: header, Ns: server.name})
		}
		return answer, dns.RcodeSuccess
	}
	address, published := s.published(n)
	switch {
	case !published && n.Host != "@":
		return nil, dns.RcodeNameError
	case !published || q.Qtype != dns.TypeA:
		return nil, dns.RcodeSuccess
	}
	return []dns.RR{&dns.A{Hdr: header, A: address.AsSlice()}}, dns.RcodeSuccess
}

// nameOf takes a full name apart; false if it is of no domain that is known. s.mu is held.
func (s *Server) nameOf(full string) (record.Name, bool) {
	if s.domains[full] != nil {
		return record.Name{Host: "@", Domain: full}, true
	}
	for at, c := range full {
		if domain := full[at+1:]; c == '.' && s.domains[domain] != nil {
			return record.Name{Host: full[:at], Domain: domain}, true
		}
	}
	return record.Name{}, false
}

// published is the address with which the name servers answer for a name: that of its record, or of a wildcard which
// covers it. s.mu is held.
func (s *Server) published(n record.Name) (address netip.Addr, ok bool) {
	z := s.domains[n.Domain]
	n.Host = z.covering(n.Host)
	address, ok = z.records[n.Host]
	switch fault := s.faults[n]; {
	case fault == NoRecord:
		return netip.Addr{}, false
	case ok && (fault == Unserved || !address.IsValid()):
		return atFirst(n.Host), true
	}
	return address, ok
}

// covering is the host whose record answers for host: itself, or the nearest wildcard above it; host if there is none.
func (z *zone) covering(host string) string {
	if _, there := z.records[host]; there || host == "@" {
		return host
	}
	for above := host; above != ""; {
		_, above, _ = strings.Cut(above, ".")
		wildcard := strings.TrimSuffix("*."+above, ".")
		if _, there := z.records[wildcard]; there {
			return wildcard
		}
	}
	return host
}
