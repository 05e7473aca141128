// Package watch makes runs again and again in one process: it decides when, and hears what may be a reason. It knows
// nothing of what a run does, opens no file and no connection, and prints nothing: all that is handed to it.
package watch

import (
	"context"
	"sync"
	"time"

	"ddns-batch/internal/sdnotify"
)

// Loop is what runs are made with. Run and Reload are never called at the same time.
type Loop struct {
	// Every is how long it is from the end of a run to the next one, give or take a tenth.
	Every time.Duration
	// Run makes a run. Longest is how long one that is about to begin may take.
	Run     func(Reason) Outcome
	Longest func() time.Duration
	// Reload reads the configuration again, and reports whether it is used from now on. Hangups asks for it.
	Reload  func() bool
	Hangups <-chan struct{}
	// Follow is what calls changed whenever the router has another address, until its context ends. It is asked for anew
	// after a Reload.
	Follow func() func(ctx context.Context, changed func())
	// Wall is the machine's clock, in the zone in which times are shown. Random gives numbers from 0 to 1.
	Wall   func() time.Time
	Random func() float64
	// Tell tells the service manager. Watchdog is how long that may hear nothing before it takes this process for dead; 0: for
	// ever.
	Tell     func(states ...string)
	Watchdog time.Duration
}

// Outcome is how a run ended.
type Outcome struct {
	// NoAddress: it found no address.
	NoAddress bool
	// Status says it in a few words.
	Status string
}

// lookEvery is how often the two clocks are compared.
const lookEvery = 10 * time.Second

// Do makes runs until ctx ends, and waits for the one that is under way then. When it returns, nothing that it has started
// goes on.
func (l Loop) Do(ctx context.Context) {
	s := &session{Loop: l, began: time.Now(), changed: make(chan struct{}, 1), ended: make(chan func(context.Context), 1)}
	s.schedule = NewSchedule(l.Every, s.clock())
	look := time.NewTicker(l.look())
	defer look.Stop()
	defer s.others.Wait()
	s.follow(ctx)
	l.Tell(sdnotify.Ready)
	stopping := ctx.Done()
	for s.busy || ctx.Err() == nil {
		if ctx.Err() == nil && !s.busy {
			s.begin()
		}
		due := s.due()
		select {
		case <-due.C:
		case end := <-s.ended:
			s.busy = false
			end(ctx)
		case <-s.changed:
			s.schedule = s.schedule.Changed(s.clock())
		case <-l.Hangups:
			s.reload = true
			l.Tell(sdnotify.Reloading()...)
		case <-look.C:
			s.schedule = s.schedule.Look(s.clock())
			s.reportAlive()
		case <-stopping:
			stopping = nil
			l.Tell(sdnotify.Stopping)
		}
		due.Stop()
	}
	if stopping != nil {
		l.Tell(sdnotify.Stopping)
	}
}

// look is how often the loop looks at its clocks, and says that it is alive.
func (l Loop) look() time.Duration {
	if l.Watchdog > 0 {
		return min(lookEvery, l.Watchdog/2)
	}
	return lookEvery
}

// session is a Loop that is under way. All of it but changed and ended belongs to the goroutine of Do.
type session struct {
	Loop
	began    time.Time
	schedule Schedule
	// changed is sent to when the router has another address, ended when what was begun has ended, with what is to be done
	// then.
	changed chan struct{}
	ended   chan func(context.Context)
	// busy: a run or a reload is under way. It should have ended by overdue.
	busy    bool
	overdue time.Duration
	// reload is asked for.
	reload bool
	// unfollow ends the call of Follow. others are all goroutines that were started.
	unfollow context.CancelFunc
	others   sync.WaitGroup
}

func (s *session) clock() Clock { return Clock{Wall: s.Wall().Round(0), Steady: time.Since(s.began)} }

// due is a timer for the next run. While something is under way, none is waited for.
func (s *session) due() *time.Timer {
	wait := never
	if !s.busy {
		wait = s.schedule.Wait(s.clock())
	}
	return time.NewTimer(wait)
}

// begin begins what is to be done now, if anything is.
func (s *session) begin() {
	why := s.schedule.Due(s.clock())
	switch {
	case s.reload:
		s.reload = false
		s.do(func() func(context.Context) {
			used := s.Reload()
			return func(ctx context.Context) { s.reloaded(ctx, used) }
		})
	case why != "":
		s.schedule = s.schedule.Begun()
		s.do(func() func(context.Context) {
			outcome := s.Run(why)
			return func(context.Context) { s.ran(outcome) }
		})
	}
}

// do does something beside the loop, which goes on hearing what happens.
func (s *session) do(task func() (end func(context.Context))) {
	s.busy, s.overdue = true, s.clock().Steady+s.Longest()
	s.others.Go(func() { s.ended <- task() })
}

func (s *session) ran(o Outcome) {
	s.schedule = s.schedule.Ended(s.clock(), o.NoAddress, s.Random())
	next := s.Wall().Add(s.schedule.Wait(s.clock()))
	s.Tell(sdnotify.Status(o.Status + "; next run about " + next.Format("15:04")))
}

func (s *session) reloaded(ctx context.Context, used bool) {
	s.Tell(sdnotify.Ready)
	if used {
		s.schedule = s.schedule.Reloaded(s.clock())
		s.unfollow()
		s.follow(ctx)
	}
}

// follow begins to listen for changes of the address.
func (s *session) follow(ctx context.Context) {
	ctx, s.unfollow = context.WithCancel(ctx)
	follow := s.Follow()
	s.others.Go(func() {
		follow(ctx, func() {
			select {
			case s.changed <- struct{}{}:
			default: // The loop does not know of an earlier change yet, and will see both.
			}
		})
	})
}

// reportAlive tells the service manager that all is well, unless what is under way should have ended.
func (s *session) reportAlive() {
	if s.Watchdog > 0 && (!s.busy || s.clock().Steady < s.overdue) {
		s.Tell(sdnotify.Alive)
	}
}
