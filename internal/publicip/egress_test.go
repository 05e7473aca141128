package publicip

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"testing"
)

func TestTunnelsAreRecognised(t *testing.T) {
	for _, c := range []struct {
		name, kind string
		tunnel     bool
	}{
		{"wg0", "wireguard", true},
		{"office", "wireguard", true},
		{"office", "tun", true},
		{"office", "ovpn", true},
		{"office", "xfrm", true},
		{"tailscale0", "tun", true},
		{"tailscale0", "", true},
		{"Tailscale", "", true},
		{"utun4", "", true},
		{"tun0", "", true},
		{"tap0", "", true},
		{"wg-home", "dummy", true},
		{"OpenVPN Data Channel Offload", "", true},

		{"ppp0", "ppp", false},
		{"ppp0", "", false},
		{"pppoe-wan", "ppp", false},
		{"wwan0", "wwan", false},
		{"wlan0", "", false},
		{"eth0", "", false},
		{"enp3s0", "", false},
		{"br0", "bridge", false},
		{"docker0", "bridge", false},
		{"eth0.7", "vlan", false},
		{"v0", "veth", false},
		{"en0", "", false},
		{"Ethernet 2", "", false},
		{"Wi-Fi", "", false},
		{"lo", "", false},
	} {
		if got := tunnelOf(c.name, c.kind); (got != "") != c.tunnel {
			t.Errorf("%s of kind %q: %q", c.name, c.kind, got)
		}
	}
}

func TestGuard(t *testing.T) {
	tunnel := Egress{Interface: "wg0", Local: netip.MustParseAddr("10.9.0.2"), Tunnel: "a WireGuard tunnel"}
	shared := Egress{Interface: "wwan0", Local: netip.MustParseAddr("100.64.0.9")}
	for _, c := range []struct {
		name   string
		egress Egress
		allow  string
		want   string // part of the message; empty: let through
	}{
		{"an ordinary interface", Egress{Interface: "eth0", Local: netip.MustParseAddr("192.168.1.20")}, "", ""},
		{"a PPPoE line", Egress{Interface: "ppp0", Local: home}, "", ""},
		{"nothing known", Egress{}, "", ""},
		{"just outside the carriers' range", Egress{Local: netip.MustParseAddr("100.128.0.1")}, "", ""},
		{"a tunnel", tunnel, "", "203.0.113.7 was seen through wg0, a WireGuard tunnel"},
		{"a carrier's NAT", shared, "", "203.0.113.7 was seen from 100.64.0.9, inside a carrier's NAT"},
		{"a tunnel whose address is named", tunnel, "203.0.113.7/32", ""},
		{"a tunnel whose range is named", tunnel, "203.0.113.0/24", ""},
		{"a tunnel whose wide range is named", tunnel, "203.0.0.0/8", ""},
		{"a tunnel when everything is allowed", tunnel, "0.0.0.0/0", "wg0"},
		{"a tunnel when something else is named", tunnel, "198.51.100.0/24", "wg0"},
		{"a carrier's NAT whose address is named", shared, "203.0.113.7/32", ""},
		{"the local address alone is named", shared, "100.64.0.0/10", "100.64.0.9"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var allow []netip.Prefix
			if c.allow != "" {
				allow = append(allow, netip.MustParsePrefix(c.allow))
			}
			err := guard(home, c.egress, allow)
			if c.want == "" {
				must(t, err)
				return
			}
			e := wantKind(t, err, ViaTunnel)
			if !strings.Contains(e.Message, c.want) || e.Address != home || !strings.Contains(e.Hint(), "ip.allow") {
				t.Errorf("%q about %v, hint %q", e.Message, e.Address, e.Hint())
			}
		})
	}
}

func interfaces(all ...Interface) func() ([]Interface, error) {
	return func() ([]Interface, error) { return all, nil }
}

// iface is one that is up; its addresses have the length of their network.
func iface(name, tunnel string, addresses ...string) Interface {
	i := Interface{Name: name, Tunnel: tunnel, Up: true}
	for _, a := range addresses {
		i.Addresses = append(i.Addresses, netip.MustParsePrefix(a))
	}
	return i
}

// end is one end of a connection of which the system knows nothing.
type end struct {
	net.Conn
	address net.Addr
}

func (e end) LocalAddr() net.Addr  { return e.address }
func (e end) RemoteAddr() net.Addr { return e.address }

func TestTheEgressIsTheInterfaceThatHasTheLocalAddressIfTheSystemSaysNothing(t *testing.T) {
	all := interfaces(iface("eth0", "", "192.168.1.20/24"), iface("wg0", "a tunnel", "10.9.0.2/32", "192.168.1.21/24"))
	for _, c := range []struct {
		name  string
		local net.Addr
		want  string
	}{
		{"TCP", &net.TCPAddr{IP: net.IPv4(192, 168, 1, 20)}, "eth0 192.168.1.20 "},
		{"UDP", &net.UDPAddr{IP: net.IPv4(10, 9, 0, 2)}, "wg0 10.9.0.2 a tunnel"},
		{"the second address", &net.TCPAddr{IP: net.IPv4(192, 168, 1, 21)}, "wg0 192.168.1.21 a tunnel"},
		{"a neighbour's address", &net.TCPAddr{IP: net.IPv4(192, 168, 1, 22)}, " 192.168.1.22 "},
		{"no address of the internet", &net.UnixAddr{Name: "x"}, " invalid IP "},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := newEgress(all).of(end{address: c.local})
			if got := fmt.Sprintf("%s %s %s", e.Interface, e.Local, e.Tunnel); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
	broken := newEgress(func() ([]Interface, error) { return nil, errors.New("no netlink") })
	if e := broken.of(end{address: &net.TCPAddr{IP: net.IPv4(100, 64, 0, 1)}}); e.Suspicion() == "" || e.Interface != "" {
		t.Errorf("without a list of interfaces: %+v", e)
	}
}

// The servers of this test are real, on loopback; that loopback is a tunnel is only said.
func TestALookUpThroughATunnelChangesNothing(t *testing.T) {
	w := newInternet(t)
	for _, name := range []string{one, two} {
		w.site(name, says("203.0.113.7"))
	}
	q := w.query(one, two)
	q.Interfaces = interfaces(iface("wg0", "a WireGuard tunnel", "127.0.0.1/8"))
	finding, err := Find(t.Context(), q)
	e := wantKind(t, err, ViaTunnel)
	if !strings.Contains(e.Hint(), "ip.bind") {
		t.Errorf("hint %q", e.Hint())
	}
	for _, a := range finding.Answers {
		if a.Address.IsValid() || a.Said != home || a.Egress.Interface != "wg0" || a.Problem != e.Message {
			t.Errorf("answer %+v", a)
		}
	}

	t.Run("unless the address is named", func(t *testing.T) {
		q.Allow = []netip.Prefix{netip.MustParsePrefix("203.0.113.7/32")}
		finding, err := Find(t.Context(), q)
		must(t, err)
		if finding.Address != home {
			t.Errorf("address %v", finding.Address)
		}
	})
	t.Run("or enough others say it", func(t *testing.T) {
		q := q
		q.Allow, q.Agree = nil, 2
		q.Sources = append(q.Sources, "static:203.0.113.7")
		_, err := Find(t.Context(), q)
		wantKind(t, err, ViaTunnel)

		q.Interfaces = interfaces(iface("wg0", "a WireGuard tunnel", "127.0.0.1/8"), iface("ppp0", "", "203.0.113.7/32"))
		q.Sources = append(q.Sources, "interface:ppp0")
		finding, err := Find(t.Context(), q)
		must(t, err)
		if finding.Address != home {
			t.Errorf("address %v", finding.Address)
		}
	})
}

func TestWithoutInterfacesNothingIsSuspected(t *testing.T) {
	w := newInternet(t)
	w.site(one, says("203.0.113.7"))
	q := w.query(one)
	q.Interfaces = func() ([]Interface, error) { return nil, errors.New("no netlink") }
	_, err := Find(t.Context(), q)
	must(t, err)
}
