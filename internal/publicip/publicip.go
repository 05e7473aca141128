// Package publicip finds the IPv4 address under which this machine is seen from outside: it asks several sources until
// enough of them say the same. It never scans a page for something that looks like an address, never goes through a
// proxy, and never takes an address that cannot be reached from outside, or that was seen through a tunnel, unless it
// is told to.
//
// A source is a server on the internet, a network interface, a program, an address in writing, or the router. Each
// counts as much as another: whoever names the router or an interface as one of two that must agree publishes only what
// both the line and the internet say.
package publicip

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"

	"ddns-batch/internal/roots"
)

// Query says whom to ask, and what to accept.
type Query struct {
	// Sources are asked in this order, each written as ParseSource understands it. Of those that are the same only the
	// first is used; a host name counts once, whatever its port and path.
	Sources []string
	// Agree is how many sources must say the same address. Below 1 it counts as all of them.
	Agree int
	// Allow, if not empty, is where the address must lie. See Check.
	Allow []netip.Prefix
	// Documentation: addresses from the documentation ranges are accepted too.
	Documentation bool
	// Bind, if not empty, is the interface by which questions leave, or the IPv4 address from which: those to servers
	// and routers, not those that programs ask, nor the look-up of host names. If it cannot be used, nothing is asked.
	// It cannot be had together with Dial.
	Bind string
	// Dial makes the connections to servers; nil is the system's way. It is only ever called with "tcp4", and ends when
	// its context does.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// Interfaces lists this machine's network interfaces; nil is the system's way.
	Interfaces func() ([]Interface, error)
	// Authorities are the certificate authorities that are trusted; nil means all that the system trusts.
	Authorities *roots.Authorities
	// UserAgent is the User-Agent of requests to sources.
	UserAgent string

	timeouts timeouts      // the zero value means the defaults
	resolver *net.Resolver // nil is the system's
}

// Answer is what came of asking one source. Either Address is valid or Problem is not empty.
type Answer struct {
	// Name is Source.Name, in which a host name has the port if that is not the usual one.
	Name string
	Kind SourceKind
	// Address is what the source said, if it passed the checks.
	Address netip.Addr
	// Said is what the source said, even if it did not pass; invalid if it said no address.
	Said netip.Addr
	// Egress is how the question left this machine, as far as that is known.
	Egress Egress
	Took   time.Duration
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
	// Warnings are printable lines about Address: a router that has another one on its line stands behind a carrier's
	// NAT, and nobody outside can reach it. See WhatWorksBehindCarrierNAT.
	Warnings []string
}

// Find asks as many sources as have to agree at the same time, and a further one whenever one fails, disagrees or is
// slow. A router is asked in any case, for the sake of the warning, and given 3 s. Find returns as soon as enough say
// the same address, and after 10 s at the latest; nothing that it started is left running.
//
// The error is an *Error, and then the Finding still holds what each source said; or it says that a source cannot be
// understood, and then none was asked.
func Find(ctx context.Context, q Query) (Finding, error) {
	candidates, err := q.candidates(ctx)
	if err != nil {
		return Finding{}, err
	}
	checks := startRouters(ctx, candidates, q.routerTimeouts().whole)
	quorum := newQuorum(candidates, q.agree(candidates), q.check)
	address := quorum.run(ctx)
	finding, err := q.conclude(ctx, address, merge(checks, quorum.replies(), q.check), quorum.agree)
	if err == nil {
		finding.Warnings = suspicions(address, finding.Answers)
	}
	return finding, err
}

func (q Query) agree(candidates []candidate) int {
	if q.Agree < 1 {
		return len(candidates)
	}
	return q.Agree
}

func (q Query) routerTimeouts() timeouts {
	if q.timeouts == (timeouts{}) {
		return timeouts{whole: routerLimit, tries: mappingTries, search: searchWait}
	}
	return q.timeouts
}

// check says whether an address that was seen this way may be published.
func (q Query) check(a netip.Addr, egress Egress) error {
	if err := Check(a, q.Allow, q.Documentation); err != nil {
		return err
	}
	return guard(a, egress, q.Allow)
}

func (q Query) conclude(ctx context.Context, address netip.Addr, replies []reply, agree int) (Finding, error) {
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
		return finding, diagnose(replies, agree)
	}
}

// candidates are the sources to ask, each once.
func (q Query) candidates(ctx context.Context) ([]candidate, error) {
	if len(q.Sources) == 0 {
		return nil, errors.New("no source for the address is named")
	}
	if q.Bind != "" && q.Dial != nil {
		return nil, errors.New("connections that somebody else makes cannot be bound to an interface")
	}
	var sources []Source
	seen := make(map[string]bool)
	for i, text := range q.Sources {
		s, err := ParseSource(text)
		if err != nil {
			return nil, fmt.Errorf("sources[%d]: %w", i, err)
		}
		if !seen[s.Key] {
			seen[s.Key] = true
			sources = append(sources, s)
		}
	}
	r, err := q.resources(ctx)
	if err != nil {
		return nil, err
	}
	all := make([]candidate, len(sources))
	for i, s := range sources {
		all[i] = candidate{name: s.Name, kind: s.Kind, source: r.source(s), crossCheck: s.Kind == RouterSource}
	}
	return all, nil
}
