package pause

import (
	"net/netip"
	"time"

	"ddns-batch/internal/record"
	"ddns-batch/internal/state"
)

// liftEvery is how often a new address may end the same pause. Without it, a line that alternates between two addresses
// would never be paused.
const liftEvery = time.Hour

// Lifts reports whether address ends the pause early, because the pause began under another address. Only pauses of records,
// domains and addresses can end this way.
func Lifts(p *state.Pause, now time.Time, address netip.Addr) bool {
	if p.Over(now) || !p.Under.IsValid() || p.Under == address {
		return false
	}
	since := now.Sub(p.Lifted)
	return p.Lifted.IsZero() || since >= liftEvery || since < 0
}

// Holds reports whether the pause of a record, a domain or an address prevents an update to address at now.
func Holds(p *state.Pause, now time.Time, address netip.Addr) bool {
	return !p.Over(now) && !Lifts(p, now, address)
}

// Until is when a pause that prevents an update to address stops doing so: at its end, or as soon as a new address may end
// it again.
func Until(p *state.Pause, scope Scope, address netip.Addr) time.Time {
	lift := p.Lifted.Add(liftEvery)
	if scope == OfPassword || scope == OfEndpoint || !p.Under.IsValid() || p.Under == address || p.Lifted.IsZero() || lift.After(p.Until()) {
		return p.Until()
	}
	return lift
}

// Subject is everything that a record depends on and that can be paused.
type Subject struct {
	Name record.Name
	// Fingerprint is that of the record's password; empty if it has none.
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

// In indexes the pauses of s.
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

// Of is the pause of one thing that sub depends on, even if it has ended; nil if there is none.
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

// Password is what is known of the password that sub is sent with; nil if it was never answered.
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

// scopes are the things that may hold a record, the best explanation first: a wrong password explains all else, a failure of
// the record only itself.
var scopes = [...]Scope{OfPassword, OfDomain, OfAddress, OfRecord}

// Holding returns the pause that prevents sub from being sent at now and what that pause belongs to, or nil if there is
// none. The endpoint's pause is not considered. ended reports whether something else has ended the pause of a record, a
// domain or an address.
func (x Index) Holding(sub Subject, now time.Time, ended func(*state.Pause) bool) (*state.Pause, Scope) {
	for _, scope := range scopes {
		p := x.Of(scope, sub)
		if scope == OfPassword && !p.Over(now) || scope != OfPassword && Holds(p, now, sub.Address) && !ended(p) {
			return p, scope
		}
	}
	return nil, ""
}

// Failing returns the pause that the last attempts left behind, even if it has ended; nil if there is none.
func (x Index) Failing(sub Subject) *state.Pause {
	for _, scope := range scopes {
		if p := x.Of(scope, sub); p != nil {
			return p
		}
	}
	return nil
}
