package authdns

import (
	"context"
	"net/netip"
	"time"

	"ddns-batch/internal/record"
)

// longestPause is how many times q.Interval the pauses of Wait grow to.
const longestPause = 5

// Waited is what came of waiting for one name.
type Waited struct {
	// Observation is the last one; the hint about a wildcard is not looked for.
	Observation
	// Served: every server that was asked says exactly the address that was waited for.
	Served bool
	// Took is the time from the call of Wait to the answers that showed it; 0 if they did not.
	Took time.Duration
}

// Wait asks again and again until the name servers of every name serve want, or until ctx ends, which the caller must
// see to. A name is asked for until it is served. One silent server is enough to go on waiting: nobody knows what it
// serves, and every round gives it another chance.
//
// served, if not nil, is called once for each place in q.Names whose name is served, in the goroutine of the caller.
// The results are in the order of q.Names.
func Wait(ctx context.Context, q Query, want netip.Addr, served func(Waited)) []Waited {
	began := time.Now()
	s := newSurvey(q)
	results := make([]Waited, len(q.Names))
	open := make([]int, len(q.Names)) // places of names that are not served yet
	for i, name := range q.Names {
		open[i] = i
		results[i].Name = name
	}
	interval := q.Interval
	if interval <= 0 {
		interval = defaultInterval
	}
	for pause := interval; len(open) > 0; pause = min(pause*3/2, longestPause*interval) {
		names := make([]record.Name, len(open))
		for i, place := range open {
			names[i] = q.Names[place]
		}
		var still []int
		for i, o := range s.round(ctx, names, false) {
			w := &results[open[i]]
			// A round that was cut short knows less than the one before it.
			if o.Status != Unknown || w.At.IsZero() {
				w.Observation = o
			}
			if !o.serves(want) {
				still = append(still, open[i])
				continue
			}
			w.Served, w.Took = true, o.At.Sub(began)
			if served != nil {
				served(*w)
			}
		}
		open = still
		if len(open) == 0 || !sleep(ctx, pause) {
			break
		}
	}
	return results
}

// serves reports whether every server says address, and nothing else.
func (o Observation) serves(address netip.Addr) bool {
	for _, s := range o.Servers {
		if !s.Answer.Address().IsValid() || s.Answer.Address() != address {
			return false
		}
	}
	return len(o.Servers) > 0
}

// sleep waits for d; false if ctx ended first.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
