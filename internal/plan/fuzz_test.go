package plan

import (
	"fmt"
	"net/netip"
	"reflect"
	"testing"
	"time"

	"ddns-batch/internal/pause"
	"ddns-batch/internal/provider"
	"ddns-batch/internal/record"
	"ddns-batch/internal/state"
)

// dice turns the bytes of a fuzzer into choices; when they are used up every choice is the first.
type dice struct{ data []byte }

func (d *dice) roll(n int) int {
	if len(d.data) == 0 {
		return 0
	}
	v := int(d.data[0]) % n
	d.data = d.data[1:]
	return v
}

func (d *dice) yes() bool { return d.roll(2) == 1 }

func (d *dice) address() netip.Addr {
	return []netip.Addr{{}, here, there, netip.MustParseAddr("198.51.100.9")}[d.roll(4)]
}

func (d *dice) time() time.Time {
	return []time.Time{{}, now, now.Add(-time.Minute), now.Add(-time.Hour), now.Add(-48 * time.Hour), now.Add(time.Hour), time.Unix(1<<40, 0)}[d.roll(7)]
}

func (d *dice) pause() *state.Pause {
	if d.yes() {
		return nil
	}
	return &state.Pause{
		Class: provider.Record, Failures: d.roll(4), Began: d.time(), Under: d.address(), Lifted: d.time(),
		Seconds: []int64{0, 1, 240, 3600, 86400, -1, 1 << 62}[d.roll(7)],
	}
}

func (d *dice) input() Input {
	in := Input{
		Now: now, Address: d.address(), Force: d.roll(6) == 1, Retry: d.roll(4) == 1,
		RefreshAfter: []time.Duration{0, time.Hour, 24 * time.Hour, 1}[d.roll(4)],
	}
	if d.roll(4) == 1 {
		in.State.Blocked = d.pause()
	}
	for i := range d.roll(8) {
		name := record.Name{Host: fmt.Sprint("h", i), Domain: []string{"example.com", "example.net"}[d.roll(2)]}
		t := Target{Name: name, Fingerprint: []string{"", "f1", "f2"}[d.roll(3)]}
		if d.roll(5) == 1 {
			t.Missing = "not set"
		}
		in.Targets = append(in.Targets, t)
		if d.yes() {
			in.State.Records = append(in.State.Records, state.Record{
				Host: name.Host, Domain: name.Domain, IP: d.address(), ConfirmedAt: d.time(), Previous: d.address(),
				Unknown: d.yes(), Failed: d.yes(), Pause: d.pause(),
			})
		}
	}
	for _, name := range []string{"example.com", "example.net"}[:d.roll(3)] {
		in.State.Domains = append(in.State.Domains, state.Domain{
			Domain: name, Pause: d.pause(), Passwords: []state.Password{{Fingerprint: "f1", Pause: d.pause()}, {Fingerprint: "f2", AcceptedAt: d.time()}},
		})
	}
	if d.yes() {
		in.State.Addresses = []state.Address{{IP: d.address(), Pause: d.pause()}}
	}
	return in
}

// FuzzBuild checks what holds of every plan, whatever is remembered.
func FuzzBuild(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte{1, 0, 0, 2, 0, 5, 0, 1, 0, 1, 1, 1, 0, 0, 0, 1})
	f.Add([]byte{1, 1, 1, 0, 1, 0, 2, 3, 4, 5, 7, 1, 1, 1, 1, 2, 3, 0, 1, 0, 0, 1, 2, 3, 4, 1, 2, 1, 0, 1, 1, 0, 1, 3, 1, 2})
	f.Add([]byte("any text is a row of choices, and a long one makes for many records with many pauses"))
	f.Fuzz(func(t *testing.T, data []byte) {
		in := (&dice{data}).input()
		p := Build(in)
		if again := Build((&dice{data}).input()); !reflect.DeepEqual(p, again) {
			t.Fatalf("the same input gave\n%+v\nand\n%+v", p, again)
		}
		if len(p.Steps) != len(in.Targets) {
			t.Fatalf("%d steps for %d records", len(p.Steps), len(in.Targets))
		}
		updates := 0
		for i, s := range p.Steps {
			checkStep(t, in, i, s)
			checkProved(t, in, p, s)
			if s.Action == Update {
				updates++
			}
		}
		if p.Updates() != updates {
			t.Errorf("Updates is %d, want %d", p.Updates(), updates)
		}
	})
}

func checkStep(t *testing.T, in Input, i int, s Step) {
	t.Helper()
	if s.Target != in.Targets[i] || s.To != in.Address {
		t.Fatalf("step %d is %+v to %v", i, s.Target, s.To)
	}
	r := state.Record{}
	for _, known := range in.State.Records {
		if known.Name() == s.Name {
			r = known
		}
	}
	right := r.IP.IsValid() && r.IP == in.Address
	held := !in.State.Blocked.Over(in.Now) || pausedSomewhere(in, s)
	switch s.Action {
	case Keep:
		if s.Reason != Current || !right || in.Force || s.Missing != "" || r.ConfirmedAt.After(in.Now) {
			t.Errorf("kept because of %s: %+v", s.Reason, r)
		}
	case Hold:
		switch {
		case s.Missing != "" && s.Reason == NoPassword:
		case s.Missing == "" && !in.Force && held && (s.Reason == Blocked || s.Reason == Failing && !in.Retry) && !s.Pause.Over(in.Now):
		default:
			t.Errorf("held because of %s by %+v", s.Reason, s.Pause)
		}
	case Update:
		if s.Missing != "" || !in.Force && !in.State.Blocked.Over(in.Now) || !in.Force && !in.Retry && held {
			t.Errorf("sent because of %s although it is held", s.Reason)
		}
		if (s.Reason == Forced) != in.Force || s.Reason == Stale && !right || s.Reason == Moved && (right || !r.IP.IsValid()) ||
			s.Reason == Unknown && !r.Unknown || s.Reason == New && r.IP.IsValid() {
			t.Errorf("sent because of %s: %+v", s.Reason, r)
		}
		if s.Reason == Unproved && (!right || pausedSomewhere(in, s) || s.Fingerprint == "") {
			t.Errorf("sent because of %s: %+v", s.Reason, r)
		}
	default:
		t.Errorf("the action %q", s.Action)
	}
}

// checkProved: of the records of a domain that share a password, one is sent where it was not accepted and nothing is
// paused, and none for that reason alone where it was, or where another is sent.
func checkProved(t *testing.T, in Input, p Plan, s Step) {
	t.Helper()
	accepted, sent, unproved := false, 0, 0
	for _, d := range in.State.Domains {
		for _, known := range d.Passwords {
			accepted = accepted || d.Domain == s.Name.Domain && known.Fingerprint == s.Fingerprint && !known.AcceptedAt.IsZero() && known.Pause == nil
		}
	}
	for _, other := range p.Steps {
		if other.Name.Domain != s.Name.Domain || other.Fingerprint != s.Fingerprint || other.Action != Update {
			continue
		}
		if sent++; other.Reason == Unproved {
			unproved++
		}
	}
	if unproved > 0 && (accepted || sent > 1) {
		t.Errorf("%d records of %s are sent with %s, %d to try it; accepted: %t", sent, s.Name.Domain, s.Fingerprint, unproved, accepted)
	}
	if s.Action == Keep && s.Fingerprint != "" && !accepted && sent == 0 && in.State.Blocked.Over(in.Now) && !pausedSomewhere(in, s) {
		t.Errorf("%s is kept, and its password was not accepted", s.Name)
	}
}

// pausedSomewhere says in another way than Build whether a step is paused: any pause over it will do.
func pausedSomewhere(in Input, s Step) bool {
	holds := false
	for _, r := range in.State.Records {
		holds = holds || r.Name() == s.Name && pause.Holds(r.Pause, in.Now, in.Address)
	}
	for _, d := range in.State.Domains {
		if d.Domain != s.Name.Domain {
			continue
		}
		holds = holds || pause.Holds(d.Pause, in.Now, in.Address)
		for _, p := range d.Passwords {
			holds = holds || p.Fingerprint == s.Fingerprint && !p.Pause.Over(in.Now)
		}
	}
	for _, a := range in.State.Addresses {
		holds = holds || a.IP == in.Address && pause.Holds(a.Pause, in.Now, in.Address)
	}
	return holds
}

// BenchmarkNothingToDo plans 10,000 records of 100 domains that are all current.
func BenchmarkNothingToDo(b *testing.B) {
	in := Input{Now: now, Address: here, RefreshAfter: 24 * time.Hour}
	for i := range 10_000 {
		name := record.Name{Host: fmt.Sprint("h", i), Domain: fmt.Sprintf("zone%d.example.com", i/100)}
		in.Targets = append(in.Targets, Target{Name: name, Fingerprint: name.Domain})
		in.State.Records = append(in.State.Records, state.Record{Host: name.Host, Domain: name.Domain, IP: here, ConfirmedAt: now.Add(-time.Hour)})
		if i%100 == 0 {
			in.State.Domains = append(in.State.Domains, state.Domain{Domain: name.Domain, Passwords: []state.Password{{Fingerprint: name.Domain, AcceptedAt: now}}})
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		if p := Build(in); p.Updates() != 0 {
			b.Fatal("something to do")
		}
	}
}
