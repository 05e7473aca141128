package authdns

import (
	"context"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/miekg/dns"

	"ddns-batch/internal/record"
)

// ask observes names at these hosts.
func ask(t *testing.T, names []record.Name, hosts ...*host) []Observation {
	t.Helper()
	q := Query{Names: names, Timeout: patient}
	for _, h := range hosts {
		q.Nameservers = append(q.Nameservers, h.address)
	}
	all := Observe(t.Context(), q)
	if len(all) != len(names) {
		t.Fatalf("%d observations of %d names", len(all), len(names))
	}
	for i, o := range all {
		if o.Name != names[i] {
			t.Errorf("observation %d is of %v, want %v", i, o.Name, names[i])
		}
		if o.At.IsZero() {
			t.Errorf("%v was observed at no time", o.Name)
		}
		safe(t, o.Answer)
	}
	return all
}

func TestTwoServersTogether(t *testing.T) {
	one, two := holds("192.0.2.1"), holds("192.0.2.2")
	tests := []struct {
		name          string
		first, second respond
		want          Answer
		detail        string
	}{
		{
			name: "both say the same", first: one, second: one,
			want: Answer{Status: Address, Addresses: addresses("192.0.2.1"), TTL: 300 * time.Second},
		}, {
			name: "the same with different times to live", first: says("@ 60 IN A 192.0.2.1"), second: one,
			want: Answer{Status: Address, Addresses: addresses("192.0.2.1"), TTL: 300 * time.Second},
		}, {
			name:  "the same in another order",
			first: says("@ 300 IN A 192.0.2.1", "@ 300 IN A 192.0.2.2"), second: says("@ 300 IN A 192.0.2.2", "@ 300 IN A 192.0.2.1"),
			want: Answer{Status: Addresses, Addresses: addresses("192.0.2.1", "192.0.2.2"), TTL: 300 * time.Second},
		}, {
			name: "two addresses", first: one, second: two,
			want: Answer{Status: Differ}, detail: "192.0.2.51:53: 192.0.2.1; 192.0.2.52:53: 192.0.2.2",
		}, {
			name: "one of them has an address more", first: one, second: says("@ 300 IN A 192.0.2.1", "@ 300 IN A 192.0.2.2"),
			want: Answer{Status: Differ}, detail: "192.0.2.51:53: 192.0.2.1; 192.0.2.52:53: 192.0.2.1, 192.0.2.2",
		}, {
			name: "two aliases", first: says("@ 300 IN CNAME a.example.net."), second: says("@ 300 IN CNAME b.example.net."),
			want: Answer{Status: Differ}, detail: "192.0.2.51:53: CNAME a.example.net; 192.0.2.52:53: CNAME b.example.net",
		}, {
			name: "one of them has no such name", first: noName, second: two,
			want: Answer{Status: Differ}, detail: "192.0.2.51:53: no such name; 192.0.2.52:53: 192.0.2.2",
		}, {
			name: "one of them has no address", first: one, second: says(),
			want: Answer{Status: Differ}, detail: "192.0.2.51:53: 192.0.2.1; 192.0.2.52:53: no A record",
		}, {
			name: "the first is silent", first: silent, second: two,
			want:   Answer{Status: Address, Addresses: addresses("192.0.2.2"), TTL: 300 * time.Second},
			detail: "only 192.0.2.52:53 says so; 192.0.2.51:53: no answer in 2 s",
		}, {
			name: "the second is lame", first: one, second: changed(func(m *dns.Msg) { m.Authoritative = false }, "@ 1 IN A 192.0.2.9"),
			want:   Answer{Status: Address, Addresses: addresses("192.0.2.1"), TTL: 300 * time.Second},
			detail: "only 192.0.2.51:53 says so; 192.0.2.52:53: the server is not authoritative for the domain",
		}, {
			name: "both fail alike", first: code(dns.RcodeServerFailure), second: code(dns.RcodeServerFailure),
			want: Answer{Status: Servfail}, detail: "192.0.2.51:53 and 192.0.2.52:53: the name server reports an internal failure (SERVFAIL)",
		}, {
			name: "both fail, each in its way", first: silent, second: code(dns.RcodeRefused),
			want:   Answer{Status: Refused},
			detail: "192.0.2.51:53: no answer in 2 s; 192.0.2.52:53: the name server refuses to answer (REFUSED)",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				how := map[string]respond{"192.0.2.51:53": test.first, "192.0.2.52:53": test.second}
				dial := memory(func(endpoint string, w dns.ResponseWriter, r *dns.Msg) { how[endpoint](w, r) })
				q := Query{Names: []record.Name{name("@", "example.com")}, Nameservers: at("192.0.2.51:53", "192.0.2.52:53"), Dial: dial}
				o := Observe(t.Context(), q)[0]
				if !o.same(test.want) || o.TTL != test.want.TTL {
					t.Errorf("got %+v, want %+v", o.Answer, test.want)
				}
				if o.Detail != test.detail {
					t.Errorf("the detail is\n%q, want\n%q", o.Detail, test.detail)
				}
				if len(o.Servers) != 2 || o.Servers[0].Server != "192.0.2.51:53" || o.Servers[1].Endpoint.String() != "192.0.2.52:53" {
					t.Errorf("the servers are %+v", o.Servers)
				}
			})
		})
	}
}

func TestEachNameOnceAtEachServer(t *testing.T) {
	names := []record.Name{
		name("www", "example.net"), name("@", "example.com"), name("*", "example.com"), name("www", "example.com"),
		name("a.b", "example.com"), name("*.dev", "example.com"), name("c.dev", "example.com"), name("www", "example.com"),
		name("@", "example.net"), name("git", "example.com"),
	}
	holder := func() *host {
		return newHost(t, script{
			"example.com.": holds("192.0.2.1"), "*.example.com.": holds("192.0.2.2"), "www.example.com.": holds("192.0.2.3"),
			"a.b.example.com.": holds("192.0.2.4"), "*.dev.example.com.": holds("192.0.2.5"), "c.dev.example.com.": holds("192.0.2.6"),
			"www.example.net.": holds("192.0.2.7"), "example.net.": holds("192.0.2.8"), "git.example.com.": holds("192.0.2.9"),
		})
	}
	first, second, third := holder(), holder(), holder()
	all := ask(t, names, first, first, second, third)
	for i, want := range addresses("192.0.2.7", "192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4", "192.0.2.5", "192.0.2.6",
		"192.0.2.3", "192.0.2.8", "192.0.2.9") {
		if got := all[i].Answer.Address(); got != want {
			t.Errorf("%v has %v, want %v", names[i], all[i].Answer, want)
		}
	}
	want := []string{
		"*.b.example.com.", "*.dev.example.com.", "*.example.com.", "*.example.net.", "a.b.example.com.", "c.dev.example.com.",
		"example.com.", "example.net.", "git.example.com.", "www.example.com.", "www.example.net.",
	}
	for i, h := range []*host{first, second} {
		if got := h.names(); !slices.Equal(got, want) {
			t.Errorf("server %d was asked for\n%q, want\n%q", i, got, want)
		}
	}
	if got := third.names(); len(got) > 0 {
		t.Errorf("a third server was asked for %q", got)
	}
}

func TestRandomLabelsAreNeverTheSame(t *testing.T) {
	h := newHost(t, script{})
	for range 2 {
		ask(t, []record.Name{name("*", "example.com")}, h)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.heard) != 2 || h.heard[0] == h.heard[1] {
		t.Errorf("asked for %q", h.heard)
	}
}

func TestHintThatOnlyTheWildcardCovers(t *testing.T) {
	tests := []struct {
		name     string
		host     string
		own, any respond
		want     bool
	}{
		{"the same address", "www", holds("192.0.2.1"), holds("192.0.2.1"), true},
		{"the same alias", "www", says("@ 300 IN CNAME a.example.net."), says("@ 300 IN CNAME a.example.net."), true},
		{"another address", "www", holds("192.0.2.1"), holds("192.0.2.2"), false},
		{"another TTL", "www", holds("192.0.2.1"), says("@ 60 IN A 192.0.2.1"), false},
		{"an address more", "www", holds("192.0.2.1"), says("@ 300 IN A 192.0.2.1", "@ 300 IN A 192.0.2.2"), false},
		{"no wildcard", "www", holds("192.0.2.1"), noName, false},
		{"neither", "www", noName, noName, false},
		{"neither has an address", "www", says(), says(), false},
		{"nobody knows what the wildcard holds", "www", holds("192.0.2.1"), code(dns.RcodeServerFailure), false},
		{"nobody knows anything", "www", code(dns.RcodeServerFailure), code(dns.RcodeServerFailure), false},
		{"the domain itself", "@", holds("192.0.2.1"), holds("192.0.2.1"), false},
		{"the wildcard itself", "*", holds("192.0.2.1"), holds("192.0.2.1"), false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			h := newHost(t, script{"www.example.com.": test.own, "example.com.": test.own, "*.example.com.": test.any})
			o := ask(t, []record.Name{name(test.host, "example.com")}, h)[0]
			if o.Wildcard != test.want {
				t.Errorf("got %v, want %v", o.Wildcard, test.want)
			}
		})
	}
}

func TestHintNeedsEveryServerThatAnswers(t *testing.T) {
	www := []record.Name{name("www", "example.com")}
	covered := script{"www.example.com.": holds("192.0.2.1"), "*.example.com.": holds("192.0.2.1")}
	own := script{"www.example.com.": holds("192.0.2.1"), "*.example.com.": holds("192.0.2.2")}
	lame := changed(func(m *dns.Msg) { m.Authoritative = false })
	broken := script{"www.example.com.": lame, "*.example.com.": code(dns.RcodeServerFailure)}
	for _, test := range []struct {
		name          string
		first, second script
		want          bool
	}{
		{"both", covered, covered, true},
		{"one of two", covered, own, false},
		{"the other of two", own, covered, false},
		{"the only one that answers", broken, covered, true},
		{"the only one that answers says otherwise", broken, own, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			if o := ask(t, www, newHost(t, test.first), newHost(t, test.second))[0]; o.Wildcard != test.want {
				t.Errorf("got %v, want %v", o.Wildcard, test.want)
			}
		})
	}
}

func TestOnlyOneServer(t *testing.T) {
	h := newHost(t, script{"example.com.": holds("192.0.2.1")})
	o := ask(t, []record.Name{name("@", "example.com")}, h)[0]
	if o.Status != Address || len(o.Servers) != 1 || !strings.Contains(o.Detail, "has no second name server") {
		t.Errorf("got %+v", o)
	}
	want := Delegation{Domain: "example.com", Servers: []string{h.address.String()}}
	if !reflect.DeepEqual(o.Delegation, want) {
		t.Errorf("the delegation is %+v, want %+v", o.Delegation, want)
	}
}

func TestNamesThatCannotBeAskedFor(t *testing.T) {
	h := newHost(t, script{"example.com.": holds("192.0.2.1")})
	names := []record.Name{
		name("@", "example.com"), name(strings.Repeat("a", 64), "example.com"), name("a..b", "example.com"),
		name(strings.Repeat("a.", 126)+"a", "example.com"), name("", "example.com"),
	}
	for i, o := range ask(t, names, h) {
		if want := i == 0; o.Status.Certain() != want {
			t.Errorf("%v: %+v", o.Name, o.Answer)
		}
		if i > 0 && (o.Status != Unknown || !strings.Contains(o.Detail, "no name server can be queried for this name")) {
			t.Errorf("%v: %+v", o.Name, o.Answer)
		}
	}
}

func TestNothingToObserve(t *testing.T) {
	if all := Observe(t.Context(), Query{}); len(all) != 0 {
		t.Errorf("got %v", all)
	}
}

func TestThousandsOfNames(t *testing.T) {
	names := manyNames(20, 100)
	dial := pipes(func(_ string, r *dns.Msg) *dns.Msg { return answered(r, "@ 300 IN A 192.0.2.1") })
	q := Query{Names: names, Timeout: time.Minute, Dial: dial, Nameservers: []netip.AddrPort{netip.MustParseAddrPort("192.0.2.53:53")}}
	for i, o := range Observe(t.Context(), q) {
		if o.Name != names[i] || o.Status != Address {
			t.Fatalf("%v: %+v", names[i], o)
		}
	}
}

func TestInterrupted(t *testing.T) {
	asked := make(chan struct{}, 10)
	h := newHost(t, script{"example.com.": func(dns.ResponseWriter, *dns.Msg) { asked <- struct{}{} }})
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-asked
		cancel()
	}()
	began := time.Now()
	all := Observe(ctx, Query{Names: []record.Name{name("@", "example.com")}, Nameservers: []netip.AddrPort{h.address}, Timeout: time.Minute})
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("the end was waited for during %v", took)
	}
	if o := all[0]; o.Status != Unknown || !strings.Contains(o.Detail, "no answer in time") {
		t.Errorf("got %+v", o)
	}
}
