package run

import (
	"net/netip"
	"testing"
	"time"

	"ddns-batch/internal/authdns"
	"ddns-batch/internal/plan"
	"ddns-batch/internal/record"
)

// What a plan is told of an observation: whose servers they are, and whether all of them answered.
func TestObservationsAsData(t *testing.T) {
	name := record.Name{Host: "@", Domain: "example.com"}
	one := authdns.Answer{Status: authdns.Address, Addresses: []netip.Addr{netip.MustParseAddr("203.0.113.7")}, TTL: time.Minute}
	silent := authdns.Answer{Status: authdns.Timeout, Detail: "no answer in 2 s"}
	from := func(answers ...authdns.Answer) (all []authdns.ServerAnswer) {
		for _, a := range answers {
			all = append(all, authdns.ServerAnswer{Answer: a})
		}
		return all
	}
	servers := func(names ...string) authdns.Delegation {
		return authdns.Delegation{Domain: "example.com", Servers: names}
	}
	namecheaps := servers("dns1.registrar-servers.com", "dns2.registrar-servers.com")
	for _, c := range []struct {
		name  string
		given []netip.AddrPort
		o     authdns.Observation
		want  plan.Observation
	}{
		{"Namecheap's two servers agree", nil, authdns.Observation{Answer: one, Servers: from(one, one), Delegation: namecheaps},
			plan.Observation{Certain: true, Unanimous: true, Published: netip.MustParseAddr("203.0.113.7"), TTL: time.Minute, Words: "203.0.113.7"}},
		{"one of them is silent", nil, authdns.Observation{Answer: one, Servers: from(one, silent), Delegation: namecheaps},
			plan.Observation{Certain: true, Published: netip.MustParseAddr("203.0.113.7"), TTL: time.Minute, Words: "203.0.113.7"}},
		{"none is found", nil, authdns.Observation{Answer: authdns.Answer{Status: authdns.NoServers, Detail: "none"}}, plan.Observation{Words: "none"}},
		{"the servers are others", nil, authdns.Observation{Answer: one, Servers: from(one), Delegation: servers("ns1.example.org", "ns2.example.org")},
			plan.Observation{Certain: true, Unanimous: true, Published: netip.MustParseAddr("203.0.113.7"), TTL: time.Minute, Words: "203.0.113.7", Elsewhere: "ns1.example.org and ns2.example.org"}},
		{"many others", nil, authdns.Observation{Answer: one, Servers: from(one), Delegation: servers("a.example.org", "b.example.org", "c.example.org", "d.example.org")},
			plan.Observation{Certain: true, Unanimous: true, Published: netip.MustParseAddr("203.0.113.7"), TTL: time.Minute, Words: "203.0.113.7", Elsewhere: "a.example.org, b.example.org and 2 more"}},
		{"one of them is Namecheap's", nil, authdns.Observation{Answer: one, Servers: from(one), Delegation: servers("a.example.org", "pdns1.registrar-servers.com")},
			plan.Observation{Certain: true, Unanimous: true, Published: netip.MustParseAddr("203.0.113.7"), TTL: time.Minute, Words: "203.0.113.7"}},
		{"a name that only looks like one of Namecheap's", nil, authdns.Observation{Answer: one, Servers: from(one), Delegation: servers("notregistrar-servers.com")},
			plan.Observation{Certain: true, Unanimous: true, Published: netip.MustParseAddr("203.0.113.7"), TTL: time.Minute, Words: "203.0.113.7", Elsewhere: "notregistrar-servers.com"}},
		{"they stand in hosts.yaml", []netip.AddrPort{netip.MustParseAddrPort("192.0.2.53:53")},
			authdns.Observation{Answer: one, Servers: from(one), Delegation: servers("192.0.2.53:53")},
			plan.Observation{Certain: true, Unanimous: true, Published: netip.MustParseAddr("203.0.113.7"), TTL: time.Minute, Words: "203.0.113.7"}},
	} {
		c.o.Name = name
		got := asData(authdns.Query{Nameservers: c.given}, []authdns.Observation{c.o})
		if len(got) != 1 || got[name] != c.want {
			t.Errorf("%s: %+v, want %+v", c.name, got[name], c.want)
		}
	}
}
