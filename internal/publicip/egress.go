package publicip

import (
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"syscall"
)

// Interface is a network interface of this machine.
type Interface struct {
	Name string
	// Index is the system's number for it; 0: not known.
	Index int
	Up    bool
	// Addresses are its IPv4 addresses, each with the length of its network.
	Addresses []netip.Prefix
	// Tunnel is what kind of tunnel it is, such as "a WireGuard tunnel"; empty if it is none.
	Tunnel string
}

// Egress is the way by which a question left this machine. The zero Egress says that it did not leave it, or that nothing
// is known.
type Egress struct {
	Interface string
	Local     netip.Addr
	// Tunnel is what kind of tunnel Interface is, as far as this machine can see; empty if it is none.
	Tunnel string
}

// Suspicion is why an address that was seen this way need not be this line's: a tunnel, or a local address from the
// carriers' range, which VPNs use as well. Empty if there is no reason.
func (e Egress) Suspicion() string {
	switch {
	case e.Tunnel != "":
		return e.Interface + ", " + e.Tunnel
	case carrierNAT.Contains(e.Local):
		return fmt.Sprintf("%s, inside a carrier's NAT or a VPN (%s)", e.Local, carrierNAT)
	}
	return ""
}

// guard refuses an address that was seen through a tunnel or from inside a carrier's NAT, unless allow names it. The
// error is an *Error of the kind ViaTunnel.
func guard(a netip.Addr, e Egress, allow []netip.Prefix) error {
	suspicion := e.Suspicion()
	if suspicion == "" || named(allow, a, narrow) {
		return nil
	}
	refusal := &Error{Kind: ViaTunnel, Address: a, Message: fmt.Sprintf("%s was seen from %s", a, suspicion)}
	if e.Tunnel != "" {
		refusal.Message = fmt.Sprintf("%s was seen through %s: it is where the tunnel ends, not this line", a, suspicion)
		refusal.hint = "to bypass the tunnel, set ip.bind to the line's own interface, such as eth0; " +
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

// egress tells by which interface a connection leaves. The interfaces are read when the first connection asks.
type egress struct {
	interfaces func() ([]Interface, error)
}

func newEgress(interfaces func() ([]Interface, error)) *egress {
	return &egress{interfaces: sync.OnceValues(interfaces)}
}

// of is the egress of a connection: the interface that the system says it leaves by, whatever was asked for. Where the
// system does not say, it is the one that has the local address.
func (x *egress) of(conn net.Conn) Egress {
	e := Egress{Local: addressOf(conn.LocalAddr())}
	if !e.Local.IsValid() {
		return e
	}
	all, err := x.interfaces()
	if err != nil {
		return e
	}
	index := usedInterface(conn, e.Local, addressOf(conn.RemoteAddr()))
	at := slices.IndexFunc(all, func(i Interface) bool { return index > 0 && i.Index == index })
	if at < 0 {
		at = slices.IndexFunc(all, func(i Interface) bool { return i.has(e.Local) })
	}
	if at >= 0 {
		e.Interface, e.Tunnel = all[at].Name, all[at].Tunnel
	}
	return e
}

// addressOf is that of one end of a connection; invalid if it has none.
func addressOf(end net.Addr) netip.Addr {
	switch a := end.(type) {
	case *net.TCPAddr:
		return a.AddrPort().Addr().Unmap()
	case *net.UDPAddr:
		return a.AddrPort().Addr().Unmap()
	}
	return netip.Addr{}
}

// option reads a value from a connection's socket; 0 if that is impossible.
func option(conn net.Conn, get func(socket uintptr) (int, error)) int {
	c, ok := conn.(syscall.Conn)
	if !ok {
		return 0
	}
	raw, err := c.SyscallConn()
	if err != nil {
		return 0
	}
	var value int
	var failed error
	if err := raw.Control(func(socket uintptr) { value, failed = get(socket) }); err != nil || failed != nil {
		return 0
	}
	return value
}

func (i Interface) has(a netip.Addr) bool {
	return slices.ContainsFunc(i.Addresses, func(p netip.Prefix) bool { return p.Addr() == a })
}
