package publicip

import (
	"fmt"
	"net/netip"
)

// special is a range of addresses that nobody outside can reach, or that belong to nobody.
type special struct {
	prefix        netip.Prefix
	what          string
	documentation bool
}

var specials = []special{
	{prefix: netip.MustParsePrefix("0.0.0.0/8"), what: "no machine's address"},
	{prefix: netip.MustParsePrefix("10.0.0.0/8"), what: "a private address"},
	{prefix: carrierNAT, what: "inside a carrier's NAT, where customers share one public address"},
	{prefix: netip.MustParsePrefix("127.0.0.0/8"), what: "a loopback address"},
	{prefix: netip.MustParsePrefix("169.254.0.0/16"), what: "a link-local address"},
	{prefix: netip.MustParsePrefix("172.16.0.0/12"), what: "a private address"},
	{prefix: netip.MustParsePrefix("192.0.0.0/24"), what: "reserved for protocols"},
	{prefix: netip.MustParsePrefix("192.0.2.0/24"), what: "a documentation address", documentation: true},
	{prefix: netip.MustParsePrefix("192.168.0.0/16"), what: "a private address"},
	{prefix: netip.MustParsePrefix("198.18.0.0/15"), what: "reserved for benchmarks"},
	{prefix: netip.MustParsePrefix("198.51.100.0/24"), what: "a documentation address", documentation: true},
	{prefix: netip.MustParsePrefix("203.0.113.0/24"), what: "a documentation address", documentation: true},
	{prefix: netip.MustParsePrefix("224.0.0.0/4"), what: "a multicast address"},
	{prefix: netip.MustParsePrefix("240.0.0.0/4"), what: "a reserved address"},
}

var carrierNAT = netip.MustParsePrefix("100.64.0.0/10")

// Check says whether a may be published; the error is an *Error of the kind Refused, with a hint.
//
// It must be a plain IPv4 address. If allow is not empty it must lie in one of its prefixes. One from a special range
// (private, carrier NAT, loopback and so on) must lie in a prefix of allow that is no wider than that range: 0.0.0.0/0
// does not name 10.0.0.0/8. With documentation the documentation ranges are not special.
func Check(a netip.Addr, allow []netip.Prefix, documentation bool) error {
	if !a.Is4() {
		return refused(a, "not an IPv4 address", "only A records are updated, and they hold IPv4 addresses like 203.0.113.7")
	}
	if s, ok := specialRange(a); ok && !(documentation && s.documentation) && !named(allow, a, s.prefix.Bits()) {
		return refused(a, fmt.Sprintf("%s (%s)", s.what, s.prefix), s.hint())
	}
	if len(allow) > 0 && !named(allow, a, 0) {
		return refused(a, "not in any range under ip.allow",
			"a VPN or another line may be in use; if the address is yours, add its range to ip.allow")
	}
	return nil
}

func specialRange(a netip.Addr) (special, bool) {
	for _, s := range specials {
		if s.prefix.Contains(a) {
			return s, true
		}
	}
	return special{}, false
}

// named reports whether a prefix of at least so many bits holds a.
func named(allow []netip.Prefix, a netip.Addr, bits int) bool {
	for _, p := range allow {
		if p.Bits() >= bits && p.Contains(a) {
			return true
		}
	}
	return false
}

func (s special) hint() string {
	if s.prefix == carrierNAT {
		return "nobody outside can reach it: ask your internet provider for a public IPv4 address; if it is meant " +
			"(some VPNs use such addresses), name " + s.prefix.String() + " under ip.allow"
	}
	return "nobody outside can reach it; if it is meant, name " + s.prefix.String() + " under ip.allow"
}

func refused(a netip.Addr, what, hint string) *Error {
	return &Error{Kind: Refused, Message: fmt.Sprintf("%s is %s", a, what), Address: a, hint: hint}
}
