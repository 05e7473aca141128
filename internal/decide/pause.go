package decide

import (
	"net/netip"
	"time"

	"ddns-batch/internal/plan"
	"ddns-batch/internal/provider"
	"ddns-batch/internal/state"
)

// Lengths of pauses. The passing ones stay a minute under five, ten and fifteen, so that cron's rounds are not missed
// by seconds.
const (
	lastingFirst   = time.Hour
	lastingLongest = 24 * time.Hour
	domainLongest  = 6 * time.Hour
	blockedFirst   = 15 * time.Minute
	blockedLongest = 6 * time.Hour
	askedShortest  = time.Minute
	askedLongest   = 24 * time.Hour
	passingRow     = 3 // failures in a row from which a passing one pauses
)

var passing = [...]time.Duration{4 * time.Minute, 9 * time.Minute, 14 * time.Minute}

// Lasting reports whether sending the same again soon is pointless. failures counts the runs in a row that ended so,
// this one included; proven says that the domain has a confirmed record: Namecheap has been seen to say "not found" of
// good domains in passing.
func Lasting(e *provider.Error, failures int, proven bool) bool {
	switch e.Class {
	case provider.Credentials, provider.Record, provider.Address, provider.Password:
		return true
	case provider.Domain:
		return !proven || failures >= passingRow
	case provider.Refused:
		return e.Validation
	default:
		return false
	}
}

// failure is one run's failure of one thing.
type failure struct {
	err    *provider.Error
	at     time.Time // of the reply
	start  time.Time // of the run
	to     netip.Addr
	proven bool
}

// after is the pause that follows before (nil if there was none).
func (f failure) after(before *state.Pause) *state.Pause {
	p := &state.Pause{
		Class: f.err.Class, Message: f.err.Message, Quoted: f.err.Quoted,
		Failures: 1, Since: f.start, Began: f.start, Under: f.to,
	}
	var length time.Duration
	if before != nil {
		p.Failures, p.Since, p.Lifted = before.Failures+1, before.Since, before.Lifted
		if plan.Lifts(before, f.start, f.to) {
			p.Lifted = f.start
		}
		length = time.Duration(before.Seconds) * time.Second
	}
	// Up to whole seconds: a wait that was asked for is not cut short.
	p.Seconds = int64((f.length(p, length) + time.Second - 1) / time.Second)
	return p
}

// length of a pause, given that of the one before it; it moves the beginning of one that the provider asked for.
func (f failure) length(p *state.Pause, before time.Duration) time.Duration {
	switch {
	case f.err.Class == provider.Blocked && f.err.RetryAfter > 0:
		p.Began = f.at
		return min(max(f.err.RetryAfter, askedShortest), askedLongest)
	case f.err.Class == provider.Blocked:
		return doubled(blockedFirst, blockedLongest, p.Failures-1)
	case f.err.Class == provider.Transient && f.err.RetryAfter > 0:
		p.Began = f.at
		return max(passed(p.Failures), min(f.err.RetryAfter, askedLongest))
	case Lasting(f.err, p.Failures, f.proven):
		longest := lastingLongest
		if f.err.Class == provider.Domain {
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

// passed is the pause after so many passing failures in a row.
func passed(failures int) time.Duration {
	if failures < passingRow {
		return 0
	}
	return passing[min(failures-passingRow, len(passing)-1)]
}

func doubled(first, longest time.Duration, times int) time.Duration {
	for ; times > 0 && first < longest; times-- {
		first *= 2
	}
	return min(first, longest)
}
