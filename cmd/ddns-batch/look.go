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
	"ddns-batch/internal/outcome"
	"ddns-batch/internal/provider/namecheap"
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
		var selected []int
		selected, err = selectNames(namesOf(s.Records), patterns)
		s.Records = picked(s.Records, selected)
	}
	return s, err
}

func namesOf(records []outcome.Record) []record.Name {
	names := make([]record.Name, len(records))
	for i, r := range records {
		names[i] = r.Name
	}
	return names
}

func picked(records []outcome.Record, selected []int) []outcome.Record {
	chosen := make([]outcome.Record, 0, len(selected))
	for _, i := range selected {
		chosen = append(chosen, records[i])
	}
	return chosen
}

// readStatus reads the state, and the YAML file and its passwords where there is one; the configuration is empty where
// there is none.
func (a *app) readStatus() (report.Status, *config.Config, error) {
	c, err := a.configIfAny()
	if err != nil {
		return report.Status{}, nil, err
	}
	path, err := a.statePath(c)
	if err != nil {
		return report.Status{}, nil, err
	}
	snapshot, notes, err := state.Read(path)
	if err != nil {
		return report.Status{}, nil, stateTrouble(err)
	}
	for _, note := range notes {
		a.warn(note)
	}
	last, err := state.ReadLastRun(path)
	if err != nil {
		a.warn(err.Error())
	}
	s := a.statusFrom(c, path, snapshot, last, a.targetsOf(c, everyRecord(c), a.passwordsHere(c), snapshot, false))
	_, err = os.Stat(path)
	s.NoFile = errors.Is(err, fs.ErrNotExist)
	return s, c, nil
}

// everyRecord are the places of all records of c.
func everyRecord(c *config.Config) []int {
	all := make([]int, len(c.Records))
	for i := range all {
		all[i] = i
	}
	return all
}

// passwordsHere are those that a run from this shell would have; nil in the sandbox.
func (a *app) passwordsHere(c *config.Config) *config.Passwords {
	if a.sandbox {
		return nil
	}
	passwords, err := c.Passwords(a.lookup)
	if err != nil {
		a.warn(fmt.Sprintf("a run would end with status %d: %s", statusUsage, configTrouble(err).report.Message))
	}
	return passwords
}

// statusFrom is how the records of c stand by what is remembered.
func (a *app) statusFrom(c *config.Config, path string, s state.Snapshot, last state.LastRun, t targets) report.Status {
	m := outcome.Memory{
		Now: a.now(), Snapshot: s, LastRun: last, Endpoint: a.endpoint(c), RefreshAfter: c.RefreshAfter,
		Targets: t.all, PasswordFrom: t.from, Unread: t.unread, Guide: a.guide,
	}
	return report.Status{
		State: path, Config: c.Path, Now: m.Now, LastRun: last, Endpoint: s.Endpoint, Blocked: s.Blocked, Expected: m.Expected(),
		Records: outcome.FromState(m), Provider: namecheap.Name,
	}
}

// endpoint is where a run would send to; empty where there is no configuration.
func (a *app) endpoint(c *config.Config) string {
	if a.sandbox {
		return rehearsal{}.endpoint()
	}
	return c.Endpoint
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
