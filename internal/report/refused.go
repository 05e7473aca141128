package report

import (
	"time"

	"ddns-batch/internal/humanize"
	"ddns-batch/internal/outcome"
	"ddns-batch/internal/provider"
)

// refusal is a password that was refused while records that need it are up to date.
type refusal struct {
	// first is the first of these records.
	first   outcome.Record
	records int
}

// refusals are one for each domain, or for each of its passwords where they were refused in different words, in the order
// of the records. One that keeps a record from being up to date is said with that record.
func refusals(records []outcome.Record) []*refusal {
	type password struct{ domain, as string }
	of := func(r outcome.Record) password {
		if p := failure(r); p != nil {
			return password{r.Name.Domain, p.Message}
		}
		return password{}
	}
	said := map[password]bool{}
	for _, r := range records {
		if p := failure(r); r.Refused == nil && p != nil && p.Class == provider.Credentials {
			said[of(r)] = true
		}
	}
	found := map[password]*refusal{}
	var all []*refusal
	for _, r := range records {
		switch k := of(r); {
		case r.Refused == nil || said[k]:
		case found[k] != nil:
			found[k].records++
		default:
			found[k] = &refusal{r, 1}
			all = append(all, found[k])
		}
	}
	return all
}

// words say it in one line. name is that of the provider.
func (r refusal) words(name string, now time.Time, l *time.Location) string {
	c := r.first.Refused
	are := " is up to date, but would not follow a new address"
	if r.records > 1 {
		are = " are up to date, but would not follow a new address"
	}
	return "the password of " + spelt(r.first.Name.Domain) + " was refused at " + humanize.Clock(c.Pause.Since, now, l) + ": " +
		humanize.Cause(c.Message, c.Quoted, name) + "; " + humanize.Count(r.records, "record") + are
}
