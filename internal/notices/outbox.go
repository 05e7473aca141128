package notices

import (
	"slices"
	"time"

	"ddns-batch/internal/humanize"
	"ddns-batch/internal/state"
)

const (
	// keptLines is how many undelivered lines each recipient has at most, and keptFor how old they get.
	keptLines = 20
	keptFor   = 24 * time.Hour
)

// Post adds lines to what is not delivered yet, for each recipient of to. What is too old is dropped, and so are the oldest
// lines of one of to that has too many.
func Post(waiting []state.Undelivered, now time.Time, to, lines []string) []state.Undelivered {
	now = now.Round(0).UTC()
	var kept []state.Undelivered
	for _, u := range waiting {
		// A clock that was set back keeps nothing for ever.
		if age := now.Sub(u.At); age.Abs() < keptFor {
			kept = append(kept, u)
		}
	}
	for _, line := range lines {
		for _, recipient := range to {
			kept = append(kept, state.Undelivered{To: recipient, Text: line, At: now})
		}
	}
	counts := map[string]int{}
	for i := len(kept) - 1; i >= 0; i-- {
		if counts[kept[i].To]++; counts[kept[i].To] > keptLines && slices.Contains(to, kept[i].To) {
			kept = slices.Delete(kept, i, i+1)
		}
	}
	return kept
}

// For are the lines that wait for a recipient, oldest first. Those of earlier runs say from when they are.
func For(to string, waiting []state.Undelivered, now time.Time, location *time.Location) []string {
	now = now.Round(0).UTC()
	var lines []string
	for _, u := range waiting {
		switch {
		case u.To != to:
		case u.At.Equal(now):
			lines = append(lines, u.Text)
		default:
			lines = append(lines, u.Text+" (said "+humanize.Clock(u.At, now, location)+")")
		}
	}
	return lines
}

// NoAddressSince is when the first run of the YAML file config that found no address began, if no run has found one since;
// zero if the last run found one, or did not get so far.
func NoAddressSince(open []state.Notice, config string) time.Time {
	for _, n := range open {
		if n.Key == (key{ofLookUp, config}).String() && n.What != ended {
			return n.Since
		}
	}
	return time.Time{}
}

// Without is waiting without what was delivered: every line for one of those recipients that was waiting by then. What
// another run has added since stays.
func Without(waiting, delivered []state.Undelivered, to []string) []state.Undelivered {
	return slices.DeleteFunc(slices.Clone(waiting), func(u state.Undelivered) bool {
		return slices.Contains(to, u.To) && slices.ContainsFunc(delivered, func(d state.Undelivered) bool {
			return d.To == u.To && d.Text == u.Text && d.At.Equal(u.At)
		})
	})
}
