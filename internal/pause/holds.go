package pause

import (
	"net/netip"
	"time"

	"ddns-batch/internal/record"
	"ddns-batch/internal/state"
)

// liftEvery is how often a new address may end one pause: a line that flaps between two addresses must not turn an
// hour's pause into none.
const liftEvery = time.Hour

// Lifts reports whether setting address ends the pause before its time, because it began under another one. Only the
// pauses of records, domains and addresses can be lifted so.
func Lifts(p *state.Pause, now time.Time, address netip.Addr) bool {
	if p.Over(now) || !p.Under.IsValid() || p.Under == address {
		return false
	}
	since := now.Sub(p.Lifted)
	return p.Lifted.IsZero() || since >= liftEvery || since < 0
}

// Holds reports whether the pause of a record, a domain or an address keeps address from being sent at now.
func Holds(p *state.Pause, now time.Time, address netip.Addr) bool {
	return !p.Over(now) && !Lifts(p, now, address)
}

// Until is when a pause that keeps address from being sent stops doing so: at its end, or when a new address may end it
// again.
func Until(p *state.Pause, scope Scope, address netip.Addr) time.Time {
	lift := p.Lifted.Add(liftEvery)
	if scope == OfPassword || scope == OfEndpoint || !p.Under.IsValid() || p.Under == address || p.Lifted.IsZero() || lift.After(p.Until()) {
		return p.Until()
	}
	return lift
}

// Subject is what a record depends on: the things that can be paused.
type Subject struct {
	Name record.Name
	// Fingerprint is that of its password; empty for none.
	Fingerprint string
	Address     netip.Addr
}

// Index finds the pauses of a state.
type Index struct {
	endpoint  *state.Pause
	records   map[record.Name]*state.Pause
	domains   map[string]*state.Domain
	addresses map[netip.Addr]*state.Pause
}

// In arranges the pauses of s for look-up.
func In(s state.Snapshot) Index {
	x := Index{
		endpoint: s.Blocked, records: map[record.Name]*state.Pause{},
		domains: make(map[string]*state.Domain, len(s.Domains)), addresses: make(map[netip.Addr]*state.Pause, len(s.Addresses)),
	}
	for i := range s.Records {
		if r := &s.Records[i]; r.Pause != nil {
			x.records[r.Name()] = r.Pause
		}
	}
	for i := range s.Domains {
		x.domains[s.Domains[i].Domain] = &s.Domains[i]
	}
	for _, a := range s.Addresses {
		x.addresses[a.IP] = a.Pause
	}
	return x
}

// Of is the pause of what sub depends on, over or not; nil if there is none.
func (x Index) Of(scope Scope, sub Subject) *state.Pause {
	switch scope {
	case OfPassword:
		if p := x.Password(sub); p != nil {
			return p.Pause
		}
	case OfDomain:
		if d := x.domains[sub.Name.Domain]; d != nil {
			return d.Pause
		}
	case OfAddress:
		return x.addresses[sub.Address]
	case OfEndpoint:
		return x.endpoint
	case OfRecord:
		return x.records[sub.Name]
	}
	return nil
}

// Password is what is known of the password that sub is sent with; nil if it was never answered for.
func (x Index) Password(sub Subject) *state.Password {
	d := x.domains[sub.Name.Domain]
	if d == nil || sub.Fingerprint == "" {
		return nil
	}
	for i := range d.Passwords {
		if d.Passwords[i].Fingerprint == sub.Fingerprint {
			return &d.Passwords[i]
		}
	}
	return nil
}

// Accepted reports whether the password that sub is sent with was accepted for its domain, and not refused since.
func (x Index) Accepted(sub Subject) bool {
	p := x.Password(sub)
	return p != nil && !p.AcceptedAt.IsZero() && p.Pause == nil
}

// LastUsed is the fingerprint of the password that was used last for a domain; empty if none was.
func (x Index) LastUsed(domain string) string {
	d := x.domains[domain]
	if d == nil || len(d.Passwords) == 0 {
		return ""
	}
	return d.Passwords[len(d.Passwords)-1].Fingerprint
}

// scopes of what may hold a record, the one that says most about the cause first: a wrong password explains the rest, a
// record's own failures only themselves.
var scopes = [...]Scope{OfPassword, OfDomain, OfAddress, OfRecord}

// Holding is the pause that keeps sub from being sent at now, that of the endpoint apart, and what it belongs to; nil if
// none does. ended tells of a pause of a record, a domain or an address whether something else has ended it.
func (x Index) Holding(sub Subject, now time.Time, ended func(*state.Pause) bool) (*state.Pause, Scope) {
	for _, scope := range scopes {
		p := x.Of(scope, sub)
		if scope == OfPassword && !p.Over(now) || scope != OfPassword && Holds(p, now, sub.Address) && !ended(p) {
			return p, scope
		}
	}
	return nil, ""
}

// Failing is the failure that the last attempts ended with, over or not; nil if there is none.
func (x Index) Failing(sub Subject) *state.Pause {
	for _, scope := range scopes {
		if p := x.Of(scope, sub); p != nil {
			return p
		}
	}
	return nil
}
