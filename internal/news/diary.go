package news

import (
	"slices"
	"strings"
	"time"

	"ddns-batch/internal/state"
)

// diary is what was said and what is to be said.
type diary struct {
	Input
	now  time.Time
	news []state.News
	said []saying
	// ended is what was said and is over.
	ended []state.News
	// byKey and byWhat find entries; byWhat only those of passwords.
	byKey, byWhat map[string]int
}

// saying is a trouble that this run tells of.
type saying struct {
	*trouble
	since time.Time
}

// over marks a trouble that was said and has ended, which only a quiet run can say: no trouble is nothing.
const over = ""

// end takes out what has ended. If it was said, its end is said as well, now or by the next quiet run.
func (d *diary) end(ended func(state.News) bool) {
	d.news = slices.DeleteFunc(d.news, func(n state.News) bool {
		if !ended(n) {
			return false
		}
		if d.Quiet && !n.SaidAt.IsZero() {
			d.ended = append(d.ended, n)
		}
		return d.Quiet || n.SaidAt.IsZero()
	})
	for i := range d.news {
		if ended(d.news[i]) {
			d.news[i].What = over
		}
	}
}

// meet remembers a trouble, and says it if it is time.
func (d *diary) meet(t *trouble) {
	n := d.find(t)
	// A clock that was set back must not make the waits longer than they are.
	if n.Since.After(d.now) {
		n.Since = d.now
	}
	if n.SaidAt.After(d.now) {
		n.SaidAt = d.now
	}
	if n.What != t.what {
		if !n.SaidAt.IsZero() {
			// Another trouble of something that was said to be in trouble: its own time counts. One that was not said
			// keeps its beginning, or troubles that take turns would never be old enough.
			n.Since = d.now
			if !n.SaidAt.Before(d.now) {
				n.SaidAt = d.now.Add(-time.Second)
			}
		}
		n.What, n.Name = t.what, t.name
	}
	if d.Quiet && d.due(*n, t.lasting) {
		n.SaidAt = d.now
		d.said = append(d.said, saying{t, n.Since})
	}
}

// find is the entry of a trouble, a new one if need be. The trouble of a password is known again by what it is, since
// the first of its records is another one when fewer are planned.
func (d *diary) find(t *trouble) *state.News {
	if d.byKey == nil {
		d.index()
	}
	i, known := d.byKey[t.key]
	if same, ok := d.byWhat[t.what]; ok && isPassword(t.key) {
		i, known = same, true
	}
	if !known {
		i = len(d.news)
		d.news = append(d.news, state.News{Key: t.key, What: t.what, Since: d.now, Name: t.name})
	}
	return &d.news[i]
}

func (d *diary) index() {
	d.byKey, d.byWhat = make(map[string]int, len(d.news)), map[string]int{}
	for i, n := range d.news {
		d.byKey[n.Key] = i
		if isPassword(n.Key) && n.What != over {
			d.byWhat[n.What] = i
		}
	}
}

func isPassword(key string) bool { return strings.HasPrefix(key, ofPassword+" ") }

func (d *diary) due(n state.News, lasting bool) bool {
	if !n.SaidAt.IsZero() && d.now.Sub(n.SaidAt) >= repeat {
		return true
	}
	said := !n.SaidAt.IsZero() && !n.SaidAt.Before(n.Since)
	return !said && (lasting || d.now.Sub(n.Since) >= patience)
}

// forget drops what no run came across for long. What this run met is not old, whenever it was last said.
func (d *diary) forget(v *view) {
	d.news = slices.DeleteFunc(d.news, func(n state.News) bool {
		last := n.Since
		if n.SaidAt.After(last) {
			last = n.SaidAt
		}
		return !v.inTrouble[n.Key] && v.byThing[n.What] == nil && d.now.Sub(last) > forgotten
	})
}

// rest is what is remembered; nil for nothing, as in a state that was read.
func (d *diary) rest() []state.News {
	if len(d.news) == 0 {
		return nil
	}
	return d.news
}
