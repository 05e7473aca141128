// Package provider says what a DNS provider that takes dynamic updates promises, and how its refusals are told apart.
// It never speaks to a network; package namecheap does.
package provider

import (
	"context"
	"net/netip"
	"time"

	"ddns-batch/internal/record"
)

// Update is one request: let the A record Name hold Address.
type Update struct {
	Name     record.Name
	Address  netip.Addr // always a plain IPv4 address
	Password Secret
}

// Provider sends one update, once.
//
// It returns nil only when the provider itself said that the record now holds exactly u.Address. Every other ending is
// an *Error, also one caused by ctx: the absence of an error is the proof, so an implementation that is unsure returns
// one. It does not retry, follows no redirect, and may be called from many goroutines. Neither the error nor anything
// it wraps holds the password, in any encoding.
type Provider interface {
	Update(ctx context.Context, u Update) error
}

// Opener is a Provider that can also send several updates over one connection, which costs less than one for each.
type Opener interface {
	Provider
	Open() Session
}

// Session sends updates one after another over a connection of its own. It is for one goroutine.
//
// A reply names no record: on a connection that is kept, one reply too many is taken for the next record's. So what Send
// returns is only a claim, and Prove says later which claims hold.
type Session interface {
	// Send does what Provider.Update does, except that its answer is not proved yet. It connects if it has to. last
	// announces that no other update follows, which lets the answer itself end the connection.
	Send(ctx context.Context, u Update, last bool) error
	// Over reports whether nothing more can be sent before Prove.
	Over() bool
	// Prove ends the connection, unless there is none, and returns how many of the updates sent over it, counted from
	// the first, got an answer that is theirs. If not all did, the error says why. ctx limits how long that may take.
	// Afterwards the session is as new.
	Prove(ctx context.Context) (int, error)
}

// Class says what was refused, and so what has to change before sending again makes sense. The values stand in the
// JSON report and in the state file; readers must accept ones they do not know. The zero Class claims nothing and is
// treated as Unconfirmed.
type Class string

const (
	Unconfirmed Class = "unconfirmed" // an answer without error and without proof
	Credentials Class = "credentials" // the password is not the one of this domain
	Domain      Class = "domain"      // the domain is not known, or not active, there
	Record      Class = "record"      // the domain has no such dynamic record
	Address     Class = "address"     // the address itself is refused
	Refused     Class = "refused"     // refused in other words
	Blocked     Class = "blocked"     // the endpoint does not want to hear from us for now
	Request     Class = "request"     // the request was not understood (4xx)
	Redirect    Class = "redirect"    // an answer that points elsewhere; never followed
	Mismatch    Class = "mismatch"    // another address was stored than the one sent
	Transient   Class = "transient"   // no usable answer: network, time-out, 5xx, a page that is not a reply
	Certificate Class = "certificate" // the server could not prove who it is
	Password    Class = "password"    // never sent: the password is missing
	Contested   Class = "contested"   // never sent: another machine keeps changing the record back
)

// Error is why an update is not confirmed.
type Error struct {
	Class Class
	// Message is one printable line of at most 200 characters, without the password.
	Message string
	// Quoted: Message is in the provider's own words, not in ours.
	Quoted bool
	// Unchanged: the record surely holds what it held before. False whenever that is not certain.
	Unchanged bool
	// Unsent means that there was not even a connection. It implies Unchanged.
	Unsent bool
	// Validation: the provider called it a "Validation error", so sending the same again is pointless.
	Validation bool
	// Unseen, with Domain and Record only: the provider confirmed the update, but the domain's own name servers show that
	// nobody finds it.
	Unseen bool
	// OutOfDate, with Certificate only: by this machine's clock the certificate has expired or is not valid yet. The
	// clock may be what is wrong.
	OutOfDate bool
	// RetryAfter is the wait the provider asked for; 0 if it asked for none.
	RetryAfter time.Duration
	// Unanswered, with Transient only: not a byte of an answer came, be it for want of a connection. The endpoint may be
	// down.
	Unanswered bool
	// Uncounted, with Transient only: there were answers, but which of them was meant for this update cannot be told.
	// Sending it again over another connection can tell.
	Uncounted bool
}

func (e *Error) Error() string { return string(e.Class) + ": " + e.Message }
