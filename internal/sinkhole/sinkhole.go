// Package sinkhole tells when the name of a server on the internet was resolved to an address that no such server has, as
// DNS filters and routers do on purpose. It never resolves anything itself, and says nothing where the server answered as
// it should.
package sinkhole

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
)

// Error is a failure at such an address.
type Error struct {
	Host    string
	Address netip.Addr
	Err     error // what went wrong there
}

func (e *Error) Error() string {
	return fmt.Sprintf("%s was resolved to %s: %v", e.Host, e.Where(), e.Err)
}

func (e *Error) Unwrap() error { return e.Err }

// Where is the address, and what stands there if that is known: "this machine (0.0.0.0)".
func (e *Error) Where() string {
	if isThisMachine(e.Address) {
		return fmt.Sprintf("this machine (%s)", e.Address)
	}
	return e.Address.String()
}

// By is who may have resolved the name so: "a DNS filter (such as Pi-hole) or this machine's hosts file".
func (e *Error) By() string {
	switch {
	case isThisMachine(e.Address):
		return "a DNS filter (such as Pi-hole) or this machine's hosts file"
	case fakeAddresses.Contains(e.Address):
		return "a proxy program (such as Clash)"
	default:
		return "a router whose line is down or a DNS filter (such as Pi-hole)"
	}
}

// Dial is d.DialContext for a host and a port. If the host is a name and its address is that of no server on the internet,
// the error is an *Error; and so is what Explain makes of a later one.
func Dial(ctx context.Context, d *net.Dialer, network, address string) (net.Conn, error) {
	c, err := d.DialContext(ctx, network, address)
	host, _, malformed := net.SplitHostPort(address)
	if malformed != nil || isLocal(host) {
		return c, err
	}
	if err != nil {
		if failed, ok := errors.AsType[*net.OpError](err); ok && isSinkhole(addressOf(failed.Addr)) {
			err = &Error{host, addressOf(failed.Addr), err}
		}
		return c, err
	}
	if tcp, ok := c.(*net.TCPConn); ok && isSinkhole(addressOf(c.RemoteAddr())) {
		return &conn{tcp, host}, nil
	}
	return c, nil
}

// conn is a connection to a sinkhole.
type conn struct {
	*net.TCPConn
	host string
}

// Explain makes an *Error of what went wrong over a connection that Dial made to such an address; any other error stays.
func Explain(over net.Conn, err error) error {
	c, ok := over.(*conn)
	if !ok || err == nil {
		return err
	}
	return &Error{c.host, addressOf(c.RemoteAddr()), err}
}

func addressOf(end net.Addr) netip.Addr {
	if a, ok := end.(*net.TCPAddr); ok {
		return a.AddrPort().Addr().Unmap().WithZone("")
	}
	return netip.Addr{}
}

// localNames are the domains whose names are resolved in one's own network (RFC 6761, RFC 6762, RFC 8375 and custom).
var localNames = []string{"localhost", "local", "home.arpa", "internal", "intranet", "private", "home", "lan", "corp", "box"}

// isLocal reports whether a host is none on the internet: an address, or a name that only means something here.
func isLocal(host string) bool {
	if _, err := netip.ParseAddr(host); err == nil {
		return true
	}
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	if !strings.Contains(host, ".") {
		return true
	}
	for _, domain := range localNames {
		if strings.HasSuffix(host, "."+domain) {
			return true
		}
	}
	return false
}

// fakeAddresses are for tests of network devices. Proxy programs give one to each name, to know it again.
var fakeAddresses = netip.MustParsePrefix("198.18.0.0/15")

var carrierNAT = netip.MustParsePrefix("100.64.0.0/10")

func isSinkhole(a netip.Addr) bool {
	return isThisMachine(a) || a.IsPrivate() || a.IsLinkLocalUnicast() || fakeAddresses.Contains(a) || carrierNAT.Contains(a)
}

// isThisMachine: a connection to no address at all leads to this machine, too.
func isThisMachine(a netip.Addr) bool { return a.IsLoopback() || a.IsUnspecified() }
