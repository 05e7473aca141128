package main

import (
	"net/netip"
	"strings"
	"sync"

	"github.com/miekg/dns"
	"github.com/rogpeppe/go-internal/testscript"

	"ddns-batch/internal/testnet"
)

// nameserver publishes what the stand-in holds, as the name servers of the domains would, unless it is told otherwise.
type nameserver struct {
	stand *stand

	mu     sync.Mutex
	says   map[string]string // by full name
	silent bool
	old    int // the error code with which it refuses EDNS; 0: it knows it
}

// nameservers is the script command that starts and scripts a name server:
//
//	dns start                                  serve on a free port, which is in $DNS; names follow the stand-in
//	dns says www.example.com 198.51.100.9      say something else: addresses with commas between them, 'CNAME www.example.org',
//	                                           "nothing" for no such name; "stand-in": follow it again
//	dns silent                                 answer nothing any more
//	dns old REFUSED                            know no EDNS, and say so with this error code and nothing else
func nameservers(ts *testscript.TestScript, neg bool, args []string) {
	s := ts.Value(standKey{}).(*stand)
	switch {
	case neg || len(args) == 0:
		ts.Fatalf("usage: dns start|says|silent|old ...")
	case args[0] == "start":
		s.startDNS(ts)
	case args[0] == "says":
		s.dns.set(args[1], args[2])
	case args[0] == "silent":
		s.dns.mu.Lock()
		s.dns.silent = true
		s.dns.mu.Unlock()
	case args[0] == "old":
		s.dns.mu.Lock()
		s.dns.old = dns.StringToRcode[args[1]]
		s.dns.mu.Unlock()
	default:
		ts.Fatalf("unknown: dns %s", args[0])
	}
}

func (s *stand) startDNS(ts *testscript.TestScript) {
	s.dns = &nameserver{stand: s, says: map[string]string{}}
	ts.Setenv("DNS", testnet.NameServer(script{ts}, s.dns.answer).String())
}

// script is one that has servers.
type script struct{ *testscript.TestScript }

// Cleanup ends something when the script ends.
func (s script) Cleanup(end func()) { s.Defer(end) }

func (n *nameserver) set(name, says string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.says[name] = says
}

// answer is one with authority and a TTL of a minute.
func (n *nameserver) answer(w dns.ResponseWriter, q *dns.Msg) {
	name := strings.TrimSuffix(strings.ToLower(q.Question[0].Name), ".")
	n.mu.Lock()
	says, silent, old := n.says[name], n.silent, n.old
	n.mu.Unlock()
	if silent {
		return
	}
	if old != 0 && q.IsEdns0() != nil {
		m := new(dns.Msg).SetRcode(q, old)
		m.Question = nil
		_ = w.WriteMsg(m)
		return
	}
	m := new(dns.Msg).SetReply(q)
	m.Authoritative = true
	switch asked := q.Question[0]; {
	case asked.Qtype == dns.TypeNS && name == "example.org":
		// That is the one that is served elsewhere.
		m.Answer = []dns.RR{&dns.NS{Hdr: dns.RR_Header{Name: asked.Name, Rrtype: dns.TypeNS, Class: dns.ClassINET, Ttl: 60}, Ns: "ns1.example.org."}}
	case asked.Qtype == dns.TypeNS || says == "" || says == "stand-in":
		n.stand.server.ServeDNS(w, q)
		return
	default:
		m.Answer, m.Rcode = records(asked.Name, says)
	}
	_ = w.WriteMsg(m)
}

// records are the answer that says tells: addresses, or an alias. None is an error.
func records(name, says string) (all []dns.RR, rcode int) {
	header := dns.RR_Header{Name: name, Class: dns.ClassINET, Ttl: 60}
	if target, alias := strings.CutPrefix(says, "CNAME "); alias {
		header.Rrtype = dns.TypeCNAME
		return []dns.RR{&dns.CNAME{Hdr: header, Target: dns.Fqdn(target)}}, dns.RcodeSuccess
	}
	header.Rrtype = dns.TypeA
	for text := range strings.SplitSeq(says, ",") {
		a, err := netip.ParseAddr(text)
		if err != nil {
			return nil, dns.RcodeNameError
		}
		all = append(all, &dns.A{Hdr: header, A: a.AsSlice()})
	}
	return all, dns.RcodeSuccess
}
