package report

import (
	"slices"
	"time"

	"ddns-batch/internal/outcome"
	"ddns-batch/internal/report/page"
	"ddns-batch/internal/state"
)

// Page is the status as a page shows it: the records of the YAML file, or those of the state where there is no such file.
func (s Status) Page(l *time.Location) page.Page {
	p := page.Page{
		Machine: s.LastRun.Machine, MadeAt: s.Now, Location: l, Address: s.LastRun.Address,
		LastRun: page.LastRun{EndedAt: s.LastRun.EndedAt, Status: s.LastRun.Status, SucceededAt: s.LastRun.SucceededAt},
	}
	for _, r := range s.Records {
		if r.Configured || s.Config == "" {
			p.Records = append(p.Records, s.pageRecord(r))
		}
	}
	if s.Unreadable != nil {
		unreadable(p.Records, *s.Unreadable)
	}
	p.Overall = overall(p.Records)
	return p
}

// unreadable: the state could not be read, so nothing is known of any record.
func unreadable(records []page.Record, why Error) {
	for i := range records {
		records[i] = page.Record{
			Name: records[i].Name, State: outcome.Unknown, Level: outcome.Warning, Status: "not known", Message: why.Message, Hint: why.HintText(),
		}
	}
}

// overall is when which external address was first confirmed: every run sends the one that it found, whatever the record.
func overall(records []page.Record) []state.Change {
	var all []state.Change
	for _, r := range records {
		all = append(all, r.History...)
	}
	slices.SortStableFunc(all, func(a, b state.Change) int { return a.At.Compare(b.At) })
	return slices.CompactFunc(all, func(a, b state.Change) bool { return a.IP == b.IP })
}

func (s Status) pageRecord(r outcome.Record) page.Record {
	m := r.Memory
	p := page.Record{
		Name: r.Name, Action: r.Step.Action, State: r.State(), Level: r.Level(),
		Address: m.IP, Previous: m.Previous, Since: m.Since, ConfirmedAt: m.ConfirmedAt, History: m.History,
	}
	var why, next string
	p.Status, why, next = s.standing(r)
	if p.Level == outcome.Fine {
		return p
	}
	p.Message = joined("; ", why, next)
	if r.Cause != nil {
		p.Until = r.Cause.Until
	}
	p.Hint = HintText(r.Hint, s.Program)
	return p
}
