package cli

import (
	"errors"
	"io/fs"
	"os"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"ddns-batch/internal/config"
	"ddns-batch/internal/outcome"
	"ddns-batch/internal/record"
	"ddns-batch/internal/report"
	"ddns-batch/internal/run"
	"ddns-batch/internal/state"
)

// lookOptions are the flags of the commands that only look at what runs left behind.
type lookOptions struct {
	sandbox, utc bool
}

func (o *lookOptions) register(cmd *cobra.Command) {
	f := cmd.Flags()
	f.BoolVar(&o.sandbox, "sandbox", false, "show the state that runs with --sandbox keep")
	f.BoolFunc("utc", "show times in UTC", func(text string) (err error) {
		o.utc, err = strconv.ParseBool(text)
		return err
	})
}

// remembered is what runs left behind.
type remembered struct {
	report.Status
	config *config.Config
	// endpoint is where a run would send to; empty where there is no configuration.
	endpoint string
	// refused: a run that can read no more passwords than this command sends nothing.
	refused bool
}

// recall reads the state, and the YAML file and its passwords where there is one; the configuration is empty where there
// is none.
func (a *app) recall(o lookOptions) (remembered, error) {
	if o.utc {
		a.Local = time.UTC
	}
	r := remembered{}
	c, err := a.configIfAny()
	if err != nil {
		return r, err
	}
	in := installation{config: c}
	if a.complete(&in, o.sandbox); in.stateErr != nil {
		return r, in.stateErr
	}
	selected, _ := selectRecords(c.Records, nil)
	refused := in.refuses(selected)
	if r.refused = refused != nil; in.passwordErr != nil {
		a.warn(refused.foretold())
	}
	snapshot, notes, err := state.Read(in.state)
	if err != nil {
		return r, run.StateFailure(err)
	}
	for _, note := range notes {
		a.warn(report.Error{Message: note})
	}
	last, err := state.ReadLastRun(in.state)
	if err != nil {
		a.warn(report.Error{Message: err.Error()})
	}
	r.config, r.endpoint = c, c.Endpoint
	if o.sandbox {
		r.endpoint = run.SandboxEndpoint
	}
	r.Status = a.statusOf(in, in.records, snapshot, last, r.endpoint)
	_, err = os.Stat(in.state)
	r.NoFile = errors.Is(err, fs.ErrNotExist)
	return r, nil
}

// statusOf is how records stand by what is remembered.
func (a *app) statusOf(in installation, records []run.Record, s state.Snapshot, last state.LastRun, endpoint string) report.Status {
	standIn := sandboxOptions{}
	if last.Address.IsValid() && last.Address != sandboxAddress {
		standIn.address = last.Address.String()
	}
	return run.StatusOf(outcome.Memory{
		Now: a.Now(), Snapshot: s, LastRun: last, Endpoint: endpoint, RefreshAfter: in.config.RefreshAfter, Guide: a.guide,
	}, records, false, in.config.Path, in.state, a.program(in.state, standIn.flags(endpoint == run.SandboxEndpoint)))
}

// narrow leaves out what no pattern matches. A pattern may name a record that is only in the state.
func (r *remembered) narrow(patterns []string) error {
	if len(patterns) == 0 {
		return nil
	}
	selected, err := selectNames(namesOf(r.Records), patterns)
	r.Records = picked(r.Records, selected)
	return err
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
