package decide

import (
	"net/netip"
	"testing"
	"time"

	"ddns-batch/internal/pause"
	"ddns-batch/internal/plan"
	"ddns-batch/internal/provider"
	"ddns-batch/internal/record"
	"ddns-batch/internal/state"
)

func TestADriftThatIsSetRightIsRemembered(t *testing.T) {
	now := time.Date(2026, 11, 23, 3, 5, 0, 0, time.UTC)
	here, foreign := netip.MustParseAddr("203.0.113.91"), netip.MustParseAddr("198.51.100.9")
	name := record.Name{Host: "@", Domain: "example.com"}
	before := state.Snapshot{Records: []state.Record{{Host: "@", Domain: "example.com", IP: here, ConfirmedAt: now.Add(-time.Hour)}}}
	run := func(s state.Snapshot, at time.Time, o plan.Observation, r Result) (plan.Step, state.Snapshot) {
		p := plan.Build(plan.Input{
			Now: at, Address: here, Targets: []plan.Target{{Name: name, Fingerprint: "f"}}, State: s,
			Observed: map[record.Name]plan.Observation{name: o}, RefreshAfter: 24 * time.Hour,
		})
		r.At = at
		return p.Steps[0], Learn(s, p, []Result{r})
	}
	published := plan.Observation{Certain: true, Published: foreign, TTL: time.Minute}

	step, after := run(before, now, published, Result{Outcome: Refreshed})
	if want := (state.Change{IP: foreign, At: now}); step.Reason != plan.Drifted || after.Records[0].Drift != want {
		t.Fatalf("%s, and %v is remembered, want %v", step.Reason, after.Records[0].Drift, want)
	}
	if step, _ := run(after, now.Add(10*time.Minute), published, Result{}); step.Reason != plan.Contested {
		t.Errorf("the second drift is %s", step.Reason)
	}
	step, after = run(after, now.Add(25*time.Hour), plan.Observation{Certain: true, Published: here}, Result{Outcome: Refreshed})
	if step.Reason != plan.Stale || after.Records[0].Drift.IP != foreign {
		t.Errorf("a refresh (%s) forgets the drift: %v", step.Reason, after.Records[0].Drift)
	}
}

func TestWhatThePublishedAddressSettles(t *testing.T) {
	now := time.Date(2026, 11, 23, 3, 5, 0, 0, time.UTC)
	here, there := netip.MustParseAddr("203.0.113.91"), netip.MustParseAddr("203.0.113.7")
	name := record.Name{Host: "@", Domain: "example.com"}
	lost := &provider.Error{Class: provider.Transient, Message: "no answer in 30 s"}
	before := state.Snapshot{Records: []state.Record{{Host: "@", Domain: "example.com", IP: there, ConfirmedAt: now.Add(-time.Hour)}}}
	p := plan.Build(plan.Input{Now: now, Address: here, Targets: []plan.Target{{Name: name, Fingerprint: "f"}}, State: before})
	unconfirmed := Result{Outcome: Unconfirmed, Err: lost, For: pause.OfRecord, At: now, Attempts: 3}
	for _, c := range []struct {
		name     string
		result   Result
		observed plan.Observation
		want     Outcome
	}{
		{"the address that was sent is published", unconfirmed, plan.Observation{Certain: true, Published: here}, Updated},
		{"the old one still is", unconfirmed, plan.Observation{Certain: true, Published: there}, Unconfirmed},
		{"the servers are not sure", unconfirmed, plan.Observation{Published: here}, Unconfirmed},
		{"nobody was asked", unconfirmed, plan.Observation{}, Unconfirmed},
		{"a refusal is a refusal", Result{Outcome: Failed, Err: lost, For: pause.OfRecord, At: now}, plan.Observation{Certain: true, Published: here}, Failed},
	} {
		t.Run(c.name, func(t *testing.T) {
			results := Settle(p, []Result{c.result}, map[record.Name]plan.Observation{name: c.observed})
			if got := results[0].Outcome; got != c.want {
				t.Fatalf("%s, want %s", got, c.want)
			}
			after := Learn(before, p, results)
			if c.want == Updated && (after.Records[0].IP != here || after.Records[0].Unknown || len(after.Domains) > 0) {
				t.Errorf("remembered: %+v and of the password %+v", after.Records[0], after.Domains)
			}
		})
	}
}
