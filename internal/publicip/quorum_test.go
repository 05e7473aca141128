package publicip

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// actor is a source that plays a part: after a while it says something, or it stays silent until it is cut off.
type actor struct {
	after  time.Duration
	says   string // an address; or what is wrong; empty: silent
	silent bool
	sulks  bool // being cut off, it complains of something else

	began time.Time
	askAt time.Duration // -1: never asked
}

func (a *actor) ask(ctx context.Context) (netip.Addr, Egress, error) {
	a.askAt = time.Since(a.began)
	after := a.after
	if a.silent {
		after = time.Hour
	}
	select {
	case <-ctx.Done():
		if a.sulks {
			return netip.Addr{}, Egress{}, errors.New("an empty reply")
		}
		return netip.Addr{}, Egress{}, ctx.Err()
	case <-time.After(after):
	}
	if address, err := netip.ParseAddr(a.says); err == nil {
		return address, Egress{}, nil
	}
	return netip.Addr{}, Egress{}, errors.New(a.says)
}

func in(after time.Duration, says string) *actor { return &actor{after: after, says: says} }
func silent() *actor                             { return &actor{silent: true} }

const (
	x  = "203.0.113.7"
	y  = "198.51.100.20"
	ms = time.Millisecond
)

func TestQuorum(t *testing.T) {
	const never = -1
	for _, c := range []struct {
		name   string
		agree  int
		actors []*actor
		asked  []time.Duration // when each was asked
		says   []string        // what came of it
		winner string
		took   time.Duration
	}{
		{"two that agree are enough, and the third is not asked", 2,
			[]*actor{in(100*ms, x), in(200*ms, x), in(0, x)},
			[]time.Duration{0, 0, never}, []string{x, x}, x, 200 * ms},
		{"a failure brings in the next at once", 2,
			[]*actor{in(100*ms, "503"), in(300*ms, x), in(50*ms, x)},
			[]time.Duration{0, 0, 100 * ms}, []string{"503", x, x}, x, 300 * ms},
		{"a disagreement brings in the next at once", 2,
			[]*actor{in(100*ms, x), in(200*ms, y), in(50*ms, y)},
			[]time.Duration{0, 0, 200 * ms}, []string{x, y, y}, y, 250 * ms},
		{"a disagreement brings in one, not all", 2,
			[]*actor{in(100*ms, x), in(200*ms, y), in(50*ms, x), in(0, x)},
			[]time.Duration{0, 0, 200 * ms, never}, []string{x, y, x}, x, 250 * ms},
		{"a slow one gets a substitute after 2 s and is cut off when it is not needed", 2,
			[]*actor{in(100*ms, x), silent(), in(100*ms, x)},
			[]time.Duration{0, 0, 2 * time.Second}, []string{x, "canceled", x}, x, 2100 * ms},
		{"what comes of being cut off is not held against a source", 2,
			[]*actor{in(100*ms, x), {silent: true, sulks: true}, in(100*ms, x)},
			[]time.Duration{0, 0, 2 * time.Second}, []string{x, "canceled", x}, x, 2100 * ms},
		{"just in time is not slow", 2,
			[]*actor{in(100*ms, x), in(1999*ms, x), in(0, x)},
			[]time.Duration{0, 0, never}, []string{x, x}, x, 1999 * ms},
		{"a slow one still counts", 2,
			[]*actor{in(100*ms, x), in(3*time.Second, x), silent()},
			[]time.Duration{0, 0, 2 * time.Second}, []string{x, x, "canceled"}, x, 3 * time.Second},
		{"a slow one that fails later does not bring in a second substitute", 2,
			[]*actor{in(100*ms, x), in(2500*ms, "503"), in(1500*ms, x), in(0, x)},
			[]time.Duration{0, 0, 2 * time.Second, never}, []string{x, "503", x}, x, 3500 * ms},
		{"the substitute of a slow one gets one as well", 2,
			[]*actor{in(100*ms, x), silent(), silent(), in(100*ms, x)},
			[]time.Duration{0, 0, 2 * time.Second, 4 * time.Second},
			[]string{x, "canceled", "canceled", x}, x, 4100 * ms},
		{"a source has 5 s", 2,
			[]*actor{in(0, x), silent()},
			[]time.Duration{0, 0}, []string{x, "no answer in 5 s"}, "", 5 * time.Second},
		{"all of them have 10 s", 1,
			[]*actor{silent(), silent(), silent(), silent(), silent(), silent(), silent()},
			[]time.Duration{0, 2 * time.Second, 4 * time.Second, 6 * time.Second, 8 * time.Second, never, never},
			[]string{"no answer in 5 s", "no answer in 5 s", "no answer in 5 s", "no answer in 4 s", "no answer in 2 s"},
			"", 10 * time.Second},
		{"a dissenting minority is outvoted", 3,
			[]*actor{in(0, x), in(0, y), in(0, x), in(100*ms, x)},
			[]time.Duration{0, 0, 0, 0}, []string{x, y, x, x}, x, 100 * ms},
		{"nobody agrees", 2,
			[]*actor{in(0, x), in(0, y), in(10*ms, "203.0.113.99")},
			[]time.Duration{0, 0, 0}, []string{x, y, "203.0.113.99"}, "", 10 * ms},
		{"a refused address is no vote", 2,
			[]*actor{in(0, "10.0.0.1"), in(0, "10.0.0.1"), in(50*ms, x), in(50*ms, x)},
			[]time.Duration{0, 0, 0, 0}, []string{"10.0.0.1 is a private address (10.0.0.0/8)",
				"10.0.0.1 is a private address (10.0.0.0/8)", x, x}, x, 50 * ms},
		{"one is enough if one is asked for", 1,
			[]*actor{in(70*ms, x), in(0, y)},
			[]time.Duration{0, never}, []string{x}, x, 70 * ms},
		{"more are asked for than there are", 3,
			[]*actor{in(70*ms, x), in(0, x)},
			[]time.Duration{0, 0}, []string{x, x}, "", 70 * ms},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				var candidates []candidate
				for _, a := range c.actors {
					a.began, a.askAt = began, never
					candidates = append(candidates, candidate{name: "actor", source: a})
				}
				quorum := newQuorum(candidates, c.agree, func(a netip.Addr, _ Egress) error { return Check(a, nil, true) })
				winner := quorum.run(t.Context())
				if took := time.Since(began); took != c.took {
					t.Errorf("took %v, want %v", took, c.took)
				}
				if (c.winner == "") == winner.IsValid() || winner.IsValid() && winner.String() != c.winner {
					t.Errorf("winner %v, want %q", winner, c.winner)
				}
				var asked []time.Duration
				for _, a := range c.actors {
					asked = append(asked, a.askAt)
				}
				if !slices.Equal(asked, c.asked) {
					t.Errorf("asked at %v, want %v", asked, c.asked)
				}
				var says []string
				for _, reply := range quorum.replies() {
					if says = append(says, reply.Problem); reply.Problem == "" {
						says[len(says)-1] = reply.Address.String()
					}
					if reply.Cut != (reply.Problem == "canceled") {
						t.Errorf("cut %v with problem %q", reply.Cut, reply.Problem)
					}
				}
				if !slices.Equal(says, c.says) {
					t.Errorf("said %q, want %q", says, c.says)
				}
			})
		})
	}
}

func TestTheCallersTimeIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 300*ms)
		defer cancel()
		began := time.Now()
		quorum := newQuorum([]candidate{{name: "actor", source: silent()}, {name: "actor", source: silent()}}, 1, func(netip.Addr, Egress) error { return nil })
		quorum.run(ctx)
		if took := time.Since(began); took != 300*ms {
			t.Errorf("took %v", took)
		}
		if replies := quorum.replies(); len(replies) != 1 || replies[0].Problem != "no answer in 300 ms" {
			t.Errorf("replies %+v", replies)
		}
	})
}

func TestTwoWinnersAtTheSameTimeAreNone(t *testing.T) {
	quorum := newQuorum([]candidate{{name: "one", source: silent()}, {name: "two", source: silent()}}, 1, func(netip.Addr, Egress) error { return nil })
	quorum.entries, quorum.running = make([]entry, 2), 2
	quorum.arrivals <- arrival{entry: 0, address: netip.MustParseAddr(x)}
	quorum.arrivals <- arrival{entry: 1, address: netip.MustParseAddr(y)}
	if winner := quorum.run(t.Context()); winner.IsValid() {
		t.Errorf("winner %v", winner)
	}
	if _, votes, tied := quorum.leader(); votes != 1 || !tied {
		t.Errorf("%d votes, tied %v", votes, tied)
	}
	if e := diagnose(quorum.replies(), 1); e.Kind != Disagreement || e.Message != "the sources say different addresses" {
		t.Errorf("%+v", e)
	}
}
