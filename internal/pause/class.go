// Package pause holds the rules about what was refused: what a failure belongs to, how long that is held, and what
// releases it before that. It is pure. Package decide applies the rules to answers, package plan to records, and
// package outcome to how a record stands.
//
// What a class of failure means for pauses is in one table here. Which classes an attempt is repeated for within a run is a
// matter of packages apply and decide, and what is said about a class one of the packages that put it into words.
package pause

import (
	"time"

	"ddns-batch/internal/provider"
	"ddns-batch/internal/state"
)

// Scope is what a failure belongs to, and so what is paused because of it.
type Scope string

const (
	OfRecord   Scope = "record"
	OfPassword Scope = "password" // of one password of one domain
	OfDomain   Scope = "domain"
	OfAddress  Scope = "address"
	OfEndpoint Scope = "endpoint"
	OfRun      Scope = "run" // the time ran out or a signal came; no record is to blame
)

// duration is how a class of failure ends.
type duration int

const (
	passing      duration = iota // may be over by the next run
	lasting                      // sending the same again soon is pointless
	ifValidation                 // lasting where the provider called it a validation error
	// unlessProven: passing at first for a domain that has a confirmed record. Namecheap has been seen to say "not
	// found" of good domains in passing.
	unlessProven
	asRequested // as long as the provider asks; if it does not say, twice as long as the pause before
)

// class is what the table says about one class of failure.
type class struct {
	scope    Scope
	duration duration
	// answered means that the failure is the provider's verdict, so the endpoint was reached.
	answered bool
	// settles means that the failure may go away without anybody doing something.
	settles bool
}

// classes is the table. A class that is not in it belongs to the record, is passing, and proves nothing.
var classes = map[provider.Class]class{
	provider.Credentials: {scope: OfPassword, duration: lasting, answered: true},
	provider.Password:    {scope: OfPassword, duration: lasting},
	provider.Domain:      {scope: OfDomain, duration: unlessProven, answered: true},
	provider.Record:      {scope: OfRecord, duration: lasting, answered: true},
	provider.Address:     {scope: OfAddress, duration: lasting, answered: true},
	provider.Refused:     {scope: OfRecord, duration: ifValidation, answered: true},
	provider.Blocked:     {scope: OfEndpoint, duration: asRequested, settles: true},
	provider.Request:     {scope: OfRecord, duration: passing},
	provider.Redirect:    {scope: OfRecord, duration: passing},
	provider.Mismatch:    {scope: OfRecord, duration: passing, answered: true, settles: true},
	provider.Unconfirmed: {scope: OfRecord, duration: passing, answered: true, settles: true},
	provider.Transient:   {scope: OfRecord, duration: passing, settles: true},
	provider.Certificate: {scope: OfRecord, duration: passing},
	provider.Contested:   {scope: OfRecord, duration: lasting},
}

func of(c provider.Class) class {
	if found, ok := classes[c]; ok {
		return found
	}
	return class{scope: OfRecord}
}

// ScopeOf is what a failure of this class belongs to.
func ScopeOf(c provider.Class) Scope { return of(c).scope }

// Answered reports whether a failure of this class shows that the endpoint was reached.
func Answered(c provider.Class) bool { return of(c).answered }

// Lasting reports whether sending the same again soon is pointless. failures counts the runs in a row that ended so,
// this one included; proven says that the domain has a confirmed record.
func Lasting(e *provider.Error, failures int, proven bool) bool {
	if e.Unseen {
		return true
	}
	switch of(e.Class).duration {
	case lasting:
		return true
	case unlessProven:
		return !proven || failures >= passingRow
	case ifValidation:
		return e.Validation
	default:
		return false
	}
}

// Settles reports whether the failure that p stands for may go away without anybody doing something. A domain is not paused
// after its first refusals, which may be temporary.
func Settles(p *state.Pause) bool {
	c := of(p.Class)
	return c.settles || p.Class == "" || c.duration == unlessProven && p.Seconds == 0
}

// Stays reports whether p, a pause of this scope, lasts until somebody does something. A wait that the provider asked for
// never counts as such, however long it is.
func Stays(p *state.Pause, scope Scope) bool {
	return scope != OfEndpoint && of(p.Class).duration != passing && time.Duration(p.Seconds)*time.Second >= lastingFirst
}
