package publicip

import (
	"net/netip"
	"strings"
	"testing"
)

func TestCheck(t *testing.T) {
	for _, c := range []struct {
		name          string
		address       string
		allow         string
		documentation bool
		refused       string // part of the message; empty: accepted
	}{
		{name: "an ordinary address", address: "8.8.8.8"},
		{name: "just below the private range", address: "9.255.255.255"},
		{name: "just above the private range", address: "11.0.0.0"},
		{name: "just below the carriers' range", address: "100.63.255.255"},
		{name: "just above the carriers' range", address: "100.128.0.0"},
		{name: "just below the private range of sixteen", address: "172.15.255.255"},
		{name: "just above the private range of sixteen", address: "172.32.0.0"},
		{name: "just above the protocols' range", address: "192.0.1.0"},
		{name: "just above the benchmarks' range", address: "198.20.0.0"},
		{name: "just below multicast", address: "223.255.255.255"},

		{name: "unspecified", address: "0.0.0.0", refused: "0.0.0.0/8"},
		{name: "this network", address: "0.1.2.3", refused: "0.0.0.0/8"},
		{name: "private ten", address: "10.255.255.255", refused: "10.255.255.255 is a private address (10.0.0.0/8)"},
		{name: "private sixteen", address: "172.31.255.255", refused: "172.16.0.0/12"},
		{name: "private home", address: "192.168.1.20", refused: "192.168.0.0/16"},
		{name: "carrier NAT, first", address: "100.64.0.0", refused: "inside a carrier's NAT"},
		{name: "carrier NAT, last", address: "100.127.255.255", refused: "inside a carrier's NAT"},
		{name: "loopback", address: "127.0.0.53", refused: "loopback"},
		{name: "link-local", address: "169.254.1.1", refused: "link-local"},
		{name: "protocols", address: "192.0.0.8", refused: "192.0.0.0/24"},
		{name: "benchmarks", address: "198.19.255.255", refused: "198.18.0.0/15"},
		{name: "multicast", address: "239.255.255.255", refused: "multicast"},
		{name: "reserved", address: "240.0.0.1", refused: "240.0.0.0/4"},
		{name: "broadcast", address: "255.255.255.255", refused: "240.0.0.0/4"},
		{name: "documentation one", address: "192.0.2.1", refused: "documentation"},
		{name: "documentation two", address: "198.51.100.1", refused: "documentation"},
		{name: "documentation three", address: "203.0.113.1", refused: "documentation"},
		{name: "documentation one in the sandbox", address: "192.0.2.1", documentation: true},
		{name: "documentation two in the sandbox", address: "198.51.100.1", documentation: true},
		{name: "documentation three in the sandbox", address: "203.0.113.1", documentation: true},
		{name: "private in the sandbox", address: "10.0.0.1", documentation: true, refused: "private"},

		{name: "IPv6", address: "2001:db8::1", refused: "not an IPv4 address"},
		{name: "IPv4 written as IPv6", address: "::ffff:8.8.8.8", refused: "not an IPv4 address"},
		{name: "IPv6 that is allowed", address: "2001:db8::1", allow: "2001:db8::/32", refused: "not an IPv4 address"},

		{name: "inside what is allowed", address: "8.8.8.8", allow: "9.9.9.0/24 8.8.0.0/16"},
		{name: "outside what is allowed", address: "8.9.0.1", allow: "8.8.0.0/16", refused: "8.9.0.1 is not in any range under ip.allow"},
		{name: "a special range that is named", address: "100.64.1.2", allow: "100.64.0.0/10"},
		{name: "a part of a special range that is named", address: "192.168.1.2", allow: "192.168.1.0/24"},
		{name: "another part of a special range is named", address: "192.168.2.2", allow: "192.168.1.0/24", refused: "private"},
		{name: "a special range within a wider one", address: "10.0.0.1", allow: "0.0.0.0/0", refused: "private"},
		{name: "a special range within a slightly wider one", address: "10.0.0.1", allow: "10.0.0.0/7", refused: "private"},
		{name: "wider and named", address: "10.0.0.1", allow: "0.0.0.0/0 10.0.0.0/8"},
		{name: "everything allowed", address: "8.8.8.8", allow: "0.0.0.0/0"},
		{name: "the sandbox keeps to what is allowed", address: "203.0.113.1", allow: "8.8.0.0/16", documentation: true, refused: "ip.allow"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var allow []netip.Prefix
			for _, p := range strings.Fields(c.allow) {
				allow = append(allow, netip.MustParsePrefix(p))
			}
			err := Check(netip.MustParseAddr(c.address), allow, c.documentation)
			if c.refused == "" {
				if err != nil {
					t.Fatalf("refused: %v", err)
				}
				return
			}
			e := wantKind(t, err, Refused)
			if !strings.Contains(e.Error(), c.refused) || e.Address.String() != c.address {
				t.Errorf("error %q about %v, want %q", e, e.Address, c.refused)
			}
			if e.Address.Is4() && !strings.Contains(e.Hint(), "ip.allow") {
				t.Errorf("hint %q", e.Hint())
			}
		})
	}
}

func TestNoAddressIsRefused(t *testing.T) {
	wantKind(t, Check(netip.Addr{}, nil, true), Refused)
}
