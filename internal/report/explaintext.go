package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"time"

	"ddns-batch/internal/pause"
	"ddns-batch/internal/plan"
	"ddns-batch/internal/printable"
	"ddns-batch/internal/provider"
	"ddns-batch/internal/report/phrase"
)

// WriteText writes the explanation in sentences, one record after the other. Of o only Width and Location count.
func (e Explanation) WriteText(w io.Writer, o TextOptions) error {
	o = o.withDefaults()
	out := bufio.NewWriter(w)
	x := explainer{e, e.expected(), statusText{e.Status, o.Location}}
	paragraph := func(indent, first, text string) {
		for i, l := range wrap(text, max(o.Width-len(indent)-len(first), narrowest)) {
			if i > 0 {
				first = strings.Repeat(" ", len(first))
			}
			fmt.Fprintln(out, indent+first+printable.Text(l))
		}
	}
	for _, s := range x.head() {
		paragraph("", "", s)
	}
	for _, a := range e.accounts() {
		fmt.Fprintln(out)
		fmt.Fprintln(out, printable.Text(a.Name().String()))
		for _, s := range x.sentences(a) {
			paragraph("  ", "", s)
		}
		if a.hint != "" {
			paragraph("  ", "hint: ", a.hint)
		}
	}
	return out.Flush()
}

// explainer puts an explanation into words.
type explainer struct {
	Explanation
	now  expected
	text statusText
}

// head is what holds for all records.
func (x explainer) head() []string {
	l, run := x.LastRun, "No run is recorded."
	if !l.EndedAt.IsZero() {
		run = fmt.Sprintf("The last run ended %s with status %d", x.text.when(l.EndedAt), l.Status)
	}
	switch {
	case x.now.from == byLastRun:
		run += " and found " + x.now.address.String() + "; a run now is taken to find the same."
	case x.now.from == byState && l.EndedAt.IsZero():
		run += " A run now is taken to find " + x.now.address.String() + ", the last address that the state knows."
	case x.now.from == byState:
		run += ", and found no address; a run now is taken to find " + x.now.address.String() + ", the last one that the state knows."
	case l.EndedAt.IsZero():
		run += " No run has found an address yet."
	default:
		run += ". No run has found an address yet."
	}
	head := []string{run}
	if x.elsewhere() {
		head = append(head, fmt.Sprintf("The state was written for the endpoint %s. For %s nothing counts as confirmed.", x.Snapshot.Endpoint, x.Endpoint))
	}
	if x.Verify {
		head = append(head, "A run also asks the name servers (verify). What they say is not known here, and may change what it does.")
	}
	return head
}

// elsewhere: what the state knows was confirmed by another endpoint.
func (x explainer) elsewhere() bool {
	return x.Endpoint != "" && x.Snapshot.Endpoint != "" && x.Snapshot.Endpoint != x.Endpoint
}

// sentences about one record; the first is what a run would do.
func (x explainer) sentences(a account) []string {
	var all []string
	say := func(s string) {
		if s != "" {
			all = append(all, printable.Text(s))
		}
	}
	for _, name := range a.covers {
		say(name + " is not in " + x.Config + ". If Namecheap has no record of that name either, this wildcard answers for it.")
	}
	say(x.verdict(a))
	say(x.because(a))
	if a.unread != "" {
		say("Its password cannot be read here (" + a.unread + "). A run that cannot read it either would hold the record.")
	}
	if a.unproved && a.step.Action == plan.Update {
		say("Its password has not been accepted for " + a.Domain + " so far, so one record of the domain is tried first.")
	}
	say(x.address(a))
	say(x.lastTry(a))
	say(x.drift(a))
	return all
}

// verdict is what a run would do.
func (x explainer) verdict(a account) string {
	switch {
	case a.step == nil && x.Config == "":
		return "No YAML file was read, so it is not known whether a run would send it."
	case a.step == nil:
		return "It is not in " + x.Config + ", so runs leave it alone. The state forgets it a year after it was last sent."
	case a.step.Action == plan.Keep:
		s := "It is as asked: a run now would send nothing."
		if x.RefreshAfter > 0 {
			s += " From " + x.text.clock(a.ConfirmedAt.Add(x.RefreshAfter)) + " on it is sent again, though nothing has changed (refresh_after)."
		}
		return s
	case a.step.Action == plan.Update:
		return "A run now would send it: " + x.why(a) + "."
	case a.step.Reason == plan.NoPassword:
		return "A run now would hold it: " + a.trouble.message + "."
	default:
		until := a.trouble.until
		return fmt.Sprintf("A run now would not send it: it is held until %s (in %s).", x.text.clock(until), phrase.Long(until.Sub(x.Now)))
	}
}

// why a record would be sent.
func (x explainer) why(a account) string {
	switch age := x.Now.Sub(a.ConfirmedAt); {
	case a.step.Reason == plan.Moved:
		return fmt.Sprintf("it was last confirmed at %s, and the address is %s now", a.step.From, a.step.To)
	case a.step.Reason == plan.Unknown:
		return "it is not known what it holds, because an earlier run was cut off or got no clear answer"
	case a.step.Reason == plan.New && a.IP.IsValid():
		return "it was never confirmed by this endpoint"
	case a.step.Reason == plan.Stale && age < 0:
		return "its confirmation is dated in the future, so a clock was wrong"
	case a.step.Reason == plan.Stale:
		return fmt.Sprintf("it was confirmed %s, longer ago than refresh_after (%s)", phrase.Ago(age), phrase.Took(x.RefreshAfter))
	default:
		return inWords(a.step.Reason)
	}
}

// because is what holds a record, and what would end that before its time.
func (x explainer) because(a account) string {
	if a.trouble == nil || a.step.Pause == nil {
		return ""
	}
	p, t := a.step.Pause, a.trouble
	s, sooner := "It failed", ""
	if p.Under == a.step.To {
		sooner = "A new address is tried sooner."
	}
	switch {
	case t.scope == pause.OfEndpoint:
		s, sooner = "The endpoint asked to be left alone", ""
	case t.scope == pause.OfPassword:
		s, sooner = "The password of "+a.Domain+" was refused", "A changed password is tried at once."
	case t.scope == pause.OfDomain:
		s = "The domain " + a.Domain + " was refused"
	case t.scope == pause.OfAddress:
		s = "The address " + a.step.To.String() + " was refused"
	case t.class == provider.Record || t.class == provider.Refused:
		s = "The record was refused"
	}
	if p.Failures > 1 {
		s += " " + phrase.Count(p.Failures, "time") + " in a row, first"
	}
	s += " at " + x.text.clock(p.Since) + ": " + phrase.Cause(t.message, t.quoted) + "."
	if sooner != "" {
		s += " " + sooner
	}
	return s
}

// ttl is how long resolvers may go on showing the old address after a change, roughly: the endpoint has no say in it.
const ttl = 30 * time.Minute

// old is until when they may; zero if they surely do not, or nothing is known.
func (x explainer) old(a account) time.Time {
	age := x.Now.Sub(a.Since)
	if !a.IP.IsValid() || age < 0 || age >= ttl {
		return time.Time{}
	}
	return a.Since.Add(ttl)
}

// address is what the record holds, as far as that is known.
func (x explainer) address(a account) string {
	if !a.IP.IsValid() {
		if a.Previous.IsValid() {
			return "It held " + a.Previous.String() + " when that was last known."
		}
		return ""
	}
	s := fmt.Sprintf("It was last confirmed at %s, on %s.", a.IP, x.text.when(a.ConfirmedAt))
	before := "what it held before"
	if n := len(a.tenures); n > 0 && !a.Since.IsZero() {
		s += fmt.Sprintf(" It has had that address since %s", phrase.Date(a.Since, x.text.location))
		if held := a.tenures[n-1].held(x.Now); held >= time.Minute {
			s += " (" + phrase.Long(held) + ")"
		}
		if from := a.tenures[n-1].from; from.IsValid() {
			before = from.String()
			s += ", and had " + before + " before that"
		}
		s += "."
	}
	if until := x.old(a); !until.IsZero() {
		s += " Resolvers may show " + before + " until about " + x.text.clock(until) + ", when its TTL (about 30 min) is over."
	}
	return s
}

// lastTry is how the last attempt ended, where that was not the last confirmation.
func (x explainer) lastTry(a account) string {
	at := "The last time it was sent, on " + x.text.when(a.AttemptedAt) + ", "
	told := a.step != nil && a.step.Pause != nil && a.step.Pause == a.Record.Pause
	switch {
	case a.AttemptedAt.IsZero():
		return "It was never sent."
	case a.Failed && a.Record.Pause != nil && !told:
		return at + "that failed: " + phrase.Cause(a.Record.Pause.Message, a.Record.Pause.Quoted) + "."
	case a.Failed:
		return at + "that failed."
	case a.Unknown:
		return at + "the run ended before there was an answer."
	case !a.IP.IsValid():
		return "It was last sent on " + x.text.when(a.AttemptedAt) + "."
	default:
		return ""
	}
}

// drift is what a verifying run found not long ago.
func (x explainer) drift(a account) string {
	age := x.Now.Sub(a.Drift.At)
	if !a.Drift.IP.IsValid() || age < 0 || age >= plan.ContestedFor {
		return ""
	}
	return fmt.Sprintf("On %s the name servers published %s in its place, and it was set right. If a run finds that again before %s, "+
		"another machine updates the record, and it is held as contested.", x.text.when(a.Drift.At), a.Drift.IP, x.text.clock(a.Drift.At.Add(plan.ContestedFor)))
}
