package run

import "os"

// series is what runs that follow each other in one process share of its signals. It is used under the mutex of the
// Shutdown that it belongs to.
type series struct {
	hangups chan struct{}
	current *Shutdown // of the run that is under way; nil: none is
}

// Series makes s the shutdown of runs that follow each other, each of which gets one of its own from Next. From here on
// SIGHUP asks for nothing to end: it is handed out by the channel that is returned, once however often it came. Any other
// signal ends Signalled, and asks the run that is under way to end in order.
func (s *Shutdown) Series() (hangups <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.series = &series{hangups: make(chan struct{}, 1)}
	return s.series.hangups
}

// Next is the shutdown of the next run of a series, until done is called. There is only one such run at a time.
func (s *Shutdown) Next() (next *Shutdown, done func()) {
	next = newShutdown()
	next.inSeries = true
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, sig := range s.caught {
		next.catch(sig)
	}
	s.series.current = next
	return next, func() {
		s.mu.Lock()
		s.series.current = nil
		s.mu.Unlock()
		next.release()
	}
}

// reload hands out a SIGHUP, unless one waits to be taken.
func (s *series) reload() {
	select {
	case s.hangups <- struct{}{}:
	default:
	}
}

// interrupt hands the n-th signal to the run that is under way. It reports whether the process has to end at once. Where no
// run is under way nothing takes long after the first, and some senders, such as timeout(1), send two.
func (s *series) interrupt(sig os.Signal, n int) (abandon bool) {
	if s.current == nil {
		return n > 2
	}
	s.current.catch(sig)
	return s.current.Abandoned.Err() != nil
}
