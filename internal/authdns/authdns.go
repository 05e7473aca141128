// Package authdns finds out what a domain's own name servers publish: it looks up which servers those are, and asks two of
// them directly, or all of them when it waits for a change. It never relies on a resolver for what a record holds, never
// changes anything, and decides nothing: an observation is data.
package authdns

import (
	"context"
	"net"
	"net/netip"
	"time"

	"ddns-batch/internal/record"
)

const (
	defaultTimeout     = 2 * time.Second
	defaultConcurrency = 256
	defaultInterval    = time.Second
	// maxSockets is how many questions may be on their way in all, so that many domains with servers of their own stay
	// far below the usual limit of open files.
	maxSockets = 512
)

// Query says what to look for, and how.
type Query struct {
	// Names are the records to observe, as package config makes them.
	Names []record.Name
	// Resolver is asked which name servers a domain has; the zero value means the system's resolver. It is never asked
	// for a record.
	Resolver netip.AddrPort
	// Nameservers, if not empty, are asked instead of the servers of each domain, and nothing is looked up.
	Nameservers []netip.AddrPort
	// Timeout is how long one exchange with a server may take, the repetition of a lost datagram included; one with a
	// server that refuses EDNS may take it twice. 0 means 2 s.
	Timeout time.Duration
	// Concurrency is how many questions may be on their way to one server at the same time; below 1 means 256.
	Concurrency int
	// Interval is the pause after the first round of Wait; it grows to five times that. 0 means 1 s.
	Interval time.Duration
	// Dial makes every connection, "udp" and "tcp", as a net.Dialer does; nil is the system's way.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// Observation is what is published for one record.
type Observation struct {
	Name record.Name
	// Answer is what the servers say together. Certain only if at least one of them said it and none that was asked
	// said something else.
	Answer
	// Wildcard: a random name beside this one gets the same answer, so that perhaps there is no such record and only
	// "*" covers it. A hint and no proof: DNS cannot tell that from a record which happens to hold the same. Always
	// false for a record that is a wildcard or the domain itself.
	Wildcard bool
	// Servers are the ones that were asked, each with its own answer, and those that should have been and have no address.
	// Two at most, unless all were waited for. Empty if none has an address.
	Servers []ServerAnswer
	// Delegation is where the servers come from.
	Delegation Delegation
	// At is when the last of the servers had answered, or was given up.
	At time.Time
}

// ServerAnswer is what one name server says.
type ServerAnswer struct {
	// Server is the name server's name, or its address if it was given by address. Printable.
	Server string
	// Endpoint is where it was asked; invalid if no address of it was found.
	Endpoint netip.AddrPort
	Answer
	// Took is how long the answer took; 0 if the server was not asked.
	Took time.Duration
}

// Observe asks the first two different name servers of each domain once for each name, everything at the same time within the bounds of q,
// and returns the observations in the order of q.Names.
//
// A wildcard is asked for by a random label. A lost datagram is sent once more. A server that fails to answer two
// questions, with no answer in between, is not asked any more, and none is given more than ten times q.Timeout: names
// that were left over have its failure as their status. When ctx ends, what is not known by then is Unknown. Nothing
// that Observe started is left running.
func Observe(ctx context.Context, q Query) []Observation {
	return newSurvey(q, compared).round(ctx, q.Names, true)
}

// Delegations looks up which name servers the domains of q.Names have, without asking those servers anything. There is
// one for each domain, in the order in which they appear first.
func Delegations(ctx context.Context, q Query) []Delegation {
	var domains []string
	seen := make(map[string]bool)
	for _, name := range q.Names {
		if !seen[name.Domain] {
			seen[name.Domain] = true
			domains = append(domains, name.Domain)
		}
	}
	return newSurvey(q, compared).newFinder().delegations(ctx, domains)
}
