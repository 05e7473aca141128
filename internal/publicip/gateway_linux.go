package publicip

import (
	"encoding/binary"
	"encoding/hex"
	"math"
	"net/netip"
	"os"
	"strconv"
	"strings"
)

// defaultRouters are the routers of the default routes, the preferred one first.
func defaultRouters() ([]netip.Addr, error) {
	table, err := os.ReadFile("/proc/net/route")
	if err != nil {
		return nil, err
	}
	return parseRoutes(string(table)), nil
}

// parseRoutes reads lines of: interface, destination, gateway, flags, two counters, metric, mask, and more. Addresses are
// numbers of this machine's byte order in hexadecimal.
func parseRoutes(table string) []netip.Addr {
	const destination, gateway, metric, mask, fields = 1, 2, 6, 7, 8
	var routers []netip.Addr
	least := math.MaxInt
	for line := range strings.Lines(table) {
		field := strings.Fields(line)
		if len(field) < fields || field[destination] != "00000000" || field[mask] != "00000000" {
			continue
		}
		raw, err := hex.DecodeString(field[gateway])
		cost, errCost := strconv.Atoi(field[metric])
		if err != nil || errCost != nil || len(raw) != 4 {
			continue
		}
		var a [4]byte
		binary.NativeEndian.PutUint32(a[:], binary.BigEndian.Uint32(raw))
		router := netip.AddrFrom4(a)
		switch {
		case router.IsUnspecified(): // the line itself, as with PPPoE
		case cost < least:
			least = cost
			routers = append([]netip.Addr{router}, routers...)
		default:
			routers = append(routers, router)
		}
	}
	return routers
}
