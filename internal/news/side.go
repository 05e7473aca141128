package news

import (
	"slices"
	"time"

	"ddns-batch/internal/printable"
	"ddns-batch/internal/state"
)

// ofSide is the kind of side matters, which no planned record depends on.
const ofSide = "side"

// Side is how one side matter of a run went: its log, a page, a file for scripts. The run goes on without it.
type Side struct {
	// Name tells it from all others, and is how it is called when its trouble ends: "the report_file /srv/ddns.html".
	Name string
	// Fault is what could not be done, "the report_file cannot be written", and Cause why. Both are empty if it went well.
	Fault, Cause string
}

// TellSides is Tell for the side matters of a run. known is what is remembered so far, in place of in.Before.News. A side
// matter that the run did not have, another log, say, is not touched.
func TellSides(in Input, known []state.News, sides []Side) (lines []string, after []state.News) {
	if in.Location == nil {
		in.Location = time.UTC
	}
	d := diary{Input: in, now: in.Now.Round(0).UTC(), news: slices.Clone(known)}
	d.end(func(n state.News) bool {
		return slices.ContainsFunc(sides, func(s Side) bool { return s.Fault == "" && n.Key == s.key() })
	})
	for _, s := range sides {
		if s.Fault != "" {
			d.meet(&trouble{key: s.key(), what: s.Fault, lasting: true, name: s.Name, cause: s.Cause})
		}
	}
	for _, s := range d.said {
		lines = append(lines, s.what+d.since(s.since)+": "+s.cause)
	}
	for _, n := range d.ended {
		lines = append(lines, n.Name+": working again")
	}
	for i := range lines {
		lines[i] = printable.Text(in.Machine + ": " + lines[i])
	}
	return lines, d.rest()
}

func (s Side) key() string { return ofSide + " " + s.Name }

// TakeBack is for lines that could not be delivered: of what was said at a time nothing counts as said. now is what is
// remembered, and unsaid what would be had the run not been quiet.
func TakeBack(now []state.News, said time.Time, unsaid []state.News) []state.News {
	after := slices.Clone(now)
	at := func(news []state.News, key string) int {
		return slices.IndexFunc(news, func(n state.News) bool { return n.Key == key })
	}
	for i, n := range after {
		if k := at(unsaid, n.Key); k >= 0 && n.SaidAt.Equal(said) {
			after[i] = unsaid[k]
		}
	}
	for _, n := range unsaid {
		if n.What == over && at(after, n.Key) < 0 {
			after = append(after, n)
		}
	}
	return after
}
