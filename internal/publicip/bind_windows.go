package publicip

import (
	"math/bits"
	"net"
	"net/netip"
	"os"
	"syscall"

	"golang.org/x/sys/windows"
)

// unicastInterface is IP_UNICAST_IF of ws2ipdef.h. Its value is in network byte order.
const unicastInterface = 31

// control ties a new socket to the interface.
func (b binding) control() func(network, address string, c syscall.RawConn) error {
	if b.link == "" {
		return nil
	}
	return func(_, _ string, c syscall.RawConn) error {
		var failed error
		err := c.Control(func(socket uintptr) {
			index := bits.ReverseBytes32(uint32(b.index))
			failed = windows.SetsockoptInt(windows.Handle(socket), windows.IPPROTO_IP, unicastInterface, int(index))
		})
		if err != nil {
			return err
		}
		return os.NewSyscallError("setsockopt", failed)
	}
}

// usedInterface is the index of the interface that a connection is tied to; 0 if it is tied to none.
func usedInterface(conn net.Conn, _, _ netip.Addr) int {
	index := option(conn, func(socket uintptr) (int, error) {
		return windows.GetsockoptInt(windows.Handle(socket), windows.IPPROTO_IP, unicastInterface)
	})
	return int(bits.ReverseBytes32(uint32(index)))
}
