package cli

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"ddns-batch/internal/exitstatus"
	"ddns-batch/internal/report"
)

const statusHelpText = `status shows what the state file knows: the last run, and for each record its address, since when it has it, when it
was last confirmed, and its state. It opens no connection and writes nothing. Names are patterns as for --only.

--max-age checks that runs succeed; --ran checks only that they take place, even if they end with status 1 or 3.

Exit status: 0, 1 with --max-age or --ran if the last such run is too long ago, 2 for a usage or configuration error, 4 if the
state cannot be read.`

// statusOptions are the flags of status.
type statusOptions struct {
	lookOptions
	maxAge, ran time.Duration
}

func (a *app) statusCommand() *cobra.Command {
	var o statusOptions
	cmd := &cobra.Command{
		Use:   "status [NAME...]",
		Short: "Show what the state file knows, as a table or JSON; no network",
		Long:  statusHelpText,
		Example: "  ddns-batch status\n  ddns-batch status example.com\n" +
			"  ddns-batch status --max-age 15m >/dev/null || echo 'no good run for 15 minutes'\n" +
			"  ddns-batch status --ran 15m >/dev/null || echo 'no run for 15 minutes'",
		RunE: func(_ *cobra.Command, names []string) error { return a.status(o, append(a.only, names...)) },
	}
	cmd.Flags().DurationVar(&o.maxAge, "max-age", 0, "status 1 if no run ended with status 0 in the last `TIME`, or none is recorded")
	cmd.Flags().DurationVar(&o.ran, "ran", 0, "status 1 if no run ended with status 0, 1 or 3 in the last `TIME`, or none is recorded")
	o.register(cmd)
	return cmd
}

// status prints what is known of the records that match patterns.
func (a *app) status(o statusOptions, patterns []string) error {
	for _, limit := range []struct {
		flag string
		age  time.Duration
	}{{"max-age", o.maxAge}, {"ran", o.ran}} {
		if a.changed(limit.flag) && limit.age <= 0 {
			return usage(fmt.Sprintf("--%s %s is out of range", limit.flag, limit.age), "use a duration above 0, as in 15m")
		}
	}
	r, err := a.recall(o.lookOptions)
	if err == nil {
		err = r.narrow(patterns)
	}
	if err != nil {
		return err
	}
	if err := a.print(r.Status); err != nil {
		return err
	}
	var status exitStatus
	for _, check := range []struct {
		flag, kind string
		limit      time.Duration
		last       time.Time
	}{
		{"--max-age", "run with status 0", o.maxAge, r.LastRun.SucceededAt}, {"--ran", "run", o.ran, r.LastRun.RanAt},
	} {
		if check.limit == 0 {
			continue
		}
		if why := r.Overdue(check.kind, check.last, check.limit, a.Local); why != "" {
			a.printError(report.Error{Message: check.flag + ": " + why})
			status = exitStatus(exitstatus.NotAsAsked)
		}
	}
	if status != 0 {
		return status
	}
	return nil
}
