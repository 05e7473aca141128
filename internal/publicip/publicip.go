// Package publicip finds the IPv4 address under which this machine is seen from outside: it asks several sources until
// enough of them say the same. It never scans a page for something that looks like an address, never goes through a
// proxy, and never takes an address that cannot be reached from outside unless it is told to.
package publicip

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"
)

// Query says whom to ask, and what to believe.
type Query struct {
	// Sources are http and https URLs, asked in this order. A host name counts once, whatever its port: of several URLs
	// with the same one only the first is used.
	Sources []string
	// Agree is how many sources must say the same address. Below 1 it counts as all of them.
	Agree int
	// Allow, if not empty, is where the address must lie. See Check.
	Allow []netip.Prefix
	// Documentation: addresses from the documentation ranges are accepted too.
	Documentation bool
	// Dial makes every connection; nil is the system's way. It is only ever called with "tcp4", and ends when its
	// context does.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// RootCAs are the authorities whose certificates are believed; nil means the system's.
	RootCAs *x509.CertPool
	// UserAgent is how the sources are told who asks.
	UserAgent string
}

// Answer is what came of asking one source. Either Address is valid or Problem is not empty.
type Answer struct {
	// Name is the source's host name, with the port if that is not the usual one. It never holds a path or a query.
	Name string
	// Address is what the source said, if it passed the checks.
	Address netip.Addr
	Took    time.Duration
	// Problem is why there is no Address, in one printable line of at most 200 characters.
	Problem string
	// Cut: the source was not waited for, because enough others agreed or because the caller's context ended. It says
	// nothing against the source.
	Cut bool
}

// Finding is what was learnt.
type Finding struct {
	// Address is the one that was agreed on; invalid if there is none.
	Address netip.Addr
	// Answers are in the order of Query.Sources. Sources that were never asked are not among them.
	Answers []Answer
}

// Find asks as many sources as have to agree at the same time, and a further one whenever one fails, disagrees or is
// slow. It returns as soon as enough say the same address, and after 10 s at the latest; nothing that it started is
// left running.
//
// The error is an *Error, and then the Finding still holds what each source said; or it says that a source is not a
// URL that can be asked, and then none was.
func Find(ctx context.Context, q Query) (Finding, error) {
	candidates, err := q.candidates()
	if err != nil {
		return Finding{}, err
	}
	agree := q.Agree
	if agree < 1 {
		agree = len(candidates)
	}
	r := newRace(candidates, agree, func(a netip.Addr) error { return Check(a, q.Allow, q.Documentation) })
	address := r.run(ctx)

	replies := r.replies()
	finding := Finding{Address: address, Answers: make([]Answer, len(replies))}
	for i, reply := range replies {
		finding.Answers[i] = reply.Answer
	}
	switch {
	case address.IsValid():
		return finding, nil
	case ctx.Err() != nil:
		return finding, interrupted(ctx.Err())
	default:
		return finding, judge(replies, agree)
	}
}

// candidates are the sources to ask, one for each host name.
func (q Query) candidates() ([]candidate, error) {
	if len(q.Sources) == 0 {
		return nil, errors.New("no source for the address is named")
	}
	dial := q.Dial
	if dial == nil {
		dial = new(net.Dialer).DialContext
	}
	agent := q.UserAgent
	if agent == "" {
		agent = "ddns-batch"
	}
	var all []candidate
	seen := make(map[string]bool)
	for i, text := range q.Sources {
		u, err := parseURL(text)
		if err != nil {
			return nil, fmt.Errorf("sources[%d]: %w", i, err)
		}
		if host := hostName(u); !seen[host] {
			seen[host] = true
			all = append(all, candidate{displayName(u), &web{url: u, dial: dial, roots: q.RootCAs, agent: agent}})
		}
	}
	return all, nil
}
