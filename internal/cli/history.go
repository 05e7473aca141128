package cli

import (
	"github.com/spf13/cobra"

	"ddns-batch/internal/report"
)

const historyHelp = `history shows every change of address that is remembered: when it was, from which address to which, and how long the new
one lasted. With names it shows the changes of each of these records; without names, those of all records, with one line for
records that changed together. The newest change comes last. It opens no connection and writes nothing. Names are patterns
as for --only.

The state file keeps the last 100 changes of a record.

Exit status: 0, 2 for a usage or configuration error, 4 if the state cannot be read.`

func (a *app) historyCommand() *cobra.Command {
	var o lookOptions
	cmd := &cobra.Command{
		Use:     "history [NAME...]",
		Short:   "Show every change of address and how long each lasted, as a table or JSON; no network",
		Long:    historyHelp,
		Example: "  ddns-batch history\n  ddns-batch history www.example.com\n  ddns-batch history example.com --utc -o json",
		RunE:    func(_ *cobra.Command, names []string) error { return a.history(o, append(a.only, names...)) },
	}
	o.register(cmd)
	return cmd
}

// history prints how the addresses of the records changed that match patterns.
func (a *app) history(o lookOptions, patterns []string) error {
	r, err := a.recall(o)
	if err == nil {
		err = r.narrow(patterns)
	}
	if err != nil {
		return err
	}
	return a.print(report.History{Status: r.Status, Together: len(patterns) == 0})
}
