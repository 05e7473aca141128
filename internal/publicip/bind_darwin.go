package publicip

import (
	"net"
	"net/netip"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// control ties a new socket to the interface.
func (b binding) control() func(network, address string, c syscall.RawConn) error {
	if b.link == "" {
		return nil
	}
	return func(_, _ string, c syscall.RawConn) error {
		var failed error
		err := c.Control(func(socket uintptr) {
			failed = unix.SetsockoptInt(int(socket), unix.IPPROTO_IP, unix.IP_BOUND_IF, b.index)
		})
		if err != nil {
			return err
		}
		return os.NewSyscallError("setsockopt", failed)
	}
}

// usedInterface is the index of the interface that a connection is tied to; 0 if it is tied to none.
func usedInterface(conn net.Conn, _, _ netip.Addr) int {
	return option(conn, func(socket uintptr) (int, error) {
		return unix.GetsockoptInt(int(socket), unix.IPPROTO_IP, unix.IP_BOUND_IF)
	})
}
