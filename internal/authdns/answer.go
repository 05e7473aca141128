package authdns

import (
	"fmt"
	"net/netip"
	"strings"
	"time"

	"ddns-batch/internal/sanitize"
)

// Status tells the kinds of answers apart. The zero Status claims nothing. Readers must accept values they do not know.
type Status string

const (
	Unknown     Status = ""            // not known: not asked, or not waited for
	Address     Status = "address"     // exactly one IPv4 address
	Addresses   Status = "addresses"   // several IPv4 addresses
	CNAME       Status = "cname"       // the name is an alias for another one, by a CNAME or a DNAME
	NXDomain    Status = "nxdomain"    // there is no such name
	NoAddress   Status = "no-address"  // the name exists and has no IPv4 address
	Differ      Status = "differ"      // two servers say different things
	Delegated   Status = "delegated"   // the name lies in a zone of its own, which has other servers
	Lame        Status = "lame"        // an answer without authority: the wrong server, or DNS is intercepted on the way
	Refused     Status = "refused"     // the server does not want to answer
	Servfail    Status = "servfail"    // the server has a problem of its own
	Failed      Status = "failed"      // another error code
	Malformed   Status = "malformed"   // nothing but messages that are no answer to the question
	Unreachable Status = "unreachable" // no way to the server, or nothing listens there
	Timeout     Status = "timeout"     // no answer
	NoServers   Status = "no-servers"  // the domain is not delegated to any name server, or does not exist
	Unresolved  Status = "unresolved"  // it could not be found out which name servers the domain has, or where they are
)

// Certain reports whether s says what is published. Every other status says why that is not known.
func (s Status) Certain() bool {
	switch s {
	case Address, Addresses, CNAME, NXDomain, NoAddress:
		return true
	default:
		return false
	}
}

// NothingToUpdate reports whether it is certain that the name has no A record of its own, which an update could change.
func (s Status) NothingToUpdate() bool { return s == NXDomain || s == NoAddress || s == CNAME }

// Answer is what is said about one name.
type Answer struct {
	Status Status
	// Addresses has one element with Address, more with Addresses, and none otherwise. Sorted, no address twice.
	Addresses []netip.Addr
	// Target is what a CNAME leads to: without the final dot, printable ASCII, anything unusual in it escaped.
	Target string
	// TTL is how long resolvers may go on giving this answer, also where it is that there is no record. 0 if unknown.
	TTL time.Duration
	// Detail is one printable line of at most 200 characters: why the status is not certain, or what else is to be
	// said. May be empty.
	Detail string
}

// Address is the one address that is published, and the zero Addr in every other case.
func (a Answer) Address() netip.Addr {
	if a.Status != Address || len(a.Addresses) != 1 {
		return netip.Addr{}
	}
	return a.Addresses[0]
}

// same reports whether a and b say the same, but for the TTL.
func (a Answer) same(b Answer) bool {
	if a.Status != b.Status || a.Target != b.Target || len(a.Addresses) != len(b.Addresses) {
		return false
	}
	for i := range a.Addresses {
		if a.Addresses[i] != b.Addresses[i] {
			return false
		}
	}
	return true
}

// Words is the answer in a few printable words, 200 characters at most.
func (a Answer) Words() string {
	switch a.Status {
	case Address, Addresses:
		return addressList(a.Addresses)
	case CNAME:
		return sanitize.Line("CNAME "+a.Target, 100)
	case NXDomain:
		return "no such name"
	case NoAddress:
		return "no A record"
	}
	if a.Detail != "" {
		return sanitize.Line(a.Detail, maxDetail)
	}
	if a.Status == Unknown {
		return "not known"
	}
	return sanitize.Line(string(a.Status), maxDetail)
}

// addressList names three addresses at most: a server may send thousands.
func addressList(all []netip.Addr) string {
	const shown = 3
	var b strings.Builder
	for i, address := range all[:min(len(all), shown)] {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(address.String())
	}
	if more := len(all) - shown; more > 0 {
		fmt.Fprintf(&b, " and %d more", more)
	}
	return b.String()
}

// maxDetail is the longest Detail, in characters.
const maxDetail = 200
