// Package outcome says of each record, once, how it stands: what a run does with it, what came of that, why it is not as
// asked, until when, and what to do. Of makes that of a run, FromState of what is remembered, by way of the plan that a
// run would make. Whatever is shown to anybody, or counted for the exit status, is taken from here. It is pure. Of
// words it has only what belongs to the facts, reasons in a few words and hints; packages report and notices make sentences
// of them.
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
	// Configured: it is in the YAML file. One that is not is only remembered: it has no Step and no End.
	Configured bool
	// Step is what the run does with it, or would do, and why.
	Step plan.Step
	// End is what became of it.
	End End
	// Result is what came of sending it; the zero value where it was not sent.
	Result decide.Result
	// Memory is what is remembered of it.
	Memory state.Record
	// Cause is why it is not as asked; nil where it is, and where it is about to be sent.
	Cause *Cause
	// Refused is why its password was refused, where it is as asked all the same: it would not follow a new address. nil
	// where that is not so.
	Refused *Cause
	// LastFailure is how its last attempt ended where it is about to be sent again, or is only remembered; nil where that
	// was no failure.
	LastFailure *state.Pause
	// PasswordFrom names where its password comes from, as in "EXAMPLE_NET_DDNS_PASSWORD, hosts.env:3"; may be empty.
	PasswordFrom string
	// Unread says which password cannot be read here, and why. The record is planned as if it could be.
	Unread string
	// Unproved: its password was not accepted for its domain so far, or was refused since.
	Unproved bool
	// Hint is what to do about Cause, Refused or LastFailure.
	Hint Hint
	// Sooner are the arguments of ddns-batch that send a record before the end of what holds it; nil where nothing does.
	Sooner []string
}

// End is what became of a record in a run, or would become of it.
type End string

const (
	Kept        End = "kept"        // as asked; nothing was sent
	Updated     End = "updated"     // confirmed at another address
	Refreshed   End = "refreshed"   // confirmed at the same address
	Failed      End = "failed"      // sent, and surely not changed
	Unconfirmed End = "unconfirmed" // sent, and perhaps changed
	Held        End = "held"        // not sent for now
	Skipped     End = "skipped"     // left out in this run, because of another record or of the run's end
	Pending     End = "pending"     // about to be sent; only without a run, or in a dry one
)

// AsAsked reports whether the record is known to hold what it should.
func (e End) AsAsked() bool { return e == Kept || e == Updated || e == Refreshed }

// Wrong reports whether it is not as asked, and this run does nothing more about it.
func (e End) Wrong() bool { return e == Failed || e == Unconfirmed || e == Held || e == Skipped }

// Cause is why a record is not as asked.
type Cause struct {
	// Scope is what was refused. Records with the same cause share it.
	Scope   pause.Scope
	Class   provider.Class
	Message string
	// Quoted: Message is in the provider's own words.
	Quoted bool
	// Pause is what holds the record, or what its failure left behind; nil if that paused nothing.
	Pause *state.Pause
	// Until is when a record that is held is tried again; zero where that is not known, and for all others.
	Until time.Time
	// NotSent: Message is not the refusal, but why nothing was sent.
	NotSent bool
	// Elsewhere: the failure is another record's, or nobody's.
	Elsewhere bool
	// Lasting: it stays until somebody does something.
	Lasting bool
}

// Hint is what to do about a failure: a text for people, and the arguments of ddns-batch to type once that is done; nil
// for none.
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
	Unknown State = "unknown" // something was sent, and what became of it is not known
	New     State = "new"     // never confirmed
	Behind  State = "behind"  // confirmed at another address than the one that was found
)

// State of a record that was not sent since it was planned.
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

// Level is how much a record needs somebody. The zero value is the most cautious claim.
type Level int

const (
	// Trouble stays until somebody does something.
	Trouble Level = iota
	// Warning may settle by itself.
	Warning
	// Fine needs nobody.
	Fine
)

// Level of a record that was not sent since it was planned.
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

// AllAsAsked reports whether every configured record is as asked: what exit status 0 says.
func AllAsAsked(records []Record) bool {
	for _, r := range records {
		if r.Configured && !r.End.AsAsked() {
			return false
		}
	}
	return true
}

// Summary counts records by what became of them. All numbers but Records add up to Records.
type Summary struct {
	Records, Kept, Updated, Refreshed, Failed, Unconfirmed, Held, Skipped, Pending int
}

// Summarize counts the configured ones.
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

// RetryAt is when what failed is tried again, as seen from a run that started at now; zero where nothing is paused.
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

// longestRun is more than any run takes: what begins later than that after its start was written by another clock.
const longestRun = time.Hour
