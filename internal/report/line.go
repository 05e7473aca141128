package report

import (
	"strings"
	"time"

	"ddns-batch/internal/humanize"
	"ddns-batch/internal/outcome"
	"ddns-batch/internal/pause"
	"ddns-batch/internal/plan"
	"ddns-batch/internal/provider"
	"ddns-batch/internal/sanitize"
)

// line is one line of a report: a row about one record, or a sentence about several.
type line struct {
	end outcome.End
	// of is the record of a row, and the first of those that a sentence is about.
	of outcome.Record
	// sentence is empty for a row; note is the last column of one.
	sentence, note string
	// detail and hint follow on lines of their own.
	detail string
	hint   outcome.Hint
}

// key is what records have in common that are shown together.
type key struct {
	scope pause.Scope
	// domain is empty for what concerns all records; which tells apart two passwords of one domain that
	// are not refused alike.
	domain, which string
	// alone keeps apart what belongs to one record: its place, or -1 for all else.
	alone int
}

// group is the records that share a cause, in the order of the file.
type group struct {
	key
	records []outcome.Record
}

// layout arranges records into lines.
type layout struct {
	records  []outcome.Record
	ofDomain map[string]int
	whole    map[string]bool // domains of which every record has the same cause
	provider string
	now      time.Time
	location *time.Location
}

func arrange(records []outcome.Record, provider string, now time.Time, l *time.Location) *layout {
	a := &layout{records: records, ofDomain: map[string]int{}, provider: provider, now: now, location: l}
	for _, r := range records {
		a.ofDomain[r.Name.Domain]++
	}
	a.whole = a.wholeDomains()
	return a
}

// wholeDomains finds the domains of which every record, and more than one, failed by itself with the same words. A
// record that does not exist needs a hint of its own.
func (a *layout) wholeDomains() map[string]bool {
	first := map[string]outcome.Record{}
	same := map[string]bool{}
	for _, r := range a.records {
		d := r.Name.Domain
		f, seen := first[d]
		if !seen {
			first[d] = r
			same[d] = a.ofDomain[d] > 1 && r.Cause != nil && r.Cause.Scope == pause.OfRecord && r.Cause.Class != provider.Record
			continue
		}
		same[d] = same[d] && r.End == f.End && alike(r.Cause, f.Cause)
	}
	return same
}

// alike reports whether two causes are shown in the same words.
func alike(a, b *outcome.Cause) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Scope == b.Scope && a.Class == b.Class && a.Message == b.Message && a.Quoted == b.Quoted && a.Until.Equal(b.Until) && a.NotSent == b.NotSent
}

func (a *layout) key(i int) key {
	r := a.records[i]
	k := key{pause.OfRecord, r.Name.Domain, "", i}
	if r.Cause == nil {
		return k
	}
	switch r.Cause.Scope {
	case pause.OfPassword:
		return key{pause.OfPassword, r.Name.Domain, refusedAs(*r.Cause), -1}
	case pause.OfDomain:
		return key{pause.OfDomain, r.Name.Domain, "", -1}
	case pause.OfAddress, pause.OfEndpoint, pause.OfRun:
		return key{r.Cause.Scope, "", "", -1}
	}
	if a.whole[r.Name.Domain] {
		k.alone = -1
	}
	return k
}

// refusedAs is what is said of a refused password, and until when: two of one domain of which the same is said, as where
// each record has a variable of its own, are one matter.
func refusedAs(c outcome.Cause) string {
	until := c.Until
	if until.IsZero() && c.Pause != nil {
		until = c.Pause.Until()
	}
	return c.Message + " " + rfc3339(until)
}

// groups are those of the records that are wanted.
func (a *layout) groups(want func(outcome.Record) bool) []*group {
	var groups []*group
	found := map[key]*group{}
	for i, r := range a.records {
		if !want(r) {
			continue
		}
		k := a.key(i)
		g := found[k]
		if g == nil {
			g = &group{key: k}
			groups = append(groups, g)
			found[k] = g
		}
		g.records = append(g.records, r)
	}
	return groups
}

// lines in the order of the file. What shares a cause stands together, where the first of it is.
func (a *layout) lines(all bool) []line {
	groups := a.groups(func(r outcome.Record) bool { return all || r.End != outcome.Kept })
	lines := make([]line, 0, len(groups))
	for _, g := range groups {
		lines = append(lines, a.describe(g)...)
	}
	onlyFirstHints(lines)
	return lines
}

// onlyFirstHints drops hints that were given above.
func onlyFirstHints(lines []line) {
	given := map[string]bool{}
	for i := range lines {
		if h := HintText(lines[i].hint, nil); given[h] {
			lines[i].hint = outcome.Hint{}
		} else {
			given[h] = true
		}
	}
}

// describe makes the lines of a group: those that were sent, then those that were not because of it. What concerns all
// of it follows at its end.
func (a *layout) describe(g *group) []line {
	if first := g.records[0]; !first.End.Wrong() {
		return []line{{end: first.End, of: first, note: note(first)}}
	}
	var lines []line
	done := 0
	for _, e := range []outcome.End{outcome.Failed, outcome.Unconfirmed, outcome.Skipped, outcome.Held} {
		var same []outcome.Record
		for _, r := range g.records {
			if r.End == e {
				same = append(same, r)
			}
		}
		if len(same) > 0 {
			lines = append(lines, a.about(g.key, same, done))
			done += len(same)
		}
	}
	last := &lines[len(lines)-1]
	last.detail = a.detail(g)
	for _, r := range g.records {
		if last.hint = r.Hint; last.hint.Text != "" {
			break
		}
	}
	return lines
}

// about is the line for those records of a group that ended alike; done are those of the group already listed.
func (a *layout) about(k key, same []outcome.Record, done int) line {
	first := same[0]
	why := a.why(first, done > 0)
	if len(same) == 1 {
		return line{end: first.End, of: first, note: why}
	}
	return line{end: first.End, of: first, sentence: a.count(k, len(same), done) + ": " + why}
}

// count is so many records of a group in words.
func (a *layout) count(k key, records, done int) string {
	total, of := len(a.records), ""
	if k.domain != "" {
		total, of = a.ofDomain[k.domain], " of "+spelt(k.domain)
	}
	n := humanize.Count(records, "record")
	switch {
	case records == total:
		n = "all " + n
	case done > 0 && done+records == total:
		n = "the other " + n
	case done > 0:
		n = strings.Replace(n, " ", " more ", 1)
	}
	return n + of
}

// why is the cause of a record. after: the refusal itself is in the line above.
func (a *layout) why(r outcome.Record, after bool) string {
	c := r.Cause
	what := humanize.Cause(c.Message, c.Quoted, a.provider)
	if n := r.Result.Attempts; n > 1 {
		what += " (" + humanize.Count(n, "attempt") + ")"
	}
	switch r.End {
	case outcome.Unconfirmed:
		return "could not confirm: " + what
	case outcome.Skipped:
		if after && !c.NotSent {
			return sharing(c.Scope) + ", not sent"
		}
	case outcome.Held:
		if !c.Until.IsZero() {
			what += "; next try " + a.clock(c.Until)
		}
	}
	return what
}

func sharing(s pause.Scope) string {
	switch s {
	case pause.OfPassword:
		return "same password"
	case pause.OfDomain:
		return "same domain"
	case pause.OfAddress:
		return "same address"
	default:
		return "same endpoint"
	}
}

// note of a record that is, or will be, up to date.
func note(r outcome.Record) string {
	s := r.Step
	reason := ""
	if r.End != outcome.Kept {
		reason = inWords(s.Reason)
	}
	if s.Reason == plan.New && s.From.IsValid() {
		reason = "not confirmed by this endpoint yet"
	}
	if s.Reason == plan.Unknown {
		reason = inDoubt(r)
	}
	if (s.Reason == plan.Drifted || s.Reason == plan.Unseen) && s.Observed != nil {
		reason = "published: " + sanitize.Text(s.Observed.Words)
	}
	if r.End != outcome.Updated && r.End != outcome.Refreshed {
		return reason
	}
	took := humanize.Took(r.Result.Took)
	if n := r.Result.Attempts; n > 1 {
		took += ", " + humanize.Count(n, "attempt")
	}
	// Why it was sent matters afterwards only where it tells something about an earlier run.
	if s.Reason == plan.Unknown || s.Reason == plan.Drifted || s.Reason == plan.Unseen {
		took += "; " + reason
	}
	if s.Reason == plan.Unproved {
		took += "; its password is accepted"
	}
	if r.Result.ConfirmedByDNS {
		took += "; no answer, but the name servers publish it"
	}
	return took
}

func inWords(r plan.Reason) string {
	switch r {
	case plan.New:
		return "never confirmed"
	case plan.Stale:
		return "confirmed too long ago"
	case plan.Forced:
		return "asked for with --force"
	case plan.Unproved:
		return "its password has not been accepted yet"
	case plan.Drifted:
		return "not what is published"
	case plan.Unseen:
		return "confirmed, but not published at the last check"
	default:
		return ""
	}
}
