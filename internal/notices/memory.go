package notices

import (
	"slices"
	"time"

	"ddns-batch/internal/state"
)

// memory is what was reported and what is to be reported.
type memory struct {
	Run
	now  time.Time
	open []state.Notice
	// reported is what this run reports, closed what was reported before and is over.
	reported []notice
	closed   []state.Notice
	// byKey and byWhat find entries; byWhat only those of passwords.
	byKey, byWhat map[string]int
}

// notice is a trouble that this run reports.
type notice struct {
	*trouble
	since time.Time
}

// ended marks a trouble that was reported and is over, as long as no quiet run has reported its end.
const ended = ""

// close removes what is over. If the trouble was reported, its end is reported too, now or by the next quiet run.
func (m *memory) close(over func(state.Notice) bool) {
	m.open = slices.DeleteFunc(m.open, func(n state.Notice) bool {
		if !over(n) {
			return false
		}
		if m.Quiet && !n.ReportedAt.IsZero() {
			m.closed = append(m.closed, n)
		}
		return m.Quiet || n.ReportedAt.IsZero()
	})
	for i := range m.open {
		if over(m.open[i]) {
			m.open[i].What = ended
		}
	}
}

// meet remembers a trouble, and reports it if it is time.
func (m *memory) meet(t *trouble) {
	n := m.find(t)
	unreported := n.ReportedAt.Before(n.Since)
	// A clock that was set back must not make the waits longer than they are.
	if n.Since.After(m.now) {
		n.Since = m.now
	}
	if n.ReportedAt.After(m.now) {
		n.ReportedAt = m.now
	}
	if unreported && !n.ReportedAt.IsZero() && !n.ReportedAt.Before(n.Since) {
		n.ReportedAt = n.Since.Add(-time.Second)
	}
	if n.What != t.what {
		if !n.ReportedAt.IsZero() {
			// Another trouble of something whose trouble was reported: its own time counts. One that was not reported
			// keeps its beginning, or troubles that take turns would never be old enough.
			n.Since = m.now
			if !n.ReportedAt.Before(m.now) {
				n.ReportedAt = m.now.Add(-time.Second)
			}
		}
		n.What, n.Name = t.what, t.name
	}
	if m.Quiet && m.due(*n, t.lasting) {
		n.ReportedAt = m.now
		m.reported = append(m.reported, notice{t, n.Since})
	}
}

// find is the entry of a trouble, a new one if need be. The trouble of a password is known again by what it is, since
// the first of its records is another one when fewer are planned.
func (m *memory) find(t *trouble) *state.Notice {
	if m.byKey == nil {
		m.index()
	}
	i, known := m.byKey[t.key.String()]
	if same, ok := m.byWhat[t.what]; ok && t.key.kind == ofPassword {
		i, known = same, true
	}
	if !known {
		i = len(m.open)
		m.open = append(m.open, state.Notice{Key: t.key.String(), What: t.what, Since: m.now, Name: t.name})
	}
	return &m.open[i]
}

func (m *memory) index() {
	m.byKey, m.byWhat = make(map[string]int, len(m.open)), map[string]int{}
	for i, n := range m.open {
		m.byKey[n.Key] = i
		if parseKey(n.Key).kind == ofPassword && n.What != ended {
			m.byWhat[n.What] = i
		}
	}
}

func (m *memory) due(n state.Notice, lasting bool) bool {
	if !n.ReportedAt.IsZero() && m.now.Sub(n.ReportedAt) >= repeat {
		return true
	}
	reported := !n.ReportedAt.IsZero() && !n.ReportedAt.Before(n.Since)
	return !reported && (lasting || m.now.Sub(n.Since) >= PassingFor)
}

// forget drops what no run came across for long. What this run met is not old, whenever it was last said.
func (m *memory) forget(v *view) {
	m.open = slices.DeleteFunc(m.open, func(n state.Notice) bool {
		last := n.Since
		if n.ReportedAt.After(last) {
			last = n.ReportedAt
		}
		return !v.inTrouble[parseKey(n.Key)] && v.byThing[n.What] == nil && m.now.Sub(last) > forgotten
	})
}

// rest is what is remembered; nil for nothing, as in a state that was read.
func (m *memory) rest() []state.Notice {
	if len(m.open) == 0 {
		return nil
	}
	return m.open
}
