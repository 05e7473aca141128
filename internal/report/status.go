package report

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"ddns-batch/internal/humanize"
	"ddns-batch/internal/outcome"
	"ddns-batch/internal/state"
)

// Status is how records stand by what is remembered: what is known without asking anybody.
type Status struct {
	// State is the path of the state file; NoFile: there is none. Config is the YAML file, empty where none was found.
	State  string
	NoFile bool
	Config string
	Now    time.Time
	// LastRun is the last run that took the lock; the zero value if none is recorded.
	LastRun state.LastRun
	// Endpoint is the one that confirmed what is remembered. Blocked is its pause, over or not; nil for none.
	Endpoint string
	Blocked  *state.Pause
	// Expected is the address that a run now is assumed to find.
	Expected outcome.Expected
	// Records are those of outcome.FromState.
	Records []outcome.Record
	// Unreadable says why nothing is known of any record; nil where the state could be read.
	Unreadable *Error
	// Program and Provider are as in Run.
	Program  []string
	Provider string
}

// known are the records of which something is known.
func (s Status) known() []outcome.Record {
	if s.Unreadable != nil {
		return nil
	}
	return s.Records
}

// upToDate counts the configured records, and those of them that are up to date; none is where nothing is known.
func (s Status) upToDate() (configured, fine int) {
	for _, r := range s.Records {
		if r.Configured {
			configured++
		}
		if s.fine(r) {
			fine++
		}
	}
	return configured, fine
}

// fine reports whether a configured record is known to be up to date.
func (s Status) fine(r outcome.Record) bool {
	return s.Unreadable == nil && r.Configured && r.State() == outcome.OK
}

// failure is the row of failures that a record is in; nil for none.
func failure(r outcome.Record) *state.Pause {
	switch {
	case r.Cause != nil:
		return r.Cause.Pause
	case r.Refused != nil:
		return r.Refused.Pause
	default:
		return r.LastFailure
	}
}

// why a record is not up to date, or how its last attempt failed; empty where neither is so.
func (s Status) why(r outcome.Record) string {
	switch f := r.LastFailure; {
	case r.Cause != nil:
		return humanize.Cause(r.Cause.Message, r.Cause.Quoted, s.Provider)
	case r.Refused != nil:
		return humanize.Cause(r.Refused.Message, r.Refused.Quoted, s.Provider)
	case f != nil:
		return humanize.Cause(f.Message, f.Quoted, s.Provider)
	default:
		return ""
	}
}

// Overdue says why the last run of a kind, at the time last, counts as too long ago; empty if it is not more than limit ago.
// One that lies in the future proves nothing: the clock was wrong then, or is now.
func (s Status) Overdue(kind string, last time.Time, limit time.Duration, l *time.Location) string {
	age := s.Now.Sub(last)
	switch {
	case last.IsZero():
		return "no " + kind + " is recorded"
	case age.Abs() <= limit:
		return ""
	case age < 0:
		return fmt.Sprintf("the last %s is dated %s, which is in the future", kind, humanize.Date(last, l))
	default:
		return fmt.Sprintf("the last %s was %s, at %s", kind, humanize.Ago(age), humanize.Date(last, l))
	}
}

// standing is how a record stands, in a few words, why, and what the next run does about it. why and next may be empty.
func (s Status) standing(r outcome.Record) (words, why, next string) {
	why = s.why(r)
	switch state := r.State(); {
	case state == outcome.OK && r.Refused != nil:
		return "up to date, but its password was refused", why, ""
	case state == outcome.OK:
		return string(state), "", ""
	case state == outcome.Failing && !r.Configured:
		return "its last update failed", why, ""
	case state == outcome.Failing && r.Level() == outcome.Trouble:
		return "refused, tried again in the next run", why, ""
	case state == outcome.Failing:
		return "tried again in the next run", why, ""
	case state == outcome.Unknown && why == "":
		return "not known", inDoubt(r), "the next run sends it again"
	case state == outcome.Unknown:
		return "not known", why, ""
	case state == outcome.New && why == "":
		return "never confirmed", "", "the next run sends it"
	case state == outcome.New:
		return "never confirmed", why, ""
	case state == outcome.Behind:
		return "behind", s.newer(), "the next one sends it"
	default:
		return string(state), why, ""
	}
}

// inDoubt is why it is not known what a record holds.
func inDoubt(r outcome.Record) string {
	switch r.Doubt() {
	case state.NoAnswer:
		return "an earlier run ended before an answer came"
	case state.Unclear:
		return "an earlier run got no clear answer"
	default:
		return "what was saved of it is not certain: the disk is read-only or was full, or the file was damaged"
	}
}

// joined are the parts that are not empty, with separator between them.
func joined(separator string, parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), separator)
}

// newer is the address that a record which is behind does not hold yet.
func (s Status) newer() string {
	if s.Expected.From == outcome.LastRun {
		return "the last run found " + s.Expected.Address.String()
	}
	return "the last known address is " + address(s.Expected.Address)
}

// byUrgency are the configured records, those that are not up to date first, then the others, each in their order.
func (s Status) byUrgency() []outcome.Record {
	rank := func(r outcome.Record) int {
		switch {
		case !r.Configured:
			return 2
		case r.State() == outcome.OK:
			return 1
		default:
			return 0
		}
	}
	sorted := slices.Clone(s.Records)
	slices.SortStableFunc(sorted, func(a, b outcome.Record) int { return rank(a) - rank(b) })
	return sorted
}
