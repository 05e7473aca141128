package decide

import (
	"cmp"
	"net/netip"
	"slices"
	"time"

	"ddns-batch/internal/pause"
	"ddns-batch/internal/plan"
	"ddns-batch/internal/provider"
	"ddns-batch/internal/record"
	"ddns-batch/internal/state"
)

const (
	// addressesKept limits how many refused addresses are remembered, and refusedFor how long after their pause.
	addressesKept = 100
	refusedFor    = 7 * 24 * time.Hour
)

// Learn returns what is to be remembered after results, given what was remembered before the run. results go by step; the
// zero Result stands for a record that is about to be sent or has not been answered. So Learn(before, p, make([]Result, n))
// is the state to save before anything is sent: it claims no address that may be about to change. before is not changed. The
// times of p and of results may be in any zone.
func Learn(before state.Snapshot, p plan.Plan, results []Result) state.Snapshot {
	p.Now = p.Now.UTC()
	l := newLearner(before, p)
	answered := make([]int, 0, len(results))
	for i, step := range p.Steps {
		switch {
		case step.Reappeared:
			l.reappeared(step)
		case step.Action != plan.Update || results[i].Outcome == Skipped:
		case results[i].Outcome == "":
			l.forget(l.record(step), step)
		default:
			// The entry is made here, so that new ones stand in the order of the plan, not of the network.
			l.record(step)
			answered = append(answered, i)
		}
	}
	// Answers about passwords, domains, addresses and the endpoint are applied in the order in which they came, so that the
	// latest counts.
	slices.SortStableFunc(answered, func(i, j int) int { return results[i].At.Compare(results[j].At) })
	for _, i := range answered {
		r := results[i]
		r.At = r.At.UTC()
		if r.Confirmed() {
			l.confirmed(p.Steps[i], r)
		} else {
			l.missed(p.Steps[i], r)
		}
	}
	l.forgetOldAddresses()
	return l.after
}

// learner changes a copy of the state, arranged for look-up.
type learner struct {
	plan    plan.Plan
	after   state.Snapshot
	records map[record.Name]int
	domains map[string]int
	// proven are the domains with a record that is confirmed, or was until an update of it got no answer.
	proven map[string]bool
	// made are the pauses that this run made, each with the pause that it replaced.
	made map[*state.Pause]*state.Pause
}

func newLearner(before state.Snapshot, p plan.Plan) *learner {
	l := &learner{
		plan: p, after: before.Clone(),
		records: make(map[record.Name]int, len(before.Records)),
		domains: make(map[string]int, len(before.Domains)),
		proven:  map[string]bool{},
		made:    map[*state.Pause]*state.Pause{},
	}
	for i, r := range before.Records {
		l.records[r.Name()] = i
		if r.IP.IsValid() || r.Unknown && r.Previous.IsValid() {
			l.proven[r.Domain] = true
		}
	}
	for i, d := range before.Domains {
		l.domains[d.Domain] = i
	}
	return l
}

func (l *learner) record(s plan.Step) *state.Record {
	i, ok := l.records[s.Name]
	if !ok {
		i = len(l.after.Records)
		l.records[s.Name] = i
		l.after.Records = append(l.after.Records, state.Record{Host: s.Name.Host, Domain: s.Name.Domain})
	}
	return &l.after.Records[i]
}

func (l *learner) domain(name string) *state.Domain {
	i, ok := l.domains[name]
	if !ok {
		i = len(l.after.Domains)
		l.domains[name] = i
		l.after.Domains = append(l.after.Domains, state.Domain{Domain: name})
	}
	return &l.after.Domains[i]
}

// password finds the entry of a step's password and makes it the most recently used one.
func (l *learner) password(s plan.Step) *state.Password {
	d := l.domain(s.Name.Domain)
	if last := len(d.Passwords) - 1; last >= 0 && d.Passwords[last].Fingerprint == s.Fingerprint {
		return &d.Passwords[last]
	}
	found := state.Password{Fingerprint: s.Fingerprint}
	rest := make([]state.Password, 0, len(d.Passwords)+1)
	for _, p := range d.Passwords {
		if p.Fingerprint == s.Fingerprint {
			found = p
		} else {
			rest = append(rest, p)
		}
	}
	d.Passwords = append(rest, found)
	return &d.Passwords[len(d.Passwords)-1]
}

// forget removes the claim about what the record holds, unless the record is only sent the address that it is known to hold.
func (l *learner) forget(r *state.Record, s plan.Step) {
	r.AttemptedAt = l.plan.Now
	if r.IP == s.To {
		return
	}
	l.unknown(r)
}

func (l *learner) unknown(r *state.Record) {
	if r.IP.IsValid() {
		r.Previous = r.IP
	}
	r.IP, r.Since, r.ConfirmedAt, r.Unknown = netip.Addr{}, time.Time{}, time.Time{}, true
	r.Doubted = false
}

// confirmed records that the provider confirmed the address now, with this password and for this domain; or that the name
// servers did, which says something of the record only.
func (l *learner) confirmed(s plan.Step, r Result) {
	rec := l.record(s)
	since, history := rec.Since, rec.History
	if rec.IP != s.To {
		if n := len(history); n == 0 || history[n-1].IP != s.To {
			history = append(history, state.Change{IP: s.To, At: r.At})
		}
		since = history[len(history)-1].At
	}
	drift := rec.Drift
	if s.Reason == plan.Drifted && s.Observed.Published.IsValid() {
		drift = state.Change{IP: s.Observed.Published, At: l.plan.Now}
	}
	*rec = state.Record{
		Host: rec.Host, Domain: rec.Domain, IP: s.To, Since: since,
		ConfirmedAt: r.At, AttemptedAt: l.plan.Now, Drift: drift, History: history,
	}
	if r.ConfirmedByDNS {
		// A published address does not prove who set it, or with which password.
		return
	}
	l.domain(s.Name.Domain).Pause = nil
	l.accepted(s, r)
}

// accepted records that the provider took an update: password, domain, address and endpoint work.
func (l *learner) accepted(s plan.Step, r Result) {
	l.proven[s.Name.Domain] = true
	if p := l.password(s); p.AcceptedAt.IsZero() || p.Pause != nil {
		p.AcceptedAt, p.Pause = r.At, nil
	}
	l.setAddress(s.To, nil)
	l.unblock()
}

// reappeared records that whatever hid the record from others is over, though nothing was sent.
func (l *learner) reappeared(s plan.Step) {
	if rec := l.record(s); rec.Pause != nil && rec.Pause.Unseen {
		rec.Pause, rec.Failed = nil, false
	}
	i, known := l.domains[s.Name.Domain]
	if known && s.Observed.Elsewhere == "" && l.after.Domains[i].Pause != nil && l.after.Domains[i].Pause.Unseen {
		l.after.Domains[i].Pause = nil
	}
}

// missed records every other end. The failure counts once per run for whatever it belongs to.
func (l *learner) missed(s plan.Step, r Result) {
	rec := l.record(s)
	known := rec.IP == s.To && r.Err.Class != provider.Mismatch
	if r.Outcome == Unconfirmed && !known {
		l.unknown(rec)
	}
	rec.AttemptedAt, rec.Failed = l.plan.Now, true
	if r.Err.Unseen {
		rec.ConfirmedAt = r.At
		if r.For != pause.OfRecord {
			rec.Pause = nil
		}
		l.accepted(s, r)
	}
	if _, known := l.domains[s.Name.Domain]; known && proves(pause.OfDomain, r) {
		l.domain(s.Name.Domain).Pause = nil
	}
	if proves(pause.OfEndpoint, r) {
		l.unblock()
	}
	f := pause.Failure{Err: r.Err, At: r.At, Start: l.plan.Now, To: s.To, Proven: l.proven[s.Name.Domain]}
	switch r.For {
	case pause.OfPassword:
		p := l.password(s)
		p.AcceptedAt, p.Pause = time.Time{}, l.once(p.Pause, f)
	case pause.OfDomain:
		d := l.domain(s.Name.Domain)
		d.Pause = l.once(d.Pause, f)
	case pause.OfAddress:
		l.setAddress(s.To, l.once(l.refused(s.To), f))
	case pause.OfEndpoint:
		l.after.Blocked = l.once(l.after.Blocked, f)
	default:
		rec.Pause = l.once(rec.Pause, f)
	}
}

// unblock ends the endpoint's pause, unless the endpoint asked for it in this very run: requests that were in flight then
// may still be answered, and prove nothing.
func (l *learner) unblock() {
	if _, now := l.made[l.after.Blocked]; !now {
		l.after.Blocked = nil
	}
}

// once adds the failure to the pause. Several replies of one run that say the same count as one failure. Of the waits that
// they ask for, the longest counts.
func (l *learner) once(p *state.Pause, f pause.Failure) *state.Pause {
	before, again := l.made[p]
	if !again {
		before = p
	}
	next := f.After(before)
	if again && !next.Until().After(p.Until()) {
		return p
	}
	l.made[next] = before
	return next
}

func (l *learner) refused(a netip.Addr) *state.Pause {
	for _, e := range l.after.Addresses {
		if e.IP == a {
			return e.Pause
		}
	}
	return nil
}

// setAddress replaces the pause of a refused address; nil removes it.
func (l *learner) setAddress(a netip.Addr, p *state.Pause) {
	if p == nil && l.refused(a) == nil {
		return
	}
	l.after.Addresses = slices.DeleteFunc(l.after.Addresses, func(e state.Address) bool { return e.IP == a })
	if p != nil {
		l.after.Addresses = append(l.after.Addresses, state.Address{IP: a, Pause: p})
	}
}

// forgetOldAddresses drops refused addresses that this line is unlikely to get again soon.
func (l *learner) forgetOldAddresses() {
	l.after.Addresses = slices.DeleteFunc(l.after.Addresses, func(e state.Address) bool {
		return l.plan.Now.After(e.Pause.Until().Add(refusedFor))
	})
	slices.SortStableFunc(l.after.Addresses, func(a, b state.Address) int { return cmp.Compare(a.Pause.Began.Unix(), b.Pause.Began.Unix()) })
	l.after.Addresses = l.after.Addresses[max(0, len(l.after.Addresses)-addressesKept):]
}
