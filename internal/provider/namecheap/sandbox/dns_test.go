package sandbox_test

import (
	"net"
	"net/netip"
	"strings"
	"testing"

	"github.com/miekg/dns"

	"ddns-batch/internal/authdns"
	"ddns-batch/internal/provider/namecheap/sandbox"
	"ddns-batch/internal/record"
)

// asked is what the name server says of a name: the data of its answers, or the error code.
func asked(t *testing.T, s *sandbox.Server, name string, kind uint16) string {
	t.Helper()
	m, err := dns.Exchange(new(dns.Msg).SetQuestion(name, kind), s.NameServer().String())
	if err != nil {
		t.Fatal(err)
	}
	if !m.Authoritative {
		t.Errorf("%s: it answers without authority", name)
	}
	if m.Rcode != dns.RcodeSuccess {
		return dns.RcodeToString[m.Rcode]
	}
	var data []string
	for _, rr := range m.Answer {
		if rr.Header().Name != name || rr.Header().Ttl != 60 {
			t.Errorf("%s: it says %s", name, rr)
		}
		data = append(data, strings.TrimPrefix(rr.String(), rr.Header().String()))
	}
	return strings.Join(data, " ")
}

func TestTheNameServerPublishesWhatTheRecordsHold(t *testing.T) {
	host := func(h string) record.Name { return record.Name{Host: h, Domain: "example.com"} }
	s := start(t, sandbox.Options{
		Domains: []sandbox.Domain{
			{Name: "example.com", Password: canary, Hosts: []string{"@", "www", "new", "gone", "stuck", "*", "*.dev", "a.dev"}},
			{Name: "example.net", Password: canary, Hosts: []string{"www"}},
		},
		Held: map[record.Name]netip.Addr{
			host("@"): netip.MustParseAddr("198.51.100.1"), host("www"): netip.MustParseAddr("198.51.100.2"), host("gone"): netip.MustParseAddr("198.51.100.3"),
			host("*"): netip.MustParseAddr("198.51.100.4"), host("*.dev"): netip.MustParseAddr("198.51.100.5"), host("a.dev"): netip.MustParseAddr("198.51.100.6"),
			host("stuck"): netip.MustParseAddr("198.51.100.7"), host("other"): netip.MustParseAddr("198.51.100.8"),
		},
		Faults: map[record.Name]sandbox.Fault{host("gone"): sandbox.NoRecord, host("stuck"): sandbox.Unserved},
	})
	for _, c := range []struct {
		name string
		kind uint16
		want string
	}{
		{"example.com.", dns.TypeA, "198.51.100.1"},
		{"www.example.com.", dns.TypeA, "198.51.100.2"},
		{"WWW.Example.COM.", dns.TypeA, "198.51.100.2"},
		{"new.example.com.", dns.TypeA, "192.0.2.1"},
		{"gone.example.com.", dns.TypeA, "NXDOMAIN"},
		{"stuck.example.com.", dns.TypeA, "192.0.2.1"},
		{"other.example.com.", dns.TypeA, "198.51.100.4"},
		{"deeply.nested.example.com.", dns.TypeA, "198.51.100.4"},
		{"a.dev.example.com.", dns.TypeA, "198.51.100.6"},
		{"b.dev.example.com.", dns.TypeA, "198.51.100.5"},
		{"c.b.dev.example.com.", dns.TypeA, "198.51.100.5"},
		{"www.example.com.", dns.TypeAAAA, ""},
		{"www.example.com.", dns.TypeNS, ""},
		{"www.example.net.", dns.TypeA, "192.0.2.1"},
		{"git.example.net.", dns.TypeA, "NXDOMAIN"},
		{"example.net.", dns.TypeA, ""},
		{"example.net.", dns.TypeNS, "dns1.sandbox.registrar-servers.com. dns2.sandbox.registrar-servers.com."},
		{"dns1.sandbox.registrar-servers.com.", dns.TypeA, "192.0.2.53"},
		{"dns2.sandbox.registrar-servers.com.", dns.TypeA, "192.0.2.54"},
		{"example.org.", dns.TypeA, "REFUSED"},
		{"notexample.com.", dns.TypeA, "REFUSED"},
		{"com.", dns.TypeNS, "REFUSED"},
		{".", dns.TypeNS, "REFUSED"},
	} {
		if got := asked(t, s, c.name, c.kind); got != c.want {
			t.Errorf("%s %s: %q, want %q", c.name, dns.TypeToString[c.kind], got, c.want)
		}
	}
	c := client(t, s)
	for _, h := range []string{"new", "stuck"} {
		if err := c.Update(t.Context(), to(host(h))); err != nil {
			t.Error(err)
		}
	}
	if got := asked(t, s, "new.example.com.", dns.TypeA); got != address.String() {
		t.Errorf("after an update: %s", got)
	}
	if got := asked(t, s, "stuck.example.com.", dns.TypeA); got != "192.0.2.1" || s.Records()[host("stuck")] != address {
		t.Errorf("it is not to be served, and is: %s", got)
	}
	s.ClearFault(host("stuck"))
	if got := asked(t, s, "stuck.example.com.", dns.TypeA); got != address.String() {
		t.Errorf("it is to be served again: %s", got)
	}
}

func TestDialDNSReachesOnlyTheSandbox(t *testing.T) {
	s := start(t, sandbox.Options{})
	if err := client(t, s).Update(t.Context(), to(www)); err != nil {
		t.Fatal(err)
	}
	for _, o := range authdns.Observe(t.Context(), authdns.Query{Names: []record.Name{www}, Dial: s.DialDNS}) {
		if o.Address() != address || len(o.Servers) != 2 || !o.Delegation.Under("registrar-servers.com") {
			t.Errorf("%+v", o)
		}
	}
}

// A port that was asked for is that of both.
func TestTheNameServerHasThePortThatWasAskedFor(t *testing.T) {
	var s *sandbox.Server
	var at string
	// A port that was free may be somebody else's a moment later.
	for range 20 {
		earlier := start(t, sandbox.Options{})
		at = earlier.Addr().String()
		earlier.Close()
		var err error
		if s, err = sandbox.Start(sandbox.Options{Listen: at}); err == nil {
			break
		}
	}
	if s == nil {
		t.Fatal("no port is free")
	}
	defer s.Close()
	if s.Addr().String() != at || s.NameServer().String() != at {
		t.Errorf("%s and %s, not %s", s.Addr(), s.NameServer(), at)
	}
	taken, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	port := taken.LocalAddr().String()
	_, err = sandbox.Start(sandbox.Options{Listen: port})
	if err == nil || !strings.Contains(err.Error(), "cannot listen on "+port+" for DNS queries: ") {
		t.Errorf("a port that is taken: %v", err)
	}
	free, err := net.Listen("tcp", port)
	if err != nil {
		t.Fatalf("it keeps the other one: %v", err)
	}
	_ = free.Close()
}
