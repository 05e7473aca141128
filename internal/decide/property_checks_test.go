package decide

import (
	"net/netip"

	"ddns-batch/internal/pause"
	"ddns-batch/internal/plan"
	"ddns-batch/internal/record"
	"ddns-batch/internal/state"
)

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
		if s.Reason == plan.Contested {
			a.met["contested"]++
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
	switch {
	case r.Outcome == Skipped:
		return
	case r.Err == nil || !r.Err.Unanswered:
		a.unanswered = 0
	default:
		if a.unanswered++; a.unanswered == maxUnanswered {
			a.met["no answers in a row"]++
			a.over = true
		}
	}
	if r.Confirmed() || r.Err.Unseen {
		a.verdicts[pair{s.Name.Domain, s.Fingerprint}] = true
		if !r.Confirmed() {
			a.met["confirmed and not seen"]++
		}
		return
	}
	before := a.stopped
	a.stopped = func(other plan.Step) bool { return before(other) || depends(other, s, r.For) }
}

// depends reports whether a step depends on what another one was refused for.
func depends(s, refused plan.Step, scope pause.Scope) bool {
	switch scope {
	case pause.OfPassword:
		return s.Name.Domain == refused.Name.Domain && s.Fingerprint == refused.Fingerprint
	case pause.OfDomain:
		return s.Name.Domain == refused.Name.Domain
	default:
		return scope == pause.OfAddress || scope == pause.OfEndpoint
	}
}

func (a *attempt) save() { a.saveAs(a.batch.Results()) }

func (a *attempt) saveAs(results []Result) {
	a.memory = Learn(a.before, a.plan, results)
	for _, n := range a.mismatched {
		delete(a.apart, n)
	}
	a.mismatched = nil
}

// check compares what is saved with what is true.
func (a *attempt) check() {
	for _, r := range a.memory.Records {
		if a.holds[r.Name()] == r.IP {
			delete(a.apart, r.Name())
		} else if r.IP.IsValid() && !a.apart[r.Name()] {
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
	if a.verify {
		var targets []plan.Target
		for _, s := range a.plan.Steps {
			targets = append(targets, plan.Target{Name: s.Name})
		}
		results = Settle(a.plan, results, a.look(targets))
	}
	for i, s := range a.plan.Steps {
		r := results[i]
		if r.ConfirmedByDNS {
			a.met["settled by what is published"]++
		}
		switch {
		case s.Action != plan.Update && r.Outcome != "", s.Action == plan.Update && r.Outcome == "":
			a.Errorf("%v has the action %s and the result %q", s.Name, s.Action, r.Outcome)
		case (r.Outcome == Skipped) == (a.sent[i] > 0) && s.Action == plan.Update && !(a.cut[i] && r.Err.Unsent):
			a.Errorf("%v was sent %d times and is %s", s.Name, a.sent[i], r.Outcome)
		case r.Outcome == Skipped && r.For == pause.OfRun && !a.over:
			a.Errorf("%v is skipped as if the run had been stopped: %v", s.Name, r.Err)
		case r.Confirmed() && a.holds[s.Name] != s.To:
			a.Errorf("%v is %s and holds %v", s.Name, r.Outcome, a.holds[s.Name])
		}
	}
	a.saveAs(results)
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
