package outcome

import (
	"strings"

	"ddns-batch/internal/decide"
	"ddns-batch/internal/pause"
	"ddns-batch/internal/plan"
	"ddns-batch/internal/provider"
	"ddns-batch/internal/record"
	"ddns-batch/internal/state"
)

// Guide returns what to do about a failure of a class, and whether the record is to be sent again after that.
type Guide func(provider.Class, record.Name) (text string, retry bool)

// Input is a run, up to the point that it reached.
type Input struct {
	Plan plan.Plan
	// DryRun: nothing is sent.
	DryRun bool
	// Results are indexed by step. An update whose result is missing or zero was not sent.
	Results []decide.Result
	// After is what is remembered after the run.
	After state.Snapshot
	// Stopped says what ended the run between planning and sending; empty if nothing did.
	Stopped string
	// PasswordFrom, PasswordOdd and Unread are indexed by step; each may be nil. PasswordOdd says what looks wrong about a
	// password.
	PasswordFrom, PasswordOdd, Unread []string
	// Guide may be nil.
	Guide Guide
}

// Of returns how the planned records stand, in the order of the plan.
func Of(in Input) []Record {
	v := view{Input: in, pauses: pause.In(in.After), memory: make(map[record.Name]*state.Record, len(in.After.Records))}
	for i := range in.After.Records {
		v.memory[in.After.Records[i].Name()] = &in.After.Records[i]
	}
	records := make([]Record, 0, len(in.Plan.Steps))
	for i := range in.Plan.Steps {
		records = append(records, v.record(i))
	}
	return records
}

// view is a run, indexed for look-ups.
type view struct {
	Input
	pauses pause.Index
	memory map[record.Name]*state.Record
}

func (v *view) record(i int) Record {
	step := v.Plan.Steps[i]
	r := Record{Name: step.Name, Configured: true, Step: step, PasswordFrom: at(v.PasswordFrom, i)}
	if unread := at(v.Unread, i); unread != "" {
		r.Unread = source(r.PasswordFrom, unread)
	}
	if i < len(v.Results) {
		r.Result = v.Results[i]
	}
	r.Memory = state.Record{Host: step.Name.Host, Domain: step.Name.Domain}
	if known := v.memory[step.Name]; known != nil {
		r.Memory = *known
	}
	r.End = v.end(r)
	r.Unproved = step.Fingerprint != "" && !v.pauses.Accepted(subject(step))
	switch {
	case r.End.Wrong():
		r.Cause = v.cause(r)
		r.Hint = v.hint(i, *r.Cause)
		r.Sooner = sooner(r)
	case r.End == Pending:
		if p := v.pauses.Failing(subject(step)); p != nil && !past(step, p) {
			r.LastFailure, r.Hint = p, v.hint(i, Cause{Class: class(p.Class)})
		}
	case r.End == Kept:
		if r.Refused = v.refused(step); r.Refused != nil {
			r.Hint = v.hint(i, *r.Refused)
		}
	}
	return r
}

// refused is the refusal of a password whose record is up to date. Pauses of other kinds are left out, since a new address
// ends them.
func (v *view) refused(s plan.Step) *Cause {
	p := v.pauses.Of(pause.OfPassword, subject(s))
	if p == nil {
		return nil
	}
	c := &Cause{Scope: pause.OfPassword, Class: class(p.Class), Message: p.Message, Quoted: p.Quoted, Pause: p, Lasting: true}
	if !p.Over(v.Plan.Now) {
		c.Until = p.Until()
	}
	return c
}

// past reports that the refusal was about another address, while the record holds the one that is wanted now.
func past(s plan.Step, p *state.Pause) bool {
	return s.Known && s.From == s.To && p.Under.IsValid() && p.Under != s.To
}

func at(all []string, i int) string {
	if i < len(all) {
		return all[i]
	}
	return ""
}

func subject(s plan.Step) pause.Subject {
	return pause.Subject{Name: s.Name, Fingerprint: s.Fingerprint, Address: s.To}
}

func (v *view) end(r Record) End {
	switch {
	case r.Step.Action == plan.Keep:
		return Kept
	case r.Step.Action != plan.Update:
		return Held
	case v.DryRun:
		return Pending
	}
	switch r.Result.Outcome {
	case decide.Updated:
		return Updated
	case decide.Refreshed:
		return Refreshed
	case decide.Failed:
		return Failed
	case decide.Skipped, "":
		return Skipped
	default:
		return Unconfirmed
	}
}

func (v *view) cause(r Record) *Cause {
	switch {
	case r.End == Held && r.Step.Reason == plan.NoPassword:
		return &Cause{Scope: pause.OfPassword, Class: provider.Password, Message: "password missing: " + source(r.PasswordFrom, r.Step.Missing), Lasting: true}
	case r.End == Held && r.Step.Pause == nil:
		return &Cause{Scope: pause.OfRecord, Class: provider.Unconfirmed}
	case r.End == Held:
		p := r.Step.Pause
		return &Cause{
			Scope: r.Step.Scope, Class: class(p.Class), Message: p.Message, Quoted: p.Quoted, Pause: p,
			Until: pause.Until(p, r.Step.Scope, r.Step.To), Lasting: pause.Stays(p, r.Step.Scope),
		}
	case r.Result.Outcome == "":
		c := &Cause{Scope: pause.OfRun, Class: provider.Transient, Message: "not sent", NotSent: true, Elsewhere: true}
		if v.Stopped != "" {
			c.Message += ": " + v.Stopped
		}
		return c
	case r.Result.Err == nil:
		return &Cause{Scope: pause.OfRecord, Class: provider.Unconfirmed}
	}
	e, scope := r.Result.Err, r.Result.For
	if scope == "" {
		scope = pause.ScopeOf(e.Class)
	}
	c := &Cause{Scope: scope, Class: class(e.Class), Message: e.Message, Quoted: e.Quoted}
	if r.End == Skipped {
		c.NotSent, c.Elsewhere = e.Unsent, scope != pause.ScopeOf(e.Class)
	}
	if c.Pause = v.pauses.Of(scope, subject(r.Step)); c.Pause != nil {
		c.Lasting = pause.Stays(c.Pause, scope)
	} else {
		// Another record's answer has since shown that what it depends on works.
		c.Lasting = pause.Lasting(e, 1, true)
	}
	return c
}

// source names a missing password together with the problem, unless from says that already.
func source(from, problem string) string {
	switch {
	case from == "":
		return problem
	case strings.Contains(from, problem):
		return from
	default:
		return from + ": " + problem
	}
}

// class is that of a remembered failure; the zero Class becomes Unconfirmed, which claims nothing.
func class(c provider.Class) provider.Class {
	if c == "" {
		return provider.Unconfirmed
	}
	return c
}

// hint is the hint for a cause. There is none for records that the run chose not to send. If a password was refused, what
// looks wrong about it comes first.
func (v *view) hint(i int, c Cause) Hint {
	if c.NotSent || c.Scope == pause.OfRun {
		return Hint{}
	}
	h := v.Guide.Hint(c.Class, v.Plan.Steps[i].Name)
	if odd := at(v.PasswordOdd, i); odd != "" && c.Class == provider.Credentials {
		h.Text = odd + "; " + h.Text
	}
	return h
}

// Hint is what to do about a failure of that class; empty if g is nil.
func (g Guide) Hint(c provider.Class, name record.Name) Hint {
	if g == nil {
		return Hint{}
	}
	text, retry := g(c, name)
	h := Hint{Text: text}
	if retry {
		h.Command = append([]string{"--retry"}, Only(name)...)
	}
	return h
}

// sooner are the arguments that send the record early: after a change of its password those of any run, otherwise with --retry,
// or with --force where the endpoint asked for the pause.
func sooner(r Record) []string {
	only := Only(r.Name)
	switch {
	case r.End != Held:
		return nil
	case r.Cause.Scope == pause.OfPassword:
		return only
	case r.Cause.Scope == pause.OfEndpoint:
		return append([]string{"--force"}, only...)
	default:
		return append([]string{"--retry"}, only...)
	}
}

// Only are the arguments that limit a run to one record.
func Only(name record.Name) []string {
	return []string{"--only", strings.ReplaceAll(name.String(), "*", `\*`)}
}
