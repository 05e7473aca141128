package publicip

import (
	"encoding/binary"
	"errors"
	"net/netip"
	"os"
	"strings"
	"syscall"
)

// systemInterfaces asks the kernel twice, however many interfaces there are: a machine with containers has hundreds. Unlike
// the files under /sys, the answers are about the network namespace that this process is in.
func systemInterfaces() ([]Interface, error) {
	links, err := dump(syscall.RTM_GETLINK, syscall.AF_UNSPEC)
	if err != nil {
		return nil, err
	}
	addresses, err := dump(syscall.RTM_GETADDR, syscall.AF_INET)
	if err != nil {
		return nil, err
	}
	var all []Interface
	var kinds []linkKind
	at := make(map[uint32]int)
	for _, m := range links {
		if i, d, index, ok := parseLink(m); ok {
			at[index] = len(all)
			all, kinds = append(all, i), append(kinds, d)
		}
	}
	for _, m := range addresses {
		prefix, index, ok := parseAddress(m)
		if i, known := at[index]; ok && known {
			all[i].Addresses = append(all[i].Addresses, prefix)
		}
	}
	for i, d := range kinds {
		if d.isTap() && isOnlyWay(i, all, kinds) {
			all[i].Tunnel = ""
		}
	}
	return all, nil
}

func dump(what, family int) ([]syscall.NetlinkMessage, error) {
	raw, err := syscall.NetlinkRIB(what, family)
	if err != nil {
		return nil, os.NewSyscallError("netlink", err)
	}
	messages, err := syscall.ParseNetlinkMessage(raw)
	if err != nil {
		return nil, errors.New("the kernel's list of interfaces cannot be read")
	}
	return messages, nil
}

// Offsets in struct ifinfomsg and struct ifaddrmsg of the kernel.
const (
	linkType, linkIndex, linkFlags = 2, 4, 8
	addressLength, addressOfDevice = 1, 4
)

// infoKind is IFLA_INFO_KIND, an attribute inside IFLA_LINKINFO.
const infoKind = 1

func parseLink(m syscall.NetlinkMessage) (i Interface, d linkKind, index uint32, ok bool) {
	if m.Header.Type != syscall.RTM_NEWLINK || len(m.Data) < syscall.SizeofIfInfomsg {
		return Interface{}, linkKind{}, 0, false
	}
	attributes, err := syscall.ParseNetlinkRouteAttr(&m)
	if err != nil {
		return Interface{}, linkKind{}, 0, false
	}
	for _, a := range attributes {
		switch a.Attr.Type {
		case syscall.IFLA_IFNAME:
			i.Name = text(a.Value)
		case syscall.IFLA_LINKINFO:
			d.kind = text(nested(a.Value, infoKind))
		}
	}
	d.name, d.hardware = i.Name, binary.NativeEndian.Uint16(m.Data[linkType:])
	i.Up = binary.NativeEndian.Uint32(m.Data[linkFlags:])&syscall.IFF_UP != 0
	i.Tunnel = tunnelOf(i.Name, d.kind)
	index = binary.NativeEndian.Uint32(m.Data[linkIndex:])
	i.Index = int(index)
	return i, d, index, i.Name != ""
}

func parseAddress(m syscall.NetlinkMessage) (prefix netip.Prefix, index uint32, ok bool) {
	if m.Header.Type != syscall.RTM_NEWADDR || len(m.Data) < syscall.SizeofIfAddrmsg {
		return netip.Prefix{}, 0, false
	}
	attributes, err := syscall.ParseNetlinkRouteAttr(&m)
	if err != nil {
		return netip.Prefix{}, 0, false
	}
	var own netip.Addr
	for _, a := range attributes {
		address, is4 := netip.AddrFromSlice(a.Value)
		// On a line between two points IFA_ADDRESS is the other end, and IFA_LOCAL this one.
		if is4 = is4 && address.Is4(); is4 && (a.Attr.Type == syscall.IFA_LOCAL || a.Attr.Type == syscall.IFA_ADDRESS && !own.IsValid()) {
			own = address
		}
	}
	prefix = netip.PrefixFrom(own, int(m.Data[addressLength]))
	return prefix, binary.NativeEndian.Uint32(m.Data[addressOfDevice:]), prefix.IsValid()
}

// nested returns the value of one attribute in a list of them; nil if it is not there.
func nested(list []byte, wanted uint16) []byte {
	const header, nestedFlags = 4, 0xc000
	for len(list) >= header {
		length := int(binary.NativeEndian.Uint16(list))
		if length < header || length > len(list) {
			return nil
		}
		if binary.NativeEndian.Uint16(list[2:])&^nestedFlags == wanted {
			return list[header:length]
		}
		list = list[min((length+3)&^3, len(list)):]
	}
	return nil
}

// text is a string that the kernel has ended with a zero byte.
func text(value []byte) string {
	before, _, _ := strings.Cut(string(value), "\x00")
	return before
}
