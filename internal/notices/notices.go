// Package notices says what a quiet run has to say: what is new since quiet runs last spoke, in as few lines as that
// takes. It is pure, and remembers in the state what was reported. It never says the same twice in a day, and never keeps
// quiet for good about what is wrong.
package notices

import (
	"net/netip"
	"slices"
	"time"

	"ddns-batch/internal/humanize"
	"ddns-batch/internal/idn"
	"ddns-batch/internal/outcome"
	"ddns-batch/internal/sanitize"
	"ddns-batch/internal/state"
)

const (
	// PassingFor is how long a passing trouble lasts before it is reported.
	PassingFor = 15 * time.Minute
	// repeat is how often what is still wrong is reported again. A minute less than a day, so that a daily run that
	// starts a second earlier than the last one does not miss it.
	repeat = 24*time.Hour - time.Minute
	// forgotten is how long a trouble is remembered that no run comes across any more.
	forgotten = 366 * 24 * time.Hour
)

// Run is one run, as far as it came.
type Run struct {
	Now     time.Time // the start of the run
	Machine string
	// Quiet means that what is new is reported. Without it nothing is reported, but what the run met is remembered all the
	// same.
	Quiet bool
	// OnlyTrouble leaves out changes of addresses.
	OnlyTrouble bool
	// Location is that of the times shown; nil is UTC.
	Location *time.Location
	// Config is the YAML file: two of them that share a state may ask different sources for the address.
	Config string
	// Given: the address was given, so nothing is known of how it would have been found.
	Given bool
	// EnvFile is the env file that the passwords are looked for in; empty: there is none. EnvFault is what is wrong with it;
	// empty if it was read.
	EnvFile, EnvFault string
	// Refused means that the run asked nobody anything because of the passwords, so it does not show that any trouble is
	// over.
	Refused bool
	// NoAddress is why no address was found; nil if there is one. There are no records then.
	NoAddress *NoAddress
	Address   netip.Addr
	// Records are those of the plan, in its order.
	Records []outcome.Record
	// Open is what the state knew of before the run, and After the rest of what is remembered after it.
	Open  []state.Notice
	After state.Snapshot
	// Provider is the name of the one that is quoted.
	Provider string
	// Hint puts a hint on one line; nil leaves hints out.
	Hint func(outcome.Hint) string
}

// NoAddress is why no address was found.
type NoAddress struct {
	Message, Hint string
	// AtOnce: it is reported at once, not when it has lasted.
	AtOnce bool
}

// Report returns what the run has to say, each line beginning with the machine's name, and what is to be remembered in
// place of in.Open, which is equal to it if nothing changed. Only what the planned records depend on is touched: a run of
// some records says nothing about the others.
func Report(in Run) (lines []string, open []state.Notice) {
	if in.Location == nil {
		in.Location = time.UTC
	}
	v := newView(in)
	m := memory{Run: in, now: in.Now.Round(0).UTC(), open: slices.Clone(in.Open)}
	m.forget(v)
	m.close(v.over)
	for _, t := range v.troubles {
		m.meet(t)
	}
	if !in.Quiet {
		return nil, m.rest()
	}
	if !in.OnlyTrouble {
		lines = changes(in)
	}
	lines = append(lines, m.lines()...)
	for i := range lines {
		lines[i] = sanitize.Text(in.Machine + ": " + lines[i])
	}
	return lines, m.rest()
}

// Changes is how many lines of Report tell of changes of addresses. They come first.
func Changes(in Run) int {
	if !in.Quiet || in.OnlyTrouble {
		return 0
	}
	return len(changes(in))
}

// changes has one line for each change of an address, whatever the number of records that followed it.
func changes(in Run) []string {
	var from []netip.Addr
	records := map[netip.Addr][]string{}
	for _, r := range in.Records {
		if !r.Result.Confirmed() || r.Step.From == r.Step.To {
			continue
		}
		if records[r.Step.From] == nil {
			from = append(from, r.Step.From)
		}
		records[r.Step.From] = append(records[r.Step.From], idn.Both(r.Name.String()))
	}
	var lines []string
	for _, old := range from {
		who := some(records[old], 2)
		if old.IsValid() {
			lines = append(lines, who+" moved from "+old.String()+" to "+in.Address.String())
		} else {
			lines = append(lines, who+" set to "+in.Address.String()+" for the first time")
		}
	}
	return lines
}

// some names up to most records, and counts more.
func some(names []string, most int) string {
	if len(names) <= most {
		return humanize.List(names)
	}
	return humanize.Count(len(names), "record")
}
