package run

import (
	"net/netip"
	"slices"
	"time"

	"ddns-batch/internal/exitstatus"
	"ddns-batch/internal/notices"
	"ddns-batch/internal/outcome"
	"ddns-batch/internal/pause"
	"ddns-batch/internal/plan"
	"ddns-batch/internal/provider/namecheap"
	"ddns-batch/internal/record"
	"ddns-batch/internal/report"
	"ddns-batch/internal/state"
)

// File is a file that is written for others after a run.
type File struct {
	// Kind and Path name it: "the report_file" and "/srv/ddns.html".
	Kind, Path string
	// NeedsAddress: it is not written where no address was found.
	NeedsAddress bool
	// Write writes it.
	Write func(Aftermath) error
}

// Aftermath is what a run leaves to be shown.
type Aftermath struct {
	// Records is how all records stand by what is remembered after the run, whichever it was about.
	Records report.Status
	// Address is the external address; invalid if the run did not get to know it.
	Address netip.Addr
	Took    time.Duration
}

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

// end is what a run leaves for others.
type end struct {
	status exitstatus.Status
	// side is how the side matters went, lines what a quiet run has to say about them.
	side  []notices.SideMatter
	lines []string
	// notices and undelivered are what the state holds then, if it remembers anything of this run; unreported are the notices
	// that it would hold if this run had reported nothing.
	remembers           bool
	notices, unreported []state.Notice
	undelivered         []state.Undelivered
}

// end notes how the run ended, writes the files for others, and remembers how that went.
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
		// While the lock was given back another run may have saved.
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

// moved reports whether a record was confirmed at another address than before.
func (a attempt) moved() bool {
	for i, r := range a.sent.results {
		if step := a.plan.Steps[i]; r.Confirmed() && step.From.IsValid() && step.From != step.To {
			return true
		}
	}
	return false
}

const notWrittenDown = "cannot record how this run ended"

func noteMatter(err error) notices.SideMatter {
	m := notices.SideMatter{Name: "last-run.json"}
	if err != nil {
		m.Fault, m.Cause = notWrittenDown, err.Error()
	}
	return m
}

// allRecords is how all records stand by what is remembered after the run, whichever it was about.
func (j Job) allRecords(a attempt, failure *Failure, last state.LastRun) report.Status {
	s := StatusOf(outcome.Memory{
		Now: j.Now(), Snapshot: a.sent.after, LastRun: last, Endpoint: j.Target.Endpoint(), RefreshAfter: j.Config.RefreshAfter, Guide: j.Guide,
	}, j.Records, true, j.Config.Path, j.State, j.Program)
	if a.before.began.IsZero() && failure != nil {
		s.Unreadable = &failure.Report
	}
	return s
}

// StatusOf is how records stand by what m remembers, as a report shows it. m needs no targets: records are those, with
// their passwords, as a run that sends has them or one that does not; see TargetsOf.
func StatusOf(m outcome.Memory, records []Record, sending bool, config, path string, program []string) report.Status {
	t := TargetsOf(records, m.Snapshot, sending)
	m.Targets, m.PasswordFrom, m.PasswordOdd, m.Unread = t.All, t.From, t.Odd, t.Unread
	return report.Status{
		State: path, Config: config, Now: m.Now, LastRun: m.LastRun, Endpoint: m.Snapshot.Endpoint, Blocked: m.Snapshot.Blocked,
		Expected: m.Expected(), Records: outcome.FromState(m), Program: program, Provider: namecheap.Name,
	}
}

// Report is how a run ended.
type Report struct {
	report.Run
	// Planned: the run came as far as its plan.
	Planned bool
	// Lines are what a quiet run has to say.
	Lines []string
	// Failure is what ended the run before or instead of its plan; nil if it went through all its parts.
	Failure *Failure
	// Side is how the side matters of the run went.
	Side []notices.SideMatter

	began               time.Time
	reported            bool
	notices, unreported []state.Notice
	// What errands are about, and what came of them: changes, and lines that somebody has not got yet. remembers: the state
	// remembers them. delivered: somebody got the lines.
	changes              Changes
	undelivered          []state.Undelivered
	remembers, delivered bool
}

// Failed is the report of a run that f ended before it began.
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
		changes: j.untold(e.undelivered, a.changes(served), a.sent.after.Records), undelivered: e.undelivered, remembers: e.remembers,
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
