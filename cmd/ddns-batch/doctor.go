package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"ddns-batch/internal/config"
	"ddns-batch/internal/printable"
	"ddns-batch/internal/report"
	"ddns-batch/internal/report/phrase"
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

// level is how bad a finding is.
type level string

const (
	fine    level = "ok"
	warning level = "warning"
	problem level = "problem"
)

// finding is one line of the doctor.
type finding struct {
	Topic string `json:"topic"`
	Level level  `json:"level"`
	Text  string `json:"text"`
	Hint  string `json:"hint,omitempty"`
}

// doctor looks at one installation.
type doctor struct {
	*app
	config    *config.Config
	selected  []int
	state     state.Snapshot
	statePath string
	findings  []finding
}

// doctorLimit is how long all questions to the network may take.
const doctorLimit = 30 * time.Second

func (a *app) runDoctor() error {
	if err := a.checkFlags(); err != nil {
		return err
	}
	d := &doctor{app: a}
	a.stop.heed(doctorLimit)
	a.stop.nothingToSave()
	if d.checkConfig() {
		d.checkPasswords()
		d.checkClock()
		d.checkState()
		d.checkNetwork(a.stop.begin)
	}
	if caught := a.stop.status(); caught != 0 {
		return ended(caught)
	}
	return d.show()
}

func (d *doctor) note(topic string, l level, text, hint string) {
	d.findings = append(d.findings, finding{topic, l, printable.Text(text), printable.Text(hint)})
}

// show prints the findings, and ends with status 1 if one is a problem.
func (d *doctor) show() error {
	worst := statusOK
	for _, f := range d.findings {
		if f.Level == problem {
			worst = statusNotAsAsked
		}
	}
	var err error
	if d.output == "json" {
		err = json.NewEncoder(d.stdout).Encode(struct {
			Schema     int       `json:"schema"`
			ExitStatus int       `json:"exit_status"`
			Findings   []finding `json:"findings"`
		}{report.Schema, worst, d.findings})
	} else {
		err = d.writeText(d.stdout)
	}
	if err != nil {
		return usage("cannot write the answer: "+err.Error(), "")
	}
	return ended(worst)
}

func (d *doctor) writeText(w io.Writer) error {
	var text strings.Builder
	columns := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	counts := map[level]int{}
	for _, f := range d.findings {
		counts[f.Level]++
		fmt.Fprintf(columns, "%s\t%s\t%s\n", f.Level, f.Topic, f.Text)
		if f.Hint != "" {
			fmt.Fprintf(columns, "\t\thint: %s\n", f.Hint)
		}
	}
	_ = columns.Flush()
	fmt.Fprintf(&text, "%d ok, %s, %s\n", counts[fine], phrase.Count(counts[warning], "warning"), phrase.Count(counts[problem], "problem"))
	_, err := io.WriteString(w, text.String())
	return err
}

// checkConfig reports whether there is a configuration to go on with.
func (d *doctor) checkConfig() bool {
	const topic = "configuration"
	var err error
	if d.config, err = d.loadConfig(); err == nil {
		d.selected, err = selectRecords(d.config.Records, d.only)
	}
	if err != nil {
		f := asFatal(err)
		d.note(topic, problem, f.report.Message, f.report.Hint)
		for _, detail := range f.report.Details {
			d.note(topic, problem, detail, "")
		}
		return false
	}
	domains := map[string]bool{}
	for _, i := range d.selected {
		domains[d.config.Records[i].Name.Domain] = true
	}
	d.note(topic, fine, fmt.Sprintf("%s: %s of %s", sourceName(d.config), phrase.Count(len(d.selected), "record"), phrase.Count(len(domains), "domain")), "")
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
	passwords, err := d.config.Passwords(d.lookup)
	if err != nil {
		d.note(topic, problem, configTrouble(err).report.Message, "")
	}
	wanted := map[*config.Password]bool{}
	for _, i := range d.selected {
		p := passwords.Of(i)
		if wanted[p] {
			continue
		}
		wanted[p] = true
		switch {
		case p.Problem != "":
			d.note(topic, problem, fmt.Sprintf("%s is missing: %s  %s", p.Ref, p.Problem, p.Where), "write it into an env_file, with mode 0600, and name that in the YAML file")
		case p.EnvironmentOnly:
			d.note(topic, warning, p.Ref.Env+" is in this shell's environment only", "cron and systemd will not see it: write it into an env_file")
		default:
			d.note(topic, fine, p.Source(), "")
		}
	}
	for _, w := range append(passwords.Warnings, passwords.Advice()...) {
		d.note(topic, warning, w, "")
	}
}

func (d *doctor) checkClock() {
	if built := builtAt(); d.now().Before(built) {
		d.note("clock", problem, fmt.Sprintf("it says %s, but this program was built on %s", d.now().In(d.local).Format(time.DateOnly),
			built.In(d.local).Format(time.DateOnly)), "set the clock, and let it be kept right (NTP)")
	}
}

// checkState looks at the state file, the lock and the pauses.
func (d *doctor) checkState() {
	const topic = "state"
	var err error
	if d.statePath, err = d.app.statePath(d.config); err != nil {
		d.note(topic, problem, asFatal(err).report.Message, asFatal(err).report.Hint)
		return
	}
	var notes []string
	d.state, notes, err = state.Read(d.statePath)
	for _, n := range notes {
		d.note(topic, warning, n, "")
	}
	if err != nil {
		d.note(topic, problem, err.Error(), "")
		return
	}
	d.note(topic, fine, fmt.Sprintf("%s: %s", d.statePath, phrase.Count(len(d.state.Records), "record")), "")
	d.checkLock()
	d.checkLastRun()
	d.checkPauses()
}

// checkLock tries the lock where there is one. It makes none.
func (d *doctor) checkLock() {
	if d.state.Endpoint == "" {
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	lock, err := state.Acquire(ctx, d.statePath, 0, d.now)
	var held *state.HeldError
	switch {
	case errors.As(err, &held):
		d.note("lock", warning, err.Error(), "a run should not take longer than its timeout")
	case err != nil:
		d.note("lock", problem, err.Error(), "")
	default:
		_ = lock.Release()
		d.note("lock", fine, "free", "")
	}
}

// oldRun is the age from which the last good run is worth a warning.
const oldRun = 24 * time.Hour

func (d *doctor) checkLastRun() {
	last, err := state.ReadLastRun(d.statePath)
	switch age := d.now().Sub(last.SucceededAt); {
	case err != nil:
		d.note("last run", warning, err.Error(), "")
	case last.EndedAt.IsZero():
		d.note("last run", warning, "none is recorded", "ddns-batch --dry-run shows what the first one would do")
	case last.SucceededAt.IsZero():
		d.note("last run", warning, "none ended with status 0 so far", "")
	case age > oldRun:
		d.note("last run", warning, "the last one with status 0 was "+phrase.Ago(age), "is the timer or the cron line still there?")
	default:
		d.note("last run", fine, "the last one with status 0 was "+phrase.Ago(max(0, age)), "")
	}
}

// checkPauses lists what is not sent for now.
func (d *doctor) checkPauses() {
	say := func(what string, p *state.Pause) {
		if !p.Over(d.now()) {
			d.note("pause", problem, fmt.Sprintf("%s is not sent until %s: %s", what, p.Until().In(d.local).Format("2006-01-02 15:04"),
				phrase.Cause(p.Message, p.Quoted)), "mend it, then ddns-batch --retry")
		}
	}
	say("everything", d.state.Blocked)
	for _, dom := range d.state.Domains {
		say("all of "+dom.Domain, dom.Pause)
		for _, p := range dom.Passwords {
			say("a password of "+dom.Domain, p.Pause)
		}
	}
	for _, a := range d.state.Addresses {
		say(a.IP.String(), a.Pause)
	}
	for _, r := range d.state.Records {
		say(r.Name().String(), r.Pause)
	}
}
