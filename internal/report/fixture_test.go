package report

import (
	"bytes"
	"io"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"

	"ddns-batch/internal/decide"
	"ddns-batch/internal/outcome"
	"ddns-batch/internal/pause"
	"ddns-batch/internal/plan"
	"ddns-batch/internal/provider"
	"ddns-batch/internal/record"
	"ddns-batch/internal/state"
)

var (
	oldIP = netip.MustParseAddr("203.0.113.7")
	newIP = netip.MustParseAddr("203.0.113.91")
	// zone is where the reader lives; the clock there shows an hour more than in UTC.
	zone  = time.FixedZone("", 3600)
	start = time.Date(2026, 11, 23, 14, 5, 0, 0, time.UTC).Add(-time.Hour)
)

func named(host, domain string) record.Name { return record.Name{Host: host, Domain: domain} }

// moves is the step of a record that is to follow the address.
func moves(host, domain string) plan.Step {
	return plan.Step{
		Target: plan.Target{Name: named(host, domain), Fingerprint: "fp-" + domain},
		Action: plan.Update, Reason: plan.Moved, From: oldIP, Known: true, To: newIP,
	}
}

func keeps(host, domain string) plan.Step {
	s := moves(host, domain)
	s.Action, s.Reason, s.From = plan.Keep, plan.Current, newIP
	return s
}

func pausedStep(host, domain string, p *state.Pause) plan.Step {
	s := moves(host, domain)
	s.Action, s.Reason, s.Pause, s.Scope = plan.Hold, plan.Failing, p, pause.ScopeOf(p.Class)
	return s
}

// withPasswords gives the steps these fingerprints, one each.
func withPasswords(steps []plan.Step, fingerprints ...string) []plan.Step {
	for i, f := range fingerprints {
		steps[i].Fingerprint = f
	}
	return steps
}

func lacks(host, domain, problem string) plan.Step {
	s := moves(host, domain)
	s.Action, s.Reason, s.Missing, s.Fingerprint = plan.Hold, plan.NoPassword, problem, ""
	return s
}

func pauseOf(c provider.Class, message string, length time.Duration) *state.Pause {
	return &state.Pause{
		Class: c, Message: message, Quoted: true, Failures: 1, Since: start, Began: start, Seconds: int64(length / time.Second), Under: newIP,
	}
}

func done(took time.Duration) decide.Result {
	return decide.Result{Outcome: decide.Updated, Attempts: 1, Took: took, At: start}
}

func refused(o decide.Outcome, c provider.Class, message string) decide.Result {
	return decide.Result{
		Outcome: o, Attempts: 1, Took: 95 * time.Millisecond, At: start, For: pause.ScopeOf(c),
		Err: &provider.Error{Class: c, Message: message, Quoted: true, Unchanged: o != decide.Unconfirmed},
	}
}

func cut(why string) decide.Result {
	return decide.Result{Outcome: decide.Skipped, For: pause.OfRun, Err: &provider.Error{
		Class: provider.Transient, Message: "not sent: " + why, Unchanged: true, Unsent: true,
	}}
}

// guide says what to do about a refusal.
type guide func(provider.Class, record.Name) string

func (g guide) outcome(retry provider.Class) outcome.Guide {
	if g == nil {
		return nil
	}
	return func(c provider.Class, n record.Name) (string, bool) { return g(c, n), retry != "" && c == retry }
}

// played is a run as it was planned and answered.
type played struct {
	Run
	Plan         plan.Plan
	Results      []decide.Result
	After        state.Snapshot
	PasswordFrom string
	Hint         guide
	// Retry is the class whose hint ends with a command.
	Retry provider.Class
}

// run is a run with the steps and results given in turn.
func run(steps []plan.Step, results ...decide.Result) played {
	return played{
		Run: Run{
			Config: "/etc/ddns-batch/hosts.yaml", State: "/var/lib/ddns-batch/state.json", Address: newIP, Provider: "Namecheap",
			Sources: []Source{
				{Name: "api.ipify.org", Address: newIP, Took: 81 * time.Millisecond},
				{Name: "ipv4.icanhazip.com", Address: newIP, Took: 95 * time.Millisecond},
			},
			StartedAt: start, Took: 1400 * time.Millisecond,
		},
		Plan: plan.Plan{Address: newIP, Now: start, Steps: steps}, Results: results,
	}
}

// report is the run as it is shown.
func (p played) report() Run {
	in := outcome.Input{Plan: p.Plan, DryRun: p.DryRun, Results: p.Results, After: p.After, Guide: p.Hint.outcome(p.Retry)}
	for range p.Plan.Steps {
		in.PasswordFrom = append(in.PasswordFrom, p.PasswordFrom)
	}
	if p.Error != nil {
		in.Stopped = p.Error.Message
	}
	p.Records = outcome.Of(in)
	return p.Run
}

func (p played) text(t *testing.T, o TextOptions) string {
	t.Helper()
	o.Location = zone
	return textOf(t, p.report(), o)
}

func (p played) json(t *testing.T) string {
	t.Helper()
	return jsonOf(t, p.report())
}

// remembered is what is known without a run, and the records of the YAML file.
type remembered struct {
	Status
	Snapshot     state.Snapshot
	Records      []plan.Target
	Unread       []string
	RunEndpoint  string
	RefreshAfter time.Duration
	PasswordFrom string
	Hint         guide
}

// status is how it is shown.
func (m remembered) status() Status {
	memory := outcome.Memory{
		Now: m.Now, Snapshot: m.Snapshot, LastRun: m.LastRun, Endpoint: m.RunEndpoint, RefreshAfter: m.RefreshAfter,
		Targets: m.Records, Unread: m.Unread, Guide: m.Hint.outcome(""),
	}
	for range m.Records {
		memory.PasswordFrom = append(memory.PasswordFrom, m.PasswordFrom)
	}
	s := m.Status
	s.Endpoint, s.Blocked, s.Expected, s.Provider = m.Snapshot.Endpoint, m.Snapshot.Blocked, memory.Expected(), "Namecheap"
	s.Records = outcome.FromState(memory)
	return s
}

// shownAs is what can be shown in both ways.
type shownAs interface {
	WriteText(io.Writer, TextOptions) error
	WriteJSON(io.Writer) error
}

func textOf(t *testing.T, d shownAs, o TextOptions) string {
	t.Helper()
	var b bytes.Buffer
	if err := d.WriteText(&b, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func jsonOf(t *testing.T, d shownAs) string {
	t.Helper()
	var b bytes.Buffer
	if err := d.WriteJSON(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// same compares texts, with the leading line break of a literal left out.
func same(t *testing.T, got, want string) {
	t.Helper()
	if want = strings.TrimPrefix(want, "\n"); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

// zoneOf is the apex and n-1 hosts of a domain.
func zoneOf(domain string, n int) []plan.Step {
	steps := []plan.Step{moves("@", domain)}
	for i := 1; i < n; i++ {
		steps = append(steps, moves("h"+strconv.Itoa(i), domain))
	}
	return steps
}
