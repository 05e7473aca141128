// Package plan decides what to do with every record and why, from what is remembered and from the address that was found. It
// is pure: it reads no clock, file or network, it cannot fail, and a Plan is data that can be printed, compared and saved
// before anything is done.
package plan

import (
	"net/netip"
	"slices"
	"time"

	"ddns-batch/internal/pause"
	"ddns-batch/internal/provider"
	"ddns-batch/internal/record"
	"ddns-batch/internal/state"
)

// Action is what a run does with a record.
type Action string

const (
	Keep   Action = "keep"   // it is up to date; nothing is sent
	Update Action = "update" // it is sent
	Hold   Action = "hold"   // it is not up to date, and is not sent for now
)

// Reason is why a record gets its action. If several apply, it is the first in this order.
type Reason string

const (
	NoPassword Reason = "no-password" // hold: its password is missing
	Forced     Reason = "forced"      // update: asked for with --force
	Unproved   Reason = "unproved"    // update: the address is right, but the password was never accepted for the domain
	Current    Reason = "current"     // keep: confirmed at this address, and not too long ago
	Blocked    Reason = "blocked"     // hold: the endpoint asked for a pause
	Failing    Reason = "failing"     // hold: what was refused is paused
	Contested  Reason = "contested"   // hold: another machine keeps setting it to another address
	Unknown    Reason = "unknown"     // update: an earlier run never learned the result of its update
	New        Reason = "new"         // update: never confirmed
	Moved      Reason = "moved"       // update: confirmed at another address
	Drifted    Reason = "drifted"     // update: confirmed, but the name servers publish another address
	Unseen     Reason = "unseen"      // update: confirmed, but the name servers do not publish it, or are not the provider's
	Stale      Reason = "stale"       // update: confirmed too long ago, or at a time that is still to come
)

// Target is one record that the run is to keep up to date.
type Target struct {
	Name record.Name
	// Fingerprint is that of its password. Without a password it is empty, and matches no remembered one.
	Fingerprint string
	// Missing says why there is no password. It is empty if there is one, and in a dry run, which plans as if there were.
	Missing string
}

// Input is everything that a plan depends on.
type Input struct {
	// Now is the time after the state was locked and read, so that no time in the state is later unless a clock was set
	// back. The start of the run would be too early: while it waited for the lock, another run may have confirmed and paused
	// records.
	Now time.Time
	// Address is the address that was found. It may be invalid only if every password is missing.
	Address netip.Addr
	Targets []Target // in the order of the file
	// State must already belong to the endpoint of this run (state.Snapshot.ForEndpoint).
	State state.Snapshot
	// RefreshAfter is the age at which a confirmation becomes stale; 0 means never.
	RefreshAfter time.Duration
	Force, Retry bool
	// Observed is what the name servers publish; it is nil if they were not asked.
	Observed map[record.Name]Observation
}

// Observation is what the authoritative name servers of a domain publish for one record.
type Observation struct {
	// Certain means that the servers answered with authority, and agreed. Nothing follows from an observation that is not
	// certain. Unanimous means that every server that was to be asked answered.
	Certain, Unanimous bool
	// Published is the one address that is published; invalid if none is, or several, or another kind of record.
	Published netip.Addr
	// Elsewhere names the domain's name servers if none of them is the provider's. It is empty if one is, or if that is not
	// known.
	Elsewhere string
	// TTL is how long resolvers may keep the answer, even the answer that there is no record.
	TTL time.Duration
	// Words describes it for people: an address, "no such name", "the servers differ" and so on.
	Words string
}

// Step is the plan for one record.
type Step struct {
	Target
	Action Action
	Reason Reason
	// From is the address that the record is believed to hold; invalid if nothing is known. Known means that it was
	// confirmed, and that nothing unanswered was sent since.
	From  netip.Addr
	Known bool
	To    netip.Addr
	// Doubt is why it is not known what the record holds; state.NoDoubt where it is known.
	Doubt state.Doubt
	// FailedBefore means that its last attempt was not confirmed, so it is sent after the others.
	FailedBefore bool
	// Pause is what holds it, if the reason is Blocked, Failing or Contested. Scope is what that pause belongs to.
	Pause *state.Pause
	Scope pause.Scope
	// Observed is what is published; nil if the name servers were not asked.
	Observed *Observation
	// Steady means that all name servers publish the confirmed address, which has been confirmed for longer than its TTL. So
	// no earlier change is still on its way, and a change that they show later was made later.
	Steady bool
	// Unseen is why nobody finds the address that the record holds though the provider confirmed it: what is published comes
	// from elsewhere, or is not one address. Sending the address again cannot help. It is nil if nothing like that is
	// certain.
	Unseen *provider.Error
	// Reappeared means that a fault of that kind, found by an earlier run, is over.
	Reappeared bool
}

// Plan is what a run will do, in the order of the file.
type Plan struct {
	Address netip.Addr
	Now     time.Time
	Steps   []Step
}

// Build makes the plan.
func Build(in Input) Plan {
	k := remember(in)
	p := Plan{Address: in.Address, Now: in.Now, Steps: make([]Step, 0, len(in.Targets))}
	for _, t := range in.Targets {
		p.Steps = append(p.Steps, k.step(t))
	}
	k.prove(p.Steps)
	return p
}

// Updates counts the steps that would be sent.
func (p Plan) Updates() int {
	n := 0
	for _, s := range p.Steps {
		if s.Action == Update {
			n++
		}
	}
	return n
}

// Learns reports whether the plan changes what is remembered of the records.
func (p Plan) Learns() bool {
	return slices.ContainsFunc(p.Steps, func(s Step) bool { return s.Action == Update || s.Reappeared })
}

// memory is the state, indexed by name.
type memory struct {
	in      Input
	records map[record.Name]*state.Record
	pauses  pause.Index
}

func remember(in Input) *memory {
	m := &memory{in: in, records: make(map[record.Name]*state.Record, len(in.State.Records)), pauses: pause.In(in.State)}
	for i := range in.State.Records {
		r := &in.State.Records[i]
		m.records[r.Name()] = r
	}
	return m
}

// step tries the reasons in order; each case relies on the ones above it.
func (m *memory) step(t Target) Step {
	r := m.records[t.Name]
	if r == nil {
		r = &state.Record{}
	}
	s := Step{Target: t, From: r.IP, Known: r.IP.IsValid(), To: m.in.Address, Doubt: r.Doubt(), FailedBefore: r.Failed}
	if !s.Known {
		s.From = r.Previous
	}
	if o, asked := m.in.Observed[t.Name]; asked {
		s.Observed = &o
	}
	k := m.look(t, r, s.Observed)
	s.Steady, s.Unseen, s.Reappeared = k.steady, k.unseen, k.reappeared
	held, scope := m.pauses.Holding(pause.Subject{Name: t.Name, Fingerprint: t.Fingerprint, Address: m.in.Address}, m.in.Now, k.ends)
	drifted, unseen := k.drifted, k.hidden()
	switch {
	case t.Missing != "":
		s.Action, s.Reason = Hold, NoPassword
	case m.in.Force:
		s.Action, s.Reason = Update, Forced
	case s.Known && r.IP == m.in.Address && m.fresh(r.ConfirmedAt) && !drifted && !unseen:
		s.Action, s.Reason = Keep, Current
	case !m.in.State.Blocked.Over(m.in.Now):
		s.Action, s.Reason, s.Pause, s.Scope = Hold, Blocked, m.in.State.Blocked, pause.OfEndpoint
	case held != nil && !m.in.Retry:
		s.Action, s.Reason, s.Pause, s.Scope = Hold, Failing, held, scope
	case drifted && m.contested(r, s.Observed) && !m.in.Retry:
		s.Action, s.Reason, s.Pause, s.Scope = Hold, Contested, contest(r.Drift), pause.OfRecord
	case r.Unknown:
		s.Action, s.Reason = Update, Unknown
	case !s.Known:
		s.Action, s.Reason = Update, New
	case r.IP != m.in.Address:
		s.Action, s.Reason = Update, Moved
	case drifted:
		s.Action, s.Reason = Update, Drifted
	case unseen:
		s.Action, s.Reason = Update, Unseen
	default:
		s.Action, s.Reason = Update, Stale
	}
	s.Reappeared = s.Reappeared && s.Action == Keep
	return s
}

// fresh reports whether a confirmation still counts. A date in the future was written by a wrong clock, so it says nothing
// about the age.
func (m *memory) fresh(confirmed time.Time) bool {
	age := m.in.Now.Sub(confirmed)
	return age >= 0 && (m.in.RefreshAfter == 0 || age < m.in.RefreshAfter)
}
