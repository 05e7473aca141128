package state

import (
	"cmp"
	"slices"
	"time"

	"ddns-batch/internal/record"
)

// Limits on the history that a state file keeps.
const (
	changesPerRecord   = 100
	changesInAll       = 20_000
	passwordsPerDomain = 100
)

// Prune leaves out what is no longer needed. It is meant for the state as it was read: entries that are not
// planned go once their last attempt is a year older than the newest one in s, domains with the last of their records,
// and refused addresses a year after their last refusal. Of each domain's passwords the most recently used 100 stay.
//
// A clock that was wrong for a while must cost no entry. So an attempt after now proves nothing about the age of others,
// and one from before there was this program nothing about its own.
func (s Snapshot) Prune(now time.Time, planned func(record.Name) bool) Snapshot {
	var newest time.Time
	for i := range s.Records {
		if at := s.Records[i].AttemptedAt; at.After(newest) && !at.After(now) {
			newest = at
		}
	}
	yearAgo := newest.AddDate(-1, 0, 0)
	s = s.Clone()

	left, gone := map[string]bool{}, map[string]bool{}
	s.Records = slices.DeleteFunc(s.Records, func(r Record) bool {
		last := r.lastSeen()
		unset := !last.IsZero() && last.Before(written)
		drop := last.Before(yearAgo) && !unset && !planned(r.Name())
		if drop {
			gone[r.Domain] = true
		} else {
			left[r.Domain] = true
		}
		return drop
	})
	s.Domains = slices.DeleteFunc(s.Domains, func(d Domain) bool { return gone[d.Domain] && !left[d.Domain] })
	s.Addresses = slices.DeleteFunc(s.Addresses, func(a Address) bool { return a.Pause.Began.Before(yearAgo) })
	for i := range s.Domains {
		p := &s.Domains[i].Passwords
		*p = (*p)[max(0, len(*p)-passwordsPerDomain):]
	}
	return s
}

// written is when this program was written.
var written = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// lastSeen is the latest time at which r was surely asked for. That of the last attempt may be earlier, by a clock that
// was set back.
func (r *Record) lastSeen() time.Time {
	last := r.AttemptedAt
	if r.Since.After(last) {
		last = r.Since
	}
	for _, c := range r.History {
		if c.At.After(last) {
			last = c.At
		}
	}
	return last
}

// bound cuts histories to what a file may hold, the oldest changes first. A record's newest change always stays.
func bound(records []Record) []Record {
	total, longest := 0, 0
	for i := range records {
		n := len(records[i].History)
		longest = max(longest, n)
		total += min(n, changesPerRecord)
	}
	if longest <= changesPerRecord && total <= changesInAll {
		return records
	}
	records = slices.Clone(records)
	for i := range records {
		h := &records[i].History
		*h = (*h)[max(0, len(*h)-changesPerRecord):]
	}
	if total > changesInAll {
		dropOldest(records, total-changesInAll)
	}
	return records
}

func dropOldest(records []Record, excess int) {
	// Sorting thousands of times is faster as numbers.
	type change struct {
		seconds             int64
		nanoseconds, record int32
	}
	changes := make([]change, 0, excess+changesInAll)
	for i := range records {
		h := records[i].History
		for _, c := range h[:max(0, len(h)-1)] {
			changes = append(changes, change{c.At.Unix(), int32(c.At.Nanosecond()), int32(i)})
		}
	}
	slices.SortFunc(changes, func(a, b change) int {
		return cmp.Or(cmp.Compare(a.seconds, b.seconds), cmp.Compare(a.nanoseconds, b.nanoseconds), cmp.Compare(a.record, b.record))
	})
	for _, c := range changes[:min(excess, len(changes))] {
		records[c.record].History = records[c.record].History[1:]
	}
}
