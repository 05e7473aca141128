package publicip

import (
	"context"
	"errors"
	"net/netip"
	"time"

	natpmp "github.com/jackpal/go-nat-pmp"
)

// mappingWait is how long each try waits, and so how late the end of the context is noticed.
const mappingWait = 250 * time.Millisecond

// askNATPMP asks the router at an address for the one on its line (RFC 6886, section 3.2). The question leaves from own.
func askNATPMP(ctx context.Context, router, own netip.Addr, tries int) (netip.Addr, error) {
	client := natpmp.NewClientWithLocalAndTimeout(router.AsSlice(), own.AsSlice(), mappingWait)
	err := ctx.Err()
	for try := 0; try < tries && ctx.Err() == nil; try++ {
		var reply *natpmp.GetExternalAddressResult
		began := time.Now()
		if reply, err = client.GetExternalAddress(); err == nil {
			return onTheLine(netip.AddrFrom4(reply.ExternalIPAddress))
		}
		if time.Since(began) < mappingWait {
			return netip.Addr{}, err
		}
		err = errors.New("no answer")
	}
	return netip.Addr{}, err
}

// onTheLine refuses the address of a router that has none.
func onTheLine(address netip.Addr) (netip.Addr, error) {
	if address.IsUnspecified() {
		return netip.Addr{}, errors.New("the router has no address on its line")
	}
	return address, nil
}
