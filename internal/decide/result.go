// Package decide holds the rules of a run: what an answer proves, what it pauses and for how long, which record may be sent
// next, and what is remembered afterwards. It is pure: times and answers come in as values, so that every rule can be tested
// with a table of cases. Package apply carries out what it decides.
package decide

import (
	"slices"
	"time"

	"ddns-batch/internal/pause"
	"ddns-batch/internal/plan"
	"ddns-batch/internal/provider"
	"ddns-batch/internal/record"
)

// Outcome is how sending a record ended. The zero Outcome means that it has not ended: the record was not sent yet, or not
// answered.
type Outcome string

const (
	Updated     Outcome = "updated"     // confirmed at an address it was not known to hold
	Refreshed   Outcome = "refreshed"   // confirmed at the address it was known to hold
	Failed      Outcome = "failed"      // surely unchanged
	Unconfirmed Outcome = "unconfirmed" // it may have changed or not
	Skipped     Outcome = "skipped"     // never sent: something it depends on was stopped
)

// Result is what one record's attempts came to.
type Result struct {
	Outcome  Outcome
	Attempts int
	Took     time.Duration
	// At is when the last answer came.
	At time.Time
	// ConfirmedByDNS means that the provider never gave a usable answer, but that the domain's name servers changed to the
	// address.
	ConfirmedByDNS bool
	// Err is set for every Outcome but Updated and Refreshed.
	Err *provider.Error
	// For is what Err belongs to. For a skipped record it is whatever was stopped.
	For pause.Scope
}

// Confirmed reports whether the provider said that the record holds the address it was sent.
func (r Result) Confirmed() bool { return r.Outcome == Updated || r.Outcome == Refreshed }

// Summarize makes one result of all attempts of a step, in their order. A nil attempt is a confirmation; it counts as a
// failure if nobody can see the confirmed address. cut is empty, or says what ended the run and with it the last attempt.
func Summarize(s plan.Step, attempts []*provider.Error, cut string) Result {
	r := Result{Attempts: len(attempts)}
	last := attempts[len(attempts)-1]
	if last == nil && s.Unseen != nil {
		r.Outcome, r.Err, r.For = Failed, s.Unseen, pause.ScopeOf(s.Unseen.Class)
		return r
	}
	if last == nil {
		r.Outcome = confirmation(s)
		return r
	}
	unchanged, unsent := true, true
	for _, e := range attempts {
		unchanged = unchanged && (e.Unchanged || e.Unsent)
		unsent = unsent && e.Unsent
	}
	r.Err, r.For = last, pause.ScopeOf(last.Class)
	switch {
	case cut != "" && unsent:
		r.Outcome, r.Err, r.For = Skipped, notSent(cut), pause.OfRun
	case unchanged:
		r.Outcome = Failed
	default:
		r.Outcome = Unconfirmed
	}
	return r
}

// confirmation is the outcome of a confirmed step.
func confirmation(s plan.Step) Outcome {
	if s.Known && s.From == s.To {
		return Refreshed
	}
	return Updated
}

// notSent is the error of a record that was left out because the run ended.
func notSent(why string) *provider.Error {
	return &provider.Error{Class: provider.Transient, Message: "not sent: " + why, Unchanged: true, Unsent: true}
}

// Settle confirms updates without a usable answer if the name servers show the change: all of them published the confirmed
// address before the update was sent (Step.Steady), and all publish the new one now. Only a change that was seen is a proof.
// An address that was published before, or a record with something else under way, proves nothing, and no answer of a name
// server outweighs a reply that says otherwise. observed is what is published now.
func Settle(p plan.Plan, results []Result, observed map[record.Name]plan.Observation) []Result {
	settled := slices.Clone(results)
	for i, r := range results {
		s := p.Steps[i]
		now := observed[s.Name]
		if MaySettle(s, r) && now.Certain && now.Unanimous && now.Published == s.To {
			settled[i] = Result{Outcome: Updated, Attempts: r.Attempts, Took: r.Took, At: r.At, ConfirmedByDNS: true}
		}
	}
	return settled
}

// MaySettle reports whether Settle may confirm the result: the update was sent, no reply says what became of it, and a
// change of the published address could be seen.
func MaySettle(s plan.Step, r Result) bool {
	if r.Outcome != Unconfirmed || r.Err == nil || !s.Steady || s.From == s.To {
		return false
	}
	return r.Err.Class == provider.Transient || r.Err.Class == provider.Unconfirmed
}
