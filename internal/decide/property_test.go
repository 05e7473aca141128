package decide

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"
	"time"

	"ddns-batch/internal/pause"
	"ddns-batch/internal/plan"
	"ddns-batch/internal/provider"
	"ddns-batch/internal/record"
	"ddns-batch/internal/state"
)

// TestAnyRowOfRuns plays random runs against a provider whose records really hold something, with answers that get lost
// and runs that crash, and checks after every step what has to hold whatever happens.
func TestAnyRowOfRuns(t *testing.T) {
	unproved := 0
	for seed := range uint64(300) {
		w := newWorld(t, seed)
		for range 1 + w.IntN(8) {
			w.play()
		}
		if unproved += w.unproved; t.Failed() {
			t.Fatalf("with the seed %d", seed)
		}
	}
	if unproved < 20 {
		t.Errorf("only %d records were sent to try their password", unproved)
	}
}

// world is the provider as it really is, and what is remembered of it.
type world struct {
	*rand.Rand
	*testing.T
	now     time.Time
	found   netip.Addr     // the address of the last run
	memory  state.Snapshot // as it was last saved
	targets []plan.Target
	holds   map[record.Name]netip.Addr
	gone    map[record.Name]bool // records that are not there
	absent  map[string]bool      // domains that are not there
	right   map[string]string    // the password of each domain
	noise   int                  // of a hundred answers, so many are lost or odd
	// unproved counts the records that were sent to try their password.
	unproved int
}

func newWorld(t *testing.T, seed uint64) *world {
	w := &world{
		Rand: rand.New(rand.NewPCG(seed, 0)), T: t, now: start, found: addresses["x"],
		holds: map[record.Name]netip.Addr{}, gone: map[record.Name]bool{}, absent: map[string]bool{}, right: map[string]string{},
	}
	w.noise = []int{0, 10, 50}[w.IntN(3)]
	for _, l := range "abc" {
		d := domains[string(l)]
		w.right[d] = "p"
		w.absent[d] = w.IntN(6) == 0
	}
	for i := range 1 + w.IntN(14) {
		n := record.Name{Host: fmt.Sprint("h", i), Domain: domains[string("abc"[w.IntN(3)])]}
		w.targets = append(w.targets, plan.Target{Name: n, Fingerprint: []string{"p", "p", "p", "q"}[w.IntN(4)]})
		w.gone[n] = w.IntN(8) == 0
		w.holds[n] = w.address()
	}
	return w
}

func (w *world) address() netip.Addr { return addresses[string("xyz"[w.IntN(3)])] }

// flight is a record that was sent and not answered yet.
type flight struct {
	step   int
	answer *provider.Error
	stores netip.Addr // what the record holds once it is answered; invalid: what it held
}

// attempt is one run as the property test sees it.
type attempt struct {
	*world
	plan     plan.Plan
	before   state.Snapshot
	batch    *Batch
	flying   []flight
	sent     map[int]int
	stopped  func(plan.Step) bool
	verdicts map[pair]bool // passwords proved so far
	tried    map[pair]int
}

// play is one run: it sends, is answered in any order, saves now and then, and may crash.
func (w *world) play() {
	w.now = w.now.Add(time.Duration(1+w.IntN(90)) * time.Minute)
	if w.IntN(3) == 0 {
		d := domains[string("abc"[w.IntN(3)])]
		w.right[d] = []string{"p", "q", "r", "s"}[w.IntN(4)]
		for i := range w.targets {
			if t := &w.targets[i]; t.Name.Domain == d && w.IntN(2) == 0 {
				t.Fingerprint = w.right[d]
			}
		}
	}
	if w.IntN(2) == 0 {
		w.found = w.address()
	}
	in := plan.Input{
		Now: w.now, Address: w.found, State: w.memory, Force: w.IntN(10) == 0, Retry: w.IntN(10) == 0,
		RefreshAfter: []time.Duration{0, time.Hour}[w.IntN(2)],
	}
	for _, target := range w.targets {
		if w.IntN(5) > 0 {
			in.Targets = append(in.Targets, target)
		}
	}
	a := &attempt{world: w, plan: plan.Build(in), before: w.memory, sent: map[int]int{}, verdicts: map[pair]bool{}, tried: map[pair]int{}}
	a.stopped = func(plan.Step) bool { return false }
	a.batch = NewBatch(a.plan, w.memory, in.Force)
	accepted, _ := proofs(w.memory)
	for p, ok := range accepted {
		a.verdicts[p] = ok
	}
	untouched := encode(w.T, a.before)
	a.save()
	a.checkUnproved()
	crash, workers := -1, 1+w.IntN(6)
	if w.IntN(4) == 0 {
		crash = w.IntN(20)
	}
	for turn := 0; !a.batch.Done(); turn++ {
		if turn == crash || w.Failed() {
			return
		}
		if turn > 4*len(a.plan.Steps)+4 {
			w.Fatal("the run does not end")
		}
		if i, ok := a.next(workers); ok {
			a.send(i)
		} else if len(a.flying) == 0 {
			w.Fatal("nothing is in flight, nothing may be sent, and yet it is not done")
		} else {
			a.hear()
		}
	}
	a.ended()
	if got := encode(w.T, a.before); got != untouched {
		w.Errorf("what was remembered before was changed from\n%s\nto\n%s", untouched, got)
	}
}

func (a *attempt) next(workers int) (int, bool) {
	if len(a.flying) == workers || len(a.flying) > 0 && a.IntN(3) == 0 {
		return 0, false
	}
	return a.batch.Next()
}

// send lets the provider do what it does with the record, so that a crash from now on finds it done.
func (a *attempt) send(i int) {
	s := a.plan.Steps[i]
	key := pair{s.Name.Domain, s.Fingerprint}
	if a.sent[i]++; a.sent[i] > 1 || s.Action != plan.Update {
		a.Errorf("%v is sent %d times, its action is %s", s.Name, a.sent[i], s.Action)
	}
	if a.stopped(s) {
		a.Errorf("%v is sent after what it depends on was refused", s.Name)
	}
	if !a.verdicts[key] {
		for _, f := range a.flying {
			if other := a.plan.Steps[f.step]; (pair{other.Name.Domain, other.Fingerprint}) == key {
				a.Errorf("%v is sent while %v tries out the same password", s.Name, other.Name)
			}
		}
		if a.tried[key]++; a.tried[key] > maxTrials {
			a.Errorf("%v is the %d. trial", s.Name, a.tried[key])
		}
	}
	f := flight{step: i, answer: a.answer(s)}
	f.answer, f.stores = a.perhapsLost(s, f.answer)
	if f.stores == s.To {
		a.holds[s.Name] = s.To
	}
	a.flying = append(a.flying, f)
	a.check()
}

// answer is the truth.
func (w *world) answer(s plan.Step) *provider.Error {
	switch {
	case w.absent[s.Name.Domain]:
		return words["nodomain"]
	case w.right[s.Name.Domain] != s.Fingerprint:
		return words["badpass"]
	case w.gone[s.Name]:
		return words["norecord"]
	default:
		return nil
	}
}

// perhapsLost is what is heard of the truth, and what the record holds then.
func (a *attempt) perhapsLost(s plan.Step, truth *provider.Error) (*provider.Error, netip.Addr) {
	stores := netip.Addr{}
	if truth == nil {
		stores = s.To
	}
	if a.IntN(100) >= a.noise {
		return truth, stores
	}
	switch a.IntN(9) {
	case 0:
		return words["down"], netip.Addr{}
	case 1:
		return words["blocked"], netip.Addr{}
	case 2:
		return words["badip"], netip.Addr{}
	case 3:
		return words["certificate"], netip.Addr{}
	case 4:
		if truth == nil {
			return words["mismatch"], netip.MustParseAddr("192.0.2.1")
		}
		return words["refused"], netip.Addr{}
	case 5:
		return words["noproof"], stores
	default:
		return words["silence"], stores
	}
}

// hear answers any of those in flight.
func (a *attempt) hear() {
	k := a.IntN(len(a.flying))
	f := a.flying[k]
	a.flying = slices.Delete(a.flying, k, k+1)
	s := a.plan.Steps[f.step]
	if f.stores.IsValid() {
		a.holds[s.Name] = f.stores
	}
	a.now = a.now.Add(time.Second)
	r := Summarize(s, []*provider.Error{f.answer}, "")
	r.At = a.now
	a.batch.Answer(f.step, r)
	a.note(s, r)
	// A crash between the reply to a refresh that stored another address and the next save is a gap that is accepted: to
	// close it, every refresh would have to be forgotten first.
	if a.IntN(2) == 0 || f.answer == words["mismatch"] {
		a.save()
	}
	a.check()
}

// checkUnproved: where a password of the run was not accepted so far and nothing else is sent with it, one record is, unless
// something is paused; and that one still counts as known.
func (a *attempt) checkUnproved() {
	known := map[record.Name]netip.Addr{}
	for _, r := range a.memory.Records {
		known[r.Name()] = r.IP
	}
	sent := map[pair]int{}
	for _, s := range a.plan.Steps {
		if s.Action == plan.Update {
			sent[pair{s.Name.Domain, s.Fingerprint}]++
		}
	}
	paused := pausesOf(a.before)
	for _, s := range a.plan.Steps {
		key := pair{s.Name.Domain, s.Fingerprint}
		if s.Reason == plan.Unproved {
			a.unproved++
		}
		switch {
		case s.Reason == plan.Unproved && (a.verdicts[key] || sent[key] != 1):
			a.Errorf("%v is sent to try %s, as one of %d; it was accepted: %t", s.Name, s.Fingerprint, sent[key], a.verdicts[key])
		case s.Reason == plan.Unproved && known[s.Name] != s.To:
			a.Errorf("%v is sent what it holds, and %v is remembered", s.Name, known[s.Name])
		case s.Action == plan.Keep && len(paused) == 0 && !a.verdicts[key] && sent[key] == 0:
			a.Errorf("%v is kept, and %s was never accepted", s.Name, s.Fingerprint)
		}
	}
}

// note keeps what follows from the answer for what may be sent from now on.
func (a *attempt) note(s plan.Step, r Result) {
	if r.Confirmed() {
		a.verdicts[pair{s.Name.Domain, s.Fingerprint}] = true
		return
	}
	before := a.stopped
	a.stopped = func(other plan.Step) bool {
		switch r.For {
		case pause.OfPassword:
			return before(other) || other.Name.Domain == s.Name.Domain && other.Fingerprint == s.Fingerprint
		case pause.OfDomain:
			return before(other) || other.Name.Domain == s.Name.Domain
		case pause.OfAddress, pause.OfEndpoint:
			return true
		default:
			return before(other)
		}
	}
}

func (a *attempt) save() { a.memory = Learn(a.before, a.plan, a.batch.Results()) }

// check compares what is saved with what is true.
func (a *attempt) check() {
	for _, r := range a.memory.Records {
		if r.IP.IsValid() && a.holds[r.Name()] != r.IP {
			a.Errorf("%v holds %v, and %v is remembered", r.Name(), a.holds[r.Name()], r.IP)
		}
		if r.IP.IsValid() && (r.Previous.IsValid() || r.Unknown) {
			a.Errorf("%v is both known and not: %+v", r.Name(), r)
		}
	}
}

// ended checks a run that came to its end, and saves it.
func (a *attempt) ended() {
	results := a.batch.Results()
	for i, s := range a.plan.Steps {
		switch r := results[i]; {
		case s.Action != plan.Update && r.Outcome != "", s.Action == plan.Update && r.Outcome == "":
			a.Errorf("%v has the action %s and the result %q", s.Name, s.Action, r.Outcome)
		case (r.Outcome == Skipped) == (a.sent[i] > 0) && s.Action == plan.Update:
			a.Errorf("%v was sent %d times and is %s", s.Name, a.sent[i], r.Outcome)
		case r.Confirmed() && a.holds[s.Name] != s.To:
			a.Errorf("%v is %s and holds %v", s.Name, r.Outcome, a.holds[s.Name])
		}
	}
	a.save()
	a.check()
	a.checkPauses()
	if a.noise == 0 {
		a.checkTrials()
	}
}

// checkPauses: a run adds one failure to each thing at most.
func (a *attempt) checkPauses() {
	before := map[string]int{}
	for thing, p := range pausesOf(a.before) {
		before[thing] = p.Failures
	}
	for thing, p := range pausesOf(a.memory) {
		if p.Failures > before[thing]+1 {
			a.Errorf("%s failed %d times in a row, and %d times before this run", thing, p.Failures, before[thing])
		}
		if p.Seconds < 0 || p.Seconds > 24*60*60 {
			a.Errorf("%s pauses for %d s", thing, p.Seconds)
		}
	}
}

func pausesOf(s state.Snapshot) map[string]*state.Pause {
	all := map[string]*state.Pause{"endpoint": s.Blocked}
	for _, a := range s.Addresses {
		all[a.IP.String()] = a.Pause
	}
	for _, d := range s.Domains {
		all[d.Domain] = d.Pause
		for _, p := range d.Passwords {
			all[d.Domain+" "+p.Fingerprint] = p.Pause
		}
	}
	for _, r := range s.Records {
		all[r.Name().String()] = r.Pause
	}
	for thing, p := range all {
		if p == nil {
			delete(all, thing)
		}
	}
	return all
}

// checkTrials: where every answer is the truth, a wrong password that is not believed to be right is sent once.
func (a *attempt) checkTrials() {
	accepted, _ := proofs(a.before)
	wrong := map[pair]int{}
	for i, s := range a.plan.Steps {
		key := pair{s.Name.Domain, s.Fingerprint}
		if a.sent[i] > 0 && a.right[s.Name.Domain] != s.Fingerprint && !accepted[key] {
			if wrong[key]++; wrong[key] > 1 {
				a.Errorf("%v: the wrong password %s is sent %d times", s.Name, s.Fingerprint, wrong[key])
			}
		}
	}
}
