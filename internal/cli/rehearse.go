package cli

import (
	"errors"
	"fmt"

	"ddns-batch/internal/authdns"
	"ddns-batch/internal/config"
	"ddns-batch/internal/exitstatus"
	"ddns-batch/internal/idn"
	"ddns-batch/internal/outcome"
	"ddns-batch/internal/provider"
	"ddns-batch/internal/record"
	"ddns-batch/internal/report"
	"ddns-batch/internal/run"
)

// rehearse shows what is published now for the records of a configuration, and what a run would do; known reports whether that
// was found out. Only a signal keeps it from being done: that the network cannot be reached says nothing against the
// configuration.
func (a *app) rehearse() (known bool, err error) {
	_, c, err := a.loadConfig()
	if err != nil {
		return false, err
	}
	a.stop.Start(run.NoLimit)
	defer a.stop.Cancel()
	q := authdns.Query{Resolver: c.DNS.Resolver, Nameservers: c.DNS.Nameservers, Dial: a.Dial}
	for _, r := range c.Records {
		q.Names = append(q.Names, r.Name)
	}
	if err := a.showPublished(authdns.Observe(a.stop.Sending, q)); err != nil {
		return false, err
	}
	if a.stop.Signalled.Err() != nil {
		return false, exitStatus(a.stop.Status())
	}
	var status exitStatus
	if ended := a.run(runOptions{dryRun: true}); !errors.As(ended, &status) || exitstatus.Status(status).Interrupted() {
		return false, ended
	}
	return status == 0, nil
}

// showPublished prints what the domains' own name servers say.
func (a *app) showPublished(observed []authdns.Observation) error {
	var rows report.Published
	var missing []record.Name
	for _, o := range observed {
		rows = append(rows, [2]string{idn.Both(o.Name.String()), o.Words()})
		if o.Status.NothingToUpdate() {
			missing = append(missing, o.Name)
		}
	}
	if err := rows.WriteText(a.Stdout); err != nil {
		return usage("cannot write the output: "+err.Error(), "")
	}
	if len(missing) > 0 {
		what, _ := a.guide(provider.Record, missing[0])
		a.hint(outcome.Hint{Text: fmt.Sprintf("%s has no dynamic DNS record yet: %s", idn.Readable(missing[0].String()), what)})
	}
	return nil
}

// argumentsFor are the arguments for a run on the configuration at path.
func (a *app) argumentsFor(path string) []string {
	if usual, err := config.Find("", a.getenv); err == nil && usual == path {
		return []string{}
	}
	return []string{"--config", path}
}
