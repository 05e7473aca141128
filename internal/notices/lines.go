package notices

import (
	"strings"
	"time"

	"ddns-batch/internal/humanize"
	"ddns-batch/internal/idn"
	"ddns-batch/internal/provider"
)

// lines are the troubles, in the order of the plan, then what is over, then one hint.
func (m *memory) lines() []string {
	var lines []string
	for _, alike := range gather(m.reported) {
		lines = append(lines, m.line(alike))
	}
	lines = append(lines, m.closings()...)
	if h := hint(m.reported); h != "" {
		lines = append(lines, "hint: "+h)
	}
	return lines
}

// gather combines records that failed temporarily with the same words: a network that is down is one trouble, however many
// records it affects.
func gather(reported []notice) [][]notice {
	type words struct {
		cause  string
		unsure bool
	}
	at := map[words]int{}
	var all [][]notice
	for _, s := range reported {
		w, alone := words{s.cause, s.unsure}, s.lasting || s.key.kind != ofRecord
		i, known := at[w]
		switch {
		case known && !alone:
			all[i] = append(all[i], s)
			continue
		case !alone:
			at[w] = len(all)
		}
		all = append(all, []notice{s})
	}
	return all
}

// line is the line for one trouble, or for several records with the same.
func (m *memory) line(alike []notice) string {
	s := alike[0]
	for _, other := range alike {
		if other.since.Before(s.since) {
			s.since = other.since
		}
	}
	line := m.what(alike, m.since(s.since)) + ": " + s.cause
	if s.from != "" {
		line += ", password from " + s.from
	}
	if !s.until.IsZero() {
		line += "; next try " + m.clock(s.until)
	}
	return line
}

// what is in trouble, and since when.
func (m *memory) what(alike []notice, since string) string {
	s := alike[0]
	domain := idn.Both(s.domain)
	kept := since + ", " + humanize.Count(s.steps, "record") + " not updated"
	if s.key.kind == ofDomain && s.unseen {
		return humanize.Count(s.steps, "record") + " of " + domain + " not published" + since
	}
	switch s.key.kind {
	case ofLookUp:
		return "no address" + since
	case ofEnvFile:
		return "nothing sent" + since
	case ofEndpoint:
		return "blocked" + kept
	case ofAddress:
		return s.name + " refused" + kept
	case ofDomain:
		return domain + " refused" + kept
	case ofPassword:
		switch {
		case s.steps == 0:
			return "password of " + domain + " refused" + since + ", " + humanize.Count(s.atRisk, "record") + " would not follow a new address"
		case s.class != provider.Password:
			return "password of " + domain + " refused" + kept
		case s.domain == "":
			return humanize.Count(s.steps, "record") + " held" + since
		default:
			return humanize.Count(s.steps, "record") + " of " + domain + " held" + since
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

// closings are the lines about what is over, one line for all records, since many can recover together.
func (m *memory) closings() []string {
	var lines, records []string
	for _, n := range m.closed {
		switch parseKey(n.Key).kind {
		case ofRecord:
			records = append(records, n.Name)
		case ofPassword, ofEnvFile:
			lines = append(lines, n.Name+": working again")
		case ofDomain:
			again := ": accepted again"
			if strings.HasSuffix(n.What, unseen) {
				again = ": published again"
			}
			lines = append(lines, n.Name+again)
		case ofAddress:
			lines = append(lines, n.Name+": no longer a problem")
		case ofEndpoint:
			lines = append(lines, n.Name+": accepting updates again")
		case ofLookUp:
			lines = append(lines, "address found again: "+m.Address.String())
		}
	}
	if len(records) > 2 {
		return append([]string{some(records, 5) + ": working again"}, lines...)
	}
	for i := range records {
		records[i] += ": working again"
	}
	return append(records, lines...)
}

// hint is the one of the first trouble that somebody has to do something about, else of the first.
func hint(reported []notice) string {
	found := ""
	for _, s := range reported {
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
func (m *memory) since(began time.Time) string {
	if began.Equal(m.now) {
		return ""
	}
	return " since " + m.clock(began)
}

func (m *memory) clock(t time.Time) string { return humanize.Clock(t, m.now, m.Location) }
