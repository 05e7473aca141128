package run

import (
	"slices"

	"ddns-batch/internal/decide"
	"ddns-batch/internal/exitstatus"
	"ddns-batch/internal/notices"
	"ddns-batch/internal/outcome"
	"ddns-batch/internal/provider/namecheap"
	"ddns-batch/internal/report"
	"ddns-batch/internal/state"
)

// remembered is what a run leaves in the state.
type remembered struct {
	// failure is what ended the run, or else that the results could not be saved.
	failure *Failure
	// lines are what a quiet run prints: changes are the lines about changes of addresses, trouble the others. reported
	// means that the state counts them as reported.
	lines, changes, trouble []string
	reported                bool
	// saved is what the disk holds as far as this run knows, and unreported are the notices that it would hold if this run
	// had reported nothing.
	saved state.Snapshot
	// lost means that the last save failed, so that the disk holds something older than saved, or the state was set aside.
	lost       bool
	unreported []state.Notice
}

// mayRemember reports whether this run holds the lock on a state that it could read.
func (j Job) mayRemember(l *lock, failure *Failure) bool {
	return l.held() && (failure == nil || failure == j.Refused || failure.Status == exitstatus.NoAddress)
}

// remember saves what the run learned, and what is new.
func (j Job) remember(l *lock, a attempt) remembered {
	r := remembered{failure: a.failure, saved: a.before.snapshot}
	if !j.mayRemember(l, a.failure) {
		return r
	}
	in := j.notices(a)
	var open []state.Notice
	r.reported = true
	r.lines, open = notices.Report(in)
	if j.Refused != nil {
		// This failure is printed as an error instead.
		r.failure = r.failure.printedIf(len(r.lines) > 0)
		r.lines = nil
	}
	notes := j.lostState(l, a)
	n := min(notices.Changes(in), len(r.lines))
	r.changes, r.trouble = r.lines[:n], slices.Concat(notes, r.lines[n:])
	r.lines = slices.Concat(notes, r.lines)
	if in.Quiet {
		in.Quiet = false
		_, r.unreported = notices.Report(in)
	}
	lost := a.sent.lost
	if a.planned && a.plan.Learns() || !notices.Equal(open, a.before.snapshot.Notices) {
		after := a.sent.after
		after.Notices = open
		if lost = l.Save(after); lost == nil {
			r.saved = after
		}
	}
	r.lost = lost != nil
	switch {
	case lost == nil:
	case a.failure == nil:
		r.failure = notRemembered(a.sent.results, lost)
	default:
		j.Events.Warn(notSaved, lost)
		// The time since when there is no address cannot be saved, so no later run would report the failure either.
		r.failure = a.failure.printedIf(true)
	}
	return r
}

// notRemembered is the failure of a run whose last save failed.
func notRemembered(results []decide.Result, lost error) *Failure {
	sent := slices.ContainsFunc(results, func(r decide.Result) bool { return r.Attempts > 0 })
	f := StateFailure(lost)
	if sent {
		f.Report.Message = "sent but not remembered: " + f.Report.Message
		f.Report.Hint = "until the state can be written, every run sends these records again"
	} else {
		f.Report.Message += "; nothing was sent"
		f.Report.Hint = "free some space or make it writable, or give --state FILE"
	}
	return f
}

// notices is what the notices of this run are made from.
func (j Job) notices(a attempt) notices.Run {
	in := notices.Run{
		Now: a.before.began, Machine: j.Machine, Quiet: j.Quiet, OnlyTrouble: j.OnlyTrouble, Location: j.Local, Config: j.Config.Path,
		Given: j.Address.IsValid(), Address: a.address, Records: a.records, Open: a.before.snapshot.Notices, After: a.sent.after,
		EnvFile: j.EnvFile, Provider: namecheap.Name, Hint: func(h outcome.Hint) string { return report.HintText(h, j.Program) },
	}
	switch {
	case a.failure == nil:
	case j.Refused != nil:
		in.Refused, in.EnvFault = true, j.EnvFault
	default:
		in.NoAddress = &notices.NoAddress{Message: a.failure.Report.Message, Hint: a.failure.Report.HintText(), AtOnce: !a.before.succeeded}
	}
	return in
}

// lostState are the lines of a quiet run about a state that could not be used.
func (j Job) lostState(l *lock, a attempt) []string {
	if !j.Quiet || !l.Lost() {
		return nil
	}
	var lines []string
	for _, note := range a.before.notes {
		lines = append(lines, j.Machine+": "+note)
	}
	return lines
}

const notSaved = "cannot save the state"

// save saves s, of which only notices are new. What cannot be saved as reported is reported again by the next run.
func (j Job) save(l *lock, s state.Snapshot) {
	if err := l.Save(s); err != nil {
		j.Events.Warn(notSaved, err)
	}
}
