// Package run makes one batch run as a sequence of values: each step gets the results of the steps before it and changes
// none of them. It prints nothing, logs nothing and does not exit; package cli does that with what Do returns.
package run

import (
	"net/netip"
	"time"

	"ddns-batch/internal/config"
	"ddns-batch/internal/decide"
	"ddns-batch/internal/exitstatus"
	"ddns-batch/internal/notices"
	"ddns-batch/internal/outcome"
	"ddns-batch/internal/plan"
	"ddns-batch/internal/publicip"
	"ddns-batch/internal/record"
	"ddns-batch/internal/roots"
)

// Job is what a run is asked to do.
type Job struct {
	// Config is the configuration, as the flags changed it.
	Config *config.Config
	// ConfigPath is the YAML file, also one that could not be understood; empty where there is none.
	ConfigPath string
	// Records are those of the YAML file, in its order. Selected are the indexes of the records that the run is about.
	Records  []Record
	Selected []int
	// Target is not closed by the run.
	Target Target
	// Authorities verify servers, and are remembered; nil if there are none.
	Authorities *roots.Authorities
	// Refused is why nothing can be sent, whatever the state holds: the env file is faulty, or no selected record has a
	// password. It is nil if there is something to send.
	Refused *Failure
	// EnvFile is the env file; empty if there is none. EnvFault is what is wrong with it, for Refused.
	EnvFile, EnvFault string
	// State is the path of the state file.
	State string
	// Address is the address given by --ip; if it is invalid, the sources are asked.
	Address netip.Addr
	// DryRun means that nothing is sent or written, and no lock is taken. With Detailed, a dry run with something to send
	// has an exit status of its own.
	DryRun, Detailed bool
	// Force sends every record, Retry also those that a pause holds; see plan.Input.
	Force, Retry bool
	// Verify asks the name servers what is published. Wait is how long to wait for them to serve what was sent.
	Verify bool
	Wait   time.Duration
	// Quiet means that only what is new is reported. OnlyTrouble leaves out changes of addresses.
	Quiet, OnlyTrouble bool
	// Files are written for others after the run.
	Files []File
	// Errands are done after the run, by RunErrands.
	Errands []Errand
	// Log returns how writing the log went, at the end of the run; nil if the log is no side matter.
	Log func() notices.SideMatter

	// Started is when the command started, from which the run's timeout counts. Now is the clock.
	Started time.Time
	Now     func() time.Time
	// Machine is the name of this machine, Local the zone of the times in notices.
	Machine string
	Local   *time.Location
	// Guide says what to do about each class of failure.
	Guide outcome.Guide
	// WrongClock is a hint if this machine's clock is certainly wrong; empty otherwise.
	WrongClock string
	// Program is how to call the program in commands that the user is to type.
	Program []string
	Events  Events
}

// Events are called during a run. None may be nil.
type Events struct {
	// Warn reports a problem that does not make the run fail.
	Warn func(message string, err error)
	// Heard is called when the sources have answered.
	Heard func(publicip.Finding)
	// Sending is called with the number of updates, before the first is sent. Answered is called for each update that was
	// sent, when it is answered or no longer waited for; the calls do not overlap. Sent is called when no more updates
	// follow.
	Sending  func(updates int)
	Answered func(plan.Step, decide.Result)
	Sent     func()
	// Ended is called at the end of the run, before it is known how writing its log went.
	Ended func(Result)
	// Errand is called when an errand has ended.
	Errand func(notices.SideMatter)
}

// Result is how a run ended, for the log.
type Result struct {
	Status  exitstatus.Status
	Records int
	Address netip.Addr
	Failure *Failure
	Side    []notices.SideMatter
}

// Do makes one run. When it returns, nothing is running any more and the lock is released.
func Do(stop *Shutdown, j Job) Report {
	if j.Refused != nil {
		return j.refuse(stop)
	}
	l, failure := j.acquire(stop)
	if failure != nil {
		j.Events.Ended(Result{Status: failure.Status, Failure: failure})
		return Failed(failure, j)
	}
	defer l.release()
	a := j.attempt(stop, l)
	r := j.remember(l, a)
	w := j.wait(stop, l, a)
	e := j.end(l, a, r, w, j.status(stop, a, r, w))
	l.release()
	return j.report(a, r, w, e)
}

// attempt is what a run achieved, up to the step that it reached.
type attempt struct {
	before  memory
	finding publicip.Finding
	address netip.Addr
	// planned means that there is a plan. sent is the result of sending it, and records is how each of its records stands
	// now.
	planned bool
	plan    plan.Plan
	sent    sent
	records []outcome.Record
	// failure is why the run did not complete all steps; nil if it did.
	failure *Failure
}

// attempt goes through the steps of a run in the order in which their errors count. Sources and name servers are asked while
// the state is read.
func (j Job) attempt(stop *Shutdown, l *lock) (a attempt) {
	last := j.lastRun()
	j.Authorities.Expect(last.Authorities)
	asked := j.ask(stop)
	defer asked.end()
	if a.before, a.failure = j.recall(stop, l, last); a.failure != nil {
		return a
	}
	a.sent.after = a.before.snapshot
	if a.finding, a.address, a.failure = j.locate(stop, asked); a.failure != nil {
		return a
	}
	targets := TargetsOf(j.selected(), a.before.snapshot, !j.DryRun)
	a.planned, a.plan = true, j.plan(a.before, targets, a.address, asked.observed())
	// This is the one place where a dry run differs: nothing is sent.
	switch {
	case j.DryRun:
	case a.plan.Updates() > 0:
		a.sent, a.failure = j.send(stop, l, a.before, a.plan)
	default:
		a.sent.after = j.learn(a.before, a.plan, make([]decide.Result, len(a.plan.Steps)))
	}
	a.records = j.outcomes(a, targets)
	return a
}

// plan decides what to do with each record.
func (j Job) plan(m memory, t Targets, address netip.Addr, observed map[record.Name]plan.Observation) plan.Plan {
	return plan.Build(plan.Input{
		Now: m.began, Address: address, Targets: t.All, State: m.snapshot,
		RefreshAfter: j.Config.RefreshAfter, Force: j.Force, Retry: j.Retry, Observed: observed,
	})
}

// outcomes is how each record of the plan stands.
func (j Job) outcomes(a attempt, t Targets) []outcome.Record {
	in := outcome.Input{
		Plan: a.plan, DryRun: j.DryRun, Results: a.sent.results, After: a.sent.after,
		PasswordFrom: t.From, PasswordOdd: t.Odd, Unread: t.Unread, Guide: j.Guide,
	}
	if a.failure != nil {
		in.Stopped = a.failure.Report.Message
	}
	return outcome.Of(in)
}
