package page

import (
	"strings"
	"time"

	"ddns-batch/internal/humanize"
	"ddns-batch/internal/idn"
	"ddns-batch/internal/outcome"
	"ddns-batch/internal/plan"
)

// group is records in one table: all that are up to date, or those of a domain that share a trouble.
type group struct {
	// Title, State, Message and Hint are of the trouble; all empty for records that are up to date.
	Title, State, Message, Hint string
	Until                       *moment
	// domain is that of the records of a trouble.
	domain string
	Rows   []row
}

// row is one record.
type row struct {
	// Host has its dot; it is empty for the domain itself. Both are as people read them; ASCII is the full name where
	// that differs.
	Host, Domain, ASCII string
	// Name is the full one, as A-labels; Name, Action and Known are for programs.
	Name   string
	Action plan.Action
	Known  outcome.State
	// Class and Word are of its level.
	Class, Word, State string
	// Address is what it holds, in the colour Hue; where that is not known, Was may be what it held before.
	Address, Was, Hue string
	Since, Confirmed  *moment
	Timeline          *timeline
}

// trouble is what records share that are shown as one.
type trouble struct {
	domain, state, message, hint string
	until                        time.Time
}

// groups keeps the order of records; those with the same trouble stand where the first of them does.
func (w *writer) groups(l outcome.Level, records []Record, each [][]span) []group {
	var groups []group
	found := map[trouble]int{}
	for i, r := range records {
		t := trouble{}
		if l != outcome.Fine {
			t = trouble{
				oneLine(r.Name.Domain, longestName), oneLine(r.Status, longestText), lines(r.Message), lines(r.Hint), r.Until.UTC().Round(0),
			}
		}
		g, ok := found[t]
		if !ok {
			g = len(groups)
			found[t] = g
			groups = append(groups, group{domain: idn.Both(t.domain), State: t.state, Message: t.message, Hint: t.hint, Until: w.moment(t.until)})
		}
		groups[g].Rows = append(groups[g].Rows, w.row(r, each[i]))
	}
	if l != outcome.Fine {
		for i := range groups {
			groups[i].Title = groups[i].title()
		}
	}
	return groups
}

func (g group) title() string {
	first := g.Rows[0]
	if n := len(g.Rows); n > 1 {
		return humanize.Count(n, "record") + " of " + g.domain
	}
	return idn.Both(first.Name)
}

func (w *writer) row(r Record, spans []span) row {
	out := row{
		Name: oneLine(r.Name.String(), longestName), Action: r.Action, Known: r.State,
		Domain: idn.Readable(oneLine(r.Name.Domain, longestName)), Class: class(r.Level), Word: word(r.Level),
		Since: w.moment(r.Since), Confirmed: w.moment(r.ConfirmedAt),
	}
	// That of a record in trouble stands above the table.
	if state := oneLine(r.Status, longestText); r.Level == outcome.Fine && !strings.EqualFold(state, out.Word) {
		out.State = state
	}
	if r.Name.Host != "@" {
		out.Host = idn.Readable(oneLine(r.Name.Host, longestName)) + "."
	}
	if idn.Readable(out.Name) != out.Name {
		out.ASCII = out.Name
	}
	if r.Address.IsValid() {
		out.Address, out.Hue = known(r.Address), w.colour.class(r.Address)
	} else if r.Previous.IsValid() {
		out.Was = known(r.Previous)
	}
	out.Timeline = w.draw(idn.Both(out.Name), spans)
	return out
}
