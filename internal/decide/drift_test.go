package decide

import (
	"net/netip"
	"strings"
	"testing"
	"time"

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
	here, there, third := netip.MustParseAddr("203.0.113.91"), netip.MustParseAddr("203.0.113.7"), netip.MustParseAddr("198.51.100.9")
	name, ttl := record.Name{Host: "@", Domain: "example.com"}, 30*time.Minute
	at := func(a netip.Addr) *plan.Observation {
		return &plan.Observation{Certain: true, Unanimous: true, Published: a, TTL: ttl}
	}
	by := func(a netip.Addr) *plan.Observation { return &plan.Observation{Certain: true, Published: a, TTL: ttl} }
	knew := func(a netip.Addr) state.Record {
		return state.Record{Host: "@", Domain: "example.com", IP: a, Since: now.Add(-9 * time.Hour), ConfirmedAt: now.Add(-9 * time.Hour)}
	}
	fresh := knew(there)
	fresh.Since = now.Add(-ttl)
	wasted := state.Record{Host: "@", Domain: "example.com", Previous: there, Unknown: true}
	for _, c := range []struct {
		name          string
		known         state.Record
		before, after *plan.Observation // nil: nobody was asked
		answers       string
		want          Outcome
		pause         bool // remembered of the record, or of its password
	}{
		{"the confirmed address was published before, and the one that was sent is now", knew(there), at(there), at(here), "timeout", Updated, false},
		{"so it is where an answer came that proves nothing", knew(there), at(there), at(here), "noproof", Updated, false},
		{"the old one still is", knew(there), at(there), at(there), "timeout", Unconfirmed, true},
		{"a third one is", knew(there), at(there), at(third), "timeout", Unconfirmed, true},
		{"nobody was asked before", knew(there), nil, at(here), "timeout", Unconfirmed, true},
		{"nobody was asked afterwards", knew(there), at(there), nil, "timeout", Unconfirmed, true},
		{"it was published before already", knew(there), at(here), at(here), "timeout", Unconfirmed, true},
		{"a third one was published before: a change of somebody else's may be under way", knew(there), at(third), at(here), "timeout", Unconfirmed, true},
		{"nothing was published before", knew(there), at(netip.Addr{}), at(here), "timeout", Unconfirmed, true},
		{"it was confirmed there a moment ago: what was there before may still be published", fresh, at(there), at(here), "timeout", Unconfirmed, true},
		{"not every server answered before", knew(there), by(there), at(here), "timeout", Unconfirmed, true},
		{"not every server answered afterwards", knew(there), at(there), by(here), "timeout", Unconfirmed, true},
		{"an earlier update may be under way as well", wasted, at(there), at(here), "timeout", Unconfirmed, true},
		{"it was never confirmed", state.Record{Host: "@", Domain: "example.com"}, at(there), at(here), "timeout", Unconfirmed, true},
		{"it is only refreshed, so nothing changes", knew(here), at(here), at(here), "timeout", Unconfirmed, true},
		{"another address was stored, whatever is published", knew(there), at(there), at(here), "mismatch", Unconfirmed, true},
		{"an attempt without an answer, then a refusal of the record", knew(there), at(there), at(here), "timeout+norecord", Unconfirmed, true},
		{"an attempt without an answer, then one of the password", knew(there), at(there), at(here), "timeout+badpass", Unconfirmed, true},
		{"a refusal is a refusal", knew(there), at(there), at(here), "norecord", Failed, true},
		{"a confirmation needs no proof", knew(there), at(there), at(there), "ok", Updated, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := state.Snapshot{Records: []state.Record{c.known}}
			in := plan.Input{Now: now, Address: here, Targets: []plan.Target{{Name: name, Fingerprint: "p"}}, State: before, Force: true}
			if c.before != nil {
				in.Observed = map[record.Name]plan.Observation{name: *c.before}
			}
			p := plan.Build(in)
			var attempts []*provider.Error
			for a := range strings.SplitSeq(c.answers, "+") {
				attempts = append(attempts, word(t, a))
			}
			sent := Summarize(p.Steps[0], attempts, "")
			sent.At, sent.Took = now.Add(time.Second), time.Second
			observed := map[record.Name]plan.Observation{}
			if c.after != nil {
				observed[name] = *c.after
			}
			given := []Result{sent}
			got := Settle(p, given, observed)[0]
			if given[0] != sent {
				t.Errorf("the result that was given became %+v", given[0])
			}
			settled := c.want == Updated && c.answers != "ok"
			want := sent
			if settled {
				want = Result{Outcome: Updated, Attempts: len(attempts), Took: time.Second, At: sent.At, ConfirmedByDNS: true}
			}
			if got != want || got.Outcome != c.want {
				t.Fatalf("the result is %+v, want %+v", got, want)
			}
			after := Learn(before, p, []Result{got})
			rec := after.Records[0]
			switch {
			case settled:
				if rec.IP != here || !rec.ConfirmedAt.Equal(sent.At) || rec.Unknown || rec.Failed || rec.Previous.IsValid() || len(rec.History) != 1 {
					t.Errorf("of the record is remembered: %+v", rec)
				}
				if len(after.Domains) > 0 {
					t.Errorf("nobody said whose password it was, and %+v is remembered", after.Domains)
				}
			case c.want == Unconfirmed && (c.known.IP != here || c.answers == "mismatch"):
				if rec.IP.IsValid() || !rec.Unknown || !rec.Failed {
					t.Errorf("not confirmed, and remembered is %+v", rec)
				}
			}
			held := rec.Pause != nil
			for _, d := range after.Domains {
				for _, p := range d.Passwords {
					held = held || p.Pause != nil
				}
			}
			if held != c.pause {
				t.Errorf("a failure is remembered: %v, want %v", held, c.pause)
			}
		})
	}
}
