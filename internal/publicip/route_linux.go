package publicip

import (
	"encoding/binary"
	"errors"
	"net"
	"net/netip"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// usedInterface is the index of the interface by which a connection leaves: the one that its socket is tied to, or else
// the one to which the routes lead from one end to the other; 0 if that cannot be had.
func usedInterface(conn net.Conn, local, remote netip.Addr) int {
	tied := option(conn, func(socket uintptr) (int, error) {
		name, err := unix.GetsockoptString(int(socket), unix.SOL_SOCKET, unix.SO_BINDTODEVICE)
		if err != nil || name == "" {
			return 0, err
		}
		link, err := net.InterfaceByName(name)
		if err != nil {
			return 0, err
		}
		return link.Index, nil
	})
	if tied > 0 || !local.Is4() || !remote.Is4() {
		return tied
	}
	index, err := routeTo(local, remote)
	if err != nil {
		return 0
	}
	return index
}

// routeTo asks the kernel for the index of the interface by which it would send from one address to the other.
func routeTo(from, to netip.Addr) (int, error) {
	socket, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_ROUTE)
	if err != nil {
		return 0, os.NewSyscallError("socket", err)
	}
	defer unix.Close(socket)
	if err := unix.Sendto(socket, routeQuestion(from, to), 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		return 0, os.NewSyscallError("sendto", err)
	}
	answer := make([]byte, os.Getpagesize())
	n, _, err := unix.Recvfrom(socket, answer, 0)
	if err != nil {
		return 0, os.NewSyscallError("recvfrom", err)
	}
	messages, err := syscall.ParseNetlinkMessage(answer[:n])
	if err != nil {
		return 0, err
	}
	for _, m := range messages {
		if index, ok := parseRoute(m); ok {
			return index, nil
		}
	}
	return 0, errors.New("there is no route")
}

// routeQuestion is a netlink message: its header, a struct rtmsg, and the two addresses as attributes.
func routeQuestion(from, to netip.Addr) []byte {
	const bits = 32
	body := []byte{unix.AF_INET, bits, bits, 0, 0, 0, 0, 0, 0, 0, 0, 0}
	for _, a := range []struct {
		kind    uint16
		address netip.Addr
	}{{unix.RTA_DST, to}, {unix.RTA_SRC, from}} {
		body = binary.NativeEndian.AppendUint16(body, unix.SizeofRtAttr+4)
		body = binary.NativeEndian.AppendUint16(body, a.kind)
		body = append(body, a.address.AsSlice()...)
	}
	question := binary.NativeEndian.AppendUint32(nil, uint32(unix.SizeofNlMsghdr+len(body)))
	question = binary.NativeEndian.AppendUint16(question, unix.RTM_GETROUTE)
	question = binary.NativeEndian.AppendUint16(question, unix.NLM_F_REQUEST)
	question = append(question, make([]byte, 8)...) // number and sender, which nobody looks at
	return append(question, body...)
}

// parseRoute takes the index of the interface out of a route.
func parseRoute(m syscall.NetlinkMessage) (index int, ok bool) {
	if m.Header.Type != unix.RTM_NEWROUTE || len(m.Data) < unix.SizeofRtMsg {
		return 0, false
	}
	attributes, err := syscall.ParseNetlinkRouteAttr(&m)
	if err != nil {
		return 0, false
	}
	for _, a := range attributes {
		if a.Attr.Type == unix.RTA_OIF && len(a.Value) == 4 {
			return int(binary.NativeEndian.Uint32(a.Value)), true
		}
	}
	return 0, false
}
