package watch

import "time"

// Clock is a reading of the two clocks of a machine.
type Clock struct {
	// Wall is what the machine takes for the time. It can be set.
	Wall time.Time
	// Steady is how long this process has been there. It cannot be set, but it stands still while the machine is suspended.
	Steady time.Duration
}

// Reason is why a run is made.
type Reason string

const (
	Started  Reason = "the start"
	Interval Reason = "the interval"
	// Again is a run soon after one that found no address.
	Again Reason = "no address was found"
	// Jumped is a run after the machine was suspended, or its clock set.
	Jumped Reason = "the machine was suspended or its clock was set"
	// Announced is a run because the router has another address.
	Announced Reason = "the router has another address"
	Reloaded  Reason = "the configuration was read again"
)

const (
	// jump is by how much one clock has to run ahead of the other to mean that the machine was suspended or its clock set. A
	// clock that is only corrected gains a second in half an hour.
	jump = 30 * time.Second
	// firstRetry is after how long a run is repeated that found no address. Each further one waits twice as long, up to the
	// interval.
	firstRetry = 10 * time.Second
	// announcedEvery is how often at most changes of the router's address make a run.
	announcedEvery = 10 * time.Second
	// jitter is the part of the interval by which a run may be early or late.
	jitter = 0.1
)

// Schedule says when the next run is due. It reads no clock and waits for nothing: it is told what happens, and what the
// clocks say.
type Schedule struct {
	every time.Duration
	last  Clock
	// due is when the next run is, by the steady clock, and why.
	due time.Duration
	why Reason
	// failures is how many runs in a row found no address.
	failures int
	// announced is when the last run because of the router was due.
	announced time.Duration
}

// NewSchedule is one whose first run is due now.
func NewSchedule(every time.Duration, now Clock) Schedule {
	return Schedule{every: every, last: now, due: now.Steady, why: Started, announced: now.Steady - announcedEvery}
}

// Due is why a run is to be made now; empty: none is.
func (s Schedule) Due(now Clock) Reason {
	if now.Steady < s.due {
		return ""
	}
	return s.why
}

// Wait is how long it is until a run is due.
func (s Schedule) Wait(now Clock) time.Duration { return max(0, s.due-now.Steady) }

// Look compares the two clocks. If they went apart since they were looked at last, a run is due at once: while the machine
// slept, its address may have changed.
func (s Schedule) Look(now Clock) Schedule {
	apart := now.Wall.Sub(s.last.Wall) - (now.Steady - s.last.Steady)
	s.last = now
	if apart.Abs() >= jump {
		s.failures = 0
		s.advance(now.Steady, Jumped)
	}
	return s
}

// Changed makes a run due because the router has another address: at once, unless one for the same reason was due a moment
// ago.
func (s Schedule) Changed(now Clock) Schedule {
	at := max(now.Steady, s.announced+announcedEvery)
	if s.advance(at, Announced) {
		s.announced, s.failures = at, 0
	}
	return s
}

// Reloaded makes a run due at once, by the new configuration.
func (s Schedule) Reloaded(now Clock) Schedule {
	s.failures = 0
	s.advance(now.Steady, Reloaded)
	return s
}

// advance lets the next run be due at this time, if it is not due before that.
func (s *Schedule) advance(at time.Duration, why Reason) bool {
	if at >= s.due {
		return false
	}
	s.due, s.why = at, why
	return true
}

// Begun says that the run that was due begins: what happens from here on makes a further one due.
func (s Schedule) Begun() Schedule {
	s.due = never
	return s
}

// never is later than anything.
const never = time.Duration(1<<63 - 1)

// Ended says that a run has ended, and whether it found an address. random, from 0 to 1, spreads the next one. What happened
// during the run may have made one due before that.
func (s Schedule) Ended(now Clock, noAddress bool, random float64) Schedule {
	wait, why := s.every, Interval
	if noAddress {
		if retry := firstRetry << min(s.failures, 16); retry < wait {
			wait, why = retry, Again
		}
		s.failures++
	} else {
		s.failures = 0
	}
	wait += time.Duration(float64(wait) * jitter * (2*random - 1))
	s.advance(now.Steady+wait, why)
	return s
}
