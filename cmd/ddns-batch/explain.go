package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"ddns-batch/internal/config"
	"ddns-batch/internal/record"
	"ddns-batch/internal/report"
)

const explainHelp = `explain says in sentences what a run now would do with a record, and why: send it or keep it, or hold it until when and
because of what, and what to type then. It says what the record holds and since when, and how the last attempt ended. It
opens no connection and writes nothing: a run is taken to find the address that the last run found, and the password is
looked for as a run from this shell would. Names are patterns as for --only, or names that only a wildcard answers for.

Exit status: 0, 2 for a usage or configuration error, 4 if the state cannot be read.`

func (a *app) explainCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "explain NAME...",
		Short:   "Say what a run now would do with a record, and why; no network",
		Long:    explainHelp,
		Example: "  ddns-batch explain git.example.com\n  ddns-batch explain example.com --utc\n  ddns-batch explain '*' -o json",
		RunE:    func(_ *cobra.Command, names []string) error { return a.explain(append(a.only, names...)) },
	}
	a.lookFlags(cmd)
	return cmd
}

// explain prints what a run would do with the records that match patterns.
func (a *app) explain(patterns []string) error {
	if err := a.checkFlags(); err != nil {
		return err
	}
	if len(patterns) == 0 && a.domain == "" {
		return usage("explain needs the name of a record", "as in ddns-batch explain www.example.com; '*' means all")
	}
	s, c, err := a.readStatus()
	if err != nil {
		return err
	}
	e := report.Explanation{
		Status: s, Endpoint: c.Endpoint, RefreshAfter: c.RefreshAfter, Verify: c.Verify && !a.sandbox, Hint: a.hint,
	}
	if err := ask(&e, c, patterns); err != nil {
		return err
	}
	if a.sandbox {
		e.Endpoint = rehearsal{}.endpoint()
		prints := fingerprints{s.Snapshot.Key, map[secretOf]string{}}
		for i, t := range e.Records {
			e.Records[i].Fingerprint = prints.of(t.Name.Domain, rehearsal{}.password(t.Name.Domain))
		}
	} else {
		a.askPasswords(&e, c)
	}
	return a.write(e)
}

// ask fills in which records are asked for.
func ask(e *report.Explanation, c *config.Config, patterns []string) error {
	var names []record.Name
	for _, r := range c.Records {
		names = append(names, r.Name)
	}
	configured := names
	if len(patterns) == 0 {
		e.Asked = names
		return nil
	}
	for _, r := range e.Snapshot.Records {
		names = append(names, r.Name())
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
		full := strings.TrimSuffix(lower(pattern), ".")
		wildcard, ok := wildcardFor(full, configured)
		if !ok {
			return err
		}
		e.Asked = append(e.Asked, wildcard)
		e.Covered[wildcard] = append(e.Covered[wildcard], full)
	}
	return nil
}

// wildcardFor is the record among names that name servers answer with for a name that is none of them. A name that
// exists, if only because another lies below it, is not covered, and shields what lies below it.
func wildcardFor(full string, names []record.Name) (record.Name, bool) {
	exists := map[string]bool{}
	wildcards := map[string]record.Name{}
	for _, n := range names {
		if strings.HasPrefix(n.Host, "*") {
			_, parent, _ := strings.Cut(n.String(), ".")
			wildcards[parent] = n
		}
		for at := n.String(); at != n.Domain; _, at, _ = strings.Cut(at, ".") {
			exists[at] = true
		}
		exists[n.Domain] = true
	}
	if strings.ContainsAny(full, `*?\`) {
		return record.Name{}, false
	}
	for at := full; at != "" && !exists[at]; {
		_, at, _ = strings.Cut(at, ".")
		if n, ok := wildcards[at]; ok {
			return n, true
		}
	}
	return record.Name{}, false
}

// askPasswords fills in which passwords a run from this shell would have.
func (a *app) askPasswords(e *report.Explanation, c *config.Config) {
	passwords, err := c.Passwords(a.lookup)
	if err != nil {
		fmt.Fprintf(a.stderr, "ddns-batch: warning: a run would end with status %d: %s\n", statusUsage, configTrouble(err).report.Message)
	}
	e.PasswordFrom = func(i int) string { return passwords.Of(i).Source() }
	prints := fingerprints{e.Snapshot.Key, map[secretOf]string{}}
	for i := range e.Records {
		t := &e.Records[i]
		if p := passwords.Of(i); p.Problem != "" {
			t.Missing = p.Problem
		} else {
			t.Fingerprint = prints.of(t.Name.Domain, p.Secret)
		}
	}
}
