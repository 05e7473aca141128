package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"time"

	"ddns-batch/internal/exitstatus"
	"ddns-batch/internal/humanize"
	"ddns-batch/internal/outcome"
	"ddns-batch/internal/pause"
	"ddns-batch/internal/plan"
	"ddns-batch/internal/provider"
	"ddns-batch/internal/sanitize"
	"ddns-batch/internal/state"
)

// WriteText writes the explanation in sentences, one record after the other. Of o only Width and Location count.
func (e Explanation) WriteText(w io.Writer, o TextOptions) error {
	o = o.withDefaults()
	out := bufio.NewWriter(w)
	x := explainer{e, statusText{e.Status, o.Location}}
	paragraph := func(indent, first, text, command string) {
		for i, l := range wrap(text, command, max(o.Width-len(indent)-len(first), narrowest)) {
			if i > 0 {
				first = strings.Repeat(" ", len(first))
			}
			fmt.Fprintln(out, indent+first+sanitize.Text(l))
		}
	}
	for _, s := range x.head() {
		paragraph("", "", s, "")
	}
	for _, r := range e.asked() {
		fmt.Fprintln(out)
		fmt.Fprintln(out, shown(r.Name))
		for _, s := range x.sentences(r) {
			paragraph("  ", "", s, "")
		}
		if (r.Cause != nil || r.Refused != nil) && r.Hint.Text != "" {
			text, command := hintParts(r.Hint, e.Program)
			if command == "" && r.Sooner != nil {
				text, command = text+"\n"+sooner(r), commandLine(e.Program, r.Sooner)
			}
			paragraph("  ", "hint: ", text, command)
		}
	}
	return out.Flush()
}

// sooner leads over to the command that sends a held record before its time.
func sooner(r outcome.Record) string {
	switch r.Cause.Scope {
	case pause.OfEndpoint:
		return "to send it anyway:"
	case pause.OfPassword:
		return "then"
	default:
		return "to send it before that time:"
	}
}

// explainer puts an explanation into words.
type explainer struct {
	Explanation
	text statusText
}

// head is what holds for all records.
func (x explainer) head() []string {
	l, run := x.LastRun, "No run is recorded"
	if !l.EndedAt.IsZero() {
		run = "The last run ended " + x.text.when(l.EndedAt) + " with " + exitstatus.Status(l.Status).Full()
	}
	now := x.Expected.Address
	switch x.Expected.From {
	case outcome.LastRun:
		run += fmt.Sprintf(" and found %s. What a run now would do, assuming the address is still %s:", now, now)
	case outcome.InState:
		run += fmt.Sprintf(". What a run now would do, assuming the address is still %s, the last one that the state knows:", now)
	default:
		run += ". No run has found an address yet."
	}
	var head []string
	if x.elsewhere() {
		head = append(head, fmt.Sprintf("The state was written for the endpoint %s. For %s nothing counts as confirmed.", x.Endpoint, x.RunEndpoint))
	}
	if x.Verify {
		head = append(head, "A run also asks the name servers (verify). Their answers are not known here, and may change what it does.")
	}
	return append(head, run)
}

// elsewhere: what the state knows was confirmed by another endpoint.
func (x explainer) elsewhere() bool {
	return x.RunEndpoint != "" && x.Endpoint != "" && x.Endpoint != x.RunEndpoint
}

// sentences about one record; the first is what a run would do.
func (x explainer) sentences(r outcome.Record) []string {
	var all []string
	say := func(s string) {
		if s != "" {
			all = append(all, sanitize.Text(s))
		}
	}
	for _, name := range x.Covered[r.Name] {
		say(spelt(name) + " is not in " + x.Config + ". If " + x.Provider + " has no record of that name either, this wildcard answers for it.")
	}
	say(x.verdict(r))
	say(x.because(r))
	if r.Unread != "" {
		what := "hold the record"
		if x.Refused {
			what = "send nothing, and end with status 2"
		}
		say("Its password cannot be read here (" + r.Unread + "). A run that cannot read it either would " + what + ".")
	}
	if r.Unproved && r.Step.Action == plan.Update && r.Step.Reason != plan.Unproved {
		say("Its password has not been accepted for " + spelt(r.Name.Domain) + " yet, so one record of the domain is tried first.")
	}
	say(x.address(r))
	say(x.lastTry(r))
	say(x.drift(r.Memory.Drift))
	return all
}

// verdict is what a run would do.
func (x explainer) verdict(r outcome.Record) string {
	switch {
	case !r.Configured && x.Config == "":
		return "No YAML file was read, so it is not known whether a run would send it."
	case !r.Configured:
		return "It is not in " + x.Config + ", so runs leave it alone. The state forgets it a year after it was last sent."
	case r.End == outcome.Kept:
		s := "It is up to date: a run now would send nothing."
		if x.RefreshAfter > 0 && r.Refused == nil {
			s += " From " + x.text.clock(r.Memory.ConfirmedAt.Add(x.RefreshAfter)) + " on it is sent again, though nothing has changed (refresh_after)."
		}
		return s
	case r.End == outcome.Pending:
		return "A run now would send it: " + x.why(r) + "."
	case r.Cause.Until.IsZero():
		return "A run now would hold it: " + humanize.Cause(r.Cause.Message, r.Cause.Quoted, x.Provider) + "."
	default:
		until := r.Cause.Until
		return fmt.Sprintf("A run now would not send it: it is held until %s (in %s).", x.text.clock(until), humanize.Long(until.Sub(x.Now)))
	}
}

// why a record would be sent.
func (x explainer) why(r outcome.Record) string {
	s := r.Step
	switch age := x.Now.Sub(r.Memory.ConfirmedAt); {
	case s.Reason == plan.Moved:
		return fmt.Sprintf("it was last confirmed at %s, and the address is %s now", s.From, s.To)
	case s.Reason == plan.Unproved:
		return "it holds the right address, but its password has not been accepted for " + spelt(r.Name.Domain) + " yet, and is tried on this record"
	case s.Reason == plan.Unknown:
		return "it is not known what it holds: " + inDoubt(r)
	case s.Reason == plan.New && r.Memory.IP.IsValid():
		return "it was never confirmed by this endpoint"
	case s.Reason == plan.Stale && age < 0:
		return "its confirmation is dated in the future, so a clock was wrong"
	case s.Reason == plan.Stale:
		return fmt.Sprintf("it was confirmed %s, longer ago than refresh_after (%s)", humanize.Ago(age), humanize.Took(x.RefreshAfter))
	default:
		return inWords(s.Reason)
	}
}

// because is what holds a record, and what would end that before its time.
func (x explainer) because(r outcome.Record) string {
	c := r.Cause
	if r.Refused != nil {
		c = r.Refused
	}
	if c == nil || c.Pause == nil {
		return ""
	}
	p := c.Pause
	s, sooner := "It failed", ""
	if p.Under == r.Step.To {
		sooner = "A new address is tried sooner."
	}
	switch {
	case p.Unseen:
		s, sooner = x.Provider+" confirmed it, but the name servers did not publish it", "The pause ends as soon as a run with verify finds it published."
	case c.Scope == pause.OfEndpoint:
		s, sooner = "The endpoint blocked updates", ""
	case c.Scope == pause.OfPassword:
		s, sooner = "The password of "+spelt(r.Name.Domain)+" was refused", "A changed password is tried at once."
		if r.Refused != nil {
			sooner = "With it the record would not follow a new address. " + sooner
		}
	case c.Scope == pause.OfDomain:
		s = "The domain " + spelt(r.Name.Domain) + " was refused"
	case c.Scope == pause.OfAddress:
		s = "The address " + r.Step.To.String() + " was refused"
	case c.Class == provider.Record || c.Class == provider.Refused:
		s = "The record was refused"
	}
	if p.Failures > 1 {
		s += " " + humanize.Count(p.Failures, "time") + " in a row, first"
	}
	s += " at " + x.text.clock(p.Since) + ": " + humanize.Cause(c.Message, c.Quoted, x.Provider) + "."
	if sooner != "" {
		s += " " + sooner
	}
	return s
}

// address is what the record holds, as far as that is known.
func (x explainer) address(r outcome.Record) string {
	m := r.Memory
	if !m.IP.IsValid() {
		if m.Previous.IsValid() {
			return "It held " + m.Previous.String() + " when that was last known."
		}
		return ""
	}
	s := fmt.Sprintf("It was last confirmed at %s, on %s.", m.IP, x.text.when(m.ConfirmedAt))
	before := "what it held before"
	all := addressPeriods(0, m)
	if n := len(all); n > 0 && !m.Since.IsZero() {
		s += fmt.Sprintf(" It has had that address since %s", humanize.Date(m.Since, x.text.location))
		if held := all[n-1].held(x.Now); held >= time.Minute {
			s += " (" + humanize.Long(held) + ")"
		}
		if from := all[n-1].from; from.IsValid() {
			before = from.String()
			s += ", and had " + before + " before that"
		}
		s += "."
	}
	if until := r.OldUntil(x.Now); !until.IsZero() {
		s += " Resolvers may show " + before + " until about " + x.text.clock(until) + ", when its TTL (" + aboutTTL() + ") is over."
	}
	return s
}

// lastTry is how the last attempt ended, where that was not the last confirmation.
func (x explainer) lastTry(r outcome.Record) string {
	m := r.Memory
	at := "It was last sent on " + x.text.when(m.AttemptedAt) + ", and "
	said := r.Cause != nil && r.Cause.Pause == m.Pause
	switch {
	case m.AttemptedAt.IsZero():
		return "It was never sent."
	case r.Doubt() == state.Unclear && m.Pause != nil && !said:
		return at + "was not confirmed: " + humanize.Cause(m.Pause.Message, m.Pause.Quoted, x.Provider) + "."
	case r.Doubt() == state.Unclear:
		return at + "was not confirmed."
	case m.Failed && m.Pause != nil && !said:
		return at + "that failed: " + humanize.Cause(m.Pause.Message, m.Pause.Quoted, x.Provider) + "."
	case m.Failed:
		return at + "that failed."
	case r.Doubt() == state.NoAnswer:
		return at + "the run ended before an answer came."
	case !m.IP.IsValid():
		return "It was last sent on " + x.text.when(m.AttemptedAt) + "."
	default:
		return ""
	}
}

// drift is what a verifying run found not long ago.
func (x explainer) drift(d state.Change) string {
	age := x.Now.Sub(d.At)
	if !d.IP.IsValid() || age < 0 || age >= plan.ContestedFor {
		return ""
	}
	return fmt.Sprintf("On %s the name servers published %s instead, and a run corrected that. If a run finds that again before %s, "+
		"another machine updates the record, and it is held as contested.", x.text.when(d.At), d.IP, x.text.clock(d.At.Add(plan.ContestedFor)))
}
