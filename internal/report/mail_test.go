package report_test

import (
	"time"

	"ddns-batch/internal/outcome"
	"ddns-batch/internal/pause"
	"ddns-batch/internal/provider"
)

// mail is what somebody knows who reads all lines of a household's quiet runs.
type mail struct {
	// said is when a matter last had a line, since met when runs have had it without an end. what is the last one that each
	// thing suffered from.
	said, met map[matter]time.Time
	// counted is when a matter may have been among those of a line that counts records, and does not name them.
	counted map[matter]time.Time
	what    map[thing]string
	// lines and silent count what was read, and the quiet runs that had nothing to say.
	lines, silent int
}

// forgetAll: another endpoint makes everything new.
func (m *mail) forgetAll() {
	clear(m.said)
	clear(m.met)
	clear(m.counted)
	clear(m.what)
}

// thing is what can be in trouble: of is the full name of a record, a domain, a domain with a fingerprint, or empty.
type thing struct {
	scope pause.Scope
	of    string
}

// matter is a trouble of a thing.
type matter struct {
	thing
	what string
}

// matterOf is that of a record; bad is false where nothing is wrong with it that is worth a line.
func matterOf(r outcome.Record) (m matter, bad bool) {
	c := causeOrRefusal(r)
	if c == nil || c.Elsewhere || c.Pause == nil && r.End == outcome.Skipped {
		return matter{}, false
	}
	m = matter{thing{c.Scope, ""}, string(c.Class)}
	if c.Pause == nil && c.Class != provider.Password {
		m.scope = pause.OfRecord
	}
	switch m.scope {
	case pause.OfPassword:
		m.of = r.Name.Domain + " " + r.Step.Fingerprint
	case pause.OfDomain:
		m.of = r.Name.Domain
	case pause.OfAddress:
		m.what += r.Step.To.String()
	case pause.OfRecord:
		m.of = r.Name.String()
	}
	return m, true
}

// causeOrRefusal is why something is to be said of a record: it is not up to date, or its password was refused.
func causeOrRefusal(r outcome.Record) *outcome.Cause {
	if r.Refused != nil {
		return r.Refused
	}
	return r.Cause
}

// had reports whether a thing is among those that had a line.
func had(times map[matter]time.Time, t thing) bool {
	for at := range times {
		if at.thing == t {
			return true
		}
	}
	return false
}
