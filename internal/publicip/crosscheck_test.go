package publicip

import (
	"context"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

const (
	shared  = "100.72.3.4"
	private = "10.1.2.3"
)

func TestCrossChecks(t *testing.T) {
	for _, c := range []struct {
		name    string
		agree   int
		actors  []*actor // the last one is the router
		winner  string
		took    time.Duration
		router  string // what it said, or its problem
		warning string // a part of it; empty: none
	}{
		{"a router that says the same is no news", 2,
			[]*actor{in(100*ms, x), in(100*ms, x), in(5*ms, x)}, x, 100 * ms, x, ""},
		{"a router is waited for", 2,
			[]*actor{in(100*ms, x), in(100*ms, x), in(900*ms, shared)}, x, 900 * ms, shared, "carrier NAT: the router's address on its line is 100.72.3.4"},
		{"a router with a private address", 2,
			[]*actor{in(100*ms, x), in(100*ms, x), in(5*ms, private)}, x, 100 * ms, private, "carrier NAT or a second router: the router's address on its line is 10.1.2.3, a private address"},
		{"a router with another public address", 2,
			[]*actor{in(100*ms, x), in(100*ms, x), in(5*ms, y)}, x, 100 * ms, y, "carrier NAT, a VPN or a second line: the router's address on its line is 198.51.100.20, but the sources see 203.0.113.7"},
		{"a router that is silent costs 3 s", 2,
			[]*actor{in(100*ms, x), in(100*ms, x), silent()}, x, 3 * time.Second, "no answer in 3 s", ""},
		{"a router that answers nothing", 2,
			[]*actor{in(100*ms, x), in(100*ms, x), in(5*ms, "UPnP is off")}, x, 100 * ms, "UPnP is off", ""},
		{"a router's vote counts when it is wanted", 2,
			[]*actor{in(100*ms, x), in(300*ms, "503"), in(5*ms, x)}, x, 300 * ms, x, ""},
		{"a nearer router does not win before its turn", 1,
			[]*actor{in(100*ms, x), in(5*ms, y)}, x, 100 * ms, y, "198.51.100.20"},
		{"a router is one of those that must agree", 3,
			[]*actor{in(100*ms, x), in(100*ms, x), in(5*ms, shared)}, "", 100 * ms, shared, ""},
		{"a router alone", 1,
			[]*actor{in(5*ms, x)}, x, 5 * ms, x, ""},
		{"a router alone behind a carrier's NAT", 1,
			[]*actor{in(5*ms, shared)}, "", 5 * ms, shared, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				var candidates []candidate
				for i, a := range c.actors {
					a.began = began
					last := i == len(c.actors)-1
					candidates = append(candidates, candidate{name: "actor", kind: map[bool]SourceKind{false: URLSource, true: RouterSource}[last], source: a, crossCheck: last})
				}
				q := Query{Documentation: true, Agree: c.agree}
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				checks := startRouters(ctx, candidates, routerLimit)
				quorum := newQuorum(candidates, c.agree, q.check)
				winner := quorum.run(ctx)
				replies := merge(checks, quorum.replies(), q.check)
				if took := time.Since(began); took != c.took {
					t.Errorf("took %v, want %v", took, c.took)
				}
				if (c.winner == "") == winner.IsValid() || winner.IsValid() && winner.String() != c.winner {
					t.Errorf("winner %v, want %q", winner, c.winner)
				}
				finding, _ := q.conclude(ctx, winner, replies, c.agree)
				last := finding.Answers[len(finding.Answers)-1]
				said := last.Problem
				if last.Said.IsValid() {
					said = last.Said.String()
				}
				if last.Kind != RouterSource || said != c.router || last.Cut {
					t.Errorf("router %+v", last)
				}
				warnings := strings.Join(suspicions(winner, finding.Answers), "\n")
				if winner.IsValid() && !strings.Contains(warnings, c.warning) || winner.IsValid() && c.warning == "" && warnings != "" {
					t.Errorf("warnings %q", warnings)
				}
			})
		})
	}
}

// The quorum did without the router, which was slow; what it said then is a warning all the same, in its own place.
func TestWhatASlowRouterSaysTakesItsPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		candidates := []candidate{
			{name: "router", kind: RouterSource, source: in(2500*ms, shared), crossCheck: true},
			{name: "one", kind: URLSource, source: in(100*ms, x)},
			{name: "two", kind: URLSource, source: in(100*ms, x)},
		}
		q := Query{Documentation: true, Agree: 2}
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		checks := startRouters(ctx, candidates, routerLimit)
		quorum := newQuorum(candidates, q.Agree, q.check)
		winner := quorum.run(ctx)
		before := quorum.replies()
		if winner.String() != x || len(before) != len(candidates) || !before[0].Cut {
			t.Fatalf("winner %v, replies %+v", winner, before)
		}
		finding, err := q.conclude(ctx, winner, merge(checks, before, q.check), q.Agree)
		if err != nil || len(finding.Answers) != len(candidates) || finding.Answers[0].Said.String() != shared || finding.Answers[0].Cut {
			t.Errorf("%v, %+v", err, finding.Answers)
		}
		if warnings := suspicions(winner, finding.Answers); len(warnings) != 1 || !strings.HasPrefix(warnings[0], "carrier NAT: ") {
			t.Errorf("warnings %q", warnings)
		}
	})
}

func TestSuspicionsWithoutAnAddress(t *testing.T) {
	answer := func(kind SourceKind, said string) Answer { return Answer{Kind: kind, Said: netip.MustParseAddr(said)} }
	answers := []Answer{answer(URLSource, private), answer(RouterSource, x), answer(RouterSource, shared), {Kind: RouterSource}}
	got := suspicions(netip.Addr{}, answers)
	if len(got) != 1 || !strings.HasPrefix(got[0], "carrier NAT: ") || strings.Contains(got[0], "invalid") {
		t.Errorf("%q", got)
	}
	if got := suspicions(netip.MustParseAddr(private), answers[:1]); got != nil {
		t.Errorf("a server was taken for a router: %q", got)
	}
}

func TestTheAdviceForCarrierNATIsPlainLines(t *testing.T) {
	lines := WhatWorksBehindCarrierNAT()
	all := strings.Join(lines, "\n")
	for _, word := range []string{"provider", "IPv6", "tunnel", "ip.allow"} {
		if !strings.Contains(all, word) {
			t.Errorf("nothing about %s", word)
		}
	}
	if slices.ContainsFunc(lines, func(l string) bool { return l == "" || strings.HasSuffix(l, ".") || strings.ContainsAny(l, "\n\x1b") }) {
		t.Errorf("%q", lines)
	}
}
