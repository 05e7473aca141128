package publicip

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"

	"ddns-batch/internal/sanitize"
)

// binding makes connections leave by one interface, or from one source address. The zero binding leaves both to the
// system.
//
// With an interface, the source address is the interface's first, and the system is told the interface as well: Linux
// (SO_BINDTODEVICE), macOS (IP_BOUND_IF) and Windows (IP_UNICAST_IF) then send by no other one, whatever their routes
// say. FreeBSD has no such thing. With an address alone, every system keeps that as the source, and its routes decide
// by which interface the packets leave: without a route for that source it can be another one.
//
// Names of hosts are resolved by the system's resolver, which is not bound.
type binding struct {
	link  string
	index int // of link, where the system wants to know it
	local netip.Addr
}

// CheckBind says whether text can be a Query.Bind at all: whether the interface or the address is there is known only
// when it is used.
func CheckBind(text string) error {
	if address, err := netip.ParseAddr(text); err == nil {
		if !address.Is4() || address.IsUnspecified() || address.IsMulticast() {
			return errors.New("not the IPv4 address of an interface of this machine")
		}
		return nil
	}
	if !isInterfaceName(text) {
		return errors.New("neither the name of a network interface, such as eth0, nor an IPv4 address of this machine")
	}
	return nil
}

// bind finds the interface or the address, and sees whether a socket can be bound to it. The error is an *Error of the
// kind BindUnusable.
func bind(ctx context.Context, text string, interfaces func() ([]Interface, error)) (binding, error) {
	if text == "" {
		return binding{}, nil
	}
	if err := CheckBind(text); err != nil {
		return binding{}, bindUnusable(text, err)
	}
	b := binding{}
	if address, err := netip.ParseAddr(text); err == nil {
		b.local = address
	} else {
		i, err := find(interfaces, text)
		if err == nil {
			b.local, err = i.source()
		}
		if err != nil {
			return binding{}, bindUnusable(text, err)
		}
		b.link, b.index = text, i.Index
	}
	trial := net.ListenConfig{Control: b.control()}
	socket, err := trial.ListenPacket(ctx, "udp4", netip.AddrPortFrom(b.local, 0).String())
	if err != nil {
		return binding{}, bindUnusable(text, err)
	}
	return b, socket.Close()
}

// source is the address from which packets leave by this interface.
func (i Interface) source() (netip.Addr, error) {
	switch {
	case !i.Up:
		return netip.Addr{}, errors.New("the network interface is down")
	case len(i.Addresses) == 0:
		return netip.Addr{}, errors.New("the network interface has no IPv4 address")
	}
	return i.Addresses[0].Addr(), nil
}

func bindUnusable(text string, cause error) *Error {
	e := &Error{Kind: BindUnusable, Message: sanitize.Line(fmt.Sprintf("ip.bind: %q cannot be used: %s", text, describe(cause, 0)), maxProblem),
		hint: "the sources are never asked another way instead: see whether the line is up, or name another interface or source address"}
	if errors.Is(cause, errRefused) {
		e.hint = "Linux before 5.7 lets root alone do this: run with CAP_NET_RAW, or name the interface's address instead of its name"
	}
	return e
}

// errRefused: the system lets only some users choose the interface.
var errRefused = errors.New("this user may not choose the network interface")

// dialer makes connections that leave as they should.
func (b binding) dialer(network string) *net.Dialer {
	d := &net.Dialer{}
	if b.local.IsValid() {
		d.Control = b.control()
		d.LocalAddr = net.TCPAddrFromAddrPort(netip.AddrPortFrom(b.local, 0))
		if network == "udp4" {
			d.LocalAddr = net.UDPAddrFromAddrPort(netip.AddrPortFrom(b.local, 0))
		}
	}
	return d
}
