package run

import (
	"net/netip"
	"time"

	"ddns-batch/internal/outcome"
	"ddns-batch/internal/provider/namecheap"
	"ddns-batch/internal/report"
	"ddns-batch/internal/state"
)

// File is a file that is written for other programs after a run.
type File struct {
	// Kind and Path name it: "the report_file" and "/srv/ddns.html".
	Kind, Path string
	// NeedsAddress means that it is not written if no address was found.
	NeedsAddress bool
	// Write writes it.
	Write func(Aftermath) error
}

// Aftermath is what files are written from after a run.
type Aftermath struct {
	// Records is how all records stand by what is remembered after the run, including those that the run was not about.
	Records report.Status
	// Address is the external address; invalid if the run did not find it.
	Address netip.Addr
	Took    time.Duration
}

// allRecords is how all records stand by what is remembered after the run, including those that the run was not about.
func (j Job) allRecords(a attempt, failure *Failure, last state.LastRun) report.Status {
	s := StatusOf(outcome.Memory{
		Now: j.Now(), Snapshot: a.sent.after, LastRun: last, Endpoint: j.Target.Endpoint(), RefreshAfter: j.Config.RefreshAfter, Guide: j.Guide,
	}, j.Records, true, j.Config.Path, j.State, j.Program)
	if a.before.began.IsZero() && failure != nil {
		s.Unreadable = &failure.Report
	}
	return s
}

// StatusOf arranges what m remembers about records for a report. It fills in the targets of m itself: records are given with
// their passwords, and sending says whether they are those of a run that sends; see TargetsOf.
func StatusOf(m outcome.Memory, records []Record, sending bool, config, path string, program []string) report.Status {
	t := TargetsOf(records, m.Snapshot, sending)
	m.Targets, m.PasswordFrom, m.PasswordOdd, m.Unread = t.All, t.From, t.Odd, t.Unread
	return report.Status{
		State: path, Config: config, Now: m.Now, LastRun: m.LastRun, Endpoint: m.Snapshot.Endpoint, Blocked: m.Snapshot.Blocked,
		Expected: m.Expected(), Records: outcome.FromState(m), Program: program, Provider: namecheap.Name,
	}
}
