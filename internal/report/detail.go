package report

import (
	"slices"
	"strings"
	"time"

	"ddns-batch/internal/humanize"
	"ddns-batch/internal/outcome"
	"ddns-batch/internal/pause"
	"ddns-batch/internal/provider"
)

// detail says where a refused password comes from, and when what was refused in this run is tried again.
func (a *layout) detail(g *group) string {
	first := g.records[0]
	if first.Cause.Class == provider.Password || slices.ContainsFunc(g.records, func(r outcome.Record) bool { return r.Cause.NotSent }) {
		return ""
	}
	var parts []string
	if from := g.passwords(); g.scope == pause.OfPassword && from != nil {
		parts = append(parts, "password from "+strings.Join(from, " and "))
	}
	next := a.next(g)
	switch {
	case g.scope == pause.OfPassword && next != "":
		next += ", or as soon as it changes"
	case g.scope == pause.OfPassword:
		next = "a changed one is tried at once"
	}
	if next != "" {
		parts = append(parts, next)
	}
	return strings.Join(parts, "; ")
}

// passwords are where those of the group come from.
func (g *group) passwords() []string {
	var from []string
	for _, r := range g.records {
		if r.PasswordFrom != "" && !slices.Contains(from, r.PasswordFrom) {
			from = append(from, r.PasswordFrom)
		}
	}
	return from
}

// next says when what this run was refused is tried again. Held records say so themselves, and for what belongs to one
// record the hint says more.
func (a *layout) next(g *group) string {
	first := g.records[0]
	p := first.Cause.Pause
	switch {
	case first.End == outcome.Held, g.scope == pause.OfRecord, p == nil:
		return ""
	case p.Seconds == 0:
		return "next try in the next run"
	default:
		return "next try " + a.clock(p.Until())
	}
}

func (a *layout) clock(t time.Time) string { return humanize.Clock(t, a.now, a.location) }
