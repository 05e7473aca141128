//go:build darwin || freebsd

package publicip

import (
	"net/netip"
	"syscall"

	"golang.org/x/net/route"
)

// defaultRouters are the routers of the default routes, in the kernel's order.
func defaultRouters() ([]netip.Addr, error) {
	raw, err := route.FetchRIB(syscall.AF_INET, route.RIBTypeRoute, 0)
	if err != nil {
		return nil, err
	}
	messages, err := route.ParseRIB(route.RIBTypeRoute, raw)
	if err != nil {
		return nil, err
	}
	var routers []netip.Addr
	for _, m := range messages {
		r, ok := m.(*route.RouteMessage)
		if !ok || len(r.Addrs) <= syscall.RTAX_GATEWAY || r.Flags&syscall.RTF_GATEWAY == 0 || r.Flags&syscall.RTF_UP == 0 {
			continue
		}
		to, toOK := r.Addrs[syscall.RTAX_DST].(*route.Inet4Addr)
		by, byOK := r.Addrs[syscall.RTAX_GATEWAY].(*route.Inet4Addr)
		if toOK && byOK && to.IP == [4]byte{} {
			routers = append(routers, netip.AddrFrom4(by.IP))
		}
	}
	return routers, nil
}
