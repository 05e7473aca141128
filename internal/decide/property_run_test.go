package decide

import (
	"net/netip"
	"slices"
	"time"

	"ddns-batch/internal/pause"
	"ddns-batch/internal/plan"
	"ddns-batch/internal/provider"
	"ddns-batch/internal/record"
	"ddns-batch/internal/state"
)

// flight is a record that was sent and not answered yet.
type flight struct {
	step    int
	answers []*provider.Error
	stores  netip.Addr // what the record holds once it is answered; invalid: what it held
	// keepsBack: it was said beforehand what the answer seems to be.
	keepsBack bool
}

func (f flight) last() *provider.Error { return f.answers[len(f.answers)-1] }

// attempt is one run as the property test sees it.
type attempt struct {
	*simulation
	plan     plan.Plan
	before   state.Snapshot
	batch    *Batch
	flying   []flight
	sent     map[int]int
	stopped  func(plan.Step) bool
	verdicts map[pair]bool // passwords proved so far
	tried    map[pair]int
	// verify: what is published is looked at before and afterwards.
	verify bool
	// over: nothing more may be sent.
	over bool
	// unanswered counts the last records in a row without any answer.
	unanswered int
	cut        map[int]bool  // those whose last attempt the end of the run ended
	mismatched []record.Name // since the last save
}

// play is one run: it sends, is answered in any order, saves now and then, and may crash.
func (w *simulation) play() {
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
	w.interfere()
	in := plan.Input{
		Now: w.now, Address: w.found, State: w.memory, Force: w.IntN(10) == 0, Retry: w.IntN(10) == 0,
		RefreshAfter: []time.Duration{0, time.Hour}[w.IntN(2)],
	}
	for _, target := range w.targets {
		if w.IntN(5) > 0 {
			in.Targets = append(in.Targets, target)
		}
	}
	a := &attempt{
		simulation: w, before: w.memory, sent: map[int]int{}, verdicts: map[pair]bool{}, tried: map[pair]int{}, cut: map[int]bool{}, verify: w.IntN(2) == 0,
	}
	if a.verify {
		in.Observed = w.look(in.Targets)
	}
	a.plan = plan.Build(in)
	a.stopped = func(plan.Step) bool { return false }
	a.batch = NewBatch(a.plan, w.memory, in.Force)
	accepted, _ := proofs(w.memory)
	for p, ok := range accepted {
		a.verdicts[p] = ok
	}
	untouched := encode(w.T, a.before)
	a.save()
	a.checkUnproved()
	crash, stop, workers := -1, -1, 1+w.IntN(6)
	if w.IntN(4) == 0 {
		crash = w.IntN(20)
	}
	if w.IntN(4) == 0 {
		stop = w.IntN(20)
	}
	for turn := 0; !a.batch.Done(); turn++ {
		if turn == crash || w.Failed() {
			return
		}
		if turn > 4*len(a.plan.Steps)+4 {
			w.Fatal("the run does not end")
		}
		if turn == stop {
			a.met["stopped"]++
			a.batch.Stop("the run reached its timeout")
			a.over = true
			continue
		}
		if i, ok := a.next(workers); ok {
			a.send(i)
		} else if len(a.flying) == 0 {
			w.Fatal("nothing is in flight, nothing may be sent, and yet it is not done")
		} else {
			a.answerOne()
		}
	}
	a.ended()
	if got := encode(w.T, a.before); got != untouched {
		w.Errorf("what was remembered before was changed from\n%s\nto\n%s", untouched, got)
	}
}

// interfere is what others do to the records.
func (w *simulation) interfere() {
	w.outage = w.noise > 0 && w.IntN(12) == 0
	if w.rival != (record.Name{}) && w.IntN(2) == 0 {
		w.holds[w.rival], w.apart[w.rival] = netip.MustParseAddr("192.0.2.3"), true
	}
	n := w.targets[w.IntN(len(w.targets))].Name
	switch w.IntN(8) {
	case 0, 1:
		w.holds[n] = []netip.Addr{w.address(), netip.MustParseAddr("192.0.2.2")}[w.IntN(2)]
		w.apart[n] = true
	case 2:
		w.veiled[n] = !w.veiled[n]
	}
}

// look is what the name servers publish. They follow at once.
func (w *simulation) look(targets []plan.Target) map[record.Name]plan.Observation {
	seen := map[record.Name]plan.Observation{}
	for _, t := range targets {
		o := plan.Observation{Certain: true, Unanimous: w.IntN(4) > 0, TTL: time.Minute, Words: "no address"}
		if !w.gone[t.Name] && !w.veiled[t.Name] {
			o.Published = w.holds[t.Name]
		}
		if w.IntN(6) > 0 {
			seen[t.Name] = o
		}
	}
	return seen
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
	if a.stopped(s) || a.over {
		a.Errorf("%v is sent after what it depends on was refused, or after the end: %t", s.Name, a.over)
	}
	for _, f := range a.flying {
		if f.keepsBack && depends(s, a.plan.Steps[f.step], pause.ScopeOf(f.last().Class)) {
			a.Errorf("%v is sent while it is kept back by %v", s.Name, a.plan.Steps[f.step].Name)
		}
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
	switch s.Reason {
	case plan.Unproved:
		a.met["sent to try a password"]++
	case plan.Drifted:
		a.met["drift set right"]++
	}
	f := flight{step: i}
	for again := true; again; {
		heard, stores := a.perhapsLost(s, a.answer(s))
		if len(f.answers) > 0 && a.IntN(3) == 0 {
			heard, stores = words["down"], netip.Addr{}
		}
		f.answers = append(f.answers, heard)
		if stores.IsValid() {
			f.stores = stores
		}
		if again = heard != nil && heard.Class == provider.Transient && len(f.answers) < 3 && a.IntN(2) == 0; again {
			a.met["sent again"]++
		}
	}
	if f.stores == s.To {
		a.holds[s.Name] = s.To
	}
	a.flying = append(a.flying, f)
	a.check()
}

// answer is the truth.
func (w *simulation) answer(s plan.Step) *provider.Error {
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

// perhapsLost is the answer that arrives in place of the true one, and the address that the record holds then.
func (a *attempt) perhapsLost(s plan.Step, truth *provider.Error) (*provider.Error, netip.Addr) {
	stores := netip.Addr{}
	if truth == nil {
		stores = s.To
	}
	if a.outage {
		return words["silence"], []netip.Addr{{}, stores}[a.IntN(2)]
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

// answerOne answers one of the updates in flight.
func (a *attempt) answerOne() {
	k := a.IntN(len(a.flying))
	f := a.flying[k]
	s := a.plan.Steps[f.step]
	if e := f.last(); e != nil && !f.keepsBack && pause.ScopeOf(e.Class) != pause.OfRecord && a.IntN(2) == 0 {
		a.met["kept back"]++
		a.batch.Suspend(f.step, e.Class)
		a.flying[k].keepsBack = true
		return
	}
	a.flying = slices.Delete(a.flying, k, k+1)
	if f.stores.IsValid() {
		a.holds[s.Name] = f.stores
	}
	a.now = a.now.Add(time.Second)
	cut := ""
	if a.over && a.IntN(2) == 0 {
		cut = "the run reached its timeout"
		a.met["cut off"]++
		a.cut[f.step] = true
	}
	r := Summarize(s, f.answers, cut)
	r.At = a.now
	a.batch.Answer(f.step, r)
	a.note(s, r)
	for i, other := range a.flying {
		if !other.keepsBack || r.Outcome == Skipped {
			continue
		}
		// It may show that what the other one seems to be is not so.
		scope := pause.ScopeOf(other.last().Class)
		a.flying[i].keepsBack = !depends(a.plan.Steps[other.step], s, scope) || !proves(scope, r)
	}
	if f.last() == words["mismatch"] {
		a.mismatched = append(a.mismatched, s.Name)
		a.apart[s.Name] = true
		a.met["another address stored, and not saved"]++
	}
	if a.IntN(2) == 0 {
		a.save()
	}
	a.check()
}
