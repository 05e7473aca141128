package plan

import (
	"time"

	"ddns-batch/internal/idn"
	"ddns-batch/internal/pause"
	"ddns-batch/internal/provider"
	"ddns-batch/internal/sanitize"
	"ddns-batch/internal/state"
)

// look is what follows for one record from what the name servers publish now and from what an earlier run remembered about
// that.
type look struct {
	steady, drifted, reappeared bool
	// certain means that there is an observation, and that it is certain. fault is then why nobody can find the confirmed
	// address, whether or not that counts already; unseen is the fault if it counts.
	certain       bool
	fault, unseen *provider.Error
	// remembered means that by the state the published address was already missing in an earlier run.
	remembered bool
}

// longestFault is the maximum length of an error's message, in characters.
const longestFault = 200

// look examines what is published for a record. A difference from the confirmed address is ignored as long as the TTL may
// explain it, unless an earlier run saw it already. A record that is about to be moved is not examined.
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

// fault is why the published address cannot come from the provider, whatever that confirms; nil if it can.
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

// hidden reports whether nobody sees the confirmed address, by this observation or, if this one is not certain, by the last
// certain one.
func (k look) hidden() bool { return k.unseen != nil || !k.certain && k.remembered }

// ends reports whether the pause is about a record that nobody saw and that is visible now.
func (k look) ends(p *state.Pause) bool {
	return p != nil && p.Unseen && k.certain && (k.fault == nil || k.fault.Class != p.Class)
}

// ContestedFor is how soon a second drift to the same address shows that another machine updates the record. For the same
// time the record is then left to that machine.
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
