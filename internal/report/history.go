package report

import (
	"bufio"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"time"

	"ddns-batch/internal/outcome"
	"ddns-batch/internal/record"
	"ddns-batch/internal/report/phrase"
)

// History is when the addresses of the records of a Status changed, and how long each was held.
type History struct {
	Status
	// Together: the text tells of records that changed together in one line, and not of each by itself.
	Together bool
}

// together is how far apart in time two changes may be that were one event: a run may take two minutes.
const together = 2 * time.Minute

// event is a change of address that several records made together.
type event struct {
	from, to netip.Addr
	at       time.Time // of the first
	tenures  []tenure
	last     time.Time
	rows     map[int]bool
}

// events are the changes of all records, oldest first.
func events(each [][]tenure) []*event {
	var all []tenure
	for _, t := range each {
		all = append(all, t...)
	}
	slices.SortStableFunc(all, func(a, b tenure) int { return a.at.Compare(b.at) })
	type change struct{ from, to netip.Addr }
	var found []*event
	open := map[change]*event{}
	for _, t := range all {
		c := change{t.from, t.to}
		e := open[c]
		if e == nil || t.at.Sub(e.last) > together || e.rows[t.row] {
			e = &event{from: t.from, to: t.to, at: t.at, rows: map[int]bool{}}
			open[c] = e
			found = append(found, e)
		}
		e.tenures = append(e.tenures, t)
		e.last = t.at
		e.rows[t.row] = true
	}
	return found
}

// each is the tenures of every record.
func (h History) each() [][]tenure {
	each := make([][]tenure, len(h.Records))
	for i, r := range h.Records {
		each[i] = tenures(i, r.Memory)
	}
	return each
}

// WriteText writes the history as a table, the newest change last. Of o only Location counts.
func (h History) WriteText(w io.Writer, o TextOptions) error {
	out := bufio.NewWriter(w)
	location := o.withDefaults().Location
	each := h.each()
	t := table{}
	if h.Together {
		h.addEvents(&t, events(each), location)
	} else {
		h.addEach(&t, each, location)
	}
	for _, l := range t.lines() {
		fmt.Fprintln(out, l)
	}
	switch {
	case h.NoFile:
		fmt.Fprintln(out, h.noRun())
	case len(t.rows) == 0:
		fmt.Fprintln(out, "no change of address is remembered")
	}
	return out.Flush()
}

func (h History) addEach(t *table, each [][]tenure, location *time.Location) {
	for i, r := range h.Records {
		if len(t.rows) == 0 {
			t.add("record", "since", "address", "held")
		}
		if len(each[i]) == 0 {
			t.add(shown(r.Name), "-", "-", "never confirmed")
		}
		for _, held := range each[i] {
			t.add(shown(r.Name), phrase.Date(held.at, location), move(held.from, held.to), tenureText([]tenure{held}, h.Now))
		}
	}
}

func (h History) addEvents(t *table, events []*event, location *time.Location) {
	ofDomain := map[string]int{}
	for _, r := range h.Records {
		ofDomain[r.Name.Domain]++
	}
	for _, e := range events {
		if len(t.rows) == 0 {
			t.add("since", "address", "held", "records")
		}
		t.add(phrase.Date(e.at, location), move(e.from, e.to), tenureText(e.tenures, h.Now), e.who(h.Records, ofDomain))
	}
}

// listed is how many records are named one by one.
const listed = 3

// who changed, in words; ofDomain counts the records of each domain.
func (e *event) who(records []outcome.Record, ofDomain map[string]int) string {
	n, of := len(e.tenures), records[e.tenures[0].row].Name.Domain
	same := !slices.ContainsFunc(e.tenures, func(t tenure) bool { return records[t.row].Name.Domain != of })
	switch {
	case n <= listed:
		names := make([]string, 0, n)
		for _, name := range e.names(records) {
			names = append(names, shown(name))
		}
		return phrase.List(names)
	case n == len(records):
		return "all " + phrase.Count(n, "record")
	case same && n == ofDomain[of]:
		return "all " + phrase.Count(n, "record") + " of " + spelt(of)
	case same:
		return phrase.Count(n, "record") + " of " + spelt(of)
	default:
		return phrase.Count(n, "record")
	}
}

// names of those that changed, in the order of the records.
func (e *event) names(records []outcome.Record) []record.Name {
	indexes := make([]int, 0, len(e.tenures))
	for _, t := range e.tenures {
		indexes = append(indexes, t.row)
	}
	slices.Sort(indexes)
	names := make([]record.Name, 0, len(indexes))
	for _, i := range indexes {
		names = append(names, records[i].Name)
	}
	return names
}
