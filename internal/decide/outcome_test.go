package decide

import (
	"testing"
	"time"

	"ddns-batch/internal/pause"
	"ddns-batch/internal/plan"
	"ddns-batch/internal/provider"
	"ddns-batch/internal/state"
)

func TestWhatIsKnownAfterwards(t *testing.T) {
	tellAll(t, []story{
		{"a confirmation is remembered", []run{
			{records: "a1", planned: "a1 new", sent: "a1", ends: "a1 updated", pauses: "-", knows: "a1=x"},
			{at: "5m", planned: "a1 current", sent: "-", ends: "-", knows: "a1=x"},
			{at: "10m", ip: "y", planned: "a1 moved", ends: "a1 updated", knows: "a1=y"},
			{at: "15m", ip: "y", flags: "refresh", planned: "a1 stale", ends: "a1 refreshed", knows: "a1=y"},
		}},
		{"a refusal puts back what was known", []run{
			{records: "a1 a2 a3 a4 a5 a6", ip: "y"},
			{at: "5m", answers: "a1 norecord, a2 refused, a3 badrequest, a4 redirect, a5 certificate, a6 noconn",
				ends: "a1 a2 a3 a4 a5 a6 failed", knows: "a1=y! a2=y! a3=y! a4=y! a5=y! a6=y!"},
		}},
		{"a refusal of a whole domain, password or address puts back as well", []run{
			{records: "a1 b1 c1", ip: "y"},
			{at: "5m", answers: "a1 badpass, b1 nodomain, c1 badip", ends: "a1 b1 c1 failed", knows: "a1=y! b1=y! c1=y!"},
		}},
		{"whatever may have worked is not known any more, and the old address is kept as the previous one", []run{
			{records: "a1 a2 a3", ip: "y"},
			{at: "5m", answers: "a1 timeout, a2 mismatch, a3 noproof", ends: "a1 a2 a3 unconfirmed", knows: "a1?y! a2?y! a3?y!"},
			{at: "10m", planned: "a1 a2 a3 unknown", ends: "a1 a2 a3 updated", knows: "a1=x a2=x a3=x"},
		}},
		{"one attempt that may have worked is enough", []run{
			{records: "a1 a2 a3 a4", ip: "y"},
			{at: "5m", answers: "a1 timeout+noconn, a2 noconn+timeout, a3 timeout+norecord, a4 noconn+noconn",
				ends: "a1 a2 a3 unconfirmed, a4 failed", knows: "a1?y! a2?y! a3?y! a4=y!"},
		}},
		{"a confirmation in the end counts, whatever came before it", []run{
			{records: "a1", ip: "y"},
			{at: "5m", answers: "a1 timeout+noconn+ok", ends: "a1 updated", knows: "a1=x", pauses: "-"},
		}},
		{"an unknown record stays unknown after a sure failure, with the same previous address", []run{
			{records: "a1", ip: "y"},
			{at: "5m", answers: "a1 timeout", knows: "a1?y!"},
			{at: "10m", answers: "a1 noconn", ends: "a1 failed", knows: "a1?y!"},
			{at: "25m", ip: "z", answers: "a1 timeout", planned: "a1 unknown", ends: "a1 unconfirmed", knows: "a1?y!"},
		}},
		{"a record that was never confirmed stays new after a sure failure and is unknown after any other", []run{
			{records: "a1 b1", answers: "a1 noconn, b1 timeout", ends: "a1 failed, b1 unconfirmed", knows: "a1-! b1?!"},
			{at: "5m", answers: "a1 noconn, b1 noconn", planned: "a1 new, b1 unknown", knows: "a1-! b1?!"},
		}},
		{"refreshing forgets nothing when no answer comes", []run{
			{records: "a1 a2 a3"},
			{at: "5m", flags: "refresh", answers: "a1 timeout, a2 noproof, a3 norecord", ends: "a1 a2 unconfirmed, a3 failed", knows: "a1=x! a2=x! a3=x!"},
		}},
		{"refreshing forgets when the provider stored another address", []run{
			{records: "a1"},
			{at: "5m", flags: "refresh", answers: "a1 mismatch", ends: "a1 unconfirmed", knows: "a1?x!"},
			{at: "10m", planned: "a1 unknown", ends: "a1 updated"},
		}},
		{"what was never sent is put back, entry by entry", []run{
			{records: "a1 b1", ip: "y"},
			{at: "5m", records: "a1 b1/q b2/q", answers: "b badpass", sent: "a1 b1", ends: "a1 updated, b1 failed, b2 skipped", knows: "a1=x b1=y!"},
		}},
	})
}

func TestARunForgetsBeforeItTouches(t *testing.T) {
	// a1 is moved, a2 is refreshed, a3 is new, a4 is unknown and b1 is held.
	in := (&play{T: t, run: run{records: "a1 a2 a3 a4 b1", flags: "refresh"}}).input()
	ip := addresses
	in.State = state.Snapshot{
		Records: []state.Record{
			{Host: "h1", Domain: "example.com", IP: ip["y"], Since: start.Add(-9 * time.Hour), ConfirmedAt: start.Add(-time.Hour)},
			{Host: "h2", Domain: "example.com", IP: ip["x"], Since: start.Add(-9 * time.Hour), ConfirmedAt: start.Add(-time.Hour)},
			{Host: "h4", Domain: "example.com", Previous: ip["z"], Unknown: true},
			{Host: "h1", Domain: "example.net", IP: ip["y"], AttemptedAt: start.Add(-time.Hour)},
			{Host: "h9", Domain: "example.org", IP: ip["y"], AttemptedAt: start.Add(-time.Hour)},
		},
		Domains: []state.Domain{{Domain: "example.net", Pause: &state.Pause{Began: start, Seconds: 60, Under: ip["x"]}}},
	}
	p := plan.Build(in)
	after := Learn(in.State, p, make([]Result, len(p.Steps)))
	if got, want := theKnown(after), "a1?y a2=x a3? a4?z b1=y c9=y"; got != want {
		t.Errorf("before anything is sent the state says %s, want %s", got, want)
	}
	if a2 := after.Records[1]; !a2.ConfirmedAt.Equal(start.Add(-time.Hour)) || !a2.AttemptedAt.Equal(start) {
		t.Errorf("the refreshed record says %+v", a2)
	}
	for _, r := range after.Records {
		if sent := r.Domain == "example.com"; r.AttemptedAt.Equal(start) != sent {
			t.Errorf("%v was attempted at %v", r.Name(), r.AttemptedAt)
		}
	}
}

func TestAConfirmationKeepsSinceAndHistory(t *testing.T) {
	x, y := addresses["x"], addresses["y"]
	since, then := start.Add(-300*time.Hour), start.Add(-400*time.Hour)
	change := func(ip string, at time.Time) state.Change { return state.Change{IP: addresses[ip], At: at} }
	answered := start.Add(3 * time.Second)
	for _, c := range []struct {
		name    string
		before  state.Record
		since   time.Time
		history []state.Change
	}{
		{"the first one begins the history", state.Record{}, answered, []state.Change{change("x", answered)}},
		{"another address is added", state.Record{IP: y, Since: since, History: []state.Change{change("y", since)}},
			answered, []state.Change{change("y", since), change("x", answered)}},
		{"a refresh changes nothing", state.Record{IP: x, Since: since, ConfirmedAt: since, History: []state.Change{change("y", then), change("x", since)}},
			since, []state.Change{change("y", then), change("x", since)}},
		{"a refresh changes nothing where the history was lost", state.Record{IP: x, Since: since, ConfirmedAt: since}, since, nil},
		{"a doubt between two confirmations is no change", state.Record{Previous: x, Unknown: true, History: []state.Change{change("x", since)}},
			since, []state.Change{change("x", since)}},
		{"back to the address before the last is one", state.Record{IP: y, Since: since, History: []state.Change{change("x", then), change("y", since)}},
			answered, []state.Change{change("x", then), change("y", since), change("x", answered)}},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.before.Host, c.before.Domain = "h1", "example.com"
			in := (&play{T: t, run: run{records: "a1", flags: "force"}}).input()
			in.State = state.Snapshot{Records: []state.Record{c.before}}
			p := plan.Build(in)
			r := Summarize(p.Steps[0], []*provider.Error{nil}, "")
			r.At = answered
			got := Learn(in.State, p, []Result{r}).Records[0]
			if !got.Since.Equal(c.since) || !got.ConfirmedAt.Equal(answered) || !got.AttemptedAt.Equal(start) {
				t.Errorf("since %v, confirmed at %v, attempted at %v", got.Since, got.ConfirmedAt, got.AttemptedAt)
			}
			if encode(t, got.History) != encode(t, c.history) {
				t.Errorf("the history is %v, want %v", got.History, c.history)
			}
		})
	}
}

func TestFold(t *testing.T) {
	x, y := addresses["x"], addresses["y"]
	moved, refresh := plan.Step{From: y, Known: true, To: x}, plan.Step{From: x, Known: true, To: x}
	doubt := plan.Step{From: x, To: x}
	for _, c := range []struct {
		name     string
		step     plan.Step
		attempts []string
		cut      string
		outcome  Outcome
		class    provider.Class
		scope    pause.Scope
	}{
		{"a confirmation of another address", moved, []string{"ok"}, "", Updated, "", ""},
		{"a confirmation of the same address", refresh, []string{"ok"}, "", Refreshed, "", ""},
		{"a confirmation of what was in doubt", doubt, []string{"ok"}, "", Updated, "", ""},
		{"a confirmation after the end of the run", moved, []string{"timeout", "ok"}, "interrupted", Updated, "", ""},
		{"a refusal", moved, []string{"badpass"}, "", Failed, provider.Credentials, pause.OfPassword},
		{"a refusal after the end of the run", moved, []string{"nodomain"}, "interrupted", Failed, provider.Domain, pause.OfDomain},
		{"no connection, ever", moved, []string{"noconn", "noconn"}, "", Failed, provider.Transient, pause.OfRecord},
		{"the end of the run before a connection was had", moved, []string{"noconn", "noconn"}, "interrupted", Skipped, provider.Transient, pause.OfRun},
		{"the end of the run while the answer is awaited", moved, []string{"timeout"}, "interrupted", Unconfirmed, provider.Transient, pause.OfRecord},
		{"the end of the run after an attempt that may have worked", moved, []string{"timeout", "noconn"}, "interrupted", Unconfirmed, provider.Transient, pause.OfRecord},
		{"a block after an attempt that may have worked", moved, []string{"timeout", "blocked"}, "", Unconfirmed, provider.Blocked, pause.OfEndpoint},
		{"a refused address", moved, []string{"badip"}, "", Failed, provider.Address, pause.OfAddress},
		{"another address was stored", refresh, []string{"mismatch"}, "", Unconfirmed, provider.Mismatch, pause.OfRecord},
	} {
		t.Run(c.name, func(t *testing.T) {
			var attempts []*provider.Error
			for _, a := range c.attempts {
				attempts = append(attempts, word(t, a))
			}
			r := Summarize(c.step, attempts, c.cut)
			if r.Outcome != c.outcome || r.For != c.scope || r.Attempts != len(attempts) {
				t.Errorf("%s for the %q after %d attempts, want %s for the %q", r.Outcome, r.For, r.Attempts, c.outcome, c.scope)
			}
			if (r.Err == nil) != r.Confirmed() || r.Err != nil && r.Err.Class != c.class {
				t.Errorf("the error is %v, want class %s", r.Err, c.class)
			}
		})
	}
	zero := Summarize(moved, []*provider.Error{{}}, "")
	if zero.Outcome != Unconfirmed {
		t.Errorf("an error that claims nothing makes the record %s", zero.Outcome)
	}
}
