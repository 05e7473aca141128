package cli

import (
	"github.com/spf13/cobra"

	"ddns-batch/internal/match"
	"ddns-batch/internal/record"
	"ddns-batch/internal/report"
)

const explainHelp = `explain says in plain sentences what a run would do with a record now, and why: send it, keep it, or hold it, until when and
what to type then. It says which address the record has, since when, and how the last attempt ended. It opens no connection
and writes nothing: it assumes that the address is still the one that the last run found, and looks for the password as a
run from this shell would. Names are patterns as for --only, or names that only a wildcard answers for.

Exit status: 0, 2 for a usage or configuration error, 4 if the state cannot be read.`

func (a *app) explainCommand() *cobra.Command {
	var o lookOptions
	cmd := &cobra.Command{
		Use:     "explain NAME...",
		Short:   "Say what a run would do with a record now, and why; no network",
		Long:    explainHelp,
		Example: "  ddns-batch explain git.example.com\n  ddns-batch explain example.com --utc\n  ddns-batch explain '*' -o json",
		RunE:    func(_ *cobra.Command, names []string) error { return a.explain(o, append(a.only, names...)) },
	}
	o.register(cmd)
	return cmd
}

// explain prints what a run would do with the records that match patterns.
func (a *app) explain(o lookOptions, patterns []string) error {
	if len(patterns) == 0 && a.domain == "" {
		return usage("explain needs the name of a record", "as in ddns-batch explain www.example.com; '*' means all")
	}
	r, err := a.recall(o)
	if err != nil {
		return err
	}
	e := report.Explanation{
		Status: r.Status, RunEndpoint: r.endpoint, RefreshAfter: r.config.RefreshAfter, Verify: r.config.Verify && !o.sandbox,
		Refused: r.refused,
	}
	if err := ask(&e, patterns); err != nil {
		return err
	}
	return a.print(e)
}

// ask fills in which records are asked for.
func ask(e *report.Explanation, patterns []string) error {
	names := namesOf(e.Records)
	var configured []record.Name
	for _, r := range e.Records {
		if r.Configured {
			configured = append(configured, r.Name)
		}
	}
	if len(patterns) == 0 {
		e.Asked = configured
		return nil
	}
	e.Covered = map[record.Name][]string{}
	for _, pattern := range patterns {
		selected, err := selectNames(names, []string{pattern})
		if err == nil {
			for _, i := range selected {
				e.Asked = append(e.Asked, names[i])
			}
			continue
		}
		full := match.ASCII(pattern)
		wildcard, ok := match.Wildcard(full, configured)
		if !ok {
			return err
		}
		e.Asked = append(e.Asked, wildcard)
		e.Covered[wildcard] = append(e.Covered[wildcard], full)
	}
	return nil
}
