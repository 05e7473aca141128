package watch

import (
	"testing"
	"time"
)

// story is a schedule of five minutes, told what happens at times of the steady clock.
type story struct {
	*testing.T
	schedule Schedule
	now      Clock
}

func newStory(t *testing.T) *story {
	now := Clock{Wall: time.Date(2026, 11, 23, 3, 5, 0, 0, time.UTC), Steady: time.Hour}
	return &story{t, NewSchedule(5*time.Minute, now), now}
}

// pass lets time pass by both clocks.
func (s *story) pass(d time.Duration) *story { return s.passApart(d, d) }

func (s *story) passApart(wall, steady time.Duration) *story {
	s.now.Wall, s.now.Steady = s.now.Wall.Add(wall), s.now.Steady+steady
	return s
}

func (s *story) look() *story {
	s.schedule = s.schedule.Look(s.now)
	return s
}

func (s *story) changed() *story {
	s.schedule = s.schedule.Changed(s.now)
	return s
}

// run begins a run and ends it at once.
func (s *story) run(noAddress bool) *story {
	s.schedule = s.schedule.Begun().Ended(s.now, noAddress, 0.5)
	return s
}

// want fails unless the next run is due after this time, for this reason.
func (s *story) want(what string, wait time.Duration, why Reason) *story {
	s.Helper()
	if got := s.schedule.Wait(s.now); got != wait {
		s.Errorf("%s: the next run is due in %s, want %s", what, got, wait)
	}
	later := s.now
	later.Steady += wait
	if got := s.schedule.Due(later); got != why {
		s.Errorf("%s: because of %q, want %q", what, got, why)
	}
	if later.Steady--; wait > 0 && s.schedule.Due(later) != "" {
		s.Errorf("%s: due before that", what)
	}
	return s
}

func TestRunsAreDueAtTheStartAndThenByTheInterval(t *testing.T) {
	s := newStory(t).want("at the start", 0, Started)
	s.run(false).want("after a run", 5*time.Minute, Interval)
	s.pass(time.Minute).look().want("a minute later", 4*time.Minute, Interval)
	s.pass(time.Hour).look().want("long overdue", 0, Interval)
}

func TestTheIntervalIsSpreadByATenth(t *testing.T) {
	for random, want := range map[float64]time.Duration{0: 270 * time.Second, 0.5: 300 * time.Second, 1: 330 * time.Second} {
		s := newStory(t)
		s.schedule = s.schedule.Begun().Ended(s.now, false, random)
		s.want("after a run", want, Interval)
	}
}

func TestARunThatFoundNoAddressIsRepeatedSoon(t *testing.T) {
	s := newStory(t)
	for _, want := range []time.Duration{10, 20, 40, 80, 160} {
		s.run(true).want("without an address", want*time.Second, Again)
	}
	for range 100 {
		s.run(true).want("without an address for long", 5*time.Minute, Interval)
	}
	s.run(false).want("with an address", 5*time.Minute, Interval)
	s.run(true).want("without an address again", 10*time.Second, Again)
}

func TestAClockThatJumpsMakesARunDueAtOnce(t *testing.T) {
	asleep := newStory(t).run(false).passApart(8*time.Hour, 3*time.Second).look()
	asleep.want("after a night's sleep", 0, Jumped)
	asleep.run(true).want("the network is not up yet", 10*time.Second, Again)
	asleep.run(false).pass(10*time.Second).look().want("later on", 290*time.Second, Interval)
	newStory(t).run(false).passApart(-time.Hour, 10*time.Second).look().want("the clock was set back", 0, Jumped)
	newStory(t).run(false).passApart(39*time.Second, 10*time.Second).look().want("the clock was corrected", 290*time.Second, Interval)
	s := newStory(t).run(false)
	for range 20 {
		s.passApart(10*time.Second+10*time.Millisecond, 10*time.Second).look()
	}
	s.want("the clock is slow, and is corrected all the time", 100*time.Second, Interval)
	s = newStory(t)
	s.schedule = s.schedule.Begun()
	s.passApart(time.Hour, time.Second).look()
	s.schedule = s.schedule.Ended(s.now, false, 0.5)
	s.want("asleep during a run", 0, Jumped)
	s = newStory(t).run(true).run(true).run(true).passApart(time.Hour, time.Second).look().run(true)
	s.want("waking begins anew with short waits", 10*time.Second, Again)
}

func TestTheRouterMakesARunDueAtOnceButNotAllTheTime(t *testing.T) {
	s := newStory(t).run(false).pass(time.Minute).changed().want("another address", 0, Announced)
	s.run(false).pass(time.Second).changed().want("and another one", 9*time.Second, Announced)
	s.changed().want("told twice", 9*time.Second, Announced)
	s.pass(9*time.Second).run(false).pass(time.Second).changed().want("and another one", 9*time.Second, Announced)
	runs := 0
	s = newStory(t).run(false)
	for range 3600 {
		if s.pass(time.Second).changed(); s.schedule.Due(s.now) != "" {
			runs++
			s.run(false)
		}
	}
	if runs != 360 {
		t.Errorf("%d runs in an hour in which the router changed its mind every second", runs)
	}
}

func TestWhatWasReadAgainIsRunAtOnce(t *testing.T) {
	s := newStory(t).run(false).pass(time.Minute)
	s.schedule = s.schedule.Reloaded(s.now)
	s.want("read again", 0, Reloaded)
}
