// Package news says what a quiet run has to say: what is new since quiet runs last spoke, in as few lines as that
// takes. It is pure, and remembers in the state what was said. It never says the same twice in a day, and never keeps
// quiet for good about what is wrong.
package news

import (
	"net/netip"
	"slices"
	"time"

	"ddns-batch/internal/decide"
	"ddns-batch/internal/plan"
	"ddns-batch/internal/printable"
	"ddns-batch/internal/provider"
	"ddns-batch/internal/record"
	"ddns-batch/internal/report/phrase"
	"ddns-batch/internal/state"
)

const (
	// patience is how long a passing trouble lasts before it is said.
	patience = 15 * time.Minute
	// repeat is how often what is still wrong is said again. A minute less than a day, so that a daily run that starts a
	// second earlier than the last one does not miss it.
	repeat = 24*time.Hour - time.Minute
	// forgotten is how long a trouble is remembered that no run comes across any more.
	forgotten = 366 * 24 * time.Hour
)

// Input is one run, as far as it came.
type Input struct {
	Now     time.Time // the start of the run
	Machine string
	// Quiet: what is new is said. Without it, nothing is, but what the run met is remembered all the same.
	Quiet bool
	// OnlyTrouble leaves out changes of addresses.
	OnlyTrouble bool
	// Location is that of the times shown; nil is UTC.
	Location *time.Location
	// Config is the YAML file: two of them that share a state may ask different sources for the address.
	Config string
	// Given: the address was given, so nothing is known of how it would have been found.
	Given bool
	// NoAddress is why no address was found; nil if there is one. The plan has no steps then.
	NoAddress *NoAddress
	Plan      plan.Plan
	Results   []decide.Result // by step; zero or missing for what was not sent
	// Before and After are what is remembered before and after the run. The news in After are not looked at.
	Before, After state.Snapshot
	// Provider is the name of the one that is quoted.
	Provider string
	// Hint says what to do about a refusal, and PasswordFrom where the password of a step comes from; "" for nothing.
	// Both may be nil.
	Hint         func(provider.Class, record.Name) string
	PasswordFrom func(step int) string
}

// NoAddress is why no address was found.
type NoAddress struct{ Message, Hint string }

// Tell returns what the run has to say, each line beginning with the machine's name, and what is to be remembered in
// place of in.Before.News, which is equal to it if nothing changed. Only what the planned records depend on is touched:
// a run of some records says nothing about the others.
func Tell(in Input) (lines []string, after []state.News) {
	if in.Location == nil {
		in.Location = time.UTC
	}
	v := look(in)
	d := diary{Input: in, now: in.Now.Round(0).UTC(), news: slices.Clone(in.Before.News)}
	d.forget(v)
	d.end(v)
	for _, t := range v.troubles {
		d.meet(t)
	}
	if !in.Quiet {
		return nil, d.rest()
	}
	if !in.OnlyTrouble {
		lines = changes(in)
	}
	lines = append(lines, d.lines()...)
	for i := range lines {
		lines[i] = printable.Text(in.Machine + ": " + lines[i])
	}
	return lines, d.rest()
}

// changes has one line for each change of an address, whatever the number of records that followed it.
func changes(in Input) []string {
	var from []netip.Addr
	records := map[netip.Addr][]string{}
	for i, s := range in.Plan.Steps {
		if s.Action != plan.Update || !result(in, i).Confirmed() || s.From == s.To {
			continue
		}
		if records[s.From] == nil {
			from = append(from, s.From)
		}
		records[s.From] = append(records[s.From], s.Name.String())
	}
	var lines []string
	for _, old := range from {
		who := some(records[old], 2)
		if old.IsValid() {
			lines = append(lines, who+" moved from "+old.String()+" to "+in.Plan.Address.String())
		} else {
			lines = append(lines, who+" set to "+in.Plan.Address.String()+" for the first time")
		}
	}
	return lines
}

// some names up to most records, and counts more.
func some(names []string, most int) string {
	if len(names) <= most {
		return phrase.List(names)
	}
	return phrase.Count(len(names), "record")
}

// result of a step; the zero one if there is none.
func result(in Input, i int) decide.Result {
	if i < len(in.Results) {
		return in.Results[i]
	}
	return decide.Result{}
}
