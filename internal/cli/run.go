package cli

import (
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/sirupsen/logrus"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"ddns-batch/internal/config"
	"ddns-batch/internal/decide"
	"ddns-batch/internal/notices"
	"ddns-batch/internal/plan"
	"ddns-batch/internal/publicip"
	"ddns-batch/internal/report"
	"ddns-batch/internal/run"
)

// runOptions are the flags of a batch run.
type runOptions struct {
	dryRun, detailed  bool
	force, retry, all bool
	ip, ipFile        string
	quiet             int
	concurrency       int
	timeout           time.Duration
	sandbox           bool
	standIn           sandboxOptions
	verify            bool
	wait              time.Duration
	log               logOptions
}

// runCommand makes of root the command without a name: what cron calls.
func (a *app) runCommand(root *cobra.Command) {
	var o runOptions
	f := root.Flags()
	f.BoolVarP(&o.dryRun, "dry-run", "n", false, "show what would be sent and why; nothing is sent or written")
	f.BoolVar(&o.detailed, "detailed-exitcode", false, "with --dry-run: status 5 if something would be sent")
	f.BoolVar(&o.force, "force", false, "send every record, even if it is held, paused or blocked")
	f.BoolVar(&o.retry, "retry", false, "also send records that are held, but not those that are current")
	f.StringVar(&o.ip, "ip", "", "use this `ADDRESS` instead of asking the sources")
	f.CountVarP(&o.quiet, "quiet", "q", "for cron: print only what is new; -qq: only failures and recoveries")
	f.BoolVar(&o.all, "all", false, "also list the records that are kept")
	o.register(f)
	root.RunE = func(*cobra.Command, []string) error {
		defer a.stop.StartPrinting()
		return a.run(o)
	}
}

// register registers the flags that runs have in watch as well.
func (o *runOptions) register(f *pflag.FlagSet) {
	f.IntVar(&o.concurrency, "concurrency", config.Defaults().Concurrency, "send `N` updates at the same time; overrides the YAML")
	f.DurationVar(&o.timeout, "timeout", config.Defaults().Timeout, "`TIME` limit for the whole run, as in 90s or 2m; overrides the YAML")
	f.StringVar(&o.ipFile, "ip-file", "", "also write \"IP @ MM/DD/YYYY - HH:MM:SS\" to `FILE` after a run")
	f.BoolVar(&o.sandbox, "sandbox", false, "run against a built-in stand-in; no real DNS is touched, no password is needed")
	o.standIn.register(f)
	o.log.register(f)
	f.BoolVar(&o.verify, "verify", false, "ask the domains' own name servers what is published, and correct what differs")
	f.DurationVar(&o.wait, "wait", 0, "after the updates, wait up to `TIME` until the name servers serve the new address; implies --verify")
}

// checkRun refuses combinations that would not do what they say.
func (a *app) checkRun(o runOptions) error {
	switch {
	case o.detailed && !o.dryRun:
		return usage("--detailed-exitcode goes with --dry-run", "add --dry-run, or leave it out")
	case a.changed("concurrency") && (o.concurrency < 1 || o.concurrency > config.MaxConcurrency):
		return usage(fmt.Sprintf("--concurrency %d is out of range", o.concurrency), fmt.Sprintf("use 1 to %d", config.MaxConcurrency))
	case o.wait < 0:
		return usage(fmt.Sprintf("--wait %s is out of range", o.wait), "use a duration above 0, as in 2m")
	case a.changed("ip") && o.ip == "":
		return usage("--ip is empty", "give an address, as in --ip 93.184.216.34, or leave it out")
	case a.changed("ip-file") && o.ipFile == "":
		return usage("--ip-file is empty", "give a file, or leave it out")
	case a.changed("timeout") && o.timeout <= 0:
		return usage(fmt.Sprintf("--timeout %s is out of range", o.timeout), "use a duration above 0, as in 2m")
	}
	if err := o.standIn.check(o.sandbox); err != nil {
		return err
	}
	return o.log.check(a.changed)
}

// run makes one batch run, and prints how it ended.
func (a *app) run(o runOptions) error {
	started := a.Now()
	if o.quiet > 0 {
		a.prefix = a.machine() + ": "
	}
	if err := a.checkRun(o); err != nil {
		return err
	}
	if !o.sandbox {
		// Nothing that is asked can be trusted without them.
		a.authorities()
	}
	if a.changed("timeout") {
		a.timeLimit = o.timeout
	}
	in, err := a.open(o.sandbox)
	return exitStatus(a.runOn(o, in, err, started).ExitStatus)
}

// runOn makes one batch run of what was opened, or says why that cannot be run, and prints how it ended.
func (a *app) runOn(o runOptions, in installation, err error, started time.Time) run.Report {
	if clash := a.checkFiles(o, in); clash != nil {
		// Nothing may be written to any of them, not even this to the log.
		err, o.log.file = clash, ""
	}
	log, file := o.log.open(a.Stderr, a.Local, o.quiet > 0, a.stop.Printing)
	defer file.close()
	j := run.Job{
		Log: file.matter(), ConfigPath: in.path, State: in.state, Started: started, Now: a.Now, DryRun: o.dryRun,
		Quiet: o.quiet > 0, OnlyTrouble: o.quiet > 1, Events: a.events(o, log), Machine: a.machine(), Local: a.Local,
		Program: a.program(in.state, o.standIn.flags(o.sandbox)),
	}
	if err == nil {
		err = a.prepare(&j, o, in, log, file)
	} else if in.config != nil {
		j.Errands = deliveries(a.errands(o, in))
	}
	if j.Target != nil {
		defer j.Target.Close()
	}
	if err != nil {
		f := asFailure(err)
		j.Events.Ended(run.Result{Status: f.Status, Failure: f})
		r := j.RunErrands(a.stop, run.Failed(f, j))
		a.stop.StartPrinting()
		a.show(o, in, log, j, r)
		return r
	}
	a.stop.Start(in.config.Timeout - a.Now().Sub(started))
	defer a.stop.Cancel()
	j.Begin()
	r := j.RunErrands(a.stop, run.Do(a.stop, j))
	a.stop.StartPrinting()
	a.show(o, in, log, j, r)
	return r
}

// prepare adds to j what a run needs to know of the flags and of what the YAML file leads to.
func (a *app) prepare(j *run.Job, o runOptions, in installation, log *logrus.Logger, file *logFile) (err error) {
	if a.changed("concurrency") {
		in.config.Concurrency = o.concurrency
	}
	if a.changed("timeout") {
		in.config.Timeout = o.timeout
	}
	j.Config, j.Records, j.Authorities = in.config, in.records, a.trusted
	j.Detailed, j.Force, j.Retry = o.detailed, o.force, o.retry
	j.Verify, j.Wait = o.verify || o.wait > 0 || in.config.Verify, o.wait
	j.Files, j.Errands = a.sideFiles(o, in), a.errands(o, in)
	j.Guide, j.WrongClock = a.guide, a.wrongClock()
	if j.Selected, err = selectRecords(in.config.Records, a.only); err != nil {
		return err
	}
	a.caution(o, log, in.config.Warnings)
	target, err := a.target(o.sandbox, o.standIn, in)
	if err != nil {
		return err
	}
	j.Target = target
	if j.Address, err = parseIP(o.ip); err != nil {
		return err
	}
	j.EnvFile = in.config.EnvFile
	if in.passwords != nil {
		a.caution(o, log, in.passwords.Warnings)
	}
	if refused := in.refuses(j.Selected); refused != nil && !o.dryRun {
		j.Refused, j.EnvFault = refused.failure(), refused.envFault
		return nil
	}
	return in.stateErr
}

// caution shows what is worth a look and keeps nothing from being sent. A quiet run only logs it.
func (a *app) caution(o runOptions, log *logrus.Logger, warnings []string) {
	for _, warning := range warnings {
		if o.quiet > 0 {
			log.Warn(warning)
			continue
		}
		a.warn(report.Error{Message: warning})
		log.Info(warning)
	}
}

func parseIP(text string) (netip.Addr, error) {
	if text == "" {
		return netip.Addr{}, nil
	}
	address, err := netip.ParseAddr(text)
	if err != nil || !address.Is4() {
		return netip.Addr{}, usage(fmt.Sprintf("--ip %q is not an IPv4 address", text), "give four numbers, as in --ip 93.184.216.34")
	}
	return address, nil
}

// events logs what happens in a run, and shows how far a long one is.
func (a *app) events(o runOptions, log *logrus.Logger) run.Events {
	var shown *progress
	return run.Events{
		Warn: func(message string, err error) {
			if err != nil {
				log.WithField("error", err).Warn(message)
			} else {
				log.Warn(message)
			}
		},
		Heard:   func(f publicip.Finding) { logAnswers(log, f) },
		Sending: func(updates int) { shown = a.newProgress(o, log, updates) },
		Answered: func(s plan.Step, r decide.Result) {
			shown.step()
			logResult(log, s, r)
		},
		Sent:   func() { shown.end() },
		Ended:  func(r run.Result) { logEnd(log, r) },
		Errand: func(m notices.SideMatter) { logSide(log, m) },
	}
}

// show writes the answer to stdout and the commentary to stderr.
func (a *app) show(o runOptions, in installation, log *logrus.Logger, j run.Job, r run.Report) {
	speaks := r.Failure != nil && (o.quiet == 0 || r.Failure.AlwaysPrint)
	var err error
	switch {
	case o.quiet > 0 && len(r.Lines) == 0 && !speaks:
	case a.output == outputJSON:
		err = r.WriteJSON(a.Stdout)
	case o.quiet > 0:
		err = a.writeLines(a.Stdout.certain(), r.Lines)
	case r.Planned:
		err = r.WriteText(a.Stdout, a.textOptions(o))
	}
	if err != nil {
		log.WithField("error", err).Warn("cannot write the report")
		if o.quiet > 0 {
			a.printElsewhere(j, r, err)
		}
	}
	if o.quiet == 0 {
		a.warnOfPasswords(o, in, j.Selected, r.Planned)
		for _, m := range r.Side {
			if m.Fault != "" {
				a.warn(report.Error{Message: m.Fault + ": " + m.Cause})
			}
		}
	}
	if speaks {
		a.printError(r.Failure.Report)
	}
	// As long as there is time; see run.Shutdown.StartPrinting.
	if a.Stderr.flush() != nil && speaks && o.quiet > 0 {
		j.TakeBack(r)
	}
}

// printElsewhere writes the lines of a quiet run to stderr, since stdout did not take them. If that does not either, they
// are remembered as not reported, so that the next run reports them.
func (a *app) printElsewhere(j run.Job, r run.Report, why error) {
	if len(r.Lines) == 0 {
		return
	}
	a.warn(report.Error{Message: "cannot write to stdout: " + why.Error()})
	if errors.Join(a.writeLines(a.Stderr, r.Lines), a.Stderr.flush()) != nil {
		j.TakeBack(r)
	}
}

// warnOfPasswords says what came of passwords that are missing, or what would come of them in a run that is not dry.
// planned: the run came as far as its plan. The lines of a quiet run say it their way.
func (a *app) warnOfPasswords(o runOptions, in installation, selected []int, planned bool) {
	refused, m := in.refuses(selected), in.missing(selected)
	switch {
	case refused != nil && o.dryRun:
		a.warn(refused.foretold())
	case m.list == nil || !planned:
	case o.dryRun:
		a.warn(m.foretold())
	default:
		a.printError(m.report())
	}
}

func (a *app) textOptions(o runOptions) report.TextOptions {
	return report.TextOptions{
		All: o.all, Width: a.Stdout.Width, Location: a.Local,
		Colour: a.Stdout.Terminal && a.getenv("NO_COLOR") == "" && a.getenv("TERM") != "dumb",
	}
}
