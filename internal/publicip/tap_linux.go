package publicip

import (
	"encoding/binary"
	"strings"
	"syscall"
)

// linkKind is what the kernel says of the way an interface is made.
type linkKind struct {
	name     string
	kind     string // such as veth; empty for a real network card
	hardware uint16 // such as syscall.ARPHRD_ETHER
}

// isTap reports whether a program plays the Ethernet behind this interface, and no name shows that it is a VPN. A VPN
// does that, and so do the networks of containers without root: slirp4netns calls the interface tap0, and pasta as the
// machine's own is called.
func (d linkKind) isTap() bool {
	return d.kind == "tun" && d.hardware == syscall.ARPHRD_ETHER && (strings.HasPrefix(d.name, "tap") || tunnelOf(d.name, "") == "")
}

// isOnlyWay reports whether there is no way to the internet but by interface i. A VPN is never that: it has to reach its
// server by another interface. So such an interface is the link of a container. (A VPN's interface that was moved into a
// network namespace of its own looks the same, if it is a TAP with a name that says nothing.)
//
// Bridges between containers are no way out as long as no route leads over them to more than their own network.
func isOnlyWay(i int, all []Interface, kinds []linkKind) bool {
	for other, o := range all {
		isBridge := kinds[other].kind == "bridge"
		if other != i && o.Up && len(o.Addresses) > 0 && kinds[other].hardware != syscall.ARPHRD_LOOPBACK && !isBridge {
			return false
		}
	}
	routes, err := dump(syscall.RTM_GETROUTE, syscall.AF_UNSPEC)
	if err != nil {
		return false
	}
	for _, m := range routes {
		if leadsElsewhere(m, all[i].Index) {
			return false
		}
	}
	return true
}

// Offsets in struct rtmsg of the kernel.
const routeProtocol, routeType = 5, 7

// leadsElsewhere reports whether a route, of IPv4 or IPv6 and of whatever table, leads to others by another interface than
// this one. A route that the kernel has made for an address leads to its neighbours only.
func leadsElsewhere(m syscall.NetlinkMessage, index int) bool {
	if m.Header.Type != syscall.RTM_NEWROUTE || len(m.Data) < syscall.SizeofRtMsg {
		return false
	}
	if m.Data[routeType] != syscall.RTN_UNICAST || m.Data[routeProtocol] == syscall.RTPROT_KERNEL {
		return false
	}
	attributes, err := syscall.ParseNetlinkRouteAttr(&m)
	if err != nil {
		return true
	}
	for _, a := range attributes {
		if a.Attr.Type == syscall.RTA_OIF && len(a.Value) == 4 {
			return int(binary.NativeEndian.Uint32(a.Value)) != index
		}
	}
	return true // over several interfaces
}
