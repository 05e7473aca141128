package publicip

import (
	"errors"
	"strings"
	"testing"
)

func TestInterfaceSources(t *testing.T) {
	down := iface("ppp0", "", "203.0.113.7/32")
	down.Up = false
	for _, c := range []struct {
		name string
		is   Interface
		want string // the address, or a part of the problem
	}{
		{"one address", iface("ppp0", "", "8.8.8.8/32"), "8.8.8.8"},
		{"one address that is not for publishing", iface("ppp0", "", "192.168.1.20/24"), "192.168.1.20 is a private address"},
		{"one of two is the line's", iface("ppp0", "", "192.168.1.20/24", "8.8.8.8/32"), "8.8.8.8"},
		{"two that may be the line's", iface("ppp0", "", "8.8.8.8/32", "8.8.4.4/32"), "has 2 IPv4 addresses, 8.8.8.8 and 8.8.4.4 among them"},
		{"two private ones", iface("ppp0", "", "10.0.0.1/8", "192.168.1.20/24"), "has 2 IPv4 addresses"},
		{"no address", iface("ppp0", ""), "has no IPv4 address"},
		{"down", down, "is down"},
		{"another name", iface("ppp1", "", "8.8.8.8/32"), "no network interface of this name"},
		{"a tunnel that was named", iface("ppp0", "a tunnel", "8.8.8.8/32"), "8.8.8.8"},
	} {
		t.Run(c.name, func(t *testing.T) {
			q := Query{Sources: []string{"interface:ppp0"}, Interfaces: interfaces(iface("lo", "", "127.0.0.1/8"), c.is)}
			finding, err := Find(t.Context(), q)
			a := finding.Answers[0]
			if a.Name != "interface:ppp0" || a.Kind != InterfaceSource || a.Egress != (Egress{}) {
				t.Errorf("answer %+v", a)
			}
			if err == nil && finding.Address.String() == c.want {
				return
			}
			if err == nil || !strings.Contains(a.Problem, c.want) {
				t.Errorf("%v, %v: %+v", finding.Address, err, a)
			}
		})
	}
}

func TestKindsCountAlike(t *testing.T) {
	w := newInternet(t)
	w.site(one, says("203.0.113.7"))
	q := w.query(one)
	q.Interfaces = interfaces(iface("lo", "", "127.0.0.1/8"), iface("ppp0", "", "203.0.113.7/32"), iface("ppp1", "", "203.0.113.8/32"))
	for _, c := range []struct {
		name    string
		sources string
		agree   int
		want    Kind
	}{
		{"a server and an interface", "https://one.example.com interface:ppp0", 2, ""},
		{"a server, an interface and an address in writing", "https://one.example.com interface:ppp0 static:203.0.113.7", 3, ""},
		{"two interfaces that differ", "interface:ppp0 interface:ppp1", 2, Disagreement},
		{"the same interface twice", "interface:ppp0 interface:ppp0", 2, TooFew},
		{"the same address twice", "static:203.0.113.7 static:203.0.113.7", 2, TooFew},
		{"the same server twice", "https://one.example.com https://one.example.com/again", 2, TooFew},
		{"an address that has moved away", "static:203.0.113.9 https://one.example.com", 2, Disagreement},
		{"a spare after an interface that is gone", "interface:ppp9 https://one.example.com static:203.0.113.7", 2, ""},
		{"no server and no interface", "https://two.example.net interface:ppp9", 1, Offline},
		{"no interface", "interface:ppp9", 1, TooFew},
	} {
		t.Run(c.name, func(t *testing.T) {
			q := q
			q.Sources, q.Agree = strings.Fields(c.sources), c.agree
			finding, err := Find(t.Context(), q)
			if c.want != "" {
				wantKind(t, err, c.want)
				return
			}
			must(t, err)
			if finding.Address != home {
				t.Errorf("address %v", finding.Address)
			}
		})
	}
}

func TestInterfacesThatCannotBeListed(t *testing.T) {
	q := Query{Sources: []string{"interface:ppp0"}, Interfaces: func() ([]Interface, error) { return nil, errors.New("no netlink") }}
	finding, err := Find(t.Context(), q)
	wantKind(t, err, TooFew)
	if p := finding.Answers[0].Problem; p != "the network interfaces cannot be listed: no netlink" {
		t.Errorf("problem %q", p)
	}
}

func TestLoopbackIsOneOfTheSystemsInterfaces(t *testing.T) {
	all, err := systemInterfaces()
	must(t, err)
	for _, i := range all {
		for _, p := range i.Addresses {
			if p.String() == "127.0.0.1/8" && i.Up && i.Tunnel == "" {
				return
			}
		}
	}
	t.Errorf("%+v", all)
}
