package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/spf13/cobra"

	"ddns-batch/internal/config"
	"ddns-batch/internal/plan"
	"ddns-batch/internal/record"
	"ddns-batch/internal/report"
	"ddns-batch/internal/state"
)

const statusHelpText = `status shows what the state file knows: the last run, and for each record its address, since when, when it was last
confirmed, and how it stands. It opens no connection and writes nothing. Names are patterns as for --only.

Exit status: 0, 1 with --max-age if the last good run is too long ago, 2 for a usage or configuration error, 4 if the
state cannot be read.`

func (a *app) statusCommand() *cobra.Command {
	var maxAge time.Duration
	cmd := &cobra.Command{
		Use:     "status [NAME...]",
		Short:   "Show what the state file knows, as a table or JSON; no network",
		Long:    statusHelpText,
		Example: "  ddns-batch status\n  ddns-batch status example.com\n  ddns-batch status --max-age 15m >/dev/null || echo 'no good run for 15 minutes'",
		RunE: func(_ *cobra.Command, names []string) error {
			return a.showStatus(append(a.only, names...), maxAge)
		},
	}
	f := cmd.Flags()
	f.DurationVar(&maxAge, "max-age", 0, "status 1 if no run ended with status 0 within `TIME`, or none is recorded")
	f.BoolVar(&a.sandbox, "sandbox", false, "show what runs with --sandbox remember")
	return cmd
}

// showStatus prints what is known of the records that match patterns.
func (a *app) showStatus(patterns []string, maxAge time.Duration) error {
	if err := a.checkFlags(); err != nil {
		return err
	}
	if a.changed("max-age") && maxAge <= 0 {
		return usage(fmt.Sprintf("--max-age %s is out of range", maxAge), "use a duration above 0, as in 15m")
	}
	s, err := a.readStatus()
	if err != nil {
		return err
	}
	if len(patterns) > 0 {
		if err := narrow(&s, patterns); err != nil {
			return err
		}
	}
	if a.output == "json" {
		err = s.WriteJSON(a.stdout)
	} else {
		err = s.WriteText(a.stdout, report.TextOptions{Location: a.local, Width: a.stdout.width})
	}
	if err != nil {
		return usage("cannot write the answer: "+err.Error(), "")
	}
	if last := s.LastRun.SucceededAt; maxAge > 0 && (last.IsZero() || a.now().Sub(last) > maxAge) {
		return ended(statusNotAsAsked)
	}
	return nil
}

// readStatus reads the state, and the YAML file where there is one.
func (a *app) readStatus() (report.Status, error) {
	s := report.Status{Now: a.now()}
	c, err := a.configIfAny()
	if err != nil {
		return s, err
	}
	s.Config = c.Path
	for _, r := range c.Records {
		s.Records = append(s.Records, plan.Target{Name: r.Name})
	}
	if s.State, err = a.statePath(c); err != nil {
		return s, err
	}
	var notes []string
	if s.Snapshot, notes, err = state.Read(s.State); err != nil {
		return s, stateTrouble(err)
	}
	for _, note := range notes {
		fmt.Fprintf(a.stderr, "ddns-batch: warning: %s\n", note)
	}
	if s.LastRun, err = state.ReadLastRun(s.State); err != nil {
		fmt.Fprintf(a.stderr, "ddns-batch: warning: %s\n", err)
	}
	_, err = os.Stat(s.State)
	s.NoFile = errors.Is(err, fs.ErrNotExist)
	return s, nil
}

// configIfAny is the configuration, or an empty one where --state is all that is needed and there is no YAML file.
func (a *app) configIfAny() (*config.Config, error) {
	c, err := a.loadConfig()
	var f *fatal
	if errors.As(err, &f) && f.unconfigured && a.state != "" {
		return &config.Config{}, nil
	}
	return c, err
}

// narrow leaves out what no pattern matches. A pattern may name a record that is only in the state.
func narrow(s *report.Status, patterns []string) error {
	var names []record.Name
	for _, t := range s.Records {
		names = append(names, t.Name)
	}
	for _, r := range s.Snapshot.Records {
		names = append(names, r.Name())
	}
	selected, err := selectNames(names, patterns)
	if err != nil {
		return err
	}
	chosen := map[record.Name]bool{}
	for _, i := range selected {
		chosen[names[i]] = true
	}
	var targets []plan.Target
	for _, t := range s.Records {
		if chosen[t.Name] {
			targets = append(targets, t)
		}
	}
	var records []state.Record
	for _, r := range s.Snapshot.Records {
		if chosen[r.Name()] {
			records = append(records, r)
		}
	}
	s.Records, s.Snapshot.Records = targets, records
	return nil
}
