package publicip

import (
	"errors"
	"os"
	"syscall"
)

// control ties a new socket to the interface. A privilege is needed on Linux before 5.7 only.
func (b binding) control() func(network, address string, c syscall.RawConn) error {
	if b.link == "" {
		return nil
	}
	return func(_, _ string, c syscall.RawConn) error {
		var failed error
		if err := c.Control(func(socket uintptr) { failed = syscall.BindToDevice(int(socket), b.link) }); err != nil {
			return err
		}
		if errors.Is(failed, syscall.EPERM) {
			return errRefused
		}
		return os.NewSyscallError("setsockopt", failed)
	}
}
