package doctor

import (
	"fmt"
	"net/netip"
	"time"

	"ddns-batch/internal/authdns"
	"ddns-batch/internal/humanize"
	"ddns-batch/internal/idn"
	"ddns-batch/internal/outcome"
	"ddns-batch/internal/provider"
	"ddns-batch/internal/record"
	"ddns-batch/internal/report"
	"ddns-batch/internal/state"
)

// published is what is to be said of a record by what is published. Records of one domain of which the same is to be said
// share a line.
type published struct {
	level report.Severity
	text  string
	// hint is the same for all that share a line, except where it names a record: then it is about the first.
	hint    outcome.Hint
	perName bool
}

// sharing are the records of a line.
type sharing struct {
	published
	domain            string
	names             []string
	shortest, longest time.Duration // TTL
}

// records is what is published for each record, in the order of the domains.
func (s Subject) records(a answers, memory state.Snapshot) report.Findings {
	confirmed := map[record.Name]netip.Addr{}
	for _, r := range memory.Records {
		confirmed[r.Name()] = r.IP
	}
	type key struct {
		domain, text string
	}
	shared := map[key]*sharing{}
	var lines []*sharing
	for _, o := range a.records {
		if len(o.Delegation.Servers) == 0 {
			continue // That is reported for the domain.
		}
		p := s.judge(o, confirmed[o.Name])
		k := key{o.Name.Domain, p.text}
		if shared[k] == nil {
			shared[k] = &sharing{published: p, domain: o.Name.Domain, shortest: o.TTL}
			lines = append(lines, shared[k])
		}
		l := shared[k]
		l.names = append(l.names, o.Name.String())
		l.shortest, l.longest = min(l.shortest, o.TTL), max(l.longest, o.TTL)
	}
	var found report.Findings
	for _, l := range lines {
		found = append(found, l.finding(s))
	}
	return found
}

const (
	asConfirmed = "published as expected"
	neverSent   = "published, but not confirmed by any run yet"
)

// judge compares what is published for a record with the address that was confirmed for it; confirmed is invalid if none is
// known.
func (s Subject) judge(o authdns.Observation, confirmed netip.Addr) published {
	add := s.Guide.Hint(provider.Record, o.Name)
	switch {
	case o.Status.NothingToUpdate():
		return published{report.Problem, o.Words() + ", so there is nothing to update", add, true}
	case !o.Status.Certain():
		return published{level: report.Warning, text: o.Words()}
	case confirmed.IsValid() && o.Address() != confirmed:
		return published{level: report.Warning, text: fmt.Sprintf("%s is published, but %s was confirmed", o.Words(), confirmed), hint: outcome.Hint{
			Text:    "if that lasts longer than its TTL of " + humanize.Took(o.TTL) + ", another machine or the panel changed it. To correct it:",
			Command: []string{"--verify"},
		}}
	case confirmed.IsValid():
		return published{level: report.Fine, text: asConfirmed}
	case o.Wildcard:
		return published{report.Warning, o.Words() + ` is published, but perhaps only because "*" covers it`, add, true}
	default:
		return published{level: report.Fine, text: neverSent}
	}
}

// finding is the line of the report. It names the records if there is something to do about them.
func (l *sharing) finding(s Subject) report.Finding {
	f := report.Finding{Topic: "record", Level: l.level, Text: idn.Both(l.names[0]) + ": " + l.text, Hint: s.hint(l.hint)}
	if l.level == report.Fine {
		f.Text = of(len(l.names), l.domain) + ": " + l.text + ", with a TTL of " + l.ttl()
		return f
	}
	if len(l.names) == 1 {
		return f
	}
	f.Text = of(len(l.names), l.domain) + ": " + l.text + " (" + namesOf(l.names) + ")"
	if l.perName && f.Hint != "" {
		f.Hint = "for " + idn.Both(l.names[0]) + ", and likewise for the others: " + f.Hint
	}
	return f
}

// namesOf names some, and counts the others.
func namesOf(names []string) string {
	const most = 5
	var shown []string
	for _, n := range names[:min(len(names), most)] {
		shown = append(shown, idn.Both(n))
	}
	if more := len(names) - most; more > 0 {
		shown = append(shown, fmt.Sprintf("%d more", more))
	}
	return humanize.List(shown)
}

func (l *sharing) ttl() string {
	if l.shortest == l.longest {
		return humanize.Took(l.longest)
	}
	return humanize.Took(l.shortest) + " to " + humanize.Took(l.longest)
}
