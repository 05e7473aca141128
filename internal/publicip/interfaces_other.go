//go:build !linux

package publicip

import (
	"net"
	"net/netip"
)

// systemInterfaces knows tunnels by their names only: these systems show no kind.
func systemInterfaces() ([]Interface, error) {
	links, err := net.Interfaces()
	if err != nil {
		return nil, err
	}
	all := make([]Interface, 0, len(links))
	for _, link := range links {
		i := Interface{Name: link.Name, Index: link.Index, Up: link.Flags&net.FlagUp != 0, Tunnel: tunnelOf(link.Name, "")}
		addresses, err := link.Addrs()
		if err != nil {
			return nil, err
		}
		for _, a := range addresses {
			if p, err := netip.ParsePrefix(a.String()); err == nil && p.Addr().Is4() {
				i.Addresses = append(i.Addresses, p)
			}
		}
		all = append(all, i)
	}
	return all, nil
}
