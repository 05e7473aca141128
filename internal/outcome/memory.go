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
	// Endpoint is where a run would send to; empty without a configuration. RefreshAfter is the age at which a run sends
	// again although nothing has changed.
	Endpoint     string
	RefreshAfter time.Duration
	// Targets are the records of the YAML file, in its order. A target without a fingerprint counts as having the password
	// that was used last for its domain: another process may be able to read the password that cannot be read here. Unread
	// says why it cannot.
	Targets []plan.Target
	// PasswordFrom, PasswordOdd and Unread are indexed by target; each may be nil.
	PasswordFrom, PasswordOdd, Unread []string
	// Guide may be nil.
	Guide Guide
}

// FromState returns how all records stand by what is remembered: first those of the YAML file, in its order, with what a run
// would do now if it found the expected address; then the others of the state, in theirs.
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
	// What is shown of a record is what was confirmed, even if another endpoint confirmed it.
	for i := range records {
		if r, ok := known[records[i].Name]; ok {
			records[i].Memory = r
		}
	}
	return records
}

// Expected is the address that a run now is assumed to find, and where it comes from.
type Expected struct {
	// Address is invalid if none was ever found.
	Address netip.Addr
	From    Source
	// At is when it was found or confirmed.
	At time.Time
}

// Source is where the expected address comes from.
type Source string

const (
	LastRun  Source = "last-run" // the last run found it
	InState  Source = "state"    // the last run found no address, and this is the latest one in the state
	NoSource Source = ""
)

// Expected is the address that the last run found, or else the latest one in the state.
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
