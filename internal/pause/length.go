package pause

import (
	"net/netip"
	"time"

	"ddns-batch/internal/provider"
	"ddns-batch/internal/state"
)

// Lengths of pauses. The first ones are a minute less than 5, 10 and 15 minutes, so that a cron job every 5 minutes does not
// miss their end by seconds.
const (
	lastingFirst   = time.Hour
	lastingLongest = 24 * time.Hour
	domainLongest  = 6 * time.Hour
	blockedFirst   = 15 * time.Minute
	blockedLongest = 6 * time.Hour
	askedShortest  = time.Minute
	askedLongest   = 24 * time.Hour
	passingRow     = 3 // this many temporary failures in a row lead to a pause
)

var passingLengths = [...]time.Duration{4 * time.Minute, 9 * time.Minute, 14 * time.Minute}

// Failure is one run's failure of one thing.
type Failure struct {
	Err   *provider.Error
	At    time.Time  // of the reply
	Start time.Time  // of the run
	To    netip.Addr // what was sent
	// Proven: its domain has a confirmed record.
	Proven bool
}

// After is the pause that follows before, the pause so far; before is nil if there was none.
func (f Failure) After(before *state.Pause) *state.Pause {
	p := &state.Pause{
		Class: f.Err.Class, Message: f.Err.Message, Quoted: f.Err.Quoted, Unseen: f.Err.Unseen,
		Failures: 1, Since: f.Start, Began: f.Start, Under: f.To,
	}
	var length time.Duration
	if before != nil {
		p.Failures, p.Since, p.Lifted = before.Failures+1, before.Since, before.Lifted
		if Lifts(before, f.Start, f.To) {
			p.Lifted = f.Start
		}
		length = time.Duration(before.Seconds) * time.Second
	}
	// Rounded up to whole seconds, so that a wait which the server asked for is not cut short.
	p.Seconds = int64((f.length(p, length) + time.Second - 1) / time.Second)
	return p
}

// length returns the length of a pause, given the length of the one before. It moves the start of a pause that the provider
// asked for.
func (f Failure) length(p *state.Pause, before time.Duration) time.Duration {
	switch {
	case f.Err.Class == provider.Blocked && f.Err.RetryAfter > 0:
		p.Began = f.At
		return min(max(f.Err.RetryAfter, askedShortest), askedLongest)
	case f.Err.Class == provider.Blocked:
		return doubled(blockedFirst, blockedLongest, p.Failures-1)
	case f.Err.Class == provider.Transient && f.Err.RetryAfter > 0:
		p.Began = f.At
		return max(passed(p.Failures), min(f.Err.RetryAfter, askedLongest))
	case Lasting(f.Err, p.Failures, f.Proven):
		longest := lastingLongest
		if f.Err.Class == provider.Domain && !f.Err.Unseen {
			longest = domainLongest
		}
		if before < lastingFirst {
			return lastingFirst
		}
		return 2 * min(before, longest/2)
	default:
		return passed(p.Failures)
	}
}

// passed is the pause after this many temporary failures in a row.
func passed(failures int) time.Duration {
	if failures < passingRow {
		return 0
	}
	return passingLengths[min(failures-passingRow, len(passingLengths)-1)]
}

func doubled(first, longest time.Duration, times int) time.Duration {
	for ; times > 0 && first < longest; times-- {
		first *= 2
	}
	return min(first, longest)
}
