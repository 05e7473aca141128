package report

import (
	"slices"
	"time"

	"ddns-batch/internal/page"
	"ddns-batch/internal/provider"
	"ddns-batch/internal/record"
	"ddns-batch/internal/report/phrase"
	"ddns-batch/internal/state"
)

// Page is the status as a page shows it: the records of the YAML file, or those of the state where there is no such
// file. hint says what to do about a refusal; it may be nil.
func (s Status) Page(l *time.Location, hint func(provider.Class, record.Name) string) page.Page {
	p := page.Page{
		Machine: s.LastRun.Machine, MadeAt: s.Now, Location: l, Address: s.LastRun.Address,
		LastRun: page.LastRun{EndedAt: s.LastRun.EndedAt, Status: s.LastRun.Status, SucceededAt: s.LastRun.SucceededAt},
	}
	if hint == nil {
		hint = func(provider.Class, record.Name) string { return "" }
	}
	for _, r := range s.rows() {
		if r.configured || s.Config == "" {
			p.Records = append(p.Records, s.pageRecord(r, hint))
		}
	}
	p.Overall = overall(p.Records)
	return p
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

func (s Status) pageRecord(r row, hint func(provider.Class, record.Name) string) page.Record {
	p := page.Record{
		Name: r.Name(), Address: r.IP, Previous: r.Previous, Since: r.Since, ConfirmedAt: r.ConfirmedAt,
		State: string(r.standing), Level: page.Warning, History: r.History,
	}
	pause := r.pause
	switch r.standing {
	case standsOK:
		p.Level = page.OK
		return p
	case standsHeld:
	case standsFailing:
		p.State = "refused, tried again in the next run"
		if settles(pause) {
			p.State = "tried again in the next run"
		}
	case standsUnknown:
		p.State, p.Message = "not known", "an earlier run never got an answer; the next one sends it again"
	case standsNew:
		p.State, p.Message = "never confirmed", "the next run sends it"
	case standsBehind:
		p.Message = "the last run found " + s.LastRun.Address.String() + "; the next one sends it"
	}
	if b := s.Snapshot.Blocked; r.standing != standsHeld && !b.Over(s.Now) {
		p.State, pause = string(standsHeld), b
	}
	switch {
	case r.missing != "":
		p.Level, p.Message, p.Hint = page.Failed, phrase.Missing("", r.missing), hint(provider.Password, p.Name)
	case pause != nil:
		p.Message, p.Hint = phrase.Cause(pause.Message, pause.Quoted), hint(class(pause.Class), p.Name)
		if !settles(pause) {
			p.Level = page.Failed
		}
		if !pause.Over(s.Now) {
			p.Until = pause.Until()
		}
	}
	return p
}

// settles reports whether what was refused may come right without anybody doing something.
func settles(p *state.Pause) bool {
	switch class(p.Class) {
	case provider.Transient, provider.Unconfirmed, provider.Mismatch, provider.Blocked:
		return true
	case provider.Domain:
		// Namecheap has been seen to say of good domains in passing that it does not know them. Such a refusal pauses
		// nothing at first.
		return p.Seconds == 0
	default:
		return false
	}
}
