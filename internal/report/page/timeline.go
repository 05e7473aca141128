package page

import (
	"cmp"
	"net/netip"
	"slices"
	"strconv"

	"ddns-batch/internal/humanize"
	"ddns-batch/internal/sanitize"
)

// timeline is the addresses of one record, or of all, as a drawing and in words.
type timeline struct {
	// ID tells the drawings of a page apart.
	ID int
	// Of is what the drawing is about, Summary what it shows.
	Of, Summary string
	// Bars can each be pointed at. Older ones are one shape a colour, for brevity.
	Bars   []bar
	Older  []shape
	Labels []label
	// Changes are what the bars show, in words, the most recent first; Left are not among them.
	Changes []change
	Left    int
}

type bar struct {
	X, Width    int
	Class, Says string
}

type shape struct{ Class, Path string }

// label stands on a bar that has room for it; Room is the class of windows in which that is so.
type label struct{ X, Text, Room string }

// change is one line of a history.
type change struct{ Class, Address, From, Held string }

// narrowest is the least width of a bar that can still be seen.
const narrowest = 4

// draftsman draws all timelines of a page.
type draftsman struct {
	axis   axis
	colour palette
	// detail is how many of the most recent bars of a timeline can be pointed at and are described in words.
	detail int
	drawn  int
}

// draw returns nil where there is nothing to show. The most recent bars come first, so that the short ones among the
// older ones lie on top.
func (d *draftsman) draw(of string, spans []span) *timeline {
	if len(spans) == 0 {
		return nil
	}
	d.drawn++
	t := &timeline{ID: d.drawn, Of: of, Summary: d.summary(spans)}
	bold := min(d.detail, len(spans))
	t.Bars = make([]bar, 0, bold)
	t.Changes = make([]change, 0, bold)
	for _, s := range slices.Backward(spans[len(spans)-bold:]) {
		from, held := humanize.Date(s.from, d.axis.location), d.held(s)
		name, class := known(s.address), d.colour.class(s.address)
		x, width := d.place(s)
		t.Bars = append(t.Bars, bar{x, width, class, name + " from " + from + ", " + held})
		t.Changes = append(t.Changes, change{class, name, from, held})
	}
	t.Left = len(spans) - bold
	t.Older = d.shapes(spans[:t.Left])
	return t
}

// held is how long, in words that stay true: the last one went on when the page was made.
func (d *draftsman) held(s span) string {
	if s.to.Equal(d.axis.end) {
		return "until this page was made"
	}
	return humanize.Long(s.to.Sub(s.from))
}

func (d *draftsman) place(s span) (x, width int) {
	x = d.axis.at(s.from)
	width = max(d.axis.at(s.to)-x, narrowest)
	return min(x, units-width), width
}

// shapes are the bars of spans, as one path a colour.
func (d *draftsman) shapes(spans []span) []shape {
	if len(spans) == 0 {
		return nil
	}
	paths := map[string][]byte{}
	for _, s := range spans {
		if !s.address.IsValid() {
			continue
		}
		class := d.colour.class(s.address)
		x, width := d.place(s)
		p := append(paths[class], 'M')
		p = strconv.AppendInt(p, int64(x), 10)
		p = append(p, " 0h"...)
		p = strconv.AppendInt(p, int64(width), 10)
		p = append(p, "v1h-"...)
		p = strconv.AppendInt(p, int64(width), 10)
		paths[class] = append(p, 'z')
	}
	shapes := make([]shape, 0, len(paths))
	for class, p := range paths {
		shapes = append(shapes, shape{class, string(p)})
	}
	slices.SortFunc(shapes, func(a, b shape) int { return cmp.Compare(a.Class, b.Class) })
	return shapes
}

// label writes addresses on the bars. The style sheet hides them where the window is too narrow for them.
func (d *draftsman) label(t *timeline, spans []span) {
	for _, s := range spans {
		if !s.address.IsValid() {
			continue
		}
		text := s.address.String()
		_, width := d.place(s)
		for _, room := range []struct {
			class  string
			pixels int
		}{{"always", 260}, {"medium", 560}, {"wide", 960}} {
			if width*room.pixels/units >= len(text)*7+14 {
				t.Labels = append(t.Labels, label{d.axis.percent(s.from), text, room.class})
				break
			}
		}
	}
}

// summary is what the drawing shows, for who cannot see it.
func (d *draftsman) summary(spans []span) string {
	last, seen := spans[len(spans)-1], map[netip.Addr]bool{}
	for _, s := range spans {
		if s.address.IsValid() {
			seen[s.address] = true
		}
	}
	now := known(last.address) + " since " + humanize.Date(last.from, d.axis.location)
	if len(spans) == 1 {
		return now + "."
	}
	addresses := strconv.Itoa(len(seen)) + " addresses"
	if len(seen) == 1 {
		addresses = "1 address"
	}
	return now + ". " + addresses + " since " + humanize.Date(spans[0].from, d.axis.location) + "."
}

func known(a netip.Addr) string {
	if !a.IsValid() {
		return "not known"
	}
	return sanitize.Text(a.String())
}
