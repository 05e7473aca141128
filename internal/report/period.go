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

// addressPeriod is the time for which a record held one address.
type addressPeriod struct {
	row int // whose it is
	// from is what the record held before; invalid for the first address that is remembered.
	from, to netip.Addr
	// at is when it was first confirmed. until is zero while it holds; lost: what came after it is not known.
	at, until time.Time
	lost      bool
}

// addressPeriods are those of a record, oldest first.
func addressPeriods(row int, r state.Record) []addressPeriod {
	changes := r.History
	if n := len(changes); r.IP.IsValid() && (n == 0 || changes[n-1].IP != r.IP) {
		changes = append(slices.Clip(changes), state.Change{IP: r.IP, At: r.Since})
	}
	all := make([]addressPeriod, 0, len(changes))
	for i, c := range changes {
		p := addressPeriod{row: row, to: c.IP, at: c.At}
		if i > 0 {
			p.from = changes[i-1].IP
			all[i-1].until = c.At
		}
		all = append(all, p)
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
func (p addressPeriod) held(now time.Time) time.Duration {
	if p.until.IsZero() {
		return now.Sub(p.at)
	}
	return p.until.Sub(p.at)
}

// periodText is how long one or several records held an address that they got at the same time: the shortest and the
// longest time for which one did.
func periodText(periods []addressPeriod, now time.Time) string {
	short, long, still, lost := periods[0].held(now), periods[0].held(now), 0, true
	for _, p := range periods {
		short, long = min(short, p.held(now)), max(long, p.held(now))
		if p.until.IsZero() {
			still++
		}
		lost = lost && p.lost
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
	case still == len(periods):
		text += " so far"
	case still > 0:
		text += fmt.Sprintf(", %d of %d still", still, len(periods))
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
