package authdns

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/miekg/dns"

	"ddns-batch/internal/record"
	"ddns-batch/internal/testnet"
)

// internet is a resolver, and name servers behind port 53 of documentation addresses.
type internet struct {
	resolver netip.AddrPort
	// routes lead from a name server's address to where it really listens.
	routes map[string]*host

	mu     sync.Mutex
	lookUp map[string][]string // records by "NAME TYPE"
	codes  map[string]int      // error codes in place of records
	once   map[string]int      // the same, for one answer
	heard  []string            // "NAME TYPE"
}

func newInternet(t *testing.T) *internet {
	n := &internet{routes: make(map[string]*host), lookUp: make(map[string][]string), codes: make(map[string]int), once: make(map[string]int)}
	n.resolver = testnet.NameServer(t, func(w dns.ResponseWriter, r *dns.Msg) {
		q := r.Question[0]
		what := strings.ToLower(q.Name) + " " + dns.TypeToString[q.Qtype]
		n.mu.Lock()
		defer n.mu.Unlock()
		n.heard = append(n.heard, what)
		if !r.RecursionDesired {
			t.Errorf("the resolver was asked for %s without recursion", what)
		}
		m := new(dns.Msg)
		m.SetReply(r)
		m.RecursionAvailable = true
		m.Rcode = n.codes[what]
		if m.Rcode < 0 {
			return
		}
		if code, ok := n.once[what]; ok {
			m.Rcode = code
			delete(n.once, what)
			send(w, m)
			return
		}
		m.Answer = records(r, n.lookUp[what]...)
		send(w, m)
	})
	return n
}

// delegate gives domain these name servers, each "NAME ADDRESS" or just "NAME".
func (n *internet) delegate(domain string, servers ...string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, s := range servers {
		ns, address, ok := strings.Cut(s, " ")
		n.lookUp[domain+". NS"] = append(n.lookUp[domain+". NS"], "@ 300 IN NS "+ns+".")
		if ok {
			n.lookUp[strings.ToLower(ns)+". A"] = []string{"@ 300 IN A " + address}
		}
	}
}

// fail makes the resolver answer with an error code from now on; below 0 it does not answer at all.
func (n *internet) fail(what string, code int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.codes[what] = code
}

// failOnce does that for the next answer only.
func (n *internet) failOnce(what string, code int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.once[what] = code
}

// lookUps are what the resolver was asked for, sorted.
func (n *internet) lookUps() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Sorted(slices.Values(n.heard))
}

func (n *internet) dial(ctx context.Context, network, address string) (net.Conn, error) {
	if h, ok := n.routes[address]; ok {
		address = h.address.String()
	} else if address != n.resolver.String() {
		return nil, &net.OpError{Op: "dial", Net: network, Err: &net.AddrError{Err: "no route in this test", Addr: address}}
	}
	return new(net.Dialer).DialContext(ctx, network, address)
}

func (n *internet) query(names ...record.Name) Query {
	return Query{Names: names, Resolver: n.resolver, Dial: n.dial, Timeout: patient}
}

func TestServersAreFoundThroughTheResolver(t *testing.T) {
	n := newInternet(t)
	n.delegate("example.com", "Dns2.example.org 192.0.2.2", "dns1.example.org 192.0.2.1")
	n.delegate("example.net", "dns1.example.org 192.0.2.1", "dns2.example.org 192.0.2.2")
	holder := script{"example.com.": holds("198.51.100.1"), "example.net.": holds("198.51.100.2")}
	n.routes["192.0.2.1:53"], n.routes["192.0.2.2:53"] = newHost(t, holder), newHost(t, holder)

	all := Observe(t.Context(), n.query(name("@", "example.com"), name("@", "example.net")))
	for i, want := range addresses("198.51.100.1", "198.51.100.2") {
		o := all[i]
		if o.Answer.Address() != want || o.Detail != "" || len(o.Servers) != 2 {
			t.Fatalf("got %+v", o)
		}
		if a, b := o.Servers[0], o.Servers[1]; a.Server != "dns1.example.org" || a.Endpoint.String() != "192.0.2.1:53" || b.Server != "dns2.example.org" {
			t.Errorf("asked %+v", o.Servers)
		}
	}
	want := Delegation{Domain: "example.com", Servers: []string{"dns1.example.org", "dns2.example.org"}}
	if got := all[0].Delegation; !reflect.DeepEqual(got, want) {
		t.Errorf("the delegation is %+v, want %+v", got, want)
	}
	looked := []string{"dns1.example.org. A", "dns2.example.org. A", "example.com. NS", "example.net. NS"}
	if got := n.lookUps(); !slices.Equal(got, looked) {
		t.Errorf("the resolver was asked for %q, want %q", got, looked)
	}
}

func TestServersThatDomainsShareAreLookedUpOnce(t *testing.T) {
	n := newInternet(t)
	h := newHost(t, script{})
	n.routes["192.0.2.1:53"], n.routes["192.0.2.2:53"] = h, h
	var names []record.Name
	for i := range 40 {
		domain := fmt.Sprintf("d%d.example.com", i)
		n.delegate(domain, "a.example.org 192.0.2.1", "b.example.org 192.0.2.2")
		names = append(names, name("@", domain))
	}
	for _, o := range Observe(t.Context(), n.query(names...)) {
		if o.Status != NXDomain {
			t.Errorf("got %+v", o)
		}
	}
	if got := n.lookUps(); len(got) != 42 {
		t.Errorf("%d look-ups: %q", len(got), got)
	}
}

func TestWhichServersAreAsked(t *testing.T) {
	tests := []struct {
		name    string
		servers []string
		asked   []string
		detail  string
	}{
		{
			name:    "two of five",
			servers: []string{"e.example.org 192.0.2.5", "d.example.org 192.0.2.4", "c.example.org 192.0.2.3", "b.example.org 192.0.2.2", "a.example.org 192.0.2.1"},
			asked:   []string{"a.example.org", "b.example.org"},
		}, {
			name:    "those that have an address",
			servers: []string{"a.example.org", "b.example.org 192.0.2.2", "c.example.org", "d.example.org 192.0.2.4"},
			asked:   []string{"b.example.org", "d.example.org"},
		}, {
			name:    "two that are different",
			servers: []string{"a.example.org 192.0.2.1", "b.example.org 192.0.2.1", "c.example.org 192.0.2.3"},
			asked:   []string{"a.example.org", "c.example.org"},
		}, {
			name:    "the only one",
			servers: []string{"a.example.org 192.0.2.1"},
			asked:   []string{"a.example.org"},
			detail:  "only a.example.org was queried: the domain has no second name server",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			n := newInternet(t)
			n.delegate("example.com", test.servers...)
			h := newHost(t, script{"example.com.": holds("198.51.100.1")})
			for _, a := range []string{"192.0.2.1:53", "192.0.2.2:53", "192.0.2.3:53", "192.0.2.4:53", "192.0.2.5:53"} {
				n.routes[a] = h
			}
			o := Observe(t.Context(), n.query(name("@", "example.com")))[0]
			var asked []string
			for _, s := range o.Servers {
				asked = append(asked, s.Server)
			}
			if o.Status != Address || !slices.Equal(asked, test.asked) || o.Detail != test.detail {
				t.Errorf("asked %q: %+v", asked, o.Answer)
			}
		})
	}
}

func TestNoServerToAsk(t *testing.T) {
	tests := []struct {
		name    string
		prepare func(*internet)
		want    Status
		detail  string
	}{
		{"the domain does not exist", func(n *internet) { n.fail("example.com. NS", dns.RcodeNameError) }, NoServers, "has no name servers"},
		{"there is no NS record", func(*internet) {}, NoServers, "has no name servers"},
		{"the resolver has a problem", func(n *internet) { n.fail("example.com. NS", dns.RcodeServerFailure) }, Unresolved, "could not find the domain's name servers"},
		{"the resolver is silent", func(n *internet) { n.fail("example.com. NS", -1) }, Unresolved, "did not name the domain's name servers in 600 ms"},
		{"no server has an address", func(n *internet) { n.delegate("example.com", "a.example.org", "b.example.org") }, Unresolved, "no IPv4 address was found for the name servers a.example.org, b.example.org"},
		{"the names are hostile", func(n *internet) { n.delegate("example.com", `a\027[31m\010.example.org`) }, Unresolved, "could not find the domain's name servers"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			n := newInternet(t)
			test.prepare(n)
			q := n.query(name("www", "example.com"))
			if test.name == "the resolver is silent" {
				q.Timeout = 150 * time.Millisecond
			}
			o := Observe(t.Context(), q)[0]
			if o.Status != test.want || !strings.Contains(o.Detail, test.detail) || len(o.Servers) > 0 || o.At.IsZero() {
				t.Errorf("got %+v", o)
			}
			safe(t, o.Answer)
		})
	}
}

func TestASilentResolverCostsTheTimeOfOneLookUp(t *testing.T) {
	n := newInternet(t)
	var names []record.Name
	for i := range 200 {
		domain := fmt.Sprintf("d%d.example.com", i)
		n.fail(domain+". NS", -1)
		names = append(names, name("@", domain))
	}
	q := n.query(names...)
	q.Timeout = 50 * time.Millisecond
	for _, o := range Observe(t.Context(), q) {
		if o.Status != Unresolved || !strings.Contains(o.Detail, "did not name") {
			t.Errorf("got %+v", o)
		}
	}
	// One more may start between the first loss and the second.
	if got := slices.Compact(n.lookUps()); len(got) > maxLookups+1 {
		t.Errorf("%d domains were looked up", len(got))
	}
}

func TestSoundNamesBesideHostileOnes(t *testing.T) {
	n := newInternet(t)
	n.delegate("example.com", `a\010b.example.org`, "ns.example.org 192.0.2.1")
	if got := Delegations(t.Context(), n.query(name("@", "example.com"))); !slices.Equal(got[0].Servers, []string{"ns.example.org"}) {
		t.Errorf("got %+v", got)
	}
}

func TestDelegations(t *testing.T) {
	n := newInternet(t)
	n.delegate("example.net", "dns2.registrar-servers.com", "dns1.registrar-servers.com")
	n.delegate("example.com", "a.example.org", "registrar-servers.com", "registrar-servers.com.example.org")
	n.fail("example.org. NS", dns.RcodeNameError)
	got := Delegations(t.Context(), n.query(name("www", "example.net"), name("@", "example.com"), name("@", "example.net"), name("@", "example.org")))
	if len(got) != 3 || got[0].Domain != "example.net" || got[1].Domain != "example.com" || got[2].Domain != "example.org" {
		t.Fatalf("got %+v", got)
	}
	for i, want := range []bool{true, false, false} {
		if got[i].Under("registrar-servers.com") != want {
			t.Errorf("%+v: not %v", got[i], want)
		}
	}
	if d := got[0]; d.Status != Unknown || d.Detail != "" || len(d.Servers) != 2 {
		t.Errorf("got %+v", d)
	}
	if d := got[2]; d.Status != NoServers || d.Detail == "" || len(d.Servers) != 0 {
		t.Errorf("got %+v", d)
	}
	if got := n.lookUps(); len(got) != 3 {
		t.Errorf("the resolver was asked for %q", got)
	}
}

func TestServersGivenByAddressNeedNoResolver(t *testing.T) {
	h := newHost(t, script{"example.com.": holds("192.0.2.1")})
	q := Query{Names: []record.Name{name("@", "example.com")}, Nameservers: []netip.AddrPort{h.address}, Timeout: patient}
	q.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
		if address != h.address.String() {
			t.Errorf("dialed %s", address)
		}
		return new(net.Dialer).DialContext(ctx, network, address)
	}
	if o := Observe(t.Context(), q)[0]; o.Status != Address {
		t.Errorf("got %+v", o)
	}
	want := []Delegation{{Domain: "example.com", Servers: []string{h.address.String()}}}
	if got := Delegations(t.Context(), q); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestLookUpInterrupted(t *testing.T) {
	n := newInternet(t)
	n.fail("example.com. NS", -1)
	q := n.query(name("@", "example.com"))
	q.Timeout = time.Hour
	ctx, cancel := context.WithCancel(t.Context())
	q.Dial = func(dialing context.Context, network, address string) (net.Conn, error) {
		cancel()
		return n.dial(dialing, network, address)
	}
	if o := Observe(ctx, q)[0]; o.Status != Unresolved || !strings.Contains(o.Detail, "did not finish in time") {
		t.Errorf("got %+v", o)
	}
}
