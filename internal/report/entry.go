package report

import (
	"slices"
	"strings"
	"time"

	"ddns-batch/internal/pause"
	"ddns-batch/internal/plan"
	"ddns-batch/internal/printable"
	"ddns-batch/internal/provider"
	"ddns-batch/internal/report/phrase"
	"ddns-batch/internal/state"
)

// entry is one thing that the text report says: a row about one record, or a sentence about several.
type entry struct {
	word ending
	// step is that of a row, and the first of those that a sentence is about.
	step int
	// sentence is empty for a row; note is the last column of one.
	sentence, note string
	// detail and hint follow on lines of their own.
	detail, hint string
}

// cause is what several records can have in common: a trouble, and what it belongs to.
type cause struct {
	scope pause.Scope
	// domain is empty for what concerns the whole run; which tells two passwords of one domain apart.
	domain, which string
	// step keeps apart what belongs to one record; -1 for all else.
	step int
}

// group is the steps that share a cause, in the order of the file.
type group struct {
	cause
	steps []int
}

// layout arranges a run into entries.
type layout struct {
	Run
	location *time.Location
	endings  []ending
	troubles []trouble // zero where there is none
	ofDomain map[string]int
	whole    map[string]bool // domains of which every record has the same trouble
	pauses   pauses
}

func arrange(r Run, l *time.Location) *layout {
	n := len(r.Plan.Steps)
	a := &layout{
		Run: r, location: l, endings: make([]ending, n), troubles: make([]trouble, n),
		ofDomain: map[string]int{}, pauses: pausesOf(r.After),
	}
	for i, s := range r.Plan.Steps {
		a.endings[i] = r.ending(i)
		if wrong(a.endings[i]) {
			a.troubles[i] = r.trouble(i)
		}
		a.ofDomain[s.Name.Domain]++
	}
	a.whole = a.wholeDomains()
	return a
}

func wrong(e ending) bool { return e == held || e == failed || e == unconfirmed || e == skipped }

// wholeDomains finds the domains of which every record, and more than one, failed by itself with the same words. A
// record that does not exist needs a hint of its own.
func (a *layout) wholeDomains() map[string]bool {
	first := map[string]int{}
	same := map[string]bool{}
	for i, s := range a.Plan.Steps {
		d, t := s.Name.Domain, a.troubles[i]
		f, seen := first[d]
		if !seen {
			first[d] = i
			same[d] = a.ofDomain[d] > 1 && t.scope == pause.OfRecord && t.class != provider.Record
			continue
		}
		same[d] = same[d] && t == a.troubles[f] && a.endings[i] == a.endings[f]
	}
	return same
}

func (a *layout) cause(i int) cause {
	s, t := a.Plan.Steps[i], a.troubles[i]
	switch t.scope {
	case pause.OfPassword:
		if t.class == provider.Password {
			return cause{t.scope, s.Name.Domain, t.message, -1}
		}
		return cause{t.scope, s.Name.Domain, s.Fingerprint, -1}
	case pause.OfDomain:
		return cause{t.scope, s.Name.Domain, "", -1}
	case pause.OfAddress, pause.OfEndpoint, pause.OfRun:
		return cause{t.scope, "", "", -1}
	}
	if a.whole[s.Name.Domain] {
		return cause{pause.OfRecord, s.Name.Domain, "", -1}
	}
	return cause{pause.OfRecord, s.Name.Domain, "", i}
}

// entries in the order of the file. What shares a cause stands together, where the first of it is.
func (a *layout) entries(all bool) []entry {
	var groups []*group
	found := map[cause]*group{}
	for i := range a.Plan.Steps {
		if a.endings[i] == kept && !all {
			continue
		}
		c := a.cause(i)
		if g := found[c]; g != nil {
			g.steps = append(g.steps, i)
			continue
		}
		g := &group{c, []int{i}}
		groups = append(groups, g)
		if c.step < 0 {
			found[c] = g
		}
	}
	entries := make([]entry, 0, len(groups))
	for _, g := range groups {
		entries = append(entries, a.tell(g)...)
	}
	onlyFirstHints(entries)
	return entries
}

// onlyFirstHints drops hints that were given above.
func onlyFirstHints(entries []entry) {
	given := map[string]bool{}
	for i := range entries {
		if h := entries[i].hint; given[h] {
			entries[i].hint = ""
		} else {
			given[h] = true
		}
	}
}

// tell makes the entries of a group: those that were sent, then those that were not because of it. What concerns all of
// it follows at its end.
func (a *layout) tell(g *group) []entry {
	first := a.endings[g.steps[0]]
	if !wrong(first) {
		return []entry{{word: first, step: g.steps[0], note: a.note(g.steps[0])}}
	}
	var entries []entry
	told := 0
	for _, e := range []ending{failed, unconfirmed, skipped, held} {
		var steps []int
		for _, i := range g.steps {
			if a.endings[i] == e {
				steps = append(steps, i)
			}
		}
		if len(steps) > 0 {
			entries = append(entries, a.about(g.cause, e, steps, told))
			told += len(steps)
		}
	}
	last := &entries[len(entries)-1]
	last.detail = a.detail(g)
	for _, i := range g.steps {
		if last.hint = a.hint(i, a.troubles[i]); last.hint != "" {
			break
		}
	}
	return entries
}

// about is the entry for those steps of a group that ended alike; told are those of the group already listed.
func (a *layout) about(c cause, e ending, steps []int, told int) entry {
	i := steps[0]
	why := a.why(i, told > 0)
	if len(steps) == 1 {
		return entry{word: e, step: i, note: why}
	}
	total, of := len(a.Plan.Steps), ""
	if c.domain != "" {
		total, of = a.ofDomain[c.domain], " of "+c.domain
	}
	n := phrase.Count(len(steps), "record")
	switch {
	case len(steps) == total:
		n = "all " + n
	case told > 0 && told+len(steps) == total:
		n = "the other " + n
	case told > 0:
		n = strings.Replace(n, " ", " more ", 1)
	}
	return entry{word: e, step: i, sentence: n + of + ": " + why}
}

// why says the trouble of a step. after: the refusal itself is told in the entry above.
func (a *layout) why(i int, after bool) string {
	t := a.troubles[i]
	what := phrase.Cause(t.message, t.quoted)
	if n := a.result(i).Attempts; n > 1 {
		what += " (" + phrase.Count(n, "attempt") + ")"
	}
	switch a.endings[i] {
	case unconfirmed:
		return "could not confirm: " + what
	case skipped:
		if after && !t.own {
			return sharing(t.scope) + ", not sent"
		}
	case held:
		if !t.until.IsZero() {
			what += "; next try " + a.clock(t.until)
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

// detail says where a refused password comes from, and when what was refused in this run is tried again.
func (a *layout) detail(g *group) string {
	i := g.steps[0]
	if t := a.troubles[i]; t.class == provider.Password || slices.ContainsFunc(g.steps, func(i int) bool { return a.troubles[i].own }) {
		return ""
	}
	var parts []string
	if g.scope == pause.OfPassword && a.PasswordFrom != nil {
		if from := a.PasswordFrom(i); from != "" {
			parts = append(parts, "password from "+from)
		}
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

// next says when what this run was refused is tried again. Held records say so themselves, and for what belongs to one
// record the hint says more.
func (a *layout) next(g *group) string {
	i := g.steps[0]
	if a.endings[i] == held || g.scope == pause.OfRecord {
		return ""
	}
	p := a.pauses.of(g.scope, a.Plan.Steps[i])
	switch {
	case p == nil:
		return ""
	case p.Seconds == 0:
		return "next try in the next run"
	default:
		return "next try " + a.clock(p.Until())
	}
}

func (a *layout) clock(t time.Time) string { return phrase.Clock(t, a.StartedAt, a.location) }

// note of a record that is, or will be, as asked.
func (a *layout) note(i int) string {
	s := a.Plan.Steps[i]
	reason := ""
	if a.endings[i] != kept {
		reason = inWords(s.Reason)
	}
	if s.Reason == plan.New && s.From.IsValid() {
		reason = "not confirmed by this endpoint so far"
	}
	if s.Reason == plan.Drifted {
		reason = "published is " + printable.Text(s.Observed.Words)
	}
	if e := a.endings[i]; e != updated && e != refreshed {
		return reason
	}
	took := phrase.Took(a.result(i).Took)
	if n := a.result(i).Attempts; n > 1 {
		took += ", " + phrase.Count(n, "attempt")
	}
	// Why it was sent matters afterwards only where it tells something about an earlier run.
	if s.Reason == plan.Unknown || s.Reason == plan.Drifted {
		took += "; " + reason
	}
	if a.result(i).Seen {
		took += "; no answer, but the name servers publish it"
	}
	return took
}

func inWords(r plan.Reason) string {
	switch r {
	case plan.Unknown:
		return "an earlier run was cut off, or got no clear answer"
	case plan.New:
		return "never confirmed so far"
	case plan.Stale:
		return "confirmed too long ago"
	case plan.Forced:
		return "asked for with --force"
	case plan.Drifted:
		return "not what is published"
	default:
		return ""
	}
}

// pauses finds what is paused after the run.
type pauses struct {
	state   state.Snapshot
	domains map[string]*state.Domain
}

func pausesOf(s state.Snapshot) pauses {
	p := pauses{s, make(map[string]*state.Domain, len(s.Domains))}
	for i := range s.Domains {
		p.domains[s.Domains[i].Domain] = &s.Domains[i]
	}
	return p
}

// of is the pause of what a step shares with others; nil if there is none.
func (p pauses) of(scope pause.Scope, s plan.Step) *state.Pause {
	d := p.domains[s.Name.Domain]
	switch scope {
	case pause.OfPassword:
		if d != nil {
			return passwordPause(*d, s.Fingerprint)
		}
	case pause.OfDomain:
		if d != nil {
			return d.Pause
		}
	case pause.OfAddress:
		for _, a := range p.state.Addresses {
			if a.IP == s.To {
				return a.Pause
			}
		}
	case pause.OfEndpoint:
		return p.state.Blocked
	}
	return nil
}

func passwordPause(d state.Domain, fingerprint string) *state.Pause {
	for _, p := range d.Passwords {
		if p.Fingerprint == fingerprint {
			return p.Pause
		}
	}
	return nil
}
