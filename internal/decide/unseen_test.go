package decide

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"ddns-batch/internal/pause"
	"ddns-batch/internal/plan"
	"ddns-batch/internal/provider"
	"ddns-batch/internal/record"
	"ddns-batch/internal/state"
)

// sight is what the name servers say; nil: nobody asks them.
type sight *plan.Observation

var (
	good      sight = &plan.Observation{Certain: true, Published: addresses["x"], Words: "203.0.113.91", TTL: 30 * time.Minute}
	drift     sight = &plan.Observation{Certain: true, Published: addresses["z"], Words: "198.51.100.9", TTL: 30 * time.Minute}
	nameless  sight = &plan.Observation{Certain: true, Words: "no such name", TTL: 30 * time.Minute}
	alias     sight = &plan.Observation{Certain: true, Words: "CNAME www.example.org", TTL: 30 * time.Minute}
	several   sight = &plan.Observation{Certain: true, Words: "203.0.113.91, 198.51.100.9", TTL: 30 * time.Minute}
	elsewhere sight = &plan.Observation{Certain: true, Published: addresses["z"], Words: "198.51.100.9", Elsewhere: "ns1.example.org", TTL: 30 * time.Minute}
	mirrored  sight = &plan.Observation{Certain: true, Published: addresses["x"], Words: "203.0.113.91", Elsewhere: "ns1.example.org", TTL: 30 * time.Minute}
	silence   sight = &plan.Observation{Words: "no answer in 2 s"}
	unasked   sight
)

// aDay plays a run every five minutes for a day, with a provider that takes whatever it is sent. From the minute of each
// turn on the name servers show what it says.
type aDay struct {
	*testing.T
	records string
	turns   map[int]sight
	moves   int    // the minute from which on the address is y; 0: never
	answers string // those of the provider

	memory state.Snapshot
	sent   []string // "0 a1 a2"
	held   map[string]int
	now    int
	steps  []plan.Step
}

// play returns what was sent: the minute, then the records.
func (d *aDay) play() string {
	d.Helper()
	d.memory = (&play{T: d.T, run: run{at: "-3h", records: d.records}}).play()
	d.held = map[string]int{}
	var seen sight
	for d.now = 0; d.now < 24*60; d.now += 5 {
		if s, turns := d.turns[d.now]; turns {
			seen = s
		}
		d.run(seen)
	}
	return strings.Join(d.sent, ", ")
}

func (d *aDay) run(seen sight) {
	r := run{at: fmt.Sprintf("%dm", d.now), records: d.records, answers: d.answers}
	if d.moves > 0 && d.now >= d.moves {
		r.ip = "y"
	}
	p := &play{T: d.T, run: r, before: d.memory}
	in := p.input()
	if seen != nil {
		in.Observed = map[record.Name]plan.Observation{}
		for _, t := range in.Targets {
			in.Observed[t.Name] = *seen
		}
	}
	p.plan = plan.Build(in)
	p.send()
	d.memory = Learn(d.memory, p.plan, p.results)
	if len(p.waves) > 0 {
		d.sent = append(d.sent, fmt.Sprintf("%d %s", d.now, strings.Join(p.waves, " | ")))
	}
	d.steps = p.plan.Steps
	for _, s := range p.plan.Steps {
		if s.Action == plan.Hold {
			d.held[string(s.Reason)+" "+string(s.Pause.Class)+": "+s.Pause.Message]++
		}
	}
}

func TestADayOfRunsThatLookAtWhatIsPublished(t *testing.T) {
	const noName, noAlias = "failing record: the name servers publish no such name instead of one address", "failing record: the name servers publish CNAME www.example.org instead of one address"
	const foreign = "failing domain: example.com is served by other name servers (ns1.example.org)"
	for _, c := range []struct {
		name  string
		day   aDay
		sends string
		held  map[string]int
	}{
		{"all is well", aDay{records: "a1 a2", turns: map[int]sight{0: good}}, "", nil},
		{"there is no such name", aDay{records: "a1", turns: map[int]sight{0: nameless}}, "0 a1, 60 a1, 180 a1, 420 a1, 900 a1", map[string]int{noName: 283}},
		{"it is an alias", aDay{records: "a1", turns: map[int]sight{0: alias}}, "0 a1, 60 a1, 180 a1, 420 a1, 900 a1", map[string]int{noAlias: 283}},
		{"it has several addresses", aDay{records: "a1", turns: map[int]sight{0: several}}, "0 a1, 60 a1, 180 a1, 420 a1, 900 a1",
			map[string]int{"failing record: the name servers publish 203.0.113.91, 198.51.100.9 instead of one address": 283}},
		{"the domain is served by other name servers: one of its records is tried for all", aDay{records: "a1 a2 a3 b1", turns: map[int]sight{0: good, 5: elsewhere}},
			"5 a1 a2 a3 b1, 65 a1 b1, 185 a1 b1, 425 a1 b1, 905 a1 b1", nil},
		{"other name servers that publish the address are no trouble", aDay{records: "a1 a2", turns: map[int]sight{0: mirrored}}, "", nil},
		{"a foreign address is set right, and contested after that", aDay{records: "a1", turns: map[int]sight{0: drift}}, "0 a1",
			map[string]int{"contested contested: another machine updates it to 198.51.100.9": 281}},
		{"it ends as soon as the address is seen", aDay{records: "a1", turns: map[int]sight{0: alias, 100: good}}, "0 a1, 60 a1", map[string]int{noAlias: 18}},
		{"and begins anew after that", aDay{records: "a1", turns: map[int]sight{0: alias, 100: good, 105: alias}}, "0 a1, 60 a1, 105 a1, 165 a1, 285 a1, 525 a1, 1005 a1", nil},
		{"a domain that came back ends at once as well", aDay{records: "a1 a2", turns: map[int]sight{0: elsewhere, 100: good}}, "0 a1 a2, 60 a1", map[string]int{foreign: 36}},
		{"a real drift afterwards is set right at once", aDay{records: "a1", turns: map[int]sight{0: alias, 100: drift, 105: good}}, "0 a1, 60 a1, 100 a1", nil},
		{"also of a domain that came back", aDay{records: "a1", turns: map[int]sight{0: elsewhere, 100: drift, 105: good}}, "0 a1, 60 a1, 100 a1", nil},
		{"one trouble after another has a row of its own", aDay{records: "a1", turns: map[int]sight{0: alias, 100: elsewhere}}, "0 a1, 60 a1, 100 a1, 160 a1, 280 a1, 520 a1, 1000 a1", nil},
		{"name servers that are silent change nothing", aDay{records: "a1", turns: map[int]sight{0: alias, 5: silence, 55: alias}}, "0 a1, 60 a1, 180 a1, 420 a1, 900 a1", nil},
		{"where nobody looks any more, the pause ends with an update", aDay{records: "a1", turns: map[int]sight{0: alias, 5: unasked}}, "0 a1, 60 a1", map[string]int{noAlias: 11}},
		{"and one of the domain", aDay{records: "a1 a2", turns: map[int]sight{0: elsewhere, 5: unasked}}, "0 a1 a2, 60 a1 | a2", map[string]int{foreign: 22}},
		{"a new address is sent at once", aDay{records: "a1", turns: map[int]sight{0: alias}, moves: 30}, "0 a1, 30 a1, 65 a1, 125 a1, 245 a1, 485 a1, 965 a1", nil},
		{"the provider's own refusal says more", aDay{records: "a1", turns: map[int]sight{0: nameless}, answers: "a1 norecord"}, "0 a1, 60 a1, 180 a1, 420 a1, 900 a1",
			map[string]int{"failing record: A record not Found;": 283}},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := c.day
			d.T = t
			if got := d.play(); got != c.sends {
				t.Errorf("sent\n     %s\nwant %s", got, c.sends)
			}
			if got, want := fmt.Sprint(d.held), fmt.Sprint(c.held); c.held != nil && got != want {
				t.Errorf("held\n     %s\nwant %s", got, want)
			}
		})
	}
}

// What was sent and is not seen is a failure, though the provider confirmed it, and as such it is remembered.
func TestConfirmedAndNotSeen(t *testing.T) {
	d := &aDay{T: t, records: "a1 b1"}
	d.memory = (&play{T: t, run: run{at: "-3h", records: d.records + " b2"}}).play()
	p := &play{T: t, run: run{records: "a1 a2/q b1 b2", flags: "force"}, before: d.memory}
	in := p.input()
	in.Observed = map[record.Name]plan.Observation{
		in.Targets[0].Name: *alias, in.Targets[1].Name: *alias, in.Targets[2].Name: *elsewhere, in.Targets[3].Name: *good,
	}
	p.plan = plan.Build(in)
	p.send()
	if got, want := p.theEnds(), "a1 failed, a2 updated, b1 failed, b2 refreshed"; got != want {
		t.Errorf("ends %s, want %s", got, want)
	}
	for i, class := range []provider.Class{0: provider.Record, 2: provider.Domain} {
		if class == "" {
			continue
		}
		if e := p.results[i].Err; e == nil || e.Class != class || !e.Unseen || !e.Unchanged || e.Quoted || p.results[i].For != pause.ScopeOf(class) || p.results[i].Attempts != 1 {
			t.Errorf("%v: %+v of %s", p.plan.Steps[i].Name, e, p.results[i].For)
		}
	}
	after := Learn(d.memory, p.plan, p.results)
	// b2 was confirmed after b1 failed, and a confirmation ends what was said of the domain.
	if got, want := thePauses(after), "a1 x1 1h"; got != want {
		t.Errorf("pauses %s, want %s", got, want)
	}
	a1 := after.Records[0]
	if a1.IP != addresses["x"] || !a1.Failed || a1.Unknown || !a1.Pause.Unseen || !a1.ConfirmedAt.Equal(p.results[0].At) {
		t.Errorf("of a1 is remembered: %+v, %+v", a1, a1.Pause)
	}
	// The password was accepted all the same.
	for _, d := range after.Domains {
		for _, w := range d.Passwords {
			if w.AcceptedAt.IsZero() || w.Pause != nil {
				t.Errorf("of a password is remembered: %+v", w)
			}
		}
	}
}

// Nothing is said against a password that the provider accepts, so that it is not tried again and again.
func TestAnUnseenRecordProvesItsPassword(t *testing.T) {
	memory := (&play{T: t, run: run{at: "-3h", records: "a1 a2 a3 a4"}}).play()
	p, after := seeing(t, run{records: "a1/q a2/q a3/q a4/q", flags: "force"}, memory, alias, alias, good, good)
	if got, want := p.theEnds(), "a1 a2 failed, a3 a4 refreshed"; got != want {
		t.Errorf("ends %s, want %s", got, want)
	}
	if got, want := strings.Join(p.waves, " | "), "a1 | a2 a3 a4"; got != want {
		t.Errorf("sent %s, want %s", got, want)
	}
	for _, c := range []struct {
		seen   sight
		pauses string
	}{{alias, "a1 x1 1h"}, {elsewhere, "a x1 1h"}} {
		_, after = seeing(t, run{records: "a1/q", flags: "force"}, memory, c.seen)
		if got := thePauses(after); got != c.pauses {
			t.Errorf("pauses %s, want %s", got, c.pauses)
		}
		accepted, _ := proofs(after)
		if !accepted[pair{"example.com", "q"}] {
			t.Errorf("not accepted: %+v", after.Domains)
		}
	}
}

// seeing plays one run in which the name servers show something else for each record.
func seeing(t *testing.T, r run, memory state.Snapshot, sights ...sight) (*play, state.Snapshot) {
	p := &play{T: t, run: r, before: memory}
	in := p.input()
	in.Observed = map[record.Name]plan.Observation{}
	for i, t := range in.Targets {
		in.Observed[t.Name] = *sights[i]
	}
	p.plan = plan.Build(in)
	p.send()
	return p, Learn(memory, p.plan, p.results)
}

// What ends for one record goes on for the others of its domain.
func TestWhatIsOverWhenARecordIsSeen(t *testing.T) {
	memory := (&play{T: t, run: run{at: "-3h", records: "a1 a2"}}).play()
	for i, turn := range []struct {
		sights []sight
		pauses string
		failed string
	}{
		{[]sight{alias, good}, "a1 x1 1h", "a1=x! a2=x"},
		{[]sight{alias, elsewhere}, "a x1 1h, a1 x1 1h", "a1=x! a2=x!"},
		{[]sight{mirrored, elsewhere}, "a x1 1h", "a1=x a2=x!"},
		{[]sight{good, good}, "-", "a1=x a2=x!"},
	} {
		_, memory = seeing(t, run{at: fmt.Sprintf("%dm", 5*i), records: "a1 a2"}, memory, turn.sights...)
		if got := thePauses(memory); got != strings.TrimPrefix(turn.pauses, "-") {
			t.Errorf("turn %d: pauses %s, want %s", i, got, turn.pauses)
		}
		if got := theKnown(memory); got != turn.failed {
			t.Errorf("turn %d: knows %s, want %s", i, got, turn.failed)
		}
	}
	// The record's own trouble is over where that of its domain takes its place.
	memory = (&play{T: t, run: run{at: "-3h", records: "a1"}}).play()
	_, memory = seeing(t, run{records: "a1"}, memory, alias)
	_, memory = seeing(t, run{at: "40m", records: "a1"}, memory, elsewhere)
	if got, want := thePauses(memory), "a x1 1h"; got != want {
		t.Errorf("pauses %s, want %s", got, want)
	}
}

func TestNoPauseOfALookOutlastsADay(t *testing.T) {
	d := &aDay{T: t, records: "a1 b1", turns: map[int]sight{0: alias}}
	d.play()
	for d.now = 24 * 60; d.now < 7*24*60; d.now += 5 {
		d.run(alias)
	}
	var longest int64
	for _, r := range d.memory.Records {
		longest = max(longest, r.Pause.Seconds)
	}
	if longest != 24*60*60 {
		t.Errorf("the longest pause is %d s", longest)
	}
	if n := len(d.sent); n > 12 {
		t.Errorf("sent %d times in a week", n)
	}
}
