package run

import (
	"time"

	"ddns-batch/internal/notices"
	"ddns-batch/internal/plan"
	"ddns-batch/internal/provider/namecheap"
	"ddns-batch/internal/record"
	"ddns-batch/internal/report"
	"ddns-batch/internal/state"
)

// Report is how a run ended.
type Report struct {
	report.Run
	// Planned: the run came as far as its plan.
	Planned bool
	// Lines are what a quiet run has to say.
	Lines []string
	// Failure is what ended the run before its plan, or in place of it; nil if it completed all its steps.
	Failure *Failure
	// Side is how the side matters of the run went.
	Side []notices.SideMatter

	began               time.Time
	reported            bool
	notices, unreported []state.Notice
	// changes and undelivered are what errands are about. remembers means that the state remembers them, delivered that
	// somebody has received the lines.
	changes              Changes
	undelivered          []state.Undelivered
	remembers, delivered bool
}

// Failed is the report of a run that ended with f before it began.
func Failed(f *Failure, j Job) Report {
	e := end{status: f.Status, undelivered: j.post(nil, time.Time{}, nil, nil, f)}
	if j.Log != nil {
		e.side = append(e.side, j.Log())
	}
	return j.report(attempt{failure: f}, remembered{failure: f}, nil, e)
}

func (j Job) report(a attempt, r remembered, served []waited, e end) Report {
	out := Report{
		Run: report.Run{
			DryRun: j.DryRun, Sandbox: j.Target != nil && j.Target.Sandbox(), Config: j.ConfigPath, State: j.State,
			Address: a.address, Given: j.Address.IsValid(), Sources: sources(a.finding), StartedAt: j.Started, Took: j.Now().Sub(j.Started),
			ExitStatus: e.status, Waited: byRecord(served), Program: j.Program, Provider: namecheap.Name,
		},
		Planned: a.planned, Lines: append(r.lines, e.lines...), Failure: r.failure, Side: e.side,
		began: a.before.began.Round(0).UTC(), reported: r.reported, notices: e.notices, unreported: e.unreported,
		changes: j.pendingChanges(e.undelivered, a.changes(served), a.sent.after.Records), undelivered: e.undelivered, remembers: e.remembers,
	}
	if a.planned {
		out.Records = a.records
		out.LastChange = lastChange(a.plan, a.sent.after)
	}
	if r.failure != nil {
		out.Error = &r.failure.Report
	}
	return out
}

// lastChange is when a planned record last changed its address; zero if that is not known.
func lastChange(p plan.Plan, s state.Snapshot) time.Time {
	var last time.Time
	planned := make(map[record.Name]bool, len(p.Steps))
	for _, step := range p.Steps {
		planned[step.Name] = true
	}
	for i := range s.Records {
		r := &s.Records[i]
		if n := len(r.History); n > 0 && planned[r.Name()] && r.History[n-1].At.After(last) {
			last = r.History[n-1].At
		}
	}
	return last
}
