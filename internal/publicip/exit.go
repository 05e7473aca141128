package publicip

import (
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync"
)

// Interface is a network interface of this machine.
type Interface struct {
	Name string
	Up   bool
	// Addresses are its IPv4 addresses, each with the length of its network.
	Addresses []netip.Prefix
	// Tunnel is what kind of tunnel it is, such as "a WireGuard tunnel"; empty if it is none.
	Tunnel string
}

// Exit is the way by which a question left this machine. The zero Exit says that it did not leave it, or that nothing
// is known.
type Exit struct {
	Interface string
	Local     netip.Addr
	// Tunnel is what kind of tunnel Interface is, as far as this machine can see; empty if it is none.
	Tunnel string
}

// Suspicion is why an address that was seen this way need not be this line's: a tunnel, or a local address from the
// carriers' range, which VPNs use as well. Empty if there is no reason.
func (e Exit) Suspicion() string {
	switch {
	case e.Tunnel != "":
		return e.Interface + ", " + e.Tunnel
	case carrierNAT.Contains(e.Local):
		return fmt.Sprintf("%s, inside a carrier's NAT or a VPN (%s)", e.Local, carrierNAT)
	}
	return ""
}

// guard refuses an address that was seen through a tunnel or from inside a carrier's NAT, unless allow names it. The
// error is an *Error of the kind Detour.
func guard(a netip.Addr, e Exit, allow []netip.Prefix) error {
	suspicion := e.Suspicion()
	if suspicion == "" || named(allow, a, narrow) {
		return nil
	}
	refusal := &Error{Kind: Detour, Address: a, Message: fmt.Sprintf("%s was seen from %s", a, suspicion)}
	if e.Tunnel != "" {
		refusal.Message = fmt.Sprintf("%s was seen through %s: it is where the tunnel ends, not this line", a, suspicion)
		refusal.hint = "to ask past the tunnel, set ip.bind to the line's own interface, such as eth0; " +
			"if the tunnel's address is meant, name it under ip.allow"
		return refusal
	}
	refusal.hint = "nobody outside can reach it, as other customers share it: ask your internet provider for a public IPv4 address; " +
		"if the address is yours, name it under ip.allow"
	return refusal
}

// narrow is the least length of a prefix that names an address for the guard: 0.0.0.0/0 names none.
const narrow = 8

// tunnelNames are what tunnels are called. A name is all that some systems show, and a PPPoE line is never called so.
var tunnelNames = []struct{ prefix, what string }{
	{"tailscale", "a Tailscale tunnel"},
	{"wireguard", "a WireGuard tunnel"},
	{"wg", "a WireGuard tunnel"},
	{"openvpn", "an OpenVPN tunnel"},
	{"ovpn", "an OpenVPN tunnel"},
	{"utun", "a tunnel"},
	{"tun", "a tunnel"},
	{"tap", "a tunnel"},
}

// tunnelKind words those of the Linux kernel's kinds of interfaces that are tunnels for privacy. Not among them are ppp,
// which is a PPPoE line, wwan, which is a modem, and ip6tnl, over which some providers deliver IPv4.
func tunnelKind(kind string) string {
	switch kind {
	case "wireguard", "amneziawg":
		return "a WireGuard tunnel"
	case "ovpn", "ovpn-dco":
		return "an OpenVPN tunnel"
	case "tun":
		return "a tunnel (TUN/TAP)"
	case "xfrm", "vti":
		return "an IPsec tunnel"
	}
	return ""
}

// tunnelOf words what kind of tunnel an interface is; empty if it is none. The kind is the kernel's, where it has one.
func tunnelOf(name, kind string) string {
	lower := strings.ToLower(name)
	for _, n := range tunnelNames {
		if strings.HasPrefix(lower, n.prefix) {
			return n.what
		}
	}
	return tunnelKind(kind)
}

// exits tells by which interface a connection leaves. The interfaces are read when the first connection asks.
type exits struct {
	bound      string // all connections leave by this interface; empty: as the system routes them
	interfaces func() ([]Interface, error)
}

func newExits(bound string, interfaces func() ([]Interface, error)) *exits {
	return &exits{bound: bound, interfaces: sync.OnceValues(interfaces)}
}

// of is the exit of a connection with this local end.
func (x *exits) of(local net.Addr) Exit {
	var end netip.AddrPort
	switch a := local.(type) {
	case *net.TCPAddr:
		end = a.AddrPort()
	case *net.UDPAddr:
		end = a.AddrPort()
	}
	e := Exit{Local: end.Addr().Unmap()}
	if !e.Local.IsValid() {
		return e
	}
	all, err := x.interfaces()
	if err != nil {
		return e
	}
	for _, i := range all {
		if i.Name == x.bound || x.bound == "" && i.has(e.Local) {
			e.Interface, e.Tunnel = i.Name, i.Tunnel
			return e
		}
	}
	return e
}

func (i Interface) has(a netip.Addr) bool {
	for _, p := range i.Addresses {
		if p.Addr() == a {
			return true
		}
	}
	return false
}
