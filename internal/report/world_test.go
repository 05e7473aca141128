package report

import (
	"bytes"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"

	"ddns-batch/internal/decide"
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
	s.Action, s.Reason, s.Pause = plan.Hold, plan.Failing, p
	return s
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

// run is a run with the steps and results given in turn.
func run(steps []plan.Step, results ...decide.Result) Run {
	return Run{
		Config: "/etc/ddns-batch/hosts.yaml", State: "/var/lib/ddns-batch/state.json", Address: newIP,
		Sources: []Source{
			{Name: "api.ipify.org", Address: newIP, Took: 81 * time.Millisecond},
			{Name: "ipv4.icanhazip.com", Address: newIP, Took: 95 * time.Millisecond},
		},
		StartedAt: start, Took: 1400 * time.Millisecond,
		Plan: plan.Plan{Address: newIP, Now: start, Steps: steps}, Results: results,
	}
}

func (r Run) text(t *testing.T, o TextOptions) string {
	t.Helper()
	o.Location = zone
	var b bytes.Buffer
	if err := r.WriteText(&b, o); err != nil {
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
