package run

import (
	"net/netip"
	"slices"
	"time"

	"ddns-batch/internal/notices"
	"ddns-batch/internal/record"
	"ddns-batch/internal/state"
)

// Changes are the records that were confirmed at another address than before, or for the first time.
type Changes struct {
	// Previous is the earlier address of the first record that had one; invalid if none had.
	Address, Previous netip.Addr
	Names             []record.Name
}

// changes are those of a run. If the run waited for name servers, only records that all of them serve count.
func (a attempt) changes(served []waited) Changes {
	c := Changes{Address: a.address}
	for i, r := range a.sent.results {
		step := a.plan.Steps[i]
		late := slices.ContainsFunc(served, func(w waited) bool { return w.step == i && !w.Served })
		if r.Confirmed() && step.From != step.To && !late {
			c.add(step.Name, step.From)
		}
	}
	return c
}

// moved reports whether a record was confirmed at another address than before.
func (a attempt) moved() bool {
	for i, r := range a.sent.results {
		if step := a.plan.Steps[i]; r.Confirmed() && step.From.IsValid() && step.From != step.To {
			return true
		}
	}
	return false
}

func (c *Changes) add(name record.Name, previous netip.Addr) {
	c.Names = append(c.Names, name)
	if !c.Previous.IsValid() {
		c.Previous = previous
	}
}

// changesRecipient is the name in the state of the errand for changes; empty if there is none.
func (j Job) changesRecipient() string {
	for _, e := range j.Errands {
		if e.Changed != nil {
			return e.To
		}
	}
	return ""
}

// postChanges adds the names of c to the undelivered lines, and drops those that are too old. That is saved before the
// errand begins, so that the next run passes the changes on even if this one is killed.
func (j Job) postChanges(waiting []state.Undelivered, at time.Time, c Changes) []state.Undelivered {
	to := j.changesRecipient()
	if to == "" {
		return waiting
	}
	waiting = notices.Post(waiting, at, nil, nil)
	if len(c.Names) == 0 {
		return waiting
	}
	posted := make(map[string]bool, len(c.Names))
	for _, name := range c.Names {
		posted[name.String()] = true
	}
	waiting = slices.DeleteFunc(waiting, func(u state.Undelivered) bool { return u.To == to && posted[u.Text] })
	for _, name := range c.Names {
		waiting = append(waiting, state.Undelivered{To: to, Text: name.String(), At: at.Round(0).UTC()})
	}
	return waiting
}

// pendingChanges are the changes of this run, c, and those of earlier runs that were not passed on yet, as far as the
// records are in this configuration and still hold the same address.
func (j Job) pendingChanges(waiting []state.Undelivered, c Changes, records []state.Record) Changes {
	to := j.changesRecipient()
	earlier := map[string]bool{}
	for _, u := range waiting {
		if u.To == to && to != "" {
			earlier[u.Text] = true
		}
	}
	for _, name := range c.Names {
		delete(earlier, name.String())
	}
	if len(earlier) == 0 || !c.Address.IsValid() {
		return c
	}
	configured := make(map[record.Name]bool, len(j.Records))
	for _, r := range j.Records {
		configured[r.Name] = true
	}
	all := Changes{Address: c.Address}
	for i := range records {
		r := &records[i]
		if r.IP != c.Address || !configured[r.Name()] || !earlier[r.Name().String()] {
			continue
		}
		var previous netip.Addr
		if n := len(r.History); n > 1 {
			previous = r.History[n-2].IP
		}
		all.add(r.Name(), previous)
	}
	for _, name := range c.Names {
		all.add(name, c.Previous)
	}
	return all
}

// offered are the undelivered lines that the errands of r were given: of the changes, only those in r.
func (j Job) offered(r Report) []state.Undelivered {
	to := j.changesRecipient()
	given := make(map[string]bool, len(r.changes.Names))
	for _, name := range r.changes.Names {
		given[name.String()] = true
	}
	return slices.DeleteFunc(slices.Clone(r.undelivered), func(u state.Undelivered) bool {
		return to != "" && u.To == to && !given[u.Text]
	})
}
