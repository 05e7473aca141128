// Package report shows what a run did, or would do, and what the state knows: as text for people and as JSON for
// programs. It is pure, values in and bytes out: it never reads a clock, a file or the environment, it decides nothing,
// and none of its types has room for a password. Whatever it is given, it emits no control characters.
package report

import (
	"net/netip"
	"time"

	"ddns-batch/internal/decide"
	"ddns-batch/internal/pause"
	"ddns-batch/internal/plan"
	"ddns-batch/internal/provider"
	"ddns-batch/internal/record"
	"ddns-batch/internal/report/phrase"
	"ddns-batch/internal/state"
)

// Run is one run, as far as it came.
type Run struct {
	DryRun bool
	// Sandbox: a stand-in answered in place of the provider.
	Sandbox bool
	// Config and State are the files as read; empty where there is none.
	Config, State string
	// Address is invalid when none was found. Given: it was given by --ip.
	Address netip.Addr
	Given   bool
	// Sources are those that were asked, in their order.
	Sources    []Source
	StartedAt  time.Time
	Took       time.Duration
	ExitStatus int
	// Plan has no steps if the run did not come so far.
	Plan plan.Plan
	// Results go by step. A missing or zero one of an update was not sent.
	Results []decide.Result
	// After is what is remembered after the run; it says when refused things are tried again.
	After state.Snapshot
	// Waited says, by step, what came of waiting for the name servers; nil where nobody waited.
	Waited map[int]Waited
	// LastChange is when an address in the state changed last; zero if none did.
	LastChange time.Time
	// PasswordFrom names where the password of a step comes from ("EXAMPLE_NET_DDNS_PASSWORD, hosts.env:3"), and Hint
	// what to do about a refusal; "" for nothing. A line break in a hint is kept in the text. Both may be nil.
	PasswordFrom func(step int) string
	Hint         func(provider.Class, record.Name) string
	// Error is what ended the run with status 2, 3 or 4.
	Error *Error
}

// Waited is what came of waiting until the name servers serve a new address.
type Waited struct {
	// Took is how long it took after the updates; 0 if they did not serve it in time. Words then say what they do.
	Served bool
	Took   time.Duration
	Words  string
}

// Source is what one source of the address said.
type Source struct {
	Name    string
	Address netip.Addr
	Took    time.Duration
	// Problem says why there is no address; empty when there is one.
	Problem string
}

// Summary counts the records by what became of them. All numbers but Records add up to Records.
type Summary struct {
	Records     int `json:"records"`
	Kept        int `json:"kept"`
	Updated     int `json:"updated"`
	Refreshed   int `json:"refreshed"`
	Failed      int `json:"failed"`
	Unconfirmed int `json:"unconfirmed"`
	Held        int `json:"held"`
	Skipped     int `json:"skipped"`
	Pending     int `json:"pending"`
}

// Summary counts the records of the run.
func (r Run) Summary() Summary {
	s := Summary{Records: len(r.Plan.Steps)}
	for i := range r.Plan.Steps {
		*s.of(r.ending(i))++
	}
	return s
}

func (s *Summary) of(e ending) *int {
	switch e {
	case kept:
		return &s.Kept
	case updated:
		return &s.Updated
	case refreshed:
		return &s.Refreshed
	case failed:
		return &s.Failed
	case unconfirmed:
		return &s.Unconfirmed
	case skipped:
		return &s.Skipped
	case pending:
		return &s.Pending
	default:
		return &s.Held
	}
}

// ending is what became of a record.
type ending string

const (
	kept        ending = "kept"
	updated     ending = "updated"
	refreshed   ending = "refreshed"
	failed      ending = "failed"
	unconfirmed ending = "unconfirmed"
	held        ending = "held"
	skipped     ending = "skipped"
	pending     ending = "would update"
)

func (r Run) ending(i int) ending {
	switch r.Plan.Steps[i].Action {
	case plan.Keep:
		return kept
	case plan.Update:
		if r.DryRun {
			return pending
		}
	default:
		return held
	}
	switch r.result(i).Outcome {
	case decide.Updated:
		return updated
	case decide.Refreshed:
		return refreshed
	case decide.Failed:
		return failed
	case decide.Skipped, "":
		return skipped
	default:
		return unconfirmed
	}
}

// result of a step; the zero one if there is none.
func (r Run) result(i int) decide.Result {
	if i < len(r.Results) {
		return r.Results[i]
	}
	return decide.Result{}
}

// trouble is why a record is not as asked.
type trouble struct {
	class   provider.Class
	message string
	quoted  bool
	scope   pause.Scope
	// until is when it is tried again; zero where that is not known.
	until time.Time
	// own: not the refusal itself but our reason for not sending.
	own bool
}

// trouble of a step that ended as held, failed, unconfirmed or skipped.
func (r Run) trouble(i int) trouble {
	step, result := r.Plan.Steps[i], r.result(i)
	switch {
	case step.Action != plan.Update && step.Reason == plan.NoPassword:
		return trouble{class: provider.Password, message: r.missing(i), scope: pause.OfPassword}
	case step.Action != plan.Update:
		return heldBy(step)
	case result.Outcome == "":
		return r.neverSent()
	case result.Err == nil:
		return trouble{class: provider.Unconfirmed, scope: pause.OfRecord}
	}
	e := result.Err
	t := trouble{
		class: class(e.Class), message: e.Message, quoted: e.Quoted, scope: result.For,
		own: result.Outcome == decide.Skipped && e.Unsent,
	}
	if t.scope == "" {
		t.scope = pause.ScopeOf(e.Class)
	}
	return t
}

func heldBy(s plan.Step) trouble {
	if s.Pause == nil {
		return trouble{class: provider.Unconfirmed, scope: pause.OfRecord}
	}
	t := trouble{class: class(s.Pause.Class), message: s.Pause.Message, quoted: s.Pause.Quoted, until: s.Pause.Until()}
	if t.scope = pause.ScopeOf(s.Pause.Class); s.Reason == plan.Blocked {
		t.scope = pause.OfEndpoint
	}
	return t
}

// missing says which password is not there, and why.
func (r Run) missing(i int) string {
	from := ""
	if r.PasswordFrom != nil {
		from = r.PasswordFrom(i)
	}
	return phrase.Missing(from, r.Plan.Steps[i].Missing)
}

// neverSent: the run ended between the plan and the sending.
func (r Run) neverSent() trouble {
	t := trouble{class: provider.Transient, message: "not sent", scope: pause.OfRun, own: true}
	if r.Error != nil {
		t.message += ": " + r.Error.Message
	}
	return t
}

// class: the zero one claims nothing.
func class(c provider.Class) provider.Class {
	if c == "" {
		return provider.Unconfirmed
	}
	return c
}

// hint for a step's trouble. What we chose not to send has no remedy of its own.
func (r Run) hint(i int, t trouble) string {
	if r.Hint == nil || t.own || t.scope == pause.OfRun {
		return ""
	}
	return r.Hint(t.class, r.Plan.Steps[i].Name)
}
