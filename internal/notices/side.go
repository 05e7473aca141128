package notices

import (
	"errors"
	"slices"
	"time"

	"ddns-batch/internal/sanitize"
	"ddns-batch/internal/state"
)

// SideMatter is how something went that a run does for others: its log, a page, a file for scripts. The run goes on
// without it.
type SideMatter struct {
	// Name tells it from all others, and is how it is called when its trouble ends: "the report_file /srv/ddns.html".
	Name string
	// Fault is what could not be done, "cannot write the report_file", and Cause why. Both are empty if it went well.
	Fault, Cause string
}

// FileMatter is how writing a file of some kind went; err is nil if it was written.
func FileMatter(kind, path string, err error) SideMatter {
	m := SideMatter{Name: kind + " " + path}
	if err != nil {
		m.Fault, m.Cause = "cannot write "+kind, path+": "+root(err).Error()
	}
	return m
}

// root is what an error comes from, without the names of files that nobody asked for.
func root(err error) error {
	for inner := errors.Unwrap(err); inner != nil; inner = errors.Unwrap(err) {
		err = inner
	}
	return err
}

// ReportSide is Report for the side matters of a run. open is what is remembered so far, in place of in.Open. A side
// matter that the run did not have, another log, say, is not touched.
func ReportSide(in Run, open []state.Notice, matters []SideMatter) (lines []string, after []state.Notice) {
	if in.Location == nil {
		in.Location = time.UTC
	}
	m := memory{Run: in, now: in.Now.Round(0).UTC(), open: slices.Clone(open)}
	m.close(func(n state.Notice) bool {
		return slices.ContainsFunc(matters, func(s SideMatter) bool { return s.Fault == "" && n.Key == s.key().String() })
	})
	for _, s := range matters {
		if s.Fault != "" {
			m.meet(&trouble{key: s.key(), what: s.Fault, lasting: true, name: s.Name, cause: s.Cause})
		}
	}
	for _, n := range m.reported {
		lines = append(lines, n.what+m.since(n.since)+": "+n.cause)
	}
	for _, n := range m.closed {
		lines = append(lines, n.Name+": working again")
	}
	for i := range lines {
		lines[i] = sanitize.Text(in.Machine + ": " + lines[i])
	}
	return lines, m.rest()
}

func (s SideMatter) key() key { return key{ofSide, s.Name} }

// TakeBack is for lines that could not be delivered: what was reported at that time no longer counts as reported. now is
// what is remembered, and unreported is what would be remembered if the run had not been quiet.
func TakeBack(now []state.Notice, at time.Time, unreported []state.Notice) []state.Notice {
	after := slices.Clone(now)
	find := func(open []state.Notice, key string) int {
		return slices.IndexFunc(open, func(n state.Notice) bool { return n.Key == key })
	}
	for i, n := range after {
		if k := find(unreported, n.Key); k >= 0 && n.ReportedAt.Equal(at) {
			after[i] = unreported[k]
		}
	}
	for _, n := range unreported {
		if n.What == ended && find(after, n.Key) < 0 {
			after = append(after, n)
		}
	}
	return after
}

// Equal reports whether two lists hold the same notices.
func Equal(a, b []state.Notice) bool {
	return slices.EqualFunc(a, b, func(a, b state.Notice) bool {
		return a.Key == b.Key && a.What == b.What && a.Name == b.Name && a.Since.Equal(b.Since) && a.ReportedAt.Equal(b.ReportedAt)
	})
}
