package authdns

import (
	"context"
	"net/netip"
	"slices"
	"time"

	"ddns-batch/internal/record"
)

// longestPause is how many times q.Interval the pauses of Wait grow to.
const longestPause = 5

// Waited is what came of waiting for one name.
type Waited struct {
	// Observation is the last one; the hint about a wildcard is not looked for.
	Observation
	// Served: every name server of the domain says exactly the address that was waited for.
	Served bool
	// Took is the time from the call of Wait to the answers that showed it; 0 if they did not.
	Took time.Duration
}

// Words is in one line what the servers say: once where all say the same, else what each says, and which could not be
// asked.
func (w Waited) Words() string {
	for _, s := range w.Servers {
		if !s.same(w.Answer) || !s.Status.Certain() {
			return quote(w.Servers)
		}
	}
	return w.Answer.Words()
}

// Wait asks again and again until all name servers of every name serve want, or until ctx ends, which the caller must
// see to. A name is asked for until it is served. One silent server is enough to go on waiting, or one whose address was
// not found: nobody knows what it serves, and every round gives it another chance.
//
// served, if not nil, is called once for each place in q.Names whose name is served, in the goroutine of the caller.
// The results are in the order of q.Names.
func Wait(ctx context.Context, q Query, want netip.Addr, served func(Waited)) []Waited {
	began := time.Now()
	s := newSurvey(q, maxServers)
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
			if !o.cutShort() || w.At.IsZero() {
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

// cutShort reports whether a server was not waited for.
func (o Observation) cutShort() bool {
	return o.Status == Unknown || slices.ContainsFunc(o.Servers, func(s ServerAnswer) bool { return s.Status == Unknown })
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
