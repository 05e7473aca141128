package notices

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"ddns-batch/internal/decide"
	"ddns-batch/internal/outcome"
	"ddns-batch/internal/plan"
	"ddns-batch/internal/provider"
	"ddns-batch/internal/record"
	"ddns-batch/internal/state"
)

var (
	oldIP = netip.MustParseAddr("203.0.113.7")
	newIP = netip.MustParseAddr("203.0.113.91")
	start = time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC)
)

func named(host, domain string) record.Name { return record.Name{Host: host, Domain: domain} }

// cron is a machine on which one run follows another, with a provider that answers what it is told to.
type cron struct {
	t       *testing.T
	now     time.Time
	address netip.Addr // invalid: none is found
	given   bool
	config  string
	names   []record.Name
	// password and missing are by domain; one that is not named is "good".
	password, missing map[string]string
	answer            func(plan.Step) *provider.Error
	quiet, trouble    bool
	force, retry      bool
	observed          *plan.Observation // of every record; nil: nobody looks
	state             state.Snapshot
	lines             []string // of the last run
	plan              plan.Plan
	results           []decide.Result
}

func newCron(t *testing.T, names ...string) *cron {
	c := &cron{
		t: t, now: start, address: oldIP, quiet: true,
		password: map[string]string{}, missing: map[string]string{}, answer: func(plan.Step) *provider.Error { return nil },
	}
	for _, n := range names {
		host, domain, _ := strings.Cut(n, " ")
		c.names = append(c.names, named(host, domain))
	}
	return c
}

// settled has run once, so that all records are confirmed.
func settled(t *testing.T, names ...string) *cron {
	c := newCron(t, names...)
	c.run()
	return c
}

// run makes one run over the records and keeps what it learns; five minutes pass.
func (c *cron) run() []string { return c.runOver(c.names...) }

func (c *cron) runOver(names ...record.Name) []string {
	c.t.Helper()
	in := Run{
		Now: c.now, Machine: "nas", Quiet: c.quiet || c.trouble, OnlyTrouble: c.trouble, Config: c.config, Given: c.given,
		Address: c.address, Open: c.state.Notices, After: c.state, Provider: "Namecheap", Hint: func(h outcome.Hint) string { return h.Text },
	}
	c.plan, c.results = plan.Plan{}, nil
	if c.address.IsValid() {
		c.send(names)
		in.After = decide.Learn(c.state, c.plan, c.results)
		in.Records = outcome.Of(outcome.Input{
			Plan: c.plan, Results: c.results, After: in.After, PasswordFrom: c.passwords(),
			Guide: func(class provider.Class, n record.Name) (string, bool) {
				return "do " + string(class) + " for " + n.String(), false
			},
		})
	} else {
		in.NoAddress = &NoAddress{Message: "no source could be reached", Hint: "is the line up?"}
	}
	lines, after := Report(in)
	if again, same := Report(in); !slices.Equal(lines, again) || !Equal(after, same) {
		c.t.Error("reported twice, it differs")
	}
	for _, l := range lines {
		if !strings.HasPrefix(l, "nas: ") || strings.Count(l, "\n") > 0 {
			c.t.Errorf("not a line of this machine: %q", l)
		}
	}
	if lines != nil && !in.Quiet {
		c.t.Errorf("a run that is not quiet reports: %q", lines)
	}
	c.state, c.lines = in.After, lines
	c.state.Notices = after
	c.now = c.now.Add(5 * time.Minute)
	return lines
}

// passwords names where that of each step comes from.
func (c *cron) passwords() []string {
	var from []string
	for _, s := range c.plan.Steps {
		from = append(from, strings.ToUpper(s.Name.Domain[:7])+"_PASSWORD")
	}
	return from
}

// send makes the plan and carries it out, one record after another.
func (c *cron) send(names []record.Name) {
	input := plan.Input{Now: c.now, Address: c.address, State: c.state, RefreshAfter: 24 * time.Hour, Force: c.force, Retry: c.retry}
	for _, n := range names {
		if c.observed != nil {
			if input.Observed == nil {
				input.Observed = map[record.Name]plan.Observation{}
			}
			input.Observed[n] = *c.observed
		}
		target := plan.Target{Name: n, Fingerprint: n.Domain + c.password[n.Domain], Missing: c.missing[n.Domain]}
		if target.Missing != "" {
			target.Fingerprint = ""
		}
		input.Targets = append(input.Targets, target)
	}
	c.plan = plan.Build(input)
	b := decide.NewBatch(c.plan, c.state, c.force)
	for i, ok := b.Next(); ok; i, ok = b.Next() {
		err := c.answer(c.plan.Steps[i])
		if err != nil && err.Message == "signal" {
			b.Answer(i, decide.Summarize(c.plan.Steps[i], []*provider.Error{err}, "a signal came"))
			b.Stop("a signal came")
			continue
		}
		r := decide.Summarize(c.plan.Steps[i], []*provider.Error{err}, "")
		r.At = c.now
		b.Answer(i, r)
	}
	c.results = b.Results()
}

// says fails unless the lines are those given, the machine's name apart.
func (c *cron) says(lines []string, want ...string) {
	c.t.Helper()
	for i := range want {
		want[i] = "nas: " + want[i]
	}
	if !slices.Equal(lines, want) {
		c.t.Errorf("at %s it says\n  %s\nwant\n  %s", c.now.Add(-5*time.Minute).Format("2006-01-02 15:04"), strings.Join(lines, "\n  "), strings.Join(want, "\n  "))
	}
}

// silent fails if any of the runs until then says something.
func (c *cron) silent(until time.Duration) {
	c.t.Helper()
	for end := c.now.Add(until); c.now.Before(end); {
		c.says(c.run())
	}
}

// refuse answers every record that is named with the error, and confirms the others. No name: all.
func refuse(e *provider.Error, names ...string) func(plan.Step) *provider.Error {
	return func(s plan.Step) *provider.Error {
		if len(names) > 0 && !slices.Contains(names, s.Name.String()) {
			return nil
		}
		return e
	}
}

var (
	timeout  = &provider.Error{Class: provider.Transient, Message: "no answer in 30 s"}
	offline  = &provider.Error{Class: provider.Transient, Message: "no connection", Unchanged: true, Unsent: true}
	badCert  = &provider.Error{Class: provider.Certificate, Message: "certificate expired", Unchanged: true}
	noRecord = &provider.Error{Class: provider.Record, Message: "No Records updated. A record not Found;", Quoted: true, Unchanged: true, Validation: true}
	badWord  = &provider.Error{Class: provider.Credentials, Message: "Passwords do not match", Quoted: true, Unchanged: true}
	noDomain = &provider.Error{Class: provider.Domain, Message: "Domain name not found", Quoted: true, Unchanged: true}
	badIP    = &provider.Error{Class: provider.Address, Message: "Invalid IP", Quoted: true, Unchanged: true}
	blocked  = &provider.Error{Class: provider.Blocked, Message: "status 429", Unchanged: true}
	signal   = &provider.Error{Class: provider.Transient, Message: "signal", Unchanged: true, Unsent: true}
)
