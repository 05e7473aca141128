package run

import (
	"context"
	"os"
	"sync"
	"syscall"
	"time"

	"ddns-batch/internal/apply"
	"ddns-batch/internal/exitstatus"
)

const (
	// grace is how long requests that are in flight may go on after a signal.
	grace = 5 * time.Second
	// errandsGrace is how long errands may go on after a signal, or begin after one that came before them.
	errandsGrace = 3 * time.Second
	// readersGrace is how long a reader may keep a run waiting after its time is over, or after a signal.
	readersGrace = 3 * time.Second
	// NoLimit is the time of a command that goes on until it is interrupted.
	NoLimit = 100 * 365 * 24 * time.Hour
)

// Shutdown turns the signals, and the deadline of a run, into contexts. A command that does not call Start is abandoned
// with the first signal.
type Shutdown struct {
	// Sending ends when nothing new may be begun, Waiting when what was begun is given up. Both are nil before Start.
	Sending, Waiting context.Context
	// Signalled ends with the first signal, whatever the deadline.
	Signalled context.Context
	// Hurried ends with the second signal.
	Hurried context.Context
	// Printing ends when nobody waits any longer for what is printed to be read, Abandoned when the process has to end at
	// once, whatever hangs.
	Printing, Abandoned context.Context

	mu                                                               sync.Mutex
	started, saved, prints                                           bool
	caught                                                           []os.Signal
	stopSending, stopWaiting                                         context.CancelCauseFunc
	signalled, hurried, cancelWaiting, stopPrinting, abandon, closed context.CancelFunc

	// series is that of runs that follow each other, if s is theirs; inSeries: s is that of one of them.
	series   *series
	inSeries bool
}

func newShutdown() *Shutdown {
	s := &Shutdown{}
	s.Signalled, s.signalled = context.WithCancel(context.Background())
	s.Hurried, s.hurried = context.WithCancel(context.Background())
	s.Printing, s.stopPrinting = context.WithCancel(context.Background())
	s.Abandoned, s.abandon = context.WithCancel(context.Background())
	return s
}

// NewShutdown listens to signals until Close is called.
func NewShutdown(signals <-chan os.Signal) *Shutdown {
	s := newShutdown()
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
	s.closed = func() {
		close(closed)
		watcher.Wait()
	}
	return s
}

// Start starts the clock of a run that may take timeout. From here on the first signal asks it to end in order.
func (s *Shutdown) Start(timeout time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	waiting, stopWaiting := context.WithCancelCause(context.Background())
	s.stopWaiting = stopWaiting
	s.Waiting, s.cancelWaiting = context.WithTimeoutCause(waiting, timeout, apply.Reason("the run reached its timeout"))
	s.Sending, s.stopSending = context.WithCancelCause(s.Waiting)
	s.started = true
	if len(s.caught) > 0 {
		s.stopSending(apply.Reason("interrupted"))
	}
}

// NothingToSave says that the second signal may end the process at once from here on.
func (s *Shutdown) NothingToSave() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.saved = true
}

// StartPrinting says the same of a run that has only to print any more. A reader who does not read may keep it waiting until
// its time is over, and for a moment after that.
func (s *Shutdown) StartPrinting() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.prints {
		return
	}
	s.saved, s.prints = true, true
	if s.Waiting == nil {
		s.stopPrintingSoon()
		return
	}
	context.AfterFunc(s.Waiting, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.stopPrintingSoon()
	})
}

// stopPrintingSoon leaves readers a few seconds, and one second if two signals came already.
func (s *Shutdown) stopPrintingSoon() {
	wait := readersGrace
	if len(s.caught) > 1 {
		wait = time.Second
	}
	time.AfterFunc(wait, s.stopPrinting)
}

// catch does what a signal asks for. The first asks for an end in order, the second for one without waiting, the third
// for one at once; so does the second where all is saved, and the first where a command does not heed them.
func (s *Shutdown) catch(sig os.Signal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.series != nil && sig == syscall.SIGHUP {
		s.series.reload()
		return
	}
	s.caught = append(s.caught, sig)
	s.signalled()
	n := len(s.caught)
	if n > 1 {
		s.hurried()
	}
	switch {
	case s.series != nil:
		if s.series.interrupt(sig, n) {
			s.abandon()
		}
	case s.inSeries && !s.started && n == 1: // see Start
	case !s.started, s.saved && n > 1, n > 2:
		s.abandon()
	case s.saved:
		s.stopSending(apply.Reason("interrupted"))
		s.stopPrintingSoon()
	case n > 1:
		s.stopWaiting(apply.Reason("interrupted"))
	default:
		s.stopSending(apply.Reason("interrupted"))
		time.AfterFunc(grace, func() { s.stopWaiting(apply.Reason("interrupted")) })
	}
}

// errands is the context of what is done for others from now on: a few seconds are left to that after the first signal, and
// none after the second. The deadline of the run does not count.
func (s *Shutdown) errands() (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(s.Hurried)
	unwatch := context.AfterFunc(s.Signalled, func() {
		late := time.AfterFunc(errandsGrace, func() { cancel(apply.Reason("interrupted")) })
		context.AfterFunc(ctx, func() { late.Stop() })
	})
	return ctx, func() {
		unwatch()
		cancel(nil)
	}
}

// Status is 128 and the number of the first signal that came, otherwise 0.
func (s *Shutdown) Status() exitstatus.Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.caught) == 0 {
		return exitstatus.OK
	}
	switch s.caught[0] {
	case syscall.SIGHUP:
		return exitstatus.HungUp
	case syscall.SIGTERM:
		return exitstatus.Terminated
	default:
		return exitstatus.Interrupted
	}
}

// Cancel ends what the run has begun.
func (s *Shutdown) Cancel() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.started {
		s.stopSending(nil)
		s.cancelWaiting()
		s.stopWaiting(nil)
	}
}

// Close ends the listening to signals.
func (s *Shutdown) Close() {
	s.closed()
	s.release()
}

// release ends all contexts.
func (s *Shutdown) release() {
	s.Cancel()
	s.signalled()
	s.hurried()
	s.stopPrinting()
	s.abandon()
}
