package outcome

import (
	"net/netip"
	"time"

	"ddns-batch/internal/pause"
	"ddns-batch/internal/plan"
	"ddns-batch/internal/record"
	"ddns-batch/internal/state"
)

// Memory is what is known without a run.
type Memory struct {
	Now      time.Time
	Snapshot state.Snapshot
	// LastRun is the last run that took the lock; the zero value if none is recorded.
	LastRun state.LastRun
	// Endpoint is where a run would send to; empty where there is no configuration. RefreshAfter is when it sends again
	// although nothing has changed.
	Endpoint     string
	RefreshAfter time.Duration
	// Targets are the records of the YAML file, in its order. Without fingerprint, the password used last for their
	// domain counts as theirs: another run may be able to read what cannot be read here, and Unread says why it cannot.
	Targets []plan.Target
	// PasswordFrom, PasswordOdd and Unread go by target; each may be nil.
	PasswordFrom, PasswordOdd, Unread []string
	// Guide may be nil.
	Guide Guide
}

// FromState is how the records stand by what is remembered: those of the YAML file in its order, with what a run now
// would do if it found the expected address, then the others of the state in theirs.
func FromState(m Memory) []Record {
	pauses := pause.In(m.Snapshot)
	targets := make([]plan.Target, 0, len(m.Targets))
	configured := make(map[record.Name]bool, len(m.Targets))
	for _, t := range m.Targets {
		if t.Fingerprint == "" && t.Missing == "" {
			t.Fingerprint = pauses.LastUsed(t.Name.Domain)
		}
		targets = append(targets, t)
		configured[t.Name] = true
	}
	s := m.Snapshot
	if m.Endpoint != "" {
		s = s.ForEndpoint(m.Endpoint)
	}
	records := Of(Input{
		Plan: plan.Build(plan.Input{
			Now: m.Now, Address: m.Expected().Address, Targets: targets, State: s, RefreshAfter: m.RefreshAfter,
		}),
		DryRun: true, After: s, PasswordFrom: m.PasswordFrom, PasswordOdd: m.PasswordOdd, Unread: m.Unread, Guide: m.Guide,
	})
	known := make(map[record.Name]state.Record, len(m.Snapshot.Records))
	for _, r := range m.Snapshot.Records {
		known[r.Name()] = r
		if !configured[r.Name()] {
			records = append(records, Record{Name: r.Name(), Memory: r, LastFailure: r.Pause})
		}
	}
	// What is shown of a record is what was confirmed, whichever endpoint did that.
	for i := range records {
		if r, ok := known[records[i].Name]; ok {
			records[i].Memory = r
		}
	}
	return records
}

// Expected is the address that a run now is assumed to find, and what makes it so.
type Expected struct {
	// Address is invalid where none was ever found.
	Address netip.Addr
	From    Source
	// At is when it was found or confirmed.
	At time.Time
}

// Source is who says which address is expected.
type Source string

const (
	LastRun  Source = "last-run" // the last run found it
	InState  Source = "state"    // the last run found none, and this is the last one that the state knows
	NoSource Source = ""
)

// Expected is what the last run found, or the last address that the state knows.
func (m Memory) Expected() Expected {
	if m.LastRun.Address.IsValid() {
		return Expected{m.LastRun.Address, LastRun, m.LastRun.EndedAt}
	}
	var last Expected
	know := func(a netip.Addr, at time.Time) {
		if a.IsValid() && !at.Before(last.At) {
			last = Expected{a, InState, at}
		}
	}
	for _, r := range m.Snapshot.Records {
		know(r.IP, r.ConfirmedAt)
		if r.Pause != nil {
			know(r.Pause.Under, r.Pause.Began)
		}
	}
	return last
}
