package publicip

import (
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
