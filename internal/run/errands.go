package run

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"ddns-batch/internal/exitstatus"
	"ddns-batch/internal/notices"
	"ddns-batch/internal/report"
	"ddns-batch/internal/state"
)

// ErrandTime is how long each errand may take.
const ErrandTime = 30 * time.Second

var errLate = errors.New("did not finish within 30 s")

// WithErrandTime is a context for one errand, which ends with its time or with parent.
func WithErrandTime(parent context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(parent, ErrandTime, errLate)
}

// Errand is something that a run does for others when it has ended and given the lock back. Exactly one of Changed, Deliver
// and Ended is set. The error of each is why it was not done, and holds no secret; none outlives its context for long.
type Errand struct {
	// Name and Fault are those of a notices.SideMatter: "the on_change command /srv/restart", "the on_change command
	// failed".
	Name, Fault string
	// Where is its place in the YAML file. Check reports why it cannot be done, as far as that shows without doing it, and the
	// hint for that; the error is nil where nothing is known to be against it.
	Where string
	Check func() (hint string, err error)
	// Changed is called if records were confirmed at another address than before, in this run or in earlier ones whose changes
	// it did not take. To names it in the state.
	Changed func(ctx context.Context, c Changes) error
	// Deliver is called with lines of this and of earlier quiet runs that it did not get yet, and To names it as well.
	// OnlyTrouble leaves out changes of addresses.
	Deliver     func(ctx context.Context, lines []string) error
	To          string
	OnlyTrouble bool
	// Ended is called after every run. Begin, if it is set, was called before that, and did not wait for anything.
	Begin func()
	Ended func(ctx context.Context, e Ending) error
}

// Ending is how a run ended.
type Ending struct {
	report.Run
	// Planned: the run came as far as its plan.
	Planned bool
	// Passing: there is no address, and that is so recent that it may pass by itself.
	Passing bool
}

// Begin tells the errands that the run begins.
func (j Job) Begin() {
	for _, e := range j.Errands {
		if e.Begin != nil {
			e.Begin()
		}
	}
}

// post adds what a quiet run says to what its recipients did not get yet; changes are those lines that some of them do not
// want.
func (j Job) post(waiting []state.Undelivered, at time.Time, changes, lines []string, failure *Failure) []state.Undelivered {
	if !j.Quiet {
		return waiting
	}
	var all, some []string
	for _, e := range j.Errands {
		switch {
		case e.Deliver == nil:
		case e.OnlyTrouble:
			some = append(some, e.To)
		default:
			all = append(all, e.To)
		}
	}
	if failure != nil && failure.AlwaysPrint {
		var said bytes.Buffer
		_ = report.WriteError(&said, j.Machine+": ", failure.Report)
		lines = append(slices.Clip(lines), strings.Split(strings.TrimSuffix(said.String(), "\n"), "\n")...)
	}
	waiting = notices.Post(waiting, at, all, append(slices.Clip(changes), lines...))
	return notices.Post(waiting, at, some, lines)
}

// RunErrands does what is to be done for others after the run of r, and adds to r how that went. What could not be
// delivered stays in the state for the next run. A signal leaves a few seconds to all of it.
func (j Job) RunErrands(stop *Shutdown, r Report) Report {
	var wanted []Errand
	for _, e := range j.Errands {
		if e.Ended != nil || e.Changed != nil && len(r.changes.Names) > 0 || e.Deliver != nil && len(j.waitingFor(e, r)) > 0 {
			wanted = append(wanted, e)
		}
	}
	if len(wanted) == 0 {
		return r
	}
	var side []notices.SideMatter
	var delivered []string
	ctx, cancel := stop.errands()
	defer cancel()
	for i, err := range j.errands(ctx, wanted, r) {
		e := wanted[i]
		m := notices.SideMatter{Name: e.Name}
		switch {
		case err != nil && ctx.Err() != nil:
			// That was the signal's doing.
			continue
		case err != nil:
			m.Fault, m.Cause = e.Fault, err.Error()
		case e.To != "":
			delivered = append(delivered, e.To)
			r.delivered = r.delivered || e.Deliver != nil
		}
		j.Events.Errand(m)
		side = append(side, m)
	}
	r.Side = append(r.Side, side...)
	return j.rememberErrands(r, side, delivered)
}

func (j Job) waitingFor(e Errand, r Report) []string {
	if !j.Quiet {
		return nil
	}
	return notices.For(e.To, r.undelivered, r.began, j.Local)
}

// errands does all at the same time, and returns why each was not done.
func (j Job) errands(parent context.Context, wanted []Errand, r Report) []error {
	failed := make([]error, len(wanted))
	var all sync.WaitGroup
	for i, e := range wanted {
		all.Go(func() {
			ctx, cancel := WithErrandTime(parent)
			defer cancel()
			switch {
			case e.Changed != nil:
				failed[i] = e.Changed(ctx, r.changes)
			case e.Deliver != nil:
				failed[i] = e.Deliver(ctx, j.waitingFor(e, r))
			default:
				failed[i] = e.Ended(ctx, j.ending(r))
			}
		})
	}
	all.Wait()
	return failed
}

func (j Job) ending(r Report) Ending {
	e := Ending{Run: r.Run, Planned: r.Planned}
	if r.ExitStatus == exitstatus.NoAddress {
		since := notices.NoAddressSince(r.notices, j.Config.Path)
		e.Passing = since.IsZero() || r.began.Sub(since) < notices.PassingFor
	}
	return e
}

// rememberErrands saves what became of the errands, if that is new, and adds what a quiet run has to say of it.
func (j Job) rememberErrands(r Report, side []notices.SideMatter, delivered []string) Report {
	in := notices.Run{Now: r.began, Machine: j.Machine, Quiet: j.Quiet, Location: j.Local}
	lines, open := notices.ReportSide(in, r.notices, side)
	r.Lines = append(r.Lines, lines...)
	if !r.remembers || len(delivered) == 0 && notices.Equal(open, r.notices) {
		return r
	}
	j.amend(func(s *state.Snapshot) {
		_, s.Notices = notices.ReportSide(in, s.Notices, side)
		s.Undelivered = notices.Without(s.Undelivered, j.offered(r), delivered)
		in.Quiet = false
		_, r.unreported = notices.ReportSide(in, r.unreported, side)
	})
	return r
}
