// Package run is one batch run as a sequence of values: what a step finds out is handed to the next, and no step changes
// what an earlier one found. It prints nothing, logs nothing and does not exit; package cli does, with what Do returns.
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
	// Records are those of the YAML file, in its order. Selected are the indexes of those that the run is about.
	Records  []Record
	Selected []int
	// Target is not closed by the run.
	Target Target
	// Authorities are the certificate authorities that are trusted, to be remembered; nil where nobody is.
	Authorities *roots.Authorities
	// Refused is why nothing can be sent, whatever the state holds: the env file is faulty, or no selected record has a
	// password. nil: there is something to send.
	Refused *Failure
	// EnvFile is the env file; empty: there is none. EnvFault is what is wrong with it, for Refused.
	EnvFile, EnvFault string
	// State is the path of the state file.
	State string
	// Address is the one given by --ip; invalid: the sources are asked.
	Address netip.Addr
	// DryRun: nothing is sent or written, and no lock is taken. Detailed: one with something to send has a status of its
	// own.
	DryRun, Detailed bool
	// Force sends every record, Retry also those that a pause holds; see plan.Input.
	Force, Retry bool
	// Verify asks the name servers what is published. Wait is how long to wait for them to serve what was sent.
	Verify bool
	Wait   time.Duration
	// Quiet: what is new is to be reported; OnlyTrouble leaves out changes of addresses.
	Quiet, OnlyTrouble bool
	// Files are written for others after the run.
	Files []File
	// Errands are done after the run, by RunErrands.
	Errands []Errand
	// Log is how the log went, for the end of the run; nil where that is no side matter.
	Log func() notices.SideMatter

	// Started is when the command started, from which the run's timeout counts. Now is the clock.
	Started time.Time
	Now     func() time.Time
	// Machine is the name of this machine, Local the zone of the times in notices.
	Machine string
	Local   *time.Location
	// Guide says what to do about each class of failure.
	Guide outcome.Guide
	// WrongClock is a hint where this machine's clock is surely wrong; empty otherwise.
	WrongClock string
	// Program is how the program is called in commands to type.
	Program []string
	Events  Events
}

// Events are called while a run goes on. None may be nil.
type Events struct {
	// Warn: something went wrong, and nothing fails because of it.
	Warn func(message string, err error)
	// Heard: the sources have answered.
	Heard func(publicip.Finding)
	// Sending tells how many updates there are, before the first. Answered tells of each that was sent, once there is an
	// answer or none is waited for any longer; one at a time. Sent tells that there will be no more of them.
	Sending  func(updates int)
	Answered func(plan.Step, decide.Result)
	Sent     func()
	// Ended tells how the run ended, before it is known how its log went.
	Ended func(Result)
	// Errand tells how an errand went.
	Errand func(notices.SideMatter)
}

// Result is how a run ended, for a log.
type Result struct {
	Status  exitstatus.Status
	Records int
	Address netip.Addr
	Failure *Failure
	Side    []notices.SideMatter
}

// Do makes one run. When it returns nothing is under way any more, and the lock is given back.
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

// attempt is what a run came to, as far as it came.
type attempt struct {
	before  memory
	finding publicip.Finding
	address netip.Addr
	// planned: there is a plan. sent is what came of it, and records how each of its records stands now.
	planned bool
	plan    plan.Plan
	sent    sent
	records []outcome.Record
	// failure is why not all parts were gone through; nil if they were.
	failure *Failure
}

// attempt goes through the parts of a run in the order in which their errors count. Others are asked while the state is
// read.
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
