package plan

import (
	"encoding/json"
	"maps"
	"net/netip"
	"reflect"
	"testing"
	"time"

	"ddns-batch/internal/pause"
	"ddns-batch/internal/provider"
	"ddns-batch/internal/record"
	"ddns-batch/internal/state"
)

var (
	now   = time.Date(2026, 11, 23, 3, 5, 0, 0, time.UTC)
	here  = netip.MustParseAddr("203.0.113.91") // the address found
	there = netip.MustParseAddr("203.0.113.7")  // the address before
	apex  = record.Name{Host: "@", Domain: "example.com"}
	mine  = Target{Name: apex, Fingerprint: "f1"}
)

// Pauses that hold at now, unless the name says otherwise.
func paused(class provider.Class, under netip.Addr) *state.Pause {
	return &state.Pause{Class: class, Message: "no", Failures: 1, Began: now.Add(-time.Minute), Seconds: 3600, Under: under}
}

func ended(class provider.Class) *state.Pause {
	return &state.Pause{Class: class, Message: "no", Failures: 1, Began: now.Add(-time.Hour), Seconds: 3600, Under: here}
}

// future is a pause that begins in a second, and was written by a clock that was ahead.
func future(class provider.Class) *state.Pause {
	return &state.Pause{Class: class, Message: "no", Failures: 1, Began: now.Add(time.Second), Seconds: 3600, Under: here}
}

// at is a record that is confirmed at ip since age ago.
func at(ip netip.Addr, age time.Duration) state.Record {
	return state.Record{Host: "@", Domain: "example.com", IP: ip, ConfirmedAt: now.Add(-age)}
}

// with puts a pause on a record.
func with(r state.Record, p *state.Pause) state.Record {
	r.Pause = p
	return r
}

// withPassword is what a domain remembers of a password that was refused.
func withPassword(fingerprint string, p *state.Pause) []state.Domain {
	return []state.Domain{{Domain: "example.com", Passwords: []state.Password{{Fingerprint: fingerprint, Pause: p}}}}
}

// remembers is one record whose password was accepted.
func remembers(r state.Record) state.Snapshot {
	return state.Snapshot{
		Records: []state.Record{r},
		Domains: []state.Domain{{Domain: "example.com", Passwords: []state.Password{{Fingerprint: "f1", AcceptedAt: now.Add(-time.Hour)}}}},
	}
}

func TestActionAndReason(t *testing.T) {
	const day = 24 * time.Hour
	fresh, moved, unknown := at(here, time.Hour), at(there, time.Hour), state.Record{
		Host: "@", Domain: "example.com", Previous: there, Unknown: true,
	}
	missing := Target{Name: apex, Fingerprint: "f1", Missing: "not set"}
	type memory = state.Snapshot
	one := remembers
	for _, c := range []struct {
		name         string
		target       Target
		remembered   memory
		refresh      time.Duration
		force, retry bool
		action       Action
		reason       Reason
	}{
		{name: "a record that was never sent is new", target: mine, action: Update, reason: New},
		{name: "a record that failed before it was ever confirmed is still new", target: mine,
			remembered: one(state.Record{Host: "@", Domain: "example.com", Failed: true}), action: Update, reason: New},
		{name: "an address from another endpoint makes it new", target: mine,
			remembered: one(state.Record{Host: "@", Domain: "example.com", Previous: here}), action: Update, reason: New},
		{name: "a question without an answer makes it unknown", target: mine,
			remembered: one(state.Record{Host: "@", Domain: "example.com", Unknown: true}), action: Update, reason: Unknown},
		{name: "an unknown record is unknown also if it held this address before", target: mine,
			remembered: one(state.Record{Host: "@", Domain: "example.com", Unknown: true, Previous: here}), action: Update, reason: Unknown},
		{name: "another address means moved", target: mine, remembered: one(moved), action: Update, reason: Moved},
		{name: "moved is said before stale", target: mine, remembered: one(at(there, 9*day)), refresh: day, action: Update, reason: Moved},
		{name: "the same address is current", target: mine, remembered: one(fresh), refresh: day, action: Keep, reason: Current},
		{name: "with a password that was not accepted so far it is unproved", target: Target{Name: apex, Fingerprint: "f2"}, remembered: one(fresh), action: Update, reason: Unproved},
		{name: "stale is said before unproved", target: Target{Name: apex, Fingerprint: "f2"}, remembered: one(at(here, day)), refresh: day, action: Update, reason: Stale},
		{name: "another record's address counts for nothing", target: mine,
			remembered: one(state.Record{Host: "@", Domain: "example.net", IP: here, ConfirmedAt: now}), action: Update, reason: New},

		{name: "a nanosecond younger than the refresh age is current", target: mine, remembered: one(at(here, day-1)), refresh: day, action: Keep, reason: Current},
		{name: "exactly the refresh age is stale", target: mine, remembered: one(at(here, day)), refresh: day, action: Update, reason: Stale},
		{name: "no refreshing keeps it for years", target: mine, remembered: one(at(here, 3000*day)), action: Keep, reason: Current},
		{name: "confirmed this very moment is current", target: mine, remembered: one(at(here, 0)), refresh: day, action: Keep, reason: Current},
		{name: "confirmed in the future is stale", target: mine, remembered: one(at(here, -time.Second)), refresh: day, action: Update, reason: Stale},
		{name: "confirmed in the future is stale even without refreshing", target: mine, remembered: one(at(here, -90*day)), action: Update, reason: Stale},

		{name: "a missing password holds", target: missing, action: Hold, reason: NoPassword},
		{name: "a missing password holds even a current record", target: missing, remembered: one(fresh), action: Hold, reason: NoPassword},
		{name: "force does not help a missing password", target: missing, force: true, action: Hold, reason: NoPassword},
		{name: "a missing password is said before a block", target: missing, remembered: memory{Blocked: paused(provider.Blocked, there)}, action: Hold, reason: NoPassword},

		{name: "force sends a current record", target: mine, remembered: one(fresh), force: true, action: Update, reason: Forced},
		{name: "force sends a paused record", target: mine, remembered: one(with(moved, paused(provider.Record, here))), force: true, action: Update, reason: Forced},
		{name: "force sends in spite of a block", target: mine, remembered: memory{Blocked: paused(provider.Blocked, here)}, force: true, action: Update, reason: Forced},
		{name: "force wins over retry", target: mine, remembered: one(fresh), force: true, retry: true, action: Update, reason: Forced},

		{name: "a current record is kept under a block", target: mine,
			remembered: memory{Records: []state.Record{fresh}, Blocked: paused(provider.Blocked, here)}, action: Keep, reason: Current},
		{name: "a current record is kept although it failed since", target: mine, remembered: one(with(fresh, paused(provider.Transient, here))), action: Keep, reason: Current},
		{name: "a current record is kept although its password is refused", target: mine,
			remembered: memory{Records: []state.Record{fresh}, Domains: withPassword("f1", paused(provider.Credentials, here))}, action: Keep, reason: Current},

		{name: "a block holds", target: mine, remembered: memory{Blocked: paused(provider.Blocked, here)}, action: Hold, reason: Blocked},
		{name: "a block holds under a new address too", target: mine, remembered: memory{Blocked: paused(provider.Blocked, there)}, action: Hold, reason: Blocked},
		{name: "a block holds against retry", target: mine, remembered: memory{Blocked: paused(provider.Blocked, here)}, retry: true, action: Hold, reason: Blocked},
		{name: "a block is said before a pause", target: mine,
			remembered: memory{Records: []state.Record{with(moved, paused(provider.Record, here))}, Blocked: paused(provider.Blocked, here)}, action: Hold, reason: Blocked},
		{name: "a block that is over holds nothing", target: mine, remembered: memory{Blocked: ended(provider.Blocked)}, action: Update, reason: New},

		{name: "a paused record is held", target: mine, remembered: one(with(moved, paused(provider.Record, here))), action: Hold, reason: Failing},
		{name: "a paused record that is stale is held", target: mine, remembered: one(with(at(here, 2*day), paused(provider.Transient, here))), refresh: day, action: Hold, reason: Failing},
		{name: "a paused record that is unknown is held", target: mine, remembered: one(with(unknown, paused(provider.Transient, here))), action: Hold, reason: Failing},
		{name: "retry sends a paused record, with the reason it has without the pause", target: mine,
			remembered: one(with(moved, paused(provider.Record, here))), retry: true, action: Update, reason: Moved},
		{name: "retry does not send a current record", target: mine, remembered: one(fresh), retry: true, action: Keep, reason: Current},
		{name: "a pause that is over holds nothing", target: mine, remembered: one(with(moved, ended(provider.Record))), action: Update, reason: Moved},
		{name: "a row of failures without a pause holds nothing", target: mine,
			remembered: one(with(moved, &state.Pause{Class: provider.Transient, Failures: 2, Began: now, Under: here})), action: Update, reason: Moved},
		{name: "a pause from the future is a clock set back, and over", target: mine,
			remembered: one(with(moved, future(provider.Record))), action: Update, reason: Moved},

		{name: "a block from the future is over as well", target: mine, remembered: memory{Records: []state.Record{moved}, Blocked: future(provider.Blocked)}, action: Update, reason: Moved},
		{name: "a refused password from the future too", target: mine, remembered: memory{Records: []state.Record{moved}, Domains: withPassword("f1", future(provider.Credentials))}, action: Update, reason: Moved},
		{name: "a refused domain from the future too", target: mine,
			remembered: memory{Records: []state.Record{moved}, Domains: []state.Domain{{Domain: "example.com", Pause: future(provider.Domain)}}}, action: Update, reason: Moved},
		{name: "a refused address from the future too", target: mine,
			remembered: memory{Records: []state.Record{moved}, Addresses: []state.Address{{IP: here, Pause: future(provider.Address)}}}, action: Update, reason: Moved},

		{name: "a refused password holds its records", target: mine, remembered: memory{Domains: withPassword("f1", paused(provider.Credentials, here))}, action: Hold, reason: Failing},
		{name: "a new address does not end the pause of a password", target: mine,
			remembered: memory{Domains: withPassword("f1", paused(provider.Credentials, there))}, action: Hold, reason: Failing},
		{name: "a new password ends it", target: mine, remembered: memory{Domains: withPassword("f0", paused(provider.Credentials, here))}, action: Update, reason: New},
		{name: "the same password refused for another domain holds nothing", target: Target{Name: record.Name{Host: "@", Domain: "example.net"}, Fingerprint: "f1"},
			remembered: memory{Domains: withPassword("f1", paused(provider.Credentials, here))}, action: Update, reason: New},
		{name: "a password that is not known in a dry run is held by no other one's pause", target: Target{Name: apex},
			remembered: memory{Domains: withPassword("f1", paused(provider.Credentials, here))}, action: Update, reason: New},
		{name: "a refused domain holds its records", target: mine,
			remembered: memory{Domains: []state.Domain{{Domain: "example.com", Pause: paused(provider.Domain, here)}}}, action: Hold, reason: Failing},
		{name: "a refused domain holds no other", target: mine,
			remembered: memory{Domains: []state.Domain{{Domain: "example.net", Pause: paused(provider.Domain, here)}}}, action: Update, reason: New},
		{name: "a new address ends the pause of a domain", target: mine,
			remembered: memory{Domains: []state.Domain{{Domain: "example.com", Pause: paused(provider.Domain, there)}}}, action: Update, reason: New},
		{name: "a refused address holds every record", target: mine,
			remembered: memory{Addresses: []state.Address{{IP: here, Pause: paused(provider.Address, here)}}}, action: Hold, reason: Failing},
		{name: "a refused address holds although another one was refused later", target: mine,
			remembered: memory{Addresses: []state.Address{{IP: here, Pause: paused(provider.Address, here)}, {IP: there, Pause: ended(provider.Address)}}}, action: Hold, reason: Failing},
		{name: "another refused address holds nothing", target: mine,
			remembered: memory{Addresses: []state.Address{{IP: there, Pause: paused(provider.Address, there)}}}, action: Update, reason: New},
		{name: "a new address ends the pause of a record", target: mine, remembered: one(with(moved, paused(provider.Record, there))), action: Update, reason: Moved},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := Build(Input{Now: now, Address: here, Targets: []Target{c.target}, State: c.remembered, RefreshAfter: c.refresh, Force: c.force, Retry: c.retry})
			s := p.Steps[0]
			if s.Action != c.action || s.Reason != c.reason {
				t.Errorf("%s because of %s, want %s because of %s", s.Action, s.Reason, c.action, c.reason)
			}
			if (s.Pause != nil) != (c.reason == Blocked || c.reason == Failing) {
				t.Errorf("%s has the pause %v", s.Reason, s.Pause)
			}
		})
	}
}

func TestHeldByTheMostPreciseOfSeveralPauses(t *testing.T) {
	password, domain := paused(provider.Credentials, here), paused(provider.Domain, here)
	address, own := paused(provider.Address, here), paused(provider.Record, here)
	s := state.Snapshot{
		Records:   []state.Record{with(at(there, time.Hour), own)},
		Domains:   []state.Domain{{Domain: "example.com", Pause: domain, Passwords: []state.Password{{Fingerprint: "f1", Pause: password}}}},
		Addresses: []state.Address{{IP: here, Pause: address}},
	}
	for _, want := range []*state.Pause{password, domain, address, own, nil} {
		got := Build(Input{Now: now, Address: here, Targets: []Target{mine}, State: s}).Steps[0].Pause
		if got != want {
			t.Fatalf("held by %v, want %v", got, want)
		}
		switch want {
		case password:
			s.Domains[0].Passwords = nil
		case domain:
			s.Domains = nil
		case address:
			s.Addresses = nil
		case own:
			s.Records[0].Pause = nil
		}
	}
}

func TestANewAddressEndsAPauseAtMostOnceAnHour(t *testing.T) {
	for _, c := range []struct {
		name   string
		lifted time.Time
		under  netip.Addr
		lifts  bool
	}{
		{"never ended so before", time.Time{}, there, true},
		{"ended so an hour ago", now.Add(-time.Hour), there, true},
		{"ended so less than an hour ago", now.Add(-time.Hour + time.Second), there, false},
		{"ended so in the future, by a wrong clock", now.Add(time.Second), there, true},
		{"the same address", time.Time{}, here, false},
		{"it is not known under which address it began", time.Time{}, netip.Addr{}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := paused(provider.Record, c.under)
			p.Lifted = c.lifted
			if got := pause.Lifts(p, now, here); got != c.lifts {
				t.Errorf("Lifts is %v", got)
			}
			if got := pause.Holds(p, now, here); got != !c.lifts {
				t.Errorf("Holds is %v", got)
			}
			over := *p
			over.Began = now.Add(-2 * time.Hour)
			if pause.Lifts(&over, now, here) || pause.Holds(&over, now, here) {
				t.Error("a pause that is over has nothing to end and holds nothing")
			}
		})
	}
	if pause.Lifts(nil, now, here) || pause.Holds(nil, now, here) {
		t.Error("no pause, and yet it does something")
	}
}

func TestFromIsTheBelievedAddress(t *testing.T) {
	for _, c := range []struct {
		name  string
		r     state.Record
		from  netip.Addr
		known bool
	}{
		{"confirmed here", at(here, time.Hour), here, true},
		{"confirmed there", at(there, time.Hour), there, true},
		{"confirmed there before something unanswered", state.Record{Host: "@", Domain: "example.com", Previous: there, Unknown: true}, there, false},
		{"confirmed there by another endpoint", state.Record{Host: "@", Domain: "example.com", Previous: there}, there, false},
		{"sent and never answered", state.Record{Host: "@", Domain: "example.com", Unknown: true}, netip.Addr{}, false},
		{"never sent", state.Record{}, netip.Addr{}, false},
	} {
		for _, force := range []bool{false, true} {
			t.Run(c.name, func(t *testing.T) {
				s := Build(Input{Now: now, Address: here, Targets: []Target{mine}, State: state.Snapshot{Records: []state.Record{c.r}}, Force: force}).Steps[0]
				if s.From != c.from || s.Known != c.known || s.To != here {
					t.Errorf("from %v, known %v, to %v; want %v, %v, %v", s.From, s.Known, s.To, c.from, c.known, here)
				}
			})
		}
	}
}

func TestThePlanIsInTheOrderOfTheFile(t *testing.T) {
	names := []record.Name{
		{Host: "www", Domain: "example.net"}, {Host: "@", Domain: "example.com"}, {Host: "@", Domain: "example.net"},
		{Host: "*", Domain: "example.com"}, {Host: "www", Domain: "example.com"},
	}
	s := state.Snapshot{Records: []state.Record{
		{Host: "www", Domain: "example.com", IP: here, ConfirmedAt: now},
		{Host: "www", Domain: "example.net", IP: there, ConfirmedAt: now, Failed: true},
	}}
	var targets []Target
	for _, n := range names {
		targets = append(targets, Target{Name: n})
	}
	p := Build(Input{Now: now, Address: here, Targets: targets, State: s})
	if p.Now != now || p.Address != here {
		t.Errorf("the plan is of %v and for %v", p.Now, p.Address)
	}
	if got := p.Updates(); got != 4 {
		t.Errorf("%d updates, want 4", got)
	}
	for i, step := range p.Steps {
		if step.Name != names[i] {
			t.Errorf("step %d is %v, want %v", i, step.Name, names[i])
		}
		if step.FailedBefore != (i == 0) {
			t.Errorf("%v: failed before is %v", step.Name, step.FailedBefore)
		}
	}
}

func TestNothingAboutAnUnknownAddressIsCurrent(t *testing.T) {
	s := state.Snapshot{Records: []state.Record{{Host: "@", Domain: "example.com", ConfirmedAt: now}}}
	if step := Build(Input{Now: now, Targets: []Target{mine}, State: s}).Steps[0]; step.Action == Keep {
		t.Errorf("kept because of %s, and nobody knows at what address", step.Reason)
	}
}

func TestBuildChangesNothingItIsGiven(t *testing.T) {
	in := Input{
		Now: now, Address: here, Targets: []Target{mine, {Name: record.Name{Host: "www", Domain: "example.com"}, Fingerprint: "f1"}}, RefreshAfter: time.Hour,
		Observed: map[record.Name]Observation{apex: published(there)},
		State: state.Snapshot{
			Blocked:   ended(provider.Blocked),
			Records:   []state.Record{with(at(there, time.Hour), paused(provider.Record, there))},
			Domains:   withPassword("f1", ended(provider.Credentials)),
			Addresses: []state.Address{{IP: here, Pause: ended(provider.Address)}},
		},
	}
	observed := maps.Clone(in.Observed)
	before := encode(t, in.State)
	first := Build(in)
	if after := encode(t, in.State); !maps.Equal(in.Observed, observed) || after != before {
		t.Errorf("the input was\n%s\nand became\n%s", before, after)
	}
	if !reflect.DeepEqual(first, Build(in)) {
		t.Error("the same input gave another plan")
	}
}

func encode(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
