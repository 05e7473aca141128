package report

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"ddns-batch/internal/humanize"
	"ddns-batch/internal/state"
)

// tenure is the time for which a record held an address.
type tenure struct {
	row int // whose it is
	// from is what the record held before; invalid for the first address that is remembered.
	from, to netip.Addr
	// at is when it was first confirmed. until is zero while it holds; lost: what came after it is not known.
	at, until time.Time
	lost      bool
}

// tenures are those of a record, oldest first.
func tenures(row int, r state.Record) []tenure {
	changes := r.History
	if n := len(changes); r.IP.IsValid() && (n == 0 || changes[n-1].IP != r.IP) {
		changes = append(slices.Clip(changes), state.Change{IP: r.IP, At: r.Since})
	}
	all := make([]tenure, 0, len(changes))
	for i, c := range changes {
		t := tenure{row: row, to: c.IP, at: c.At}
		if i > 0 {
			t.from = changes[i-1].IP
			all[i-1].until = c.At
		}
		all = append(all, t)
	}
	if n := len(all); n > 0 && !r.IP.IsValid() {
		last := &all[n-1]
		last.lost = true
		// An attempt is dated by the beginning of its run, a confirmation by the reply.
		if last.until = r.AttemptedAt; last.until.Before(last.at) {
			last.until = last.at
		}
	}
	return all
}

// held is how long, up to now if it still holds; negative where a clock was wrong.
func (t tenure) held(now time.Time) time.Duration {
	if t.until.IsZero() {
		return now.Sub(t.at)
	}
	return t.until.Sub(t.at)
}

// tenureText is how long one or several records held an address that they got at the same time: the shortest and the
// longest time for which one did.
func tenureText(tenures []tenure, now time.Time) string {
	short, long, still, lost := tenures[0].held(now), tenures[0].held(now), 0, true
	for _, t := range tenures {
		short, long = min(short, t.held(now)), max(long, t.held(now))
		if t.until.IsZero() {
			still++
		}
		lost = lost && t.lost
	}
	if short < 0 {
		return "not known, a clock was set back"
	}
	text := humanize.Long(long)
	// Records that change together do so one after the other, and a straggler a run or two later.
	if least := humanize.Long(short); long-short > long/20 && least != text {
		number, unit, _ := strings.Cut(least, " ")
		if strings.Contains(text, " "+strings.TrimSuffix(unit, "s")) {
			least = number
		}
		text = least + " to " + text
	}
	switch {
	case still == len(tenures):
		text += " so far"
	case still > 0:
		text += fmt.Sprintf(", %d of %d still", still, len(tenures))
	case lost:
		text += ", then not known"
	}
	return text
}

// move is a change of address.
func move(from, to netip.Addr) string {
	if !from.IsValid() {
		return "-> " + to.String()
	}
	return from.String() + " -> " + to.String()
}
