package publicip

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"
)

// crossCheck is a source that is asked from the beginning, and waited for, whether its vote is wanted or not: what it
// says can be a warning about an address that others agree on. Its vote counts only once the quorum asks for it, so that
// the result does not depend on how near the router is.
type crossCheck struct {
	place int // among the candidates
	name  string
	done  chan struct{}
	said  arrival // valid after done
}

// startRouters replaces the routers among the candidates by cross-checks, and starts to ask each of them, for limit at
// most.
func startRouters(ctx context.Context, candidates []candidate, limit time.Duration) []*crossCheck {
	var all []*crossCheck
	for i, c := range candidates {
		if !c.crossCheck {
			continue
		}
		check := &crossCheck{place: i, name: c.name, done: make(chan struct{})}
		go check.listen(ctx, c.source, limit)
		candidates[i].source = check
		all = append(all, check)
	}
	return all
}

func (c *crossCheck) listen(ctx context.Context, s source, limit time.Duration) {
	defer close(c.done)
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	began := time.Now()
	c.said.address, c.said.egress, c.said.err = s.ask(ctx)
	if c.said.err != nil && errors.Is(ctx.Err(), context.Canceled) {
		c.said.err = ctx.Err() // as in a quorum
	}
	c.said.took = time.Since(began)
}

func (c *crossCheck) ask(ctx context.Context) (netip.Addr, Egress, error) {
	select {
	case <-c.done:
		return c.said.address, c.said.egress, c.said.err
	case <-ctx.Done():
		return netip.Addr{}, Egress{}, ctx.Err()
	}
}

// merge waits for the cross-checks and puts the reply of each into its place among the replies.
func merge(checks []*crossCheck, replies []reply, check func(netip.Addr, Egress) error) []reply {
	for _, c := range checks {
		<-c.done
		said := reply{Answer: Answer{Name: c.name, Kind: RouterSource}}
		said.settle(c.said, check)
		if c.place < len(replies) {
			replies[c.place] = said
		} else {
			replies = append(replies, said)
		}
	}
	return replies
}

// suspicions are what the routers' answers say against address, which is invalid if the sources did not agree on one.
func suspicions(address netip.Addr, answers []Answer) []string {
	var all []string
	for _, a := range answers {
		if a.Kind != RouterSource || !a.Said.IsValid() || a.Said == address {
			continue
		}
		s, special := specialRange(a.Said)
		seen := "the sources see " + address.String()
		if !address.IsValid() {
			seen = "that is not what is seen from outside"
		}
		switch {
		case special && s.prefix == carrierNAT:
			all = append(all, fmt.Sprintf("carrier NAT: the router's address on its line is %s, which the provider shares among customers, and %s: "+
				"connections from outside will not arrive; ddns-batch doctor says what still works", a.Said, seen))
		case special && !s.documentation:
			all = append(all, fmt.Sprintf("carrier NAT or a second router: the router's address on its line is %s, %s, and %s: connections from "+
				"outside will not arrive unless that second router is yours; ddns-batch doctor says what still works", a.Said, s.what, seen))
		case address.IsValid():
			all = append(all, fmt.Sprintf("carrier NAT, a VPN or a second line: the router's address on its line is %s, but %s: connections from "+
				"outside may not arrive; ddns-batch doctor says what still works", a.Said, seen))
		}
	}
	return all
}

// WhatWorksBehindCarrierNAT is the advice for an owner whose router shares its public IPv4 address with strangers, one
// line each.
func WhatWorksBehindCarrierNAT() []string {
	return []string{
		"the provider gives the router no public IPv4 address of its own, so port forwarding cannot work, and no dynamic DNS can help",
		"ask the provider for a public IPv4 address (\"no CGNAT\", \"no DS-Lite\"): often it is free or costs little, and need not be fixed",
		"if there is a second router of yours, such as the provider's modem: put it in bridge mode, or forward the ports there as well",
		"IPv6 is not shared: open the ports in the router's IPv6 firewall and add AAAA records by hand (the endpoint updates A records only)",
		"a tunnel to a machine with a public address works: a rented server with WireGuard, or a service such as Cloudflare Tunnel or Tailscale Funnel; " +
			"name such an address under ip.allow if it is to be published",
	}
}
