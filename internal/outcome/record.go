// Package outcome determines how each record stands, once for everything that shows it: what a run does with it, what came
// of that, why it is not up to date, until when, and what to do. Of does that for a run. FromState does it for what is
// remembered, with the plan that a run would make now. Everything that is shown, and the exit status, is based on these
// values. The package is pure. Its texts are short reasons and hints; packages report and notices make sentences of them.
package outcome

import (
	"time"

	"ddns-batch/internal/decide"
	"ddns-batch/internal/pause"
	"ddns-batch/internal/plan"
	"ddns-batch/internal/provider"
	"ddns-batch/internal/record"
	"ddns-batch/internal/state"
)

// Record is how one record stands.
type Record struct {
	Name record.Name
	// Configured means that it is in the YAML file. A record that is only in the state has no Step and no End.
	Configured bool
	// Step is what the run does with it, or would do, and why.
	Step plan.Step
	// End is how it ended.
	End End
	// Result is the result of sending it; the zero value if it was not sent.
	Result decide.Result
	// Memory is what is remembered of it.
	Memory state.Record
	// Cause is why it is not up to date; nil if it is, or if it is about to be sent.
	Cause *Cause
	// Refused is why its password was refused though it is up to date: it would not follow a new address. nil if that is not so.
	Refused *Cause
	// LastFailure is how its last attempt failed, for a record that is about to be sent again or is only in the state; nil
	// if the last attempt did not fail.
	LastFailure *state.Pause
	// PasswordFrom says where its password comes from, as in "EXAMPLE_NET_DDNS_PASSWORD, hosts.env:3"; may be empty.
	PasswordFrom string
	// Unread says which password cannot be read here, and why. The record is planned as if it could be read.
	Unread string
	// Unproved means that its password was never accepted for its domain, or was refused since.
	Unproved bool
	// Hint is what to do about Cause, Refused or LastFailure.
	Hint Hint
	// Sooner are the arguments of ddns-batch that send a held record early; nil if nothing does.
	Sooner []string
}

// End is how a record ends up in a run, or would end up.
type End string

const (
	Kept        End = "kept"        // up to date; nothing was sent
	Updated     End = "updated"     // confirmed at another address
	Refreshed   End = "refreshed"   // confirmed at the same address
	Failed      End = "failed"      // sent, and certainly not changed
	Unconfirmed End = "unconfirmed" // sent, and possibly changed
	Held        End = "held"        // not sent for now
	Skipped     End = "skipped"     // left out in this run, because of another record or because the run ended
	Pending     End = "pending"     // about to be sent; only without a run, or in a dry run
)

// AsAsked reports whether the record is known to hold what it should.
func (e End) AsAsked() bool { return e == Kept || e == Updated || e == Refreshed }

// Wrong reports whether it is not up to date, and this run does nothing more about it.
func (e End) Wrong() bool { return e == Failed || e == Unconfirmed || e == Held || e == Skipped }

// Cause is why a record is not up to date.
type Cause struct {
	// Scope is what was refused. Records with the same cause share it.
	Scope   pause.Scope
	Class   provider.Class
	Message string
	// Quoted means that Message is in the provider's own words.
	Quoted bool
	// Pause is what holds the record, or what its failure left behind; nil if nothing is paused.
	Pause *state.Pause
	// Until is when a held record is tried again; zero if that is not known, and for records that are not held.
	Until time.Time
	// NotSent means that Message says why nothing was sent, and is not the refusal itself.
	NotSent bool
	// Elsewhere means that another record failed, or none.
	Elsewhere bool
	// Lasting means that it stays until somebody does something.
	Lasting bool
}

// Hint is what to do about a failure: a text, and the arguments of ddns-batch to type after that; nil for none.
type Hint struct {
	Text    string
	Command []string
}

// TTL is how long resolvers may go on showing the old address after a change, roughly. The update protocol does not set it.
const TTL = 30 * time.Minute

// OldUntil is until when resolvers may show the address that the record had before; zero if they surely do not any more, or
// if that is not known.
func (r Record) OldUntil(now time.Time) time.Time {
	age := now.Sub(r.Memory.Since)
	if !r.Memory.IP.IsValid() || age < 0 || age >= TTL {
		return time.Time{}
	}
	return r.Memory.Since.Add(TTL)
}

// State is how a record stands between runs, in one word.
type State string

const (
	OK      State = "ok"
	OnHold  State = "held"    // not sent for now
	Failing State = "failing" // the last attempt failed; the next run tries again
	Unknown State = "unknown" // something was sent, and its result is not known
	New     State = "new"     // never confirmed
	Behind  State = "behind"  // confirmed, but not at the address that was found
)

// State is that of a record that was not sent since it was planned.
func (r Record) State() State {
	switch {
	case r.Configured && r.Step.Action == plan.Hold:
		return OnHold
	case r.Configured && r.Step.Action == plan.Keep:
		return OK
	case r.Memory.Unknown:
		return Unknown
	case r.Configured && !r.Step.Known, !r.Memory.IP.IsValid():
		return New
	case r.LastFailure != nil:
		return Failing
	case r.Step.Reason == plan.Moved:
		return Behind
	default:
		return OK
	}
}

// Doubt is why it is not known what the record holds, or was not known before it was sent; state.NoDoubt if it is known.
func (r Record) Doubt() state.Doubt {
	if r.Configured {
		return r.Step.Doubt
	}
	return r.Memory.Doubt()
}

// Level is how urgent a record is. The zero value is the most cautious claim.
type Level int

const (
	// Trouble stays until somebody does something.
	Trouble Level = iota
	// Warning may go away by itself.
	Warning
	// Fine needs no action.
	Fine
)

// Level is that of a record that was not sent since it was planned.
func (r Record) Level() Level {
	failure := r.LastFailure
	switch {
	case r.State() == OK && r.Refused != nil:
		return Warning
	case r.State() == OK:
		return Fine
	case r.Cause != nil && r.Cause.Class == provider.Password:
		return Trouble
	case r.Cause != nil:
		failure = r.Cause.Pause
	}
	if failure != nil && !pause.Settles(failure) {
		return Trouble
	}
	return Warning
}

// AllAsAsked reports whether every configured record is up to date, which is what exit status 0 says.
func AllAsAsked(records []Record) bool {
	for _, r := range records {
		if r.Configured && !r.End.AsAsked() {
			return false
		}
	}
	return true
}

// Summary counts records by how they ended up. All numbers but Records add up to Records.
type Summary struct {
	Records, Kept, Updated, Refreshed, Failed, Unconfirmed, Held, Skipped, Pending int
}

// Summarize counts the configured records.
func Summarize(records []Record) Summary {
	var s Summary
	for _, r := range records {
		if !r.Configured {
			continue
		}
		s.Records++
		switch r.End {
		case Kept:
			s.Kept++
		case Updated:
			s.Updated++
		case Refreshed:
			s.Refreshed++
		case Failed:
			s.Failed++
		case Unconfirmed:
			s.Unconfirmed++
		case Skipped:
			s.Skipped++
		case Pending:
			s.Pending++
		default:
			s.Held++
		}
	}
	return s
}

// RetryAt is when a failed record is tried again, from the point of view of a run that started at now; zero if nothing is
// paused.
func (c Cause) RetryAt(now time.Time) time.Time {
	if !c.Until.IsZero() {
		return c.Until
	}
	p := c.Pause
	if p == nil {
		return time.Time{}
	}
	if late := p.Began.Sub(now); late > 0 && late < longestRun {
		// A pause that the provider asked for begins at its reply, which is after the start of the run.
		now = p.Began
	}
	if p.Over(now) {
		return time.Time{}
	}
	return p.Until()
}

// longestRun is longer than any run. A pause that begins later than that after the start of the run was written with another
// clock.
const longestRun = time.Hour
