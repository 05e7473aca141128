package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"ddns-batch/internal/config"
	"ddns-batch/internal/humanize"
	"ddns-batch/internal/outcome"
	"ddns-batch/internal/report"
	"ddns-batch/internal/run"
	"ddns-batch/internal/state"
)

const doctorHelp = `doctor goes through the whole chain for somebody with a problem: the YAML file, the passwords, the clock, the sources of
the address and the line, the endpoint, each domain's name servers, each record, the state. Every line is ok, a warning
or a problem, with the next step. It sends no update.`

func (a *app) doctorCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "doctor",
		Short:   "Look at everything that a run depends on, and say what to do",
		Long:    doctorHelp + "\n\nExit status 0, or 1 if there is a problem.",
		Example: "  ddns-batch doctor\n  ddns-batch doctor --only example.com -o json",
		Args:    noArguments,
		RunE:    func(*cobra.Command, []string) error { return a.runDoctor() },
	}
}

// doctor looks at one installation.
type doctor struct {
	*app
	in       installation
	selected []int
	state    state.Snapshot
	findings report.Findings
}

// doctorLimit is how long all questions to the network may take.
const doctorLimit = 30 * time.Second

func (a *app) runDoctor() error {
	d := &doctor{app: a}
	a.stop.Start(doctorLimit)
	a.stop.NothingToSave()
	if d.checkConfig() {
		a.complete(&d.in, false)
		d.checkPasswords()
		d.checkClock()
		d.checkState()
		d.checkNetwork(a.stop.Sending)
	}
	if caught := a.stop.Status(); caught != 0 {
		return exitStatus(caught)
	}
	if err := d.print(d.findings); err != nil {
		return err
	}
	return exitStatus(d.findings.ExitStatus())
}

func (d *doctor) note(topic string, l report.Severity, text, hint string) {
	d.findings = append(d.findings, report.Finding{Topic: topic, Level: l, Text: text, Hint: hint})
}

// checkConfig reports whether there is a configuration to go on with.
func (d *doctor) checkConfig() bool {
	const topic = "configuration"
	var err error
	if d.in.path, d.in.config, err = d.loadConfig(); err == nil {
		d.selected, err = selectRecords(d.in.config.Records, d.only)
	}
	if err != nil {
		f := asFailure(err)
		d.note(topic, report.Problem, f.Report.Message, f.Report.Hint)
		for _, detail := range f.Report.Details {
			d.note(topic, report.Problem, detail, "")
		}
		return false
	}
	domains := map[string]bool{}
	for _, i := range d.selected {
		domains[d.in.config.Records[i].Name.Domain] = true
	}
	d.note(topic, report.Fine, fmt.Sprintf("%s: %s of %s", sourceName(d.in.config), humanize.Count(len(d.selected), "record"), humanize.Count(len(domains), "domain")), "")
	for _, w := range d.in.config.Warnings {
		d.note(topic, report.Warning, w, "")
	}
	return true
}

func sourceName(c *config.Config) string {
	if c.Path == "" {
		return "no YAML file"
	}
	return c.Path
}

// checkPasswords looks at the passwords that the selected records want.
func (d *doctor) checkPasswords() {
	const topic = "passwords"
	if d.in.passwordErr != nil {
		d.note(topic, report.Problem, configFailure(d.in.passwordErr).Report.Message, "")
	}
	wanted := map[*config.Password]bool{}
	for _, i := range d.selected {
		p := d.in.passwords.Of(i)
		if wanted[p] {
			continue
		}
		wanted[p] = true
		switch {
		case p.Problem != "":
			d.note(topic, report.Problem, fmt.Sprintf("%s is missing: %s  %s", p.Ref, p.Problem, p.Where), passwordHint(d.in.config, p))
		case p.EnvironmentOnly:
			d.note(topic, report.Warning, p.Ref.Env+" is in this shell's environment only", "cron and systemd will not see it: write it into an env_file")
		default:
			d.note(topic, report.Fine, p.Source(), "")
		}
	}
	for _, w := range append(d.in.passwords.Warnings, d.in.passwords.Advice()...) {
		d.note(topic, report.Warning, w, "")
	}
}

func (d *doctor) checkClock() {
	if built := builtAt(); d.Now().Before(built) {
		d.note("clock", report.Problem, fmt.Sprintf("it says %s, but this program was built on %s", d.Now().In(d.Local).Format(time.DateOnly),
			built.In(d.Local).Format(time.DateOnly)), "set the clock, and let it be kept right (NTP)")
	}
	if d.UnknownZone != "" {
		d.note("clock", report.Warning, fmt.Sprintf("TZ=%s is no time zone that this system knows; times are shown in UTC", d.UnknownZone),
			"install the time zone database (package tzdata), or write a rule such as TZ=CET-1CEST,M3.5.0,M10.5.0/3")
	}
}

// checkState looks at the state file, the lock and the pauses.
func (d *doctor) checkState() {
	const topic = "state"
	if d.in.stateErr != nil {
		f := asFailure(d.in.stateErr)
		d.note(topic, report.Problem, f.Report.Message, f.Report.Hint)
		return
	}
	var notes []string
	var err error
	d.state, notes, err = state.Read(d.in.state)
	for _, n := range notes {
		d.note(topic, report.Warning, n, "")
	}
	if err != nil {
		d.note(topic, report.Problem, err.Error(), "")
		return
	}
	d.note(topic, report.Fine, fmt.Sprintf("%s: %s", d.in.state, humanize.Count(len(d.state.Records), "record")), "")
	d.checkLock()
	last := d.checkLastRun()
	var selected []run.Record
	for _, i := range d.selected {
		selected = append(selected, d.in.records[i])
	}
	held := d.statusOf(d.in, selected, d.state, last, d.in.config.Endpoint)
	d.findings = append(d.findings, held.Pauses(d.Local)...)
}

// checkLock tries the lock where there is one. It makes none.
func (d *doctor) checkLock() {
	if d.state.Endpoint == "" {
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	lock, err := state.Acquire(ctx, d.in.state, 0, d.Now)
	var held *state.HeldError
	switch {
	case errors.As(err, &held):
		d.note("lock", report.Warning, err.Error(), "a run should not take longer than its timeout")
	case err != nil:
		d.note("lock", report.Problem, err.Error(), "")
	default:
		_ = lock.Release()
		d.note("lock", report.Fine, "free", "")
	}
}

// oldRun is the age from which the last good run is worth a warning.
const oldRun = 24 * time.Hour

func (d *doctor) checkLastRun() state.LastRun {
	last, err := state.ReadLastRun(d.in.state)
	switch age := d.Now().Sub(last.SucceededAt); {
	case err != nil:
		d.note("last run", report.Warning, err.Error(), "")
	case last.EndedAt.IsZero():
		d.note("last run", report.Warning, "none is recorded", d.hint(outcome.Hint{Text: "to see what the first one would do:", Command: []string{"--dry-run"}}))
	case last.SucceededAt.IsZero():
		d.note("last run", report.Warning, "none ended with status 0 so far", "")
	case age > oldRun:
		d.note("last run", report.Warning, "the last one with status 0 was "+humanize.Ago(age), "is the timer or the cron line still there?")
	default:
		d.note("last run", report.Fine, "the last one with status 0 was "+humanize.Ago(max(0, age)), "")
	}
	return last
}
