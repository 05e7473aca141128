package authdns

import (
	"context"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"
)

var wanted = netip.MustParseAddr("192.0.2.2")

// zoneOf is an internet in which example.com has the servers a to d of example.org, or fewer.
func zoneOf(t *testing.T, servers ...respond) (*internet, []*host) {
	n := newInternet(t)
	var hosts []*host
	for i, how := range servers {
		letter, address := string(rune('a'+i)), netip.AddrFrom4([4]byte{198, 51, 100, byte(i)}).String()
		n.delegate("example.com", letter+".example.org "+address)
		h := newHost(t, script{"example.com.": how})
		n.routes[address+":53"] = h
		hosts = append(hosts, h)
	}
	return n, hosts
}

// waitFor waits for what example.com is wanted to be; where that never comes, not for ever.
func waitFor(t *testing.T, n *internet) Waited {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patient)
	defer cancel()
	q := n.query(name("@", "example.com"))
	q.Interval = time.Millisecond
	return Wait(ctx, q, wanted, nil)[0]
}

func TestWaitNeedsEveryServerOfTheZone(t *testing.T) {
	old, fresh := holds("192.0.2.1"), holds("192.0.2.2")
	n, hosts := zoneOf(t, fresh, fresh, old, fresh)
	// The third one follows in its third answer.
	answers := 0
	hosts[2].now("example.com.", func(w dns.ResponseWriter, r *dns.Msg) {
		if answers++; answers == 3 {
			fresh(w, r)
			return
		}
		old(w, r)
	})
	w := waitFor(t, n)
	var asked []string
	for _, s := range w.Servers {
		asked = append(asked, s.Server)
	}
	if want := []string{"a.example.org", "b.example.org", "c.example.org", "d.example.org"}; !w.Served || !slices.Equal(asked, want) {
		t.Errorf("served is %v, said by %q, want %q", w.Served, asked, want)
	}
	for i, h := range hosts {
		if got := len(h.names()); got != 3 {
			t.Errorf("server %d was asked %d times, want 3", i, got)
		}
	}
	// A look at what is published needs no more than two.
	Observe(t.Context(), n.query(name("@", "example.com")))
	for i, want := range []int{4, 4, 3, 3} {
		if got := len(hosts[i].names()); got != want {
			t.Errorf("after an observation server %d was asked %d times, want %d", i, got, want)
		}
	}
}

func TestWaitLooksAgainForAServerWhoseAddressWasNotFound(t *testing.T) {
	old, fresh := holds("192.0.2.1"), holds("192.0.2.2")
	n, hosts := zoneOf(t, fresh, old)
	n.failOnce("b.example.org. A", dns.RcodeNameError)
	// What the second one serves changes once it was asked.
	hosts[1].now("example.com.", func(w dns.ResponseWriter, r *dns.Msg) {
		old(w, r)
		hosts[1].now("example.com.", fresh)
	})
	w := waitFor(t, n)
	if !w.Served || len(w.Servers) != 2 || w.Servers[1].Server != "b.example.org" || w.Servers[1].Answer.Address() != wanted {
		t.Errorf("got %+v", w)
	}
	if got := len(hosts[1].names()); got != 2 {
		t.Errorf("the server that was not found at first was asked %d times, want twice", got)
	}
	// What was found is not looked up again.
	if got, want := n.lookUps(), []string{"a.example.org. A", "b.example.org. A", "b.example.org. A", "example.com. NS"}; !slices.Equal(got, want) {
		t.Errorf("looked up %q, want %q", got, want)
	}
}

func TestAServerThatIsNeverFoundConfirmsNothing(t *testing.T) {
	n, hosts := zoneOf(t, holds("192.0.2.2"))
	n.delegate("example.com", "b.example.org")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	rounds := 0
	hosts[0].now("example.com.", func(w dns.ResponseWriter, r *dns.Msg) {
		if rounds++; rounds == 3 {
			cancel()
		}
		holds("192.0.2.2")(w, r)
	})
	q := n.query(name("@", "example.com"))
	q.Interval = time.Millisecond
	w := Wait(ctx, q, wanted, nil)[0]
	if w.Served || len(w.Servers) != 2 || w.Servers[1].Status != Unresolved || w.Servers[1].Endpoint.IsValid() {
		t.Errorf("got %+v", w)
	}
	if got, want := w.Words(), "a.example.org: 192.0.2.2; b.example.org: cannot be queried: it has no IPv4 address"; got != want {
		t.Errorf("in words %q, want %q", got, want)
	}

	o := Observe(t.Context(), n.query(name("@", "example.com")))[0]
	if want := "only a.example.org says so; b.example.org: cannot be queried: it has no IPv4 address"; o.Status != Address || o.Detail != want {
		t.Errorf("observed %q, want %q", o.Detail, want)
	}
	n.fail("b.example.org. A", dns.RcodeServerFailure)
	o = Observe(t.Context(), n.query(name("@", "example.com")))[0]
	if want := "b.example.org: cannot be queried: its address could not be looked up"; !strings.HasSuffix(o.Detail, want) {
		t.Errorf("observed %q, want it to end with %q", o.Detail, want)
	}
}

func TestWhatWasWaitedForInWords(t *testing.T) {
	said := func(servers ...ServerAnswer) Waited {
		return Waited{Observation: Observation{Answer: combine(servers), Servers: servers}}
	}
	from := func(server string, a Answer) ServerAnswer { return ServerAnswer{Server: server, Answer: a} }
	old, fresh := Answer{Status: Address, Addresses: addresses("192.0.2.1")}, Answer{Status: Address, Addresses: addresses("192.0.2.2")}
	silence := Answer{Status: Timeout, Detail: "no answer in 2 s"}
	for _, c := range []struct {
		name string
		w    Waited
		want string
	}{
		{"all say the same", said(from("a", old), from("b", old)), "192.0.2.1"},
		{"the only one", said(from("a", old)), "192.0.2.1"},
		{"they differ", said(from("a", fresh), from("b", old)), "a: 192.0.2.2; b: 192.0.2.1"},
		{"one is silent", said(from("a", fresh), from("b", silence)), "a: 192.0.2.2; b: no answer in 2 s"},
		{"all are silent", said(from("a", silence), from("b", silence)), "a and b: no answer in 2 s"},
		{"there is none", Waited{Observation: Observation{Answer: Answer{Status: NoServers, Detail: "no name servers"}}}, "no name servers"},
	} {
		if got := c.w.Words(); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}
