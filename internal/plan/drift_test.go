package plan

import (
	"net/netip"
	"testing"
	"time"

	"ddns-batch/internal/provider"
	"ddns-batch/internal/record"
	"ddns-batch/internal/state"
)

var foreign = netip.MustParseAddr("198.51.100.9")

// published is what two servers agree on, for half an hour.
func published(a netip.Addr) Observation {
	return Observation{Certain: true, Published: a, TTL: 30 * time.Minute, Words: a.String()}
}

// driftedBefore is a record that was set right some time ago because somebody had set it to foreign.
func driftedBefore(to netip.Addr, age time.Duration) state.Record {
	r := at(here, time.Hour)
	r.Drift = state.Change{IP: to, At: now.Add(-age)}
	return r
}

// unseen is r with the failure of a look in the minute in which it was confirmed, and the pause that followed.
func unseen(r state.Record, length time.Duration) state.Record {
	r.Failed = true
	r.Pause = &state.Pause{
		Class: provider.Record, Message: "the name servers publish no such name", Unseen: true, Failures: 1,
		Since: r.ConfirmedAt, Began: r.ConfirmedAt, Under: r.IP, Seconds: int64(length / time.Second),
	}
	return r
}

func TestDrift(t *testing.T) {
	nothing := Observation{Certain: true, TTL: 30 * time.Minute, Words: "there is no such name"}
	uncertain := published(foreign)
	uncertain.Certain = false
	elsewhere, mirrored := published(foreign), published(here)
	elsewhere.Elsewhere, mirrored.Elsewhere = "ns1.example.org", "ns1.example.org"
	for _, c := range []struct {
		name         string
		remembered   state.Record
		observed     Observation
		blocked      *state.Pause
		force, retry bool
		action       Action
		reason       Reason
	}{
		{name: "what is published is what was confirmed", remembered: at(here, time.Hour), observed: published(here), action: Keep, reason: Current},
		{name: "a foreign address is published", remembered: at(here, time.Hour), observed: published(foreign), action: Update, reason: Drifted},
		{name: "nothing is published", remembered: at(here, time.Hour), observed: nothing, action: Update, reason: Unseen},
		{name: "the domain is served by others", remembered: at(here, time.Hour), observed: elsewhere, action: Update, reason: Unseen},
		{name: "by others, who publish what was confirmed", remembered: at(here, time.Hour), observed: mirrored, action: Keep, reason: Current},
		{name: "a TTL may explain that there is nothing", remembered: at(here, 30*time.Minute), observed: nothing, action: Keep, reason: Current},
		{name: "not if it was known before", remembered: unseen(at(here, 30*time.Minute), time.Hour), observed: nothing, action: Hold, reason: Failing},
		{name: "after the pause it is sent again", remembered: unseen(at(here, 2*time.Hour), time.Hour), observed: nothing, action: Update, reason: Unseen},
		{name: "who does not look believes the last look", remembered: unseen(at(here, 30*time.Minute), time.Hour), observed: uncertain, action: Hold, reason: Failing},
		{name: "until its pause is over", remembered: unseen(at(here, 2*time.Hour), time.Hour), observed: uncertain, action: Update, reason: Unseen},
		{name: "a look that shows it ends the pause", remembered: unseen(at(here, 30*time.Minute), time.Hour), observed: published(here), action: Keep, reason: Current},
		{name: "and so does one that shows a drift", remembered: unseen(at(here, 31*time.Minute), time.Hour), observed: published(foreign), action: Update, reason: Drifted},
		{name: "a new address is sent in spite of it", remembered: unseen(at(there, time.Hour), 2*time.Hour), observed: nothing, action: Update, reason: Moved},
		{name: "--retry sends what is not seen", remembered: unseen(at(here, 30*time.Minute), time.Hour), observed: nothing, retry: true, action: Update, reason: Unseen},
		{name: "not seen is said before stale", remembered: at(here, 99*time.Hour), observed: nothing, action: Update, reason: Unseen},
		{name: "a block holds it", remembered: at(here, time.Hour), blocked: paused(provider.Blocked, here), observed: nothing, action: Hold, reason: Blocked},
		{name: "a TTL still explains it", remembered: at(here, 30*time.Minute), observed: published(there), action: Keep, reason: Current},
		{name: "a nanosecond later it no longer does", remembered: at(here, 30*time.Minute+1), observed: published(there), action: Update, reason: Drifted},
		{name: "servers that do not answer or agree cause nothing", remembered: at(here, time.Hour), observed: uncertain, action: Keep, reason: Current},
		{name: "and block nothing", remembered: at(there, time.Hour), observed: uncertain, action: Update, reason: Moved},
		{name: "a record that is to be moved has not drifted", remembered: at(there, time.Hour), observed: published(foreign), action: Update, reason: Moved},
		{name: "drifted is said before stale", remembered: at(here, 99*time.Hour), observed: published(foreign), action: Update, reason: Drifted},
		{name: "an unknown record stays unknown", remembered: state.Record{Host: "@", Domain: "example.com", Unknown: true, Previous: here},
			observed: published(foreign), action: Update, reason: Unknown},
		{name: "a pause holds a drifted record too", remembered: with(at(here, time.Hour), paused(provider.Record, here)),
			observed: published(foreign), action: Hold, reason: Failing},
		{name: "so does a block", remembered: at(here, time.Hour), blocked: paused(provider.Blocked, here), observed: published(foreign), action: Hold, reason: Blocked},
		{name: "drifting twice to one address within a day is contested", remembered: driftedBefore(foreign, 23*time.Hour),
			observed: published(foreign), action: Hold, reason: Contested},
		{name: "after a day it is set right again", remembered: driftedBefore(foreign, 24*time.Hour), observed: published(foreign), action: Update, reason: Drifted},
		{name: "another foreign address is another matter", remembered: driftedBefore(there, time.Hour), observed: published(foreign), action: Update, reason: Drifted},
		{name: "a record that vanishes is nobody's address", remembered: driftedBefore(foreign, time.Hour), observed: nothing, action: Update, reason: Unseen},
		{name: "a contested record that is right again is kept", remembered: driftedBefore(foreign, time.Hour), observed: published(here), action: Keep, reason: Current},
		{name: "a drift in the future was written by a wrong clock", remembered: driftedBefore(foreign, -time.Hour), observed: published(foreign), action: Update, reason: Drifted},
		{name: "--retry sends a contested record", remembered: driftedBefore(foreign, time.Hour), observed: published(foreign), retry: true, action: Update, reason: Drifted},
		{name: "--force too", remembered: driftedBefore(foreign, time.Hour), observed: published(foreign), force: true, action: Update, reason: Forced},
	} {
		t.Run(c.name, func(t *testing.T) {
			remembered := remembers(c.remembered)
			remembered.Blocked = c.blocked
			s := Build(Input{
				Now: now, Address: here, Targets: []Target{mine}, RefreshAfter: 24 * time.Hour, Force: c.force, Retry: c.retry,
				State:    remembered,
				Observed: map[record.Name]Observation{apex: c.observed},
			}).Steps[0]
			if s.Action != c.action || s.Reason != c.reason {
				t.Errorf("%s because %s, want %s because %s", s.Action, s.Reason, c.action, c.reason)
			}
			if s.Observed == nil || *s.Observed != c.observed {
				t.Errorf("the step does not say what is published: %v", s.Observed)
			}
			if s.Reason == Contested && !s.Pause.Until().Equal(c.remembered.Drift.At.Add(24*time.Hour)) {
				t.Errorf("held until %v", s.Pause.Until())
			}
		})
	}
}

func TestWithoutAnObservationNothingDrifts(t *testing.T) {
	s := Build(Input{Now: now, Address: here, Targets: []Target{mine}, State: remembers(at(here, time.Hour))}).Steps[0]
	if s.Reason != Current || s.Observed != nil {
		t.Errorf("%s with %v", s.Reason, s.Observed)
	}
}

// A domain whose other name servers happen to publish the confirmed address is still served by others: there is nothing to
// remember anew, in each run.
func TestWhatOthersPublishHasNotReappeared(t *testing.T) {
	mirrored := published(here)
	mirrored.Elsewhere = "ns1.example.org"
	for name, c := range map[string]struct {
		observed Observation
		want     bool
	}{"by others": {mirrored, false}, "by its own name servers": {published(here), true}} {
		t.Run(name, func(t *testing.T) {
			known := remembers(at(here, time.Hour))
			known.Domains[0].Pause = unseen(at(here, time.Hour), 2*time.Hour).Pause
			known.Domains[0].Pause.Class = provider.Domain
			s := Build(Input{
				Now: now, Address: here, Targets: []Target{mine}, RefreshAfter: 24 * time.Hour, State: known,
				Observed: map[record.Name]Observation{apex: c.observed},
			}).Steps[0]
			if s.Action != Keep || s.Reappeared != c.want {
				t.Errorf("%s because %s, reappeared: %t", s.Action, s.Reason, s.Reappeared)
			}
		})
	}
}
