package main

import (
	"errors"
	"fmt"
	"net/netip"
	"runtime/debug"
	"slices"
	"time"

	"github.com/sirupsen/logrus"

	"ddns-batch/internal/config"
	"ddns-batch/internal/decide"
	"ddns-batch/internal/pause"
	"ddns-batch/internal/plan"
	"ddns-batch/internal/publicip"
	"ddns-batch/internal/record"
	"ddns-batch/internal/report"
	"ddns-batch/internal/state"
)

// batch is one run over all selected records, from the flags to the exit status.
type batch struct {
	*app
	log     *logrus.Logger
	started time.Time
	// began is the time that counts for what is remembered. It is taken when the lock is had: by the time before the wait
	// for another run, what that one confirmed would lie in the future.
	began time.Time
	stop  *stopper

	config    *config.Config
	selected  []int             // the records of config that this run is about; steps and results go by these
	passwords *config.Passwords // nil in the sandbox, which has its own
	place     place

	path   string      // of the state
	lock   *state.Lock // nil in a dry run
	before state.Snapshot
	notes  []string // on what was read
	// asked waits for what the sources say, observed for what the name servers publish. They are nil before anything is
	// asked, asked with --ip as well.
	asked    func() (publicip.Finding, error)
	observed func() map[record.Name]plan.Observation
	finding  publicip.Finding
	address  netip.Addr

	targets targets // by step
	plan    plan.Plan
	planned bool
	results []decide.Result
	after   state.Snapshot
	waited  map[int]report.Waited // by step
	// lost is why what was sent could not be remembered.
	lost error
}

// How much garbage, in percent of what is in use, is made before it is collected. Most runs have nothing to do, and are
// over before it would pay. One that sends goes back to what is usual, or below: what is in use grows with the number of
// records under way, by an answer and the buffers of a connection each, and all of it must stay under 64 MiB.
const (
	unhurried = 400
	usual     = 100
	crowded   = 50

	crowd = 64 // records at a time, above which it is crowded
)

// batch is the command without a subcommand: what cron calls.
func (a *app) batch() error {
	if err := a.checkFlags(); err != nil {
		return err
	}
	log, closeLog, err := a.log.open(a.stderr, a.quiet > 0)
	if err != nil {
		return err
	}
	defer closeLog()
	defer debug.SetGCPercent(debug.SetGCPercent(unhurried))
	b := &batch{app: a, log: log, started: a.now()}
	err = b.run()
	if b.lock != nil {
		defer func() { _ = b.lock.Release() }()
	}
	if b.place != nil {
		defer b.place.close()
	}
	if b.stop != nil {
		// Waiting for what was asked comes after close, which ends it.
		defer b.awaitAsked()
		defer b.stop.close()
	}
	var f *fatal
	if err != nil && !errors.As(err, &f) {
		f = stateTrouble(err)
	}
	return b.finish(f)
}

// run goes through the parts of a run in the order in which their errors count.
func (b *batch) run() error {
	for _, part := range []func() error{b.configure, b.resolvePasswords, b.open, b.locate, b.decide, b.apply} {
		if err := part(); err != nil {
			return err
		}
	}
	return nil
}

// configure reads the YAML file, or makes its like from --domain, and starts the clock of the run.
func (b *batch) configure() error {
	var err error
	if b.config, err = b.loadConfig(); err != nil {
		return err
	}
	if b.changed("concurrency") {
		b.config.Concurrency = b.concurrency
	}
	if b.changed("timeout") {
		b.config.Timeout = b.timeout
	}
	if b.selected, err = selectRecords(b.config.Records, b.only); err != nil {
		return err
	}
	if b.place, err = b.choosePlace(b.config); err != nil {
		return err
	}
	if b.ip != "" {
		if b.address, err = netip.ParseAddr(b.ip); err != nil || !b.address.Is4() {
			return usage(fmt.Sprintf("--ip %q is not an IPv4 address", b.ip), "give four numbers, as in --ip 93.184.216.34")
		}
	}
	b.stop = newStopper(b.signals, b.config.Timeout-b.now().Sub(b.started))
	return nil
}

// lockWait is how long a run waits for another to end.
const lockWait = 10 * time.Second

// open takes the lock, begins to ask for the address, and reads the state meanwhile. A dry run does neither wait nor
// write.
func (b *batch) open() error {
	var err error
	if b.path, err = b.statePath(b.config); err != nil {
		return err
	}
	if !b.dryRun {
		if b.lock, err = state.Acquire(b.stop.begin, b.path, lockWait, b.now); err != nil {
			return b.noState(err)
		}
	}
	b.asked, b.observed = b.ask(), b.observe()
	if b.dryRun {
		b.before, b.notes, err = state.Read(b.path)
	} else {
		b.before, b.notes, err = b.lock.Load()
	}
	if err != nil {
		return b.noState(err)
	}
	for _, note := range b.notes {
		b.log.WithField("state", b.path).Warn(note)
	}
	b.began = b.now()
	b.before = b.before.Rebase(b.place.endpoint())
	b.after = b.before
	return nil
}

// noState is the end of a run that cannot have the state.
func (b *batch) noState(err error) error {
	if b.stop.status() != 0 {
		return b.interrupted()
	}
	f := stateTrouble(err)
	var held *state.HeldError
	f.live = errors.As(err, &held)
	return f
}

// interrupted is the end of a run that a signal ended before its plan.
func (b *batch) interrupted() error {
	return &fatal{status: b.stop.status(), report: report.Error{Message: "interrupted; nothing was sent"}}
}

// locate finds the external address.
func (b *batch) locate() error {
	if b.address.IsValid() {
		q := b.place.query()
		if err := publicip.Check(b.address, q.Allow, q.Documentation); err != nil {
			return b.noAddress(err)
		}
		return nil
	}
	var err error
	b.finding, err = b.asked()
	b.logAnswers()
	if err != nil {
		return b.noAddress(err)
	}
	b.address = b.finding.Address
	return nil
}

// decide makes the plan.
func (b *batch) decide() error {
	b.targets = b.targetsOf(b.config, b.selected, b.passwords, b.before, !b.dryRun)
	b.plan = plan.Build(plan.Input{
		Now: b.began, Address: b.address, Targets: b.targets.all, State: b.before,
		RefreshAfter: b.config.RefreshAfter, Force: b.force, Retry: b.retry, Observed: b.observed(),
	})
	b.planned = true
	return nil
}

// cutShort reports whether the end of the run left a record out or unanswered.
func (b *batch) cutShort() bool {
	return b.stop.finish.Err() != nil || slices.ContainsFunc(b.results, func(r decide.Result) bool { return r.For == pause.OfRun })
}
