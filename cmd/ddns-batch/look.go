package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"ddns-batch/internal/config"
	"ddns-batch/internal/plan"
	"ddns-batch/internal/record"
	"ddns-batch/internal/report"
	"ddns-batch/internal/state"
)

// lookFlags are those of the commands that only look at what runs left behind.
func (a *app) lookFlags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.BoolVar(&a.sandbox, "sandbox", false, "show what runs with --sandbox remember")
	f.BoolFunc("utc", "show times in UTC", func(text string) error {
		utc, err := strconv.ParseBool(text)
		if utc {
			a.local = time.UTC
		}
		return err
	})
}

// answer is what such a command has to say.
type answer interface {
	WriteText(io.Writer, report.TextOptions) error
	WriteJSON(io.Writer) error
}

// write writes it in the form that is asked for.
func (a *app) write(said answer) error {
	var err error
	if a.output == "json" {
		err = said.WriteJSON(a.stdout)
	} else {
		err = said.WriteText(a.stdout, report.TextOptions{Location: a.local, Width: a.stdout.width})
	}
	if err != nil {
		return usage("cannot write the answer: "+err.Error(), "")
	}
	return nil
}

// statusOf is what is known of the records that match one of the patterns; of all of them where there is no pattern.
func (a *app) statusOf(patterns []string) (report.Status, error) {
	s, _, err := a.readStatus()
	if err == nil && len(patterns) > 0 {
		err = narrow(&s, patterns)
	}
	return s, err
}

// readStatus reads the state, and the YAML file where there is one; the configuration is empty where there is none.
func (a *app) readStatus() (report.Status, *config.Config, error) {
	s := report.Status{Now: a.now()}
	c, err := a.configIfAny()
	if err != nil {
		return s, nil, err
	}
	s.Config = c.Path
	for _, r := range c.Records {
		s.Records = append(s.Records, plan.Target{Name: r.Name})
	}
	if s.State, err = a.statePath(c); err != nil {
		return s, nil, err
	}
	var notes []string
	if s.Snapshot, notes, err = state.Read(s.State); err != nil {
		return s, nil, stateTrouble(err)
	}
	for _, note := range notes {
		fmt.Fprintf(a.stderr, "ddns-batch: warning: %s\n", note)
	}
	if s.LastRun, err = state.ReadLastRun(s.State); err != nil {
		fmt.Fprintf(a.stderr, "ddns-batch: warning: %s\n", err)
	}
	_, err = os.Stat(s.State)
	s.NoFile = errors.Is(err, fs.ErrNotExist)
	return s, c, nil
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
