package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"
)

const statusHelpText = `status shows what the state file knows: the last run, and for each record its address, since when, when it was last
confirmed, and how it stands, what is not up to date first. With -o json each record has what a run from this shell would do
with it if the address is still the one that the last run found. It opens no connection and writes nothing. Names are
patterns as for --only.

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
	cmd.Flags().DurationVar(&maxAge, "max-age", 0, "status 1 if no run ended with status 0 within `TIME`, or none is recorded")
	a.lookFlags(cmd)
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
	s, err := a.statusOf(patterns)
	if err != nil {
		return err
	}
	if err := a.write(s); err != nil {
		return err
	}
	// One that lies in the future says nothing either: the clock was wrong then, or is now.
	if last := s.LastRun.SucceededAt; maxAge > 0 && (last.IsZero() || a.now().Sub(last).Abs() > maxAge) {
		return ended(statusNotAsAsked)
	}
	return nil
}
