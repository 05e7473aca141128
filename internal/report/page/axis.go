package page

import (
	"slices"
	"strconv"
	"time"
)

// axis is the time that all bars of a page share.
type axis struct {
	start, end time.Time
	location   *time.Location
}

// shortest is what the bars cover at least, so that a first run does not fill them.
const shortest = time.Hour

func (a axis) window() time.Duration { return a.end.Sub(a.start) }

// units is the width of a bar in the numbers of its drawing: finer than any screen.
const units = 2000

// at is the place of t, from 0 to units.
func (a axis) at(t time.Time) int {
	return int(float64(t.Sub(a.start))/float64(a.window())*units + 0.5)
}

// gaps reports whether one of the bars leaves a part of the axis open: what was held then is not known.
func (a axis) gaps(bars [][]span) bool {
	return slices.ContainsFunc(bars, func(spans []span) bool {
		return len(spans) > 0 && spans[0].from.After(a.start) || slices.ContainsFunc(spans, func(s span) bool { return !s.address.IsValid() })
	})
}

// percent is that place as SVG has it. Texts need it: they must not be stretched as the bars are.
func (a axis) percent(t time.Time) string {
	return strconv.FormatFloat(float64(a.at(t))*100/units, 'f', -1, 64) + "%"
}

// tick is a mark on the axis: X is its place, Label stands under it.
type tick struct{ X, Label string }

// pace is a distance of ticks that a calendar knows.
type pace struct {
	years, months, days, hours, minutes int
}

// paces from the closest to the widest.
func paces() []pace {
	return []pace{
		{minutes: 10}, {minutes: 30}, {hours: 1}, {hours: 3}, {hours: 6}, {hours: 12},
		{days: 1}, {days: 2}, {days: 7}, {days: 14},
		{months: 1}, {months: 2}, {months: 3}, {months: 6},
		{years: 1}, {years: 2}, {years: 5}, {years: 10},
	}
}

// mostTicks is what a phone has room for.
const mostTicks = 6

func (p pace) length() time.Duration {
	const day = 24 * time.Hour
	return time.Duration(p.years)*365*day + time.Duration(p.months)*30*day +
		time.Duration(p.days)*day + time.Duration(p.hours)*time.Hour + time.Duration(p.minutes)*time.Minute
}

// ticks at round times of the axis' location. Those too close to either end for their label are left out.
func (a axis) ticks() []tick {
	var p pace
	for _, p = range paces() {
		if a.window() <= mostTicks*p.length() {
			break
		}
	}
	var ticks []tick
	for i := 0; ; i++ {
		t := p.tick(a.start.In(a.location), i)
		x := a.at(t)
		if x > units*96/100 {
			return ticks
		}
		if x >= units*4/100 {
			ticks = append(ticks, tick{X: a.percent(t), Label: p.label(t)})
		}
	}
}

// tick is the one with number i, counted from the last round time that is not after start.
func (p pace) tick(start time.Time, i int) time.Time {
	y, m, d := start.Date()
	switch {
	case p.years > 0:
		y, m, d = y-y%p.years, 1, 1
	case p.months > 0:
		m, d = m-(m-1)%time.Month(p.months), 1
	case p.days > 1:
		d -= (int(start.Weekday()) + 6) % 7 // weeks begin on Monday
	}
	return time.Date(y+i*p.years, m+time.Month(i*p.months), d+i*p.days, i*p.hours, i*p.minutes, 0, 0, start.Location())
}

// label is as short as the ticks beside it allow.
func (p pace) label(t time.Time) string {
	switch {
	case p.years > 0:
		return t.Format("2006")
	case p.months > 0 && t.Month() == time.January:
		return t.Format("2006")
	case p.months > 0:
		return t.Format("Jan")
	case p.days > 0, t.Hour() == 0 && t.Minute() == 0:
		return t.Format("2 Jan")
	default:
		return t.Format("15:04")
	}
}
