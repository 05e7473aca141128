package page

import (
	"cmp"
	"html/template"
	"net/netip"
	"slices"
	"strconv"
	"time"

	"ddns-batch/internal/exitstatus"
	"ddns-batch/internal/humanize"
	"ddns-batch/internal/outcome"
)

// view is what the template shows: everything is decided, and all that is not a number is in words.
type view struct {
	Policy, Style, Script template.HTML
	Icon                  template.URL

	Headline, Rest string
	Class          string // of the headline's level
	Machine        string
	MadeAt         moment
	Zone           string
	Tiles          []tile

	// Trouble has the records that are not up to date, by level, the worst first; Fine has the others, or none.
	Trouble []section
	Fine    section
	// Overall is nil where no address was ever known.
	Overall *timeline
	Legend  legend
	Ticks   []tick
	// Filter: there are so many records that looking for one by eye takes long.
	Filter bool
}

// moment is a time, for people and for programs.
type moment struct{ Text, ISO string }

// tile is one fact of the summary.
type tile struct {
	Name, Value, Note string
	// Hue is the colour of a Value that is an address.
	Hue string
	// At is the time that stands in place of Value; nil for none.
	At *moment
}

// section is the records of one level.
type section struct {
	Class, Word, Title string
	Groups             []group
}

// filterFrom is from how many records on there is a filter.
const filterFrom = 12

// Of each timeline so many changes are described one by one, the most recent first: the share that its record has of all that
// a page has room for, but not less than a few.
const (
	allDetail   = 6000
	leastDetail = 6
)

// writer turns a page into a view.
type writer struct {
	Page
	draftsman
}

func newView(p Page) view {
	if p.Location == nil {
		p.Location = time.UTC
	}
	p.Records = slices.Clone(p.Records)
	slices.SortStableFunc(p.Records, func(a, b Record) int {
		return cmp.Or(cmp.Compare(cautious(a.Level), cautious(b.Level)), a.Name.Compare(b.Name))
	})
	overall := knowledge{p.Overall, p.Address, p.LastRun.EndedAt, p.LastRun.SucceededAt}.spans(p.MadeAt)
	each := make([][]span, len(p.Records))
	for i, r := range p.Records {
		each[i] = knowledge{r.History, r.Address, r.Since, r.ConfirmedAt}.spans(p.MadeAt)
	}
	w := writer{p, draftsman{
		axis: newAxis(p, overall, each), colour: newPalette(p.Address),
		detail: max(allDetail/(len(p.Records)+1), leastDetail),
	}}
	w.colour.add(overall)
	for _, spans := range each {
		w.colour.add(spans)
	}
	return w.view(overall, each)
}

func newAxis(p Page, overall []span, each [][]span) axis {
	a := axis{start: p.MadeAt.Add(-shortest), end: p.MadeAt, location: p.Location}
	for _, spans := range append(each, overall) {
		if len(spans) > 0 && spans[0].from.Before(a.start) {
			a.start = spans[0].from
		}
	}
	return a
}

func (w *writer) view(overall []span, each [][]span) view {
	f, h := parts(), newHeadline(w.Page)
	v := view{
		Policy: f.policy, Style: f.style, Script: f.script, Icon: icon(h.tone),
		Headline: h.sentence, Rest: h.rest, Class: class(h.tone),
		Machine: oneLine(w.Machine, longestWord), MadeAt: w.at(w.MadeAt),
		Zone:  oneLine(w.MadeAt.In(w.Location).Format("MST"), longestWord),
		Tiles: w.tiles(overall), Filter: len(w.Records) >= filterFrom,
	}
	v.Overall = w.draw("The external address", overall)
	if v.Overall != nil {
		w.label(v.Overall, overall)
		v.Legend = w.colour.legend(overall)
		if w.axis.gaps(append(each, overall)) {
			v.Legend.Gap = w.colour.class(netip.Addr{})
		}
	}
	for from := 0; from < len(w.Records); {
		level, to := cautious(w.Records[from].Level), from
		for to < len(w.Records) && cautious(w.Records[to].Level) == level {
			to++
		}
		s := w.section(level, w.Records[from:to], each[from:to])
		if level == outcome.Fine {
			v.Fine = s
		} else {
			v.Trouble = append(v.Trouble, s)
		}
		from = to
	}
	v.Ticks = w.axis.ticks()
	return v
}

func (w *writer) section(l outcome.Level, records []Record, each [][]span) section {
	s := section{Class: class(l), Word: word(l), Groups: w.groups(l, records, each)}
	n := len(records)
	switch l {
	case outcome.Trouble:
		s.Title = humanize.Count(n, "record") + need(n, n)
	case outcome.Warning:
		s.Title = humanize.Count(n, "record") + " worth a look"
	default:
		s.Title = humanize.Count(n, "record") + " up to date"
	}
	return s
}

// tiles are the summary: the address, the records, the last run, and the last good one where that was another.
func (w *writer) tiles(overall []span) []tile {
	address := tile{Name: "Address", Value: "not known"}
	if w.Address.IsValid() {
		address.Value, address.Hue = known(w.Address), w.colour.class(w.Address)
	}
	if n := len(overall); n > 0 {
		address.Note = "since " + w.date(overall[n-1].from)
	}
	return append([]tile{address, w.counts()}, w.runs()...)
}

func (w *writer) counts() tile {
	t := tile{Name: "Records", Value: strconv.Itoa(len(w.Records))}
	var n [outcome.Fine + 1]int
	for _, r := range w.Records {
		n[cautious(r.Level)]++
	}
	var notes []string
	for l, word := range []string{outcome.Trouble: "failed", outcome.Warning: "worth a look", outcome.Fine: "up to date"} {
		if n[l] > 0 {
			notes = append(notes, strconv.Itoa(n[l])+" "+word)
		}
	}
	t.Note = humanize.List(notes)
	return t
}

func (w *writer) runs() []tile {
	l := w.LastRun
	if l.EndedAt.IsZero() {
		return []tile{{Name: "Last run", Value: "none recorded"}}
	}
	last := tile{Name: "Last run", At: w.moment(l.EndedAt), Note: exitstatus.Status(l.Status).Words()}
	if l.Status == 0 {
		return []tile{last}
	}
	good := tile{Name: "Last good run", Value: "none so far"}
	if at := w.moment(l.SucceededAt); at != nil {
		good.Value, good.At = "", at
	}
	return []tile{last, good}
}

func (w *writer) date(t time.Time) string { return humanize.Date(t, w.Location) }

// moment is nil for no time.
func (w *writer) moment(t time.Time) *moment {
	if t.IsZero() {
		return nil
	}
	m := w.at(t)
	return &m
}

func (w *writer) at(t time.Time) moment {
	return moment{w.date(t), t.In(w.Location).Format(time.RFC3339)}
}
