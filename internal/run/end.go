package run

import (
	"slices"

	"ddns-batch/internal/exitstatus"
	"ddns-batch/internal/notices"
	"ddns-batch/internal/state"
)

// end is what the end of a run leaves behind.
type end struct {
	status exitstatus.Status
	// side is how the side matters went, and lines are the lines of a quiet run about them.
	side  []notices.SideMatter
	lines []string
	// notices and undelivered are what the state holds after the run, if remembers is set; unreported are the notices that
	// it would hold if this run had reported nothing.
	remembers           bool
	notices, unreported []state.Notice
	undelivered         []state.Undelivered
}

// end notes how the run ended, writes the files for other programs, and remembers how that went.
func (j Job) end(l *lock, a attempt, r remembered, served []waited, status exitstatus.Status) end {
	e := end{status: status, unreported: r.unreported, undelivered: j.post(nil, a.before.began, r.changes, r.trouble, r.failure)}
	result := Result{Status: status, Records: len(a.plan.Steps), Address: a.address, Failure: r.failure}
	if !l.held() {
		j.Events.Ended(result)
		return e
	}
	last := state.LastRun{
		EndedAt: j.Now(), Status: int(status), Address: a.address, Machine: j.Machine, Authorities: j.Authorities.Proven(),
	}
	if a.moved() {
		last.MovedTo = a.address
	}
	last, err := l.WriteLastRun(last)
	e.side = append(e.side, noteMatter(err))
	if len(j.Files) > 0 {
		after := Aftermath{Records: j.allRecords(a, r.failure, last), Address: a.address, Took: j.Now().Sub(j.Started)}
		for _, f := range j.Files {
			if after.Address.IsValid() || !f.NeedsAddress {
				e.side = append(e.side, notices.FileMatter(f.Kind, f.Path, f.Write(after)))
			}
		}
	}
	result.Side = e.side
	j.Events.Ended(result)
	if j.Log != nil {
		e.side = append(e.side, j.Log())
	}
	if !j.mayRemember(l, a.failure) {
		return e
	}
	saved := r.saved
	if served != nil {
		// Another run may have saved while the lock was released.
		if saved, _, err = l.Load(); err != nil {
			return e
		}
	}
	in := j.notices(a)
	lines, open := notices.ReportSide(in, saved.Notices, e.side)
	in.Quiet = false
	_, e.unreported = notices.ReportSide(in, r.unreported, e.side)
	e.lines, e.notices = lines, open
	e.undelivered = j.post(saved.Undelivered, a.before.began, r.changes, slices.Concat(r.trouble, lines), r.failure)
	e.undelivered = j.postChanges(e.undelivered, a.before.began, a.changes(served))
	// After a save that failed the disk no longer claims what r.saved does: that was taken back before anything was sent.
	e.remembers = !r.lost
	if e.remembers && !(notices.Equal(open, saved.Notices) && slices.Equal(e.undelivered, saved.Undelivered)) {
		saved.Notices, saved.Undelivered = open, e.undelivered
		j.save(l, saved)
	}
	return e
}

const notWrittenDown = "cannot record how this run ended"

func noteMatter(err error) notices.SideMatter {
	m := notices.SideMatter{Name: "last-run.json"}
	if err != nil {
		m.Fault, m.Cause = notWrittenDown, err.Error()
	}
	return m
}
