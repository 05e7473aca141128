package main

import (
	"context"
	"os"
	"sync"
	"syscall"
	"time"

	"ddns-batch/internal/apply"
)

const (
	// grace is how long requests that are in flight may go on after a signal.
	grace = 5 * time.Second
	// readersGrace is how long a reader may keep a run waiting after its time is over, or after a signal.
	readersGrace = 3 * time.Second
	// noLimit is the time of a command that goes on until it is interrupted.
	noLimit = 100 * 365 * 24 * time.Hour
)

// stopper turns the signals, and the deadline of a run, into contexts: begin ends when nothing new may be begun, finish
// when what was begun is given up, over when nobody waits any longer for what is printed to be read. abandoned ends when
// the process has to end at once, whatever hangs; a command that does not heed signals ends so with the first one.
type stopper struct {
	// begin and finish are nil before heed.
	begin, finish context.Context
	// signal ends with the first signal, whatever the deadline.
	signal          context.Context
	over, abandoned context.Context

	mu                                       sync.Mutex
	heeded, saved, prints                    bool
	caught                                   []os.Signal
	stop, giveUp                             context.CancelCauseFunc
	signalled, cancelFinish, expire, abandon context.CancelFunc
	unwatch                                  func()
}

// newStopper listens to signals until close is called.
func newStopper(signals <-chan os.Signal) *stopper {
	s := &stopper{}
	s.signal, s.signalled = context.WithCancel(context.Background())
	s.over, s.expire = context.WithCancel(context.Background())
	s.abandoned, s.abandon = context.WithCancel(context.Background())
	closed := make(chan struct{})
	var watcher sync.WaitGroup
	watcher.Go(func() {
		for {
			select {
			case <-closed:
				return
			case sig := <-signals:
				s.catch(sig)
			}
		}
	})
	s.unwatch = func() {
		close(closed)
		watcher.Wait()
	}
	return s
}

// heed starts the clock of a run that may take timeout. From here on the first signal asks it to end in order.
func (s *stopper) heed(timeout time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	finish, giveUp := context.WithCancelCause(context.Background())
	s.giveUp = giveUp
	s.finish, s.cancelFinish = context.WithTimeoutCause(finish, timeout, apply.Reason("the time for the run is over"))
	s.begin, s.stop = context.WithCancelCause(s.finish)
	s.heeded = true
}

// nothingToSave says that the second signal may end the process at once from here on.
func (s *stopper) nothingToSave() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.saved = true
}

// printing says the same of a run that has only to print any more. A reader who does not read may keep it waiting until
// its time is over, and for a moment after that.
func (s *stopper) printing() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.prints {
		return
	}
	s.saved, s.prints = true, true
	if s.finish == nil {
		s.expireSoon()
		return
	}
	context.AfterFunc(s.finish, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.expireSoon()
	})
}

// expireSoon leaves readers a few seconds, and one second if two signals came already.
func (s *stopper) expireSoon() {
	wait := readersGrace
	if len(s.caught) > 1 {
		wait = time.Second
	}
	time.AfterFunc(wait, s.expire)
}

// catch does what a signal asks for. The first asks for an end in order, the second for one without waiting, the third
// for one at once; so does the second where all is saved, and the first where a command does not heed them.
func (s *stopper) catch(sig os.Signal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.caught = append(s.caught, sig)
	s.signalled()
	switch n := len(s.caught); {
	case !s.heeded, s.saved && n > 1, n > 2:
		s.abandon()
	case s.saved:
		s.stop(apply.Reason("interrupted"))
		s.expireSoon()
	case n > 1:
		s.giveUp(apply.Reason("interrupted"))
	default:
		s.stop(apply.Reason("interrupted"))
		time.AfterFunc(grace, func() { s.giveUp(apply.Reason("interrupted")) })
	}
}

// status is 128 and the number of the first signal that came, otherwise 0.
func (s *stopper) status() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.caught) == 0 {
		return 0
	}
	switch s.caught[0] {
	case syscall.SIGHUP:
		return statusHungUp
	case syscall.SIGTERM:
		return statusTerminated
	default:
		return statusInterrupted
	}
}

// cancel ends what the run has begun.
func (s *stopper) cancel() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.heeded {
		s.stop(nil)
		s.cancelFinish()
		s.giveUp(nil)
	}
}

// close ends the listening to signals.
func (s *stopper) close() {
	s.unwatch()
	s.cancel()
	s.signalled()
	s.expire()
	s.abandon()
}
