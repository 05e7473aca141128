package authdns

import (
	"cmp"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/miekg/dns"

	"ddns-batch/internal/sanitize"
)

// errTruncated: the answer did not fit into a datagram.
var errTruncated = errors.New("the answer is truncated")

// unusable is why a message is no answer to the question.
type unusable string

func (u unusable) Error() string { return string(u) }

// question is what a server is asked: the IPv4 address of one name. Both names are canonical: lower-case, with the
// final dot.
type question struct {
	name, domain string
}

// matches reports whether a server repeats this question. Names are compared without regard to case.
func (q question) matches(asked dns.Question) bool {
	return asked.Qtype == dns.TypeA && asked.Qclass == dns.ClassINET && dns.CanonicalName(asked.Name) == q.name
}

// accept takes a message that arrived for the question with this id. Whoever can send a datagram to this machine can
// try to forge an answer, so that everything that must match is looked at before anything is believed. An error may come
// without the question. cut means that the end of the message may be missing.
//
// The error is errTruncated or an unusable.
func accept(packet []byte, id uint16, q question, cut bool) (*dns.Msg, error) {
	m := new(dns.Msg)
	err := m.Unpack(packet)
	switch {
	case m.Id != id || !m.Response || m.Opcode != dns.OpcodeQuery || !answers(m, q):
		return nil, unusable("what arrives is not a reply to this query")
	case m.Truncated || cut:
		return nil, errTruncated
	case err != nil:
		return nil, unusable("what arrives is not a valid DNS message")
	}
	return m, nil
}

// answers reports whether m repeats the question. Servers that did not read it, or did not want to, answer with an error
// code and nothing else.
func answers(m *dns.Msg, q question) bool {
	if len(m.Question) == 0 {
		return isError(m.Rcode)
	}
	return len(m.Question) == 1 && q.matches(m.Question[0])
}

func isError(rcode int) bool { return rcode != dns.RcodeSuccess && rcode != dns.RcodeNameError }

// mayRefuseEDNS reports whether an accepted message is an error that says more about EDNS than about the question: one
// that names it, or any from a server that shows no sign of knowing it (RFC 6891, section 7).
func mayRefuseEDNS(m *dns.Msg) bool {
	switch m.Rcode {
	case dns.RcodeFormatError, dns.RcodeBadVers:
		return true
	default:
		return isError(m.Rcode) && m.IsEdns0() == nil
	}
}

// judge reads an accepted message. It takes nothing for published that the server does not claim authority for.
func judge(m *dns.Msg, q question) Answer {
	switch m.Rcode {
	case dns.RcodeSuccess, dns.RcodeNameError:
	case dns.RcodeServerFailure:
		return Answer{Status: Servfail, Detail: "the name server reports an internal failure (SERVFAIL)"}
	case dns.RcodeRefused:
		return Answer{Status: Refused, Detail: "the name server refuses to answer (REFUSED)"}
	default:
		return Answer{Status: Failed, Detail: "the name server answers with the error " + codeName(m.Rcode)}
	}
	if !m.Authoritative {
		return withoutAuthority(m, q)
	}
	if alias, ok := findAlias(m.Answer, q); ok {
		return alias
	}
	addresses, ttl := findAddresses(m.Answer, q)
	switch {
	case len(addresses) > 0 && m.Rcode == dns.RcodeNameError:
		return Answer{Status: Malformed, Detail: "the answer contradicts itself: it has an address, and says that there is no such name"}
	case len(addresses) == 1:
		return Answer{Status: Address, Addresses: addresses, TTL: ttl}
	case len(addresses) > 1:
		return Answer{Status: Addresses, Addresses: addresses, TTL: ttl}
	case m.Rcode == dns.RcodeNameError:
		return Answer{Status: NXDomain, TTL: negativeTTL(m.Ns, q)}
	default:
		return Answer{Status: NoAddress, TTL: negativeTTL(m.Ns, q)}
	}
}

// withoutAuthority reads an answer that the server does not vouch for.
func withoutAuthority(m *dns.Msg, q question) Answer {
	if len(m.Answer) == 0 {
		for _, rr := range m.Ns {
			cut := dns.CanonicalName(rr.Header().Name)
			if _, ok := rr.(*dns.NS); ok && cut != q.domain && dns.IsSubDomain(q.domain, cut) && dns.IsSubDomain(cut, q.name) {
				return Answer{Status: Delegated, Detail: sanitize.Line(strings.TrimSuffix(cut, ".")+" is a zone of its own, with other name servers", maxDetail)}
			}
		}
	}
	if m.RecursionAvailable {
		return Answer{Status: Lame, Detail: "a resolver answers in place of the name server: something on the network intercepts DNS"}
	}
	return Answer{Status: Lame, Detail: "the server is not authoritative for the domain"}
}

// findAlias looks for a CNAME of the name, or a DNAME above it. A server that sends a DNAME adds the CNAME that follows
// from it; where it does not, the target is made up in the same way.
func findAlias(answer []dns.RR, q question) (Answer, bool) {
	var found Answer
	for _, rr := range answer {
		owner := dns.CanonicalName(rr.Header().Name)
		if rr.Header().Class != dns.ClassINET {
			continue
		}
		switch rr := rr.(type) {
		case *dns.CNAME:
			if owner == q.name {
				return alias(rr.Target, rr.Hdr.Ttl), true
			}
		case *dns.DNAME:
			if owner != q.name && dns.IsSubDomain(owner, q.name) {
				found = alias(strings.TrimSuffix(q.name, owner)+rr.Target, rr.Hdr.Ttl)
			}
		}
	}
	return found, found.Status == CNAME
}

func alias(target string, seconds uint32) Answer {
	target = dns.CanonicalName(target)
	if target != "." {
		target = strings.TrimSuffix(target, ".")
	}
	return Answer{Status: CNAME, Target: target, TTL: lifetime(seconds)}
}

// findAddresses are the A records of the very name, and the shortest TTL among them.
func findAddresses(answer []dns.RR, q question) (addresses []netip.Addr, ttl time.Duration) {
	for _, rr := range answer {
		a, ok := rr.(*dns.A)
		if !ok || a.Hdr.Class != dns.ClassINET || dns.CanonicalName(a.Hdr.Name) != q.name {
			continue
		}
		address, ok := netip.AddrFromSlice(a.A.To4())
		if !ok {
			continue
		}
		if t := lifetime(a.Hdr.Ttl); len(addresses) == 0 || t < ttl {
			ttl = t
		}
		addresses = append(addresses, address)
	}
	slices.SortFunc(addresses, netip.Addr.Compare)
	return slices.Compact(addresses), ttl
}

// negativeTTL is how long the absence of a record may be remembered (RFC 2308): what the zone's SOA says.
func negativeTTL(authority []dns.RR, q question) time.Duration {
	for _, rr := range authority {
		if soa, ok := rr.(*dns.SOA); ok && dns.IsSubDomain(dns.CanonicalName(soa.Hdr.Name), q.name) {
			return min(lifetime(soa.Hdr.Ttl), lifetime(soa.Minttl))
		}
	}
	return 0
}

// lifetime is a TTL off the wire. One with the highest bit set counts as 0 (RFC 2181, section 8).
func lifetime(seconds uint32) time.Duration {
	if seconds > 1<<31-1 {
		return 0
	}
	return time.Duration(seconds) * time.Second
}

func codeName(code int) string {
	return cmp.Or(dns.RcodeToString[code], fmt.Sprintf("code %d", code))
}
