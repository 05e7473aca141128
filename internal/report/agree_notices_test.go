package report_test

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"ddns-batch/internal/humanize"
	"ddns-batch/internal/notices"
	"ddns-batch/internal/outcome"
	"ddns-batch/internal/pause"
	"ddns-batch/internal/state"
)

// report lets a run, quiet or not, say what is new, and checks that against how its records ended.
func (h *household) report(before []state.Notice, d deed) []state.Notice {
	q := &quietRun{household: h, Run: notices.Run{
		Now: h.now, Machine: "nas", Quiet: h.IntN(3) > 0, OnlyTrouble: h.IntN(4) == 0, Address: h.address, Provider: "Namecheap",
		Records: outcome.Of(outcome.Input{Plan: d.plan, Results: d.results, After: d.after}), Open: before, After: d.after,
	}}
	lines, open := notices.Report(q.Run)
	q.meet()
	if !q.Quiet {
		if lines != nil {
			h.Errorf("a run that is not quiet says %q", lines)
		}
		return open
	}
	for _, l := range lines {
		q.read(strings.TrimPrefix(l, "nas: "))
	}
	q.checkMoves()
	q.checkTroubles()
	q.checkRecoveries()
	if h.mail.lines += len(lines); lines == nil {
		h.mail.silent++
	}
	return open
}

// quietRun is one run, and what its lines have said so far.
type quietRun struct {
	*household
	notices.Run
	// moved and well are the records that are said to have moved, and to work again. Those that were only counted are in
	// movedMore and wellMore.
	moved, well         []string
	movedMore, wellMore int
	// told are the matters that have a line, or, in counted, may be among those of one that only counts.
	told, counted []matter
	// over are the things but records that are said to be fine again, a password by its domain alone.
	over []thing
}

// meet notes what the records suffer from, and what they no longer do.
func (q *quietRun) meet() {
	m := &q.mail
	for _, r := range q.Records {
		at, bad := matterOf(r)
		if !bad {
			continue
		}
		known := had(m.said, at.thing) || had(m.counted, at.thing)
		first, met := m.met[at]
		// What takes another's place that was said has a time of its own.
		if !met || first.After(q.Now) || known && m.what[at.thing] != at.what {
			m.met[at] = q.Now
		}
		m.what[at.thing] = at.what
		for _, times := range []map[matter]time.Time{m.said, m.counted} {
			if times[at].After(q.Now) {
				times[at] = q.Now
			}
		}
	}
	maps.DeleteFunc(m.met, func(at matter, _ time.Time) bool { return q.ended(at.thing) })
}

// ended reports whether the run shows that nothing is wrong with a thing any more.
func (q *quietRun) ended(t thing) bool {
	planned := false
	for _, r := range q.Records {
		at, bad := matterOf(r)
		if bad && at.thing == t {
			return false
		}
		planned = planned || t.scope == pause.OfEndpoint || t.scope == pause.OfDomain && t.of == r.Name.Domain ||
			t.scope == pause.OfRecord && t.of == r.Name.String() && r.End.AsAsked() ||
			t.scope == pause.OfPassword && t.of == r.Name.Domain+" "+r.Step.Fingerprint && r.Result.Confirmed()
	}
	switch t.scope {
	case pause.OfEndpoint:
		return planned && q.After.Blocked == nil
	case pause.OfDomain:
		return planned && !slices.ContainsFunc(q.After.Domains, func(d state.Domain) bool { return d.Domain == t.of && d.Pause != nil })
	default:
		return planned
	}
}

var (
	saysMoved   = regexp.MustCompile(`^(.+) (?:moved from (\S+) to|set to) (\S+?)( for the first time)?$`)
	saysAgain   = regexp.MustCompile(`^(.+): (working again|accepted again|no longer a problem|accepting updates again)$`)
	saysRefused = regexp.MustCompile(`^(?:password of (\S+) refused|(\S+) refused|(blocked))(?: since [^,]+)?, (\d+) records? not updated: (.+)$`)
	saysAtRisk  = regexp.MustCompile(`^password of (\S+) refused since (?:\S+ )?\d\d:\d\d, (\d+) records? would not follow a new address: (.+)$`)
	saysHeld    = regexp.MustCompile(`^(\d+) records?(?: of (\S+))? held(?: since (?:\S+ )?\d\d:\d\d)?: (.+)$`)
	saysFailing = regexp.MustCompile(`^(?:could not confirm (.+?)|(.+?) failed|(.+?) failing)(?: since (?:\S+ )?\d\d:\d\d)?: (.+)$`)
	saysCount   = regexp.MustCompile(`^(\d+) records$`)
	saysTwice   = regexp.MustCompile(`\S+ \((\S+)\)`)
)

// who is the records that a line names, or how many it counts.
func (q *quietRun) who(text string) (names []string, n int) {
	if m := saysCount.FindStringSubmatch(text); m != nil {
		return nil, atoi(q.T, m[1])
	}
	return strings.Split(strings.ReplaceAll(text, " and ", ", "), ", "), 0
}

// read takes in one line, and fails the test if it does not fit the records.
func (q *quietRun) read(line string) {
	line = saysTwice.ReplaceAllString(line, "$1")
	if m := saysMoved.FindStringSubmatch(line); m != nil {
		names, n := q.who(m[1])
		q.moved, q.movedMore = append(q.moved, names...), q.movedMore+n
		if m[3] != q.Address.String() {
			q.Errorf("the address is %s, and it says %q", q.Address, line)
		}
	} else if m := saysAgain.FindStringSubmatch(line); m != nil {
		q.readRecovery(m[1], m[2])
	} else if m := saysAtRisk.FindStringSubmatch(line); m != nil {
		of := func(t thing) bool { return t.scope == pause.OfPassword && strings.HasPrefix(t.of, m[1]+" ") }
		q.covers(line, atoi(q.T, m[2]), m[3], of)
		for _, r := range q.suffer(m[3], of) {
			if !r.End.AsAsked() {
				q.Errorf("%s is %s, and a quiet run says %q", r.Name, r.End, line)
			}
		}
	} else if m := saysHeld.FindStringSubmatch(line); m != nil {
		q.covers(line, atoi(q.T, m[1]), m[3], func(t thing) bool { return t.scope == pause.OfPassword && strings.HasPrefix(t.of, m[2]) })
	} else if m := saysRefused.FindStringSubmatch(line); m != nil {
		q.covers(line, atoi(q.T, m[4]), m[5], func(t thing) bool {
			switch t.scope {
			case pause.OfPassword:
				return m[1] != "" && strings.HasPrefix(t.of, m[1]+" ")
			case pause.OfDomain:
				return t.of == m[2]
			case pause.OfAddress:
				return m[2] == q.Address.String()
			default:
				return t.scope == pause.OfEndpoint && m[3] != ""
			}
		})
	} else if m := saysFailing.FindStringSubmatch(line); m != nil {
		names, n := q.who(m[1] + m[2] + m[3])
		for _, r := range q.suffer(m[4], func(t thing) bool { return t.scope == pause.OfRecord && slices.Contains(names, t.of) }) {
			if unsure := m[1] != ""; unsure && r.End != outcome.Unconfirmed && !r.Memory.Unknown || !unsure && r.End == outcome.Unconfirmed {
				q.Errorf("%s is %s, and a quiet run says %q", r.Name, r.End, line)
			}
		}
		if n == 0 {
			q.covers(line, len(names), m[4], func(t thing) bool { return t.scope == pause.OfRecord && slices.Contains(names, t.of) })
		} else if found := q.suffer(m[4], func(t thing) bool { return t.scope == pause.OfRecord }); len(found) < n {
			q.Errorf("%d records suffer from that, and a quiet run says %q", len(found), line)
		} else {
			for _, r := range found {
				at, _ := matterOf(r)
				q.counted = append(q.counted, at)
			}
		}
	} else {
		q.Errorf("a quiet run says something that is not understood: %q", line)
	}
}

// covers checks that so many records suffer from one of those things, for the cause with which a line ends, and notes
// that they had a line.
func (q *quietRun) covers(line string, n int, cause string, of func(thing) bool) {
	found, suffering := q.suffer(cause, of), 0
	for _, r := range found {
		at, _ := matterOf(r)
		q.told = append(q.told, at)
		c := causeOrRefusal(r)
		if r.Refused == nil {
			suffering++
		}
		if r.End.AsAsked() && r.Refused == nil {
			q.Errorf("%s is %s, and a quiet run says %q", r.Name, r.End, line)
		}
		if next := "; next try " + humanize.Clock(c.Until, q.Now, time.UTC); (r.End == outcome.Held || r.Refused != nil) && !c.Until.IsZero() && !strings.HasSuffix(cause, next) {
			q.Errorf("%s is held until %s, and a quiet run says %q", r.Name, c.Until, line)
		}
	}
	// Where some suffer, those that only would not follow a new address are not counted.
	if suffering > 0 && suffering != n || suffering == 0 && len(found) != n {
		q.Errorf("%d records suffer from that, and a quiet run says %q", len(found), line)
	}
}

// suffer are the records with a trouble of those things, and for the cause with which a line ends.
func (q *quietRun) suffer(cause string, of func(thing) bool) (found []outcome.Record) {
	for _, r := range q.Records {
		if at, bad := matterOf(r); bad && of(at.thing) && strings.HasPrefix(cause, humanize.Cause(causeOrRefusal(r).Message, causeOrRefusal(r).Quoted, q.Provider)) {
			found = append(found, r)
		}
	}
	return found
}

func (q *quietRun) readRecovery(who, what string) {
	domain, ofPassword := strings.CutPrefix(who, "the password of ")
	switch {
	case ofPassword:
		q.over = append(q.over, thing{pause.OfPassword, domain})
	case what == "working again":
		names, n := q.who(who)
		q.well, q.wellMore = append(q.well, names...), q.wellMore+n
	case what == "accepted again":
		q.over = append(q.over, thing{pause.OfDomain, who})
	case what == "accepting updates again":
		q.over = append(q.over, thing{pause.OfEndpoint, ""})
	default:
		q.over = append(q.over, thing{pause.OfAddress, ""})
	}
}

// checkMoves: a changed address has a line in the run that confirmed it, and nothing else has.
func (q *quietRun) checkMoves() {
	var want []string
	for _, r := range q.Records {
		if r.Result.Confirmed() && r.Step.From != r.Step.To && !q.OnlyTrouble {
			want = append(want, r.Name.String())
		}
	}
	q.agree("moved", want, nil, q.moved, q.movedMore)
}

// agree compares the records that a run has to name, and those that it may, with those that it names, and counts.
func (q *quietRun) agree(what string, want, may, named []string, more int) {
	wrong := slices.ContainsFunc(named, func(name string) bool { return !slices.Contains(want, name) && !slices.Contains(may, name) })
	if n := len(named) + more; wrong || n < len(want) || n > len(want)+len(may) {
		q.Errorf("%s are %q, and perhaps %q; a quiet run names %q and counts %d more", what, want, may, named, more)
	}
}

// checkTroubles: what has no line is not new: it was said less than a day ago, or may still pass.
func (q *quietRun) checkTroubles() {
	m := &q.mail
	for _, at := range q.told {
		maps.DeleteFunc(m.met, func(o matter, _ time.Time) bool { return o.thing == at.thing && o != at })
		m.said[at] = q.Now
	}
	for _, at := range q.counted {
		m.counted[at] = q.Now
	}
	for _, r := range q.Records {
		at, bad := matterOf(r)
		last := m.said[at]
		if perhaps := m.counted[at]; perhaps.After(last) {
			last = perhaps
		}
		switch {
		case !bad, !last.IsZero() && q.Now.Sub(last) < 24*time.Hour-time.Minute:
		case causeOrRefusal(r).Lasting:
			q.Errorf("%s is %s (%s), which lasts, and no line says so", r.Name, r.End, causeOrRefusal(r).Message)
		case q.Now.Sub(m.met[at]) >= 15*time.Minute:
			q.Errorf("%s is %s (%s) since %s, and no line says so", r.Name, r.End, causeOrRefusal(r).Message, m.met[at])
		}
	}
}

// checkRecoveries: the end of what had a line has one, and only that.
func (q *quietRun) checkRecoveries() {
	said := map[thing]bool{}
	for at := range q.mail.said {
		said[at.thing] = true
	}
	var want []string
	for t := range said {
		switch {
		case !q.ended(t):
		case t.scope == pause.OfRecord:
			want = append(want, t.of)
		case t.scope == pause.OfPassword:
			// Which of a domain's passwords a line is about, it does not say.
		case !slices.Contains(q.over, t):
			q.Errorf("%v is over, and no line says so", t)
		}
	}
	var may []string
	for at := range q.mail.counted {
		if !said[at.thing] && !slices.Contains(may, at.of) && q.ended(at.thing) {
			may = append(may, at.of)
		}
	}
	q.agree("working again", want, may, q.well, q.wellMore)
	for _, t := range q.over {
		if (t.scope == pause.OfDomain || t.scope == pause.OfEndpoint) && (!said[t] || !q.ended(t)) {
			q.Errorf("a quiet run says that %v is over", t)
		}
		for _, r := range q.Records {
			if at, bad := matterOf(r); bad && at.scope == t.scope && t.scope == pause.OfAddress {
				q.Errorf("a quiet run says that the address is no longer a problem, and %s is %s", r.Name, r.End)
			}
		}
	}
	maps.DeleteFunc(q.mail.counted, func(at matter, _ time.Time) bool { return q.ended(at.thing) })
	maps.DeleteFunc(q.mail.said, func(at matter, _ time.Time) bool {
		return at.scope == pause.OfRecord && slices.Contains(want, at.of) || slices.ContainsFunc(q.over, func(t thing) bool {
			return t.scope == at.scope && (t == at.thing || t.scope == pause.OfAddress || t.scope == pause.OfPassword && q.ended(at.thing))
		})
	})
}
