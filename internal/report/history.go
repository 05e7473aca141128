package report

import (
	"bufio"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"time"

	"ddns-batch/internal/humanize"
	"ddns-batch/internal/outcome"
	"ddns-batch/internal/record"
)

// History is when the addresses of the records of a Status changed, and how long each was held.
type History struct {
	Status
	// Together: the text has one line for all records that changed together, instead of one for each.
	Together bool
}

// together is how far apart in time two changes may be that were one event: a run may take two minutes.
const together = 2 * time.Minute

// event is a change of address that several records made together.
type event struct {
	from, to netip.Addr
	at       time.Time // of the first
	periods  []addressPeriod
	last     time.Time
	rows     map[int]bool
}

// events are the changes of all records, oldest first.
func events(each [][]addressPeriod) []*event {
	var all []addressPeriod
	for _, periods := range each {
		all = append(all, periods...)
	}
	slices.SortStableFunc(all, func(a, b addressPeriod) int { return a.at.Compare(b.at) })
	type change struct{ from, to netip.Addr }
	var found []*event
	open := map[change]*event{}
	for _, p := range all {
		c := change{p.from, p.to}
		e := open[c]
		if e == nil || p.at.Sub(e.last) > together || e.rows[p.row] {
			e = &event{from: p.from, to: p.to, at: p.at, rows: map[int]bool{}}
			open[c] = e
			found = append(found, e)
		}
		e.periods = append(e.periods, p)
		e.last = p.at
		e.rows[p.row] = true
	}
	return found
}

// each is the address periods of every record.
func (h History) each() [][]addressPeriod {
	each := make([][]addressPeriod, len(h.Records))
	for i, r := range h.Records {
		each[i] = addressPeriods(i, r.Memory)
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

func (h History) addEach(t *table, each [][]addressPeriod, location *time.Location) {
	for i, r := range h.Records {
		if len(t.rows) == 0 {
			t.add("record", "since", "address", "held")
		}
		if len(each[i]) == 0 {
			t.add(shown(r.Name), "-", "-", "never confirmed")
		}
		for _, held := range each[i] {
			t.add(shown(r.Name), humanize.Date(held.at, location), move(held.from, held.to), periodText([]addressPeriod{held}, h.Now))
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
		t.add(humanize.Date(e.at, location), move(e.from, e.to), periodText(e.periods, h.Now), e.who(h.Records, ofDomain))
	}
}

// listed is how many records are named one by one.
const listed = 3

// who changed, in words; ofDomain counts the records of each domain.
func (e *event) who(records []outcome.Record, ofDomain map[string]int) string {
	n, of := len(e.periods), records[e.periods[0].row].Name.Domain
	same := !slices.ContainsFunc(e.periods, func(p addressPeriod) bool { return records[p.row].Name.Domain != of })
	switch {
	case n <= listed:
		names := make([]string, 0, n)
		for _, name := range e.names(records) {
			names = append(names, shown(name))
		}
		return humanize.List(names)
	case n == len(records):
		return "all " + humanize.Count(n, "record")
	case same && n == ofDomain[of]:
		return "all " + humanize.Count(n, "record") + " of " + spelt(of)
	case same:
		return humanize.Count(n, "record") + " of " + spelt(of)
	default:
		return humanize.Count(n, "record")
	}
}

// names of those that changed, in the order of the records.
func (e *event) names(records []outcome.Record) []record.Name {
	indexes := make([]int, 0, len(e.periods))
	for _, p := range e.periods {
		indexes = append(indexes, p.row)
	}
	slices.Sort(indexes)
	names := make([]record.Name, 0, len(indexes))
	for _, i := range indexes {
		names = append(names, records[i].Name)
	}
	return names
}
