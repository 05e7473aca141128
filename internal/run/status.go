package run

import (
	"slices"

	"ddns-batch/internal/exitstatus"
	"ddns-batch/internal/outcome"
	"ddns-batch/internal/pause"
)

// status is the exit status. What stands first counts.
func (j Job) status(stop *Shutdown, a attempt, r remembered, served []waited) exitstatus.Status {
	late := slices.ContainsFunc(served, func(w waited) bool { return !w.Served })
	switch {
	case r.failure != nil:
		return r.failure.Status
	case stop.Status() != 0 && (cutShort(stop, a) || late):
		return stop.Status()
	case j.DryRun && j.Detailed && a.plan.Updates() > 0:
		return exitstatus.Pending
	case j.DryRun:
		return exitstatus.OK
	case !outcome.AllAsAsked(a.records) || late:
		return exitstatus.NotAsAsked
	default:
		return exitstatus.OK
	}
}

// cutShort reports whether the end of the run left a record out or unanswered.
func cutShort(stop *Shutdown, a attempt) bool {
	for _, r := range a.sent.results {
		if r.For == pause.OfRun {
			return true
		}
	}
	return stop.Waiting.Err() != nil
}
