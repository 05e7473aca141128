package publicip

import (
	"net/netip"
	"os"
	"unsafe"

	"golang.org/x/sys/windows"
)

// defaultRouters are the routers of the interfaces that are up, that with the least metric first.
func defaultRouters() ([]netip.Addr, error) {
	size := uint32(16 << 10)
	var buffer []byte
	for {
		buffer = make([]byte, size)
		err := windows.GetAdaptersAddresses(windows.AF_INET, windows.GAA_FLAG_INCLUDE_GATEWAYS, 0, (*windows.IpAdapterAddresses)(unsafe.Pointer(&buffer[0])), &size)
		if err == nil {
			break
		}
		if err != windows.ERROR_BUFFER_OVERFLOW || size <= uint32(len(buffer)) {
			return nil, os.NewSyscallError("GetAdaptersAddresses", err)
		}
	}
	var routers []netip.Addr
	least := ^uint32(0)
	for a := (*windows.IpAdapterAddresses)(unsafe.Pointer(&buffer[0])); a != nil; a = a.Next {
		if a.OperStatus != windows.IfOperStatusUp || a.FirstGatewayAddress == nil {
			continue
		}
		router, ok := netip.AddrFromSlice(a.FirstGatewayAddress.Address.IP().To4())
		switch {
		case !ok || router.IsUnspecified():
		case a.Ipv4Metric < least:
			least = a.Ipv4Metric
			routers = append([]netip.Addr{router}, routers...)
		default:
			routers = append(routers, router)
		}
	}
	return routers, nil
}
