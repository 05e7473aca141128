package publicip

import (
	"net"
	"net/netip"
	"syscall"
)

// control does nothing: FreeBSD binds a socket to an address only.
func (b binding) control() func(network, address string, c syscall.RawConn) error { return nil }

// usedInterface knows nothing: no socket is tied to an interface.
func usedInterface(net.Conn, netip.Addr, netip.Addr) int { return 0 }
