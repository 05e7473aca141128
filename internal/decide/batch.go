package decide

import (
	"fmt"
	"slices"

	"ddns-batch/internal/pause"
	"ddns-batch/internal/plan"
	"ddns-batch/internal/provider"
	"ddns-batch/internal/state"
)

const (
	// maxTrials is how many records are tried without a verdict before the others behind the same gate are skipped.
	maxTrials = 2
	// maxUnanswered is how many records in a row get no answer at all before the endpoint counts as down for this run.
	maxUnanswered = 3
)

// Batch says which record may be sent next. Whatever is unproved (a password that was never accepted for its domain) or was
// refused lately (a domain, an address or the endpoint, after its pause) is tried with one record first. If that is refused,
// the other records that depend on it are skipped. A Batch is not safe for concurrent use.
type Batch struct {
	plan     plan.Plan
	results  []Result
	inFlight int
	groups   []*group // groups with a step that waits, in the order of their first record
	of       []*group // by step
	address  *gate
	endpoint *gate
	// unanswered counts how many records in a row got no answer at all, up to now.
	unanswered int
	down       bool // unanswered has reached its limit
}

// group is the records that share a password of a domain, in the order in which they are to be sent.
type group struct {
	waiting          []int
	password, domain *gate
}

// gate is something that several records depend on.
type gate struct {
	scope   pause.Scope
	open    bool // proved, or never in doubt
	probe   int  // the step that is in flight to prove it; -1 if none is
	trials  int
	stopped *provider.Error
}

func newGate(scope pause.Scope, open bool) *gate { return &gate{scope: scope, open: open, probe: -1} }

// NewBatch arranges the updates of p. force sends through the gates of domains, addresses and the endpoint; the trial of
// an unproved password stays.
func NewBatch(p plan.Plan, s state.Snapshot, force bool) *Batch {
	b := &Batch{
		plan:     p,
		results:  make([]Result, len(p.Steps)),
		of:       make([]*group, len(p.Steps)),
		address:  newGate(pause.OfAddress, force || !addressRefused(s, p)),
		endpoint: newGate(pause.OfEndpoint, force || s.Blocked == nil),
	}
	accepted, refused := proofs(s)
	domains := map[string]*gate{}
	groups := map[pair]*group{}
	for i, step := range p.Steps {
		if step.Action != plan.Update {
			continue
		}
		key := pair{step.Name.Domain, step.Fingerprint}
		g := groups[key]
		if g == nil {
			d := domains[key.domain]
			if d == nil {
				d = newGate(pause.OfDomain, force || !refused[key.domain])
				domains[key.domain] = d
			}
			g = &group{password: newGate(pause.OfPassword, accepted[key]), domain: d}
			groups[key] = g
			b.groups = append(b.groups, g)
		}
		g.waiting = append(g.waiting, i)
		b.of[i] = g
	}
	for _, g := range b.groups {
		slices.SortFunc(g.waiting, b.order)
	}
	b.reorder()
	return b
}

type pair struct{ domain, fingerprint string }

// proofs lists the passwords that were accepted, and the domains whose last answer was a refusal.
func proofs(s state.Snapshot) (accepted map[pair]bool, refused map[string]bool) {
	accepted, refused = map[pair]bool{}, map[string]bool{}
	for _, d := range s.Domains {
		refused[d.Domain] = d.Pause != nil
		for _, p := range d.Passwords {
			accepted[pair{d.Domain, p.Fingerprint}] = !p.AcceptedAt.IsZero() && p.Pause == nil
		}
	}
	return accepted, refused
}

func addressRefused(s state.Snapshot, p plan.Plan) bool {
	return slices.ContainsFunc(s.Addresses, func(a state.Address) bool { return a.IP == p.Address })
}

// order is that of the file, with those that failed the last time after all others.
func (b *Batch) order(i, j int) int {
	fi, fj := b.plan.Steps[i].FailedBefore, b.plan.Steps[j].FailedBefore
	switch {
	case fi == fj:
		return i - j
	case fj:
		return -1
	default:
		return 1
	}
}

func (b *Batch) byFirst(g, h *group) int { return b.order(g.waiting[0], h.waiting[0]) }

// Next returns a step that may be sent now. It returns false if no step may be sent until another is answered, or if none is
// left (see Done).
func (b *Batch) Next() (int, bool) {
	at := slices.IndexFunc(b.groups, b.ready)
	if at < 0 {
		return 0, false
	}
	g := b.groups[at]
	i := g.waiting[0]
	for _, gate := range b.gates(g) {
		if !gate.open {
			gate.probe = i
		}
	}
	b.inFlight++
	g.waiting = g.waiting[1:]
	b.groups = slices.Delete(b.groups, at, at+1)
	if len(g.waiting) > 0 {
		later, _ := slices.BinarySearchFunc(b.groups[at:], g, b.byFirst)
		b.groups = slices.Insert(b.groups, at+later, g)
	}
	return i, true
}

// ready reports whether no gate of the group is being tried by another record.
func (b *Batch) ready(g *group) bool {
	for _, gate := range b.gates(g) {
		if !gate.open && gate.probe >= 0 {
			return false
		}
	}
	return true
}

// gates of a group, the one whose refusal is the most precise first.
func (b *Batch) gates(g *group) [4]*gate {
	return [4]*gate{g.password, g.domain, b.address, b.endpoint}
}

// Waiting counts the steps that Next has not returned yet.
func (b *Batch) Waiting() int {
	n := 0
	for _, g := range b.groups {
		n += len(g.waiting)
	}
	return n
}

// Trial reports whether step i is in flight to prove something that other steps wait for.
func (b *Batch) Trial(i int) bool {
	gates := b.gates(b.of[i])
	return slices.ContainsFunc(gates[:], func(g *gate) bool { return !g.open && g.probe == i })
}

// Suspend holds back the steps that depend on whatever a failure of this class belongs to, until step i, which seems to have
// failed that way, is answered.
func (b *Batch) Suspend(i int, c provider.Class) {
	for _, gate := range b.gates(b.of[i]) {
		if gate.scope == pause.ScopeOf(c) {
			gate.open, gate.probe = false, i
		}
	}
}

// Answer takes the result of a step that Next returned.
func (b *Batch) Answer(i int, r Result) {
	b.results[i] = r
	b.inFlight--
	b.count(r)
	shut := false
	for _, gate := range b.gates(b.of[i]) {
		gate.observe(i, r)
		shut = shut || gate.stopped != nil
	}
	if shut {
		b.skipStopped()
	}
}

// count stops the batch if the endpoint seems to be down. No record is to blame for that: the next run sends the rest.
func (b *Batch) count(r Result) {
	switch {
	case r.Outcome == Skipped:
	case r.Err == nil || !r.Err.Unanswered:
		b.unanswered = 0
	default:
		if b.unanswered++; b.unanswered == maxUnanswered {
			b.Stop(fmt.Sprintf("%d records in a row got no answer", maxUnanswered))
			b.down = true
		}
	}
}

// observe applies the answer to step i to a gate.
func (g *gate) observe(i int, r Result) {
	tested := g.probe == i
	if tested {
		g.probe = -1
	}
	switch {
	case r.Outcome == Skipped:
	case refuses(g.scope, r):
		g.stopped = r.Err
	case proves(g.scope, r):
		g.open = true
	case tested && !g.open:
		if g.trials++; g.trials == maxTrials {
			g.stopped = untried(g.scope, r.Err)
		}
	}
}

func refuses(s pause.Scope, r Result) bool {
	return !r.Confirmed() && r.For == s && s != pause.OfRecord
}

// proves reports whether the answer shows that the gate's subject is not refused, or not any more.
func proves(s pause.Scope, r Result) bool {
	if r.Confirmed() {
		return true
	}
	if r.Err.Unseen {
		// The provider confirmed it, but the name servers did not publish it.
		return !refuses(s, r)
	}
	switch s {
	case pause.OfDomain:
		return r.Err.Class == provider.Record
	case pause.OfEndpoint:
		// Whatever the answer was, it came from the endpoint.
		return pause.Answered(r.Err.Class)
	default:
		return false
	}
}

// untried is the error of records that are not sent because the trials before them were inconclusive.
func untried(s pause.Scope, last *provider.Error) *provider.Error {
	what := map[pause.Scope]string{
		pause.OfPassword: "this password has not been accepted yet", pause.OfDomain: "this domain has not been accepted again",
		pause.OfAddress: "this address has not been accepted again", pause.OfEndpoint: "the endpoint has not accepted an update again",
	}[s]
	return &provider.Error{
		Class: last.Class, Unchanged: true, Unsent: true,
		Message: fmt.Sprintf("not sent: %s, and the %d records tried first failed", what, maxTrials),
	}
}

// skipStopped skips the steps that wait behind a stopped gate.
func (b *Batch) skipStopped() {
	for _, g := range b.groups {
		for _, gate := range b.gates(g) {
			if gate.stopped != nil {
				b.skip(g, Result{Outcome: Skipped, Err: gate.stopped, For: gate.scope})
				break
			}
		}
	}
	b.reorder()
}

// skip gives result r to the steps of g that still wait.
func (b *Batch) skip(g *group, r Result) {
	for _, i := range g.waiting {
		b.results[i] = r
	}
	g.waiting = nil
}

// reorder restores the order of the field groups.
func (b *Batch) reorder() {
	b.groups = slices.DeleteFunc(b.groups, func(g *group) bool { return len(g.waiting) == 0 })
	slices.SortFunc(b.groups, b.byFirst)
}

// Stopped reports whether something that step i depends on was stopped after Next had returned the step. Another attempt
// would only repeat a refusal.
func (b *Batch) Stopped(i int) bool {
	gates := b.gates(b.of[i])
	return b.down || slices.ContainsFunc(gates[:], func(g *gate) bool { return g.stopped != nil })
}

// Stop skips every step that Next has not returned yet. why says what ended the run: its deadline, or a signal.
func (b *Batch) Stop(why string) {
	for _, g := range b.groups {
		b.skip(g, Result{Outcome: Skipped, Err: notSent(why), For: pause.OfRun})
	}
	b.reorder()
}

// Done reports whether nothing waits and nothing is in flight.
func (b *Batch) Done() bool { return b.inFlight == 0 && len(b.groups) == 0 }

// Results returns a copy of the results so far, by step.
func (b *Batch) Results() []Result { return slices.Clone(b.results) }
