package plan

import (
	"time"

	"ddns-batch/internal/idn"
	"ddns-batch/internal/pause"
	"ddns-batch/internal/provider"
	"ddns-batch/internal/sanitize"
	"ddns-batch/internal/state"
)

// look is what follows for one record from what the name servers publish, and from what an earlier run remembers of that.
type look struct {
	steady, drifted, reappeared bool
	// certain: there is an observation, and it is certain. fault is then why nobody finds the confirmed address, whether it
	// counts already or not; unseen is the fault where it does.
	certain       bool
	fault, unseen *provider.Error
	// remembered: by what the state knows the record is not seen.
	remembered bool
}

// longestFault is how long the message of an error may be, in characters.
const longestFault = 200

// look looks at what is published for a record. What differs from the confirmed address while its TTL may still explain
// that is left alone, unless an earlier run knew of it already. It says nothing about a record which is to be moved.
func (m *memory) look(t Target, r *state.Record, o *Observation) look {
	record, domain := unseenPause(r.Pause), unseenPause(m.pauses.Of(pause.OfDomain, pause.Subject{Name: t.Name}))
	atHome := r.IP.IsValid() && r.IP == m.in.Address
	k := look{certain: o != nil && o.Certain, remembered: atHome && (record != nil || domain != nil)}
	if !k.certain {
		return k
	}
	k.steady = o.Unanimous && r.IP.IsValid() && o.Published == r.IP && !r.Since.IsZero() && m.in.Now.Sub(r.Since) > o.TTL
	k.reappeared = r.IP.IsValid() && o.Published == r.IP && (record != nil || domain != nil && o.Elsewhere == "")
	if o.Published == r.IP {
		return k
	}
	k.fault = fault(t, o)
	late := atHome && m.in.Now.Sub(r.ConfirmedAt) > o.TTL
	k.drifted = late && k.fault == nil
	if k.fault != nil && (late || k.remembered) {
		k.unseen = k.fault
	}
	return k
}

// fault is why nothing that the provider confirms for the target can be what is published, or nil.
func fault(t Target, o *Observation) *provider.Error {
	e := &provider.Error{Unchanged: true, Unseen: true}
	switch {
	case o.Elsewhere != "":
		e.Class, e.Message = provider.Domain, idn.Both(t.Name.Domain)+" is served by other name servers ("+o.Elsewhere+")"
	case !o.Published.IsValid():
		e.Class, e.Message = provider.Record, "the name servers publish "+o.Words+" instead of one address"
	default:
		return nil
	}
	e.Message = sanitize.Line(e.Message, longestFault)
	return e
}

// unseenPause is p if it holds what is not seen, else nil.
func unseenPause(p *state.Pause) *state.Pause {
	if p == nil || !p.Unseen {
		return nil
	}
	return p
}

// hidden reports whether the record is not seen, by this look or, where there is none that is certain, by the last one.
func (k look) hidden() bool { return k.unseen != nil || !k.certain && k.remembered }

// ends reports whether the pause holds what is not seen, and the look does not show that any more.
func (k look) ends(p *state.Pause) bool {
	return p != nil && p.Unseen && k.certain && (k.fault == nil || k.fault.Class != p.Class)
}

// ContestedFor is the time within which a second drift to the same address shows that somebody else insists on it, and
// for which the record is then left to them.
const ContestedFor = 24 * time.Hour

func (m *memory) contested(r *state.Record, o *Observation) bool {
	age := m.in.Now.Sub(r.Drift.At)
	return o.Published.IsValid() && r.Drift.IP == o.Published && age >= 0 && age < ContestedFor
}

// contest is the pause of a contested record.
func contest(d state.Change) *state.Pause {
	return &state.Pause{
		Class: provider.Contested, Message: "another machine updates it to " + d.IP.String(),
		Failures: 1, Since: d.At, Began: d.At, Seconds: int64(ContestedFor / time.Second),
	}
}
