// Package state keeps what the provider has confirmed, in one JSON file that is replaced whole, under a lock of the
// kernel's. It never decides anything: package decide says what is learnt, package plan what follows from it. It never
// holds a password, only fingerprints under a key of the file's own.
package state

import (
	"net/netip"
	"time"

	"ddns-batch/internal/provider"
	"ddns-batch/internal/record"
)

// Version is the version of the state file that this program writes.
const Version = 1

// Snapshot is the whole of what is remembered: a value. Whoever changes one copies it first (Clone); a Pause is never
// changed in place, only replaced, and a history is only appended to. All times are in UTC.
type Snapshot struct {
	Version int `json:"version"`
	// Endpoint is the URL that confirmed all of this, or "sandbox". Empty in a state that nothing was ever saved to.
	Endpoint string `json:"endpoint"`
	// Key makes the fingerprints of passwords, so that they cannot be compared across machines or looked up.
	Key []byte `json:"key"`
	// Blocked is the pause of the endpoint itself.
	Blocked *Pause   `json:"blocked,omitempty"`
	Records []Record `json:"records"`
	Domains []Domain `json:"domains"`
	// Addresses are the ones that the provider refused.
	Addresses []Address `json:"addresses,omitempty"`
	// Notices are what quiet runs have reported and still do, or are waiting to report.
	Notices []Notice `json:"news,omitempty"`
	// Undelivered are lines of quiet runs that somebody has not got yet, oldest first.
	Undelivered []Undelivered `json:"undelivered,omitempty"`
}

// Record is what is known of one record.
type Record struct {
	Host   string `json:"host"`
	Domain string `json:"domain"`
	// IP is the last address the provider confirmed. Invalid when it is not known what the record holds.
	IP netip.Addr `json:"ip,omitzero"`
	// Since is when IP was first confirmed without another one in between; ConfirmedAt when it was last confirmed.
	Since       time.Time `json:"since,omitzero"`
	ConfirmedAt time.Time `json:"confirmed_at,omitzero"`
	// Previous is what IP was before it became unknown. Valid only while IP is not.
	Previous netip.Addr `json:"previous,omitzero"`
	// Unknown: something was sent and the answer never came, or was no proof. False for a record never sent.
	Unknown bool `json:"unknown,omitempty"`
	// Doubted: Unknown not because of an update, but because what was saved of it is not believed: the disk is read-only, or
	// was full, or the file was damaged.
	Doubted bool `json:"doubted,omitempty"`
	// AttemptedAt is when the record was last sent, or about to be.
	AttemptedAt time.Time `json:"attempted_at,omitzero"`
	// Failed: the last attempt was not confirmed, whoever is to blame.
	Failed bool `json:"failed,omitempty"`
	// Drift is the foreign address that was last found published in place of IP, and when it was set right. Its IP is
	// invalid if that never happened.
	Drift Change `json:"drift,omitzero"`
	// Pause holds failures that are the record's own; nil when the last answer was a confirmation.
	Pause *Pause `json:"pause,omitempty"`
	// History lists the changes of address, oldest first.
	History []Change `json:"history,omitempty"`
}

// Name is the record's identity.
func (r Record) Name() record.Name { return record.Name{Host: r.Host, Domain: r.Domain} }

// Doubt is why it is not known what a record holds.
type Doubt string

const (
	NoDoubt  Doubt = ""
	NoAnswer Doubt = "no-answer" // a run ended before the answer to its update came
	Unclear  Doubt = "unclear"   // an update was not confirmed, and may have worked
	Unsaved  Doubt = "unsaved"   // what was saved of it is not believed
)

// Doubt is why it is not known what r holds; NoDoubt where it is known, or was never sent.
func (r Record) Doubt() Doubt {
	switch {
	case !r.Unknown:
		return NoDoubt
	case r.Doubted:
		return Unsaved
	case r.Failed:
		return Unclear
	default:
		return NoAnswer
	}
}

// Change is one entry of a history: from At on the record held IP.
type Change struct {
	IP netip.Addr `json:"ip"`
	At time.Time  `json:"at"`
}

// Domain is what is known of a domain as a whole.
type Domain struct {
	Domain string `json:"domain"`
	// Pause is for refusals of the domain; nil when there are none.
	Pause *Pause `json:"pause,omitempty"`
	// Passwords are those that were tried for this domain, the most recently used last.
	Passwords []Password `json:"passwords,omitempty"`
}

// Password is one password of one domain, by its fingerprint.
type Password struct {
	Fingerprint string `json:"fingerprint"`
	// AcceptedAt is when the provider first confirmed an update with it; zero: never, or refused since.
	AcceptedAt time.Time `json:"accepted_at,omitzero"`
	// Pause is for refusals of this password for this domain.
	Pause *Pause `json:"pause,omitempty"`
}

// Address is one address that the provider refused.
type Address struct {
	IP    netip.Addr `json:"ip"`
	Pause *Pause     `json:"pause"`
}

// Pause is a row of failures of one thing (a record, a password, a domain, an address, the endpoint), and the time
// during which it is held because of them.
type Pause struct {
	Class   provider.Class `json:"class"`
	Message string         `json:"message"`
	// Quoted: Message is in the provider's own words.
	Quoted bool `json:"quoted,omitempty"`
	// Unseen: the provider confirmed the update, but the name servers showed that nobody finds it. Only such a pause holds
	// a record that is known to be at the right address, and a look that shows it there ends it.
	Unseen bool `json:"unseen,omitempty"`
	// Failures counts runs in a row that ended so, at least 1.
	Failures int `json:"failures"`
	// Since is the start of the first run of that row.
	Since time.Time `json:"since"`
	// Began and Seconds are the pause itself. Seconds is 0 when the next run may send at once.
	Began   time.Time `json:"began"`
	Seconds int64     `json:"seconds"`
	// Under is the address that was being set when it began.
	Under netip.Addr `json:"under,omitzero"`
	// Lifted is when a new address last ended it before its time.
	Lifted time.Time `json:"lifted,omitzero"`
}

// Until is the end of the pause.
func (p *Pause) Until() time.Time { return p.Began.Add(time.Duration(p.Seconds) * time.Second) }

// Over reports whether the pause does not hold at now: it is past its end, or now is before its beginning, which means
// that a clock was set back and that the end says nothing. A nil pause is over.
func (p *Pause) Over(now time.Time) bool {
	return p == nil || now.Before(p.Began) || !now.Before(p.Until())
}

// Undelivered is one line for one recipient.
type Undelivered struct {
	// To names the recipient, and holds no secret.
	To   string    `json:"to"`
	Text string    `json:"text"`
	At   time.Time `json:"at"`
}

// Notice is one trouble as quiet runs see it.
type Notice struct {
	// Key names what is in trouble; package notices gives it its form.
	Key string `json:"key"`
	// What tells one trouble of that thing from another (its class, mostly).
	What string `json:"what"`
	// Since is the start of the first run that met it.
	Since time.Time `json:"since"`
	// ReportedAt is when a quiet run last reported it; zero: not yet.
	ReportedAt time.Time `json:"said_at,omitzero"`
	// Name is how it was called when it was reported, for the line that says it is over.
	Name string `json:"name"`
}
