package run

import (
	"net/netip"

	"ddns-batch/internal/state"
)

// refuse is a run that can send nothing. It asks nobody for anything, and does not wait for another run: if it cannot have
// the lock at once, it writes nothing.
func (j Job) refuse(stop *Shutdown) Report {
	a := attempt{failure: j.Refused}
	l := &lock{}
	if j.State != "" {
		if held, err := state.Acquire(stop.Sending, j.State, 0, j.Now); err == nil {
			l.Lock = held
		}
	}
	defer l.release()
	if l.held() {
		var failure *Failure
		if a.before, failure = j.recall(stop, l, j.lastRun()); failure != nil {
			l.release()
		}
	}
	if l.held() {
		a.sent.after = a.before.snapshot
		if j.EnvFault == "" {
			targets := TargetsOf(j.selected(), a.before.snapshot, true)
			a.plan = j.plan(a.before, targets, netip.Addr{}, nil)
			a.records = j.outcomes(a, targets)
		}
	}
	r := j.remember(l, a)
	e := j.end(l, a, r, nil, j.Refused.Status)
	l.release()
	return j.report(a, r, nil, e)
}
