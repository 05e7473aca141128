package news

import (
	"strings"
	"time"

	"ddns-batch/internal/provider"
	"ddns-batch/internal/report/phrase"
)

// lines are the troubles, in the order of the plan, then what is over, then one hint.
func (d *diary) lines() []string {
	var lines []string
	for _, alike := range gather(d.said) {
		lines = append(lines, d.tell(alike))
	}
	lines = append(lines, d.tellOver()...)
	if h := hint(d.said); h != "" {
		lines = append(lines, "hint: "+h)
	}
	return lines
}

// gather puts together the records that failed in passing with the same words: a network that is down is one matter,
// however many records it keeps from being sent.
func gather(said []saying) [][]saying {
	type words struct {
		cause  string
		unsure bool
	}
	at := map[words]int{}
	var all [][]saying
	for _, s := range said {
		w, alone := words{s.cause, s.unsure}, s.lasting || !strings.HasPrefix(s.key, ofRecord+" ")
		i, known := at[w]
		switch {
		case known && !alone:
			all[i] = append(all[i], s)
			continue
		case !alone:
			at[w] = len(all)
		}
		all = append(all, []saying{s})
	}
	return all
}

// tell is the line for one trouble, or for several records with the same.
func (d *diary) tell(alike []saying) string {
	s := alike[0]
	for _, other := range alike {
		if other.since.Before(s.since) {
			s.since = other.since
		}
	}
	line := d.what(alike, d.since(s.since)) + ": " + s.cause
	if s.from != "" {
		line += ", password from " + s.from
	}
	if !s.until.IsZero() {
		line += "; next try " + d.clock(s.until)
	}
	return line
}

// what is in trouble, and since when.
func (d *diary) what(alike []saying, since string) string {
	s := alike[0]
	kind, _, _ := strings.Cut(s.key, " ")
	kept := since + ", " + phrase.Count(s.steps, "record") + " not updated"
	switch kind {
	case ofLookUp:
		return "no address" + since
	case ofEndpoint:
		return "blocked" + kept
	case ofAddress:
		return s.name + " refused" + kept
	case ofDomain:
		return s.domain + " refused" + kept
	case ofPassword:
		switch {
		case s.class != provider.Password:
			return "password of " + s.domain + " refused" + kept
		case s.domain == "":
			return phrase.Count(s.steps, "record") + " held" + since
		default:
			return phrase.Count(s.steps, "record") + " of " + s.domain + " held" + since
		}
	}
	names := make([]string, 0, len(alike))
	for _, a := range alike {
		names = append(names, a.name)
	}
	who := some(names, 2)
	switch {
	case s.unsure:
		return "could not confirm " + who + since
	case since == "":
		return who + " failed"
	default:
		return who + " failing" + since
	}
}

// tellOver says what is over: in one line for records, of which many can recover together.
func (d *diary) tellOver() []string {
	var lines, records []string
	for _, n := range d.ended {
		kind, _, _ := strings.Cut(n.Key, " ")
		switch kind {
		case ofRecord:
			records = append(records, n.Name)
		case ofPassword:
			lines = append(lines, n.Name+" is right again")
		case ofDomain:
			lines = append(lines, n.Name+" is accepted again")
		case ofAddress:
			lines = append(lines, n.Name+" is no longer in the way")
		case ofEndpoint:
			lines = append(lines, n.Name+" takes updates again")
		case ofLookUp:
			lines = append(lines, "the address is found again: "+d.Plan.Address.String())
		}
	}
	if len(records) > 2 {
		return append([]string{some(records, 5) + " are right again"}, lines...)
	}
	for i := range records {
		records[i] += " is right again"
	}
	return append(records, lines...)
}

// hint is the one of the first trouble that somebody has to do something about, else of the first.
func hint(said []saying) string {
	found := ""
	for _, s := range said {
		if s.hint != "" && s.lasting {
			return s.hint
		}
		if found == "" {
			found = s.hint
		}
	}
	return found
}

// since says when a trouble began; nothing if that was in this run.
func (d *diary) since(began time.Time) string {
	if began.Equal(d.now) {
		return ""
	}
	return " since " + d.clock(began)
}

func (d *diary) clock(t time.Time) string { return phrase.Clock(t, d.now, d.Location) }
