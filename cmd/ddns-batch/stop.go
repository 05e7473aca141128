package main

import (
	"context"
	"os"
	"sync"
	"syscall"
	"time"

	"ddns-batch/internal/apply"
)

// grace is how long requests that are in flight may go on after a signal.
const grace = 5 * time.Second

// stopper turns the deadline and the signals of a run into two contexts: begin ends when nothing new may be begun,
// finish when what was begun is given up.
type stopper struct {
	begin, finish context.Context
	// signal ends with the first signal, whatever the deadline.
	signal context.Context

	mu     sync.Mutex
	caught os.Signal
	done   func()
}

// newStopper starts the clock of a run that may take timeout. close must be called.
func newStopper(signals <-chan os.Signal, timeout time.Duration) *stopper {
	finish, giveUp := context.WithCancelCause(context.Background())
	finish, cancelFinish := context.WithTimeoutCause(finish, timeout, apply.Reason("the time for the run is over"))
	begin, stop := context.WithCancelCause(finish)
	signalled, caught := context.WithCancel(context.Background())
	s := &stopper{begin: begin, finish: finish, signal: signalled}
	closed := make(chan struct{})
	var watcher sync.WaitGroup
	watcher.Go(func() {
		var patience <-chan time.Time
		for {
			select {
			case <-closed:
				return
			case sig := <-signals:
				if s.catch(sig) {
					stop(apply.Reason("interrupted"))
					caught()
					patience = time.After(grace)
					continue
				}
				// Whoever asks twice does not want to wait.
				giveUp(apply.Reason("interrupted"))
			case <-patience:
				giveUp(apply.Reason("interrupted"))
			}
		}
	})
	s.done = func() {
		close(closed)
		watcher.Wait()
		stop(nil)
		caught()
		cancelFinish()
		giveUp(nil)
	}
	return s
}

// catch remembers the first signal, and reports whether this is it.
func (s *stopper) catch(sig os.Signal) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.caught != nil {
		return false
	}
	s.caught = sig
	return true
}

// status is 128 and the number of the signal that came, otherwise 0.
func (s *stopper) status() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch s.caught {
	case nil:
		return 0
	case syscall.SIGHUP:
		return statusHungUp
	case syscall.SIGTERM:
		return statusTerminated
	default:
		return statusInterrupted
	}
}

func (s *stopper) close() { s.done() }
