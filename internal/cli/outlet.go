package cli

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"

	"ddns-batch/internal/outfile"
)

// errLinesLost: a reader was so slow that some of what it had to read was left out.
var errLinesLost = errors.New("its reader is too slow, so some lines are lost")

// mostWaiting is how many bytes are kept for a reader that is slow.
const mostWaiting = 1 << 20

// outlet writes to a reader that may not read. What is written is handed to a goroutine, and Write waits for that one no
// longer than limit; what is not written by then is written as soon as it can be. Where limit is 0, Write waits
// until over ends. Errors are kept; see flush.
type outlet struct {
	to    io.Writer
	limit time.Duration
	over  <-chan struct{} // the end of all waiting; nil: there is none

	mu      sync.Mutex
	waiting []byte
	idle    chan struct{} // ends when nothing waits and nothing is being written; nil if that is so
	late    bool          // the goroutine did not keep up
	gone    bool          // the reader is given up, and nothing more is written
	err     error         // the first
}

func (o *outlet) Write(p []byte) (int, error) {
	idle, late := o.hand(p)
	switch {
	case o.limit == 0:
		if err := o.flush(); err != nil {
			return 0, err
		}
	case idle != nil && !late:
		o.waitFor(idle, o.limit)
	}
	return len(p), nil
}

// hand gives p to the goroutine, and returns what ends when all is written.
func (o *outlet) hand(p []byte) (idle <-chan struct{}, late bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case o.gone:
		return nil, true
	case o.limit > 0 && len(o.waiting) > mostWaiting:
		o.note(errLinesLost)
		return o.idle, o.late
	}
	// A copy: who gave up waiting may use p for something else.
	o.waiting = append(o.waiting, p...)
	if o.idle == nil {
		o.idle = make(chan struct{})
		go o.drain()
	}
	return o.idle, o.late
}

func (o *outlet) note(err error) {
	if o.err == nil {
		o.err = err
	}
}

// drain writes what waits until nothing does.
func (o *outlet) drain() {
	for {
		o.mu.Lock()
		p := o.waiting
		o.waiting = nil
		if len(p) == 0 {
			close(o.idle)
			o.idle, o.late = nil, false
			o.mu.Unlock()
			return
		}
		o.mu.Unlock()
		if _, err := o.to.Write(p); err != nil {
			o.mu.Lock()
			o.note(err)
			o.mu.Unlock()
		}
	}
}

// waitFor waits for idle, and reports whether it came in time.
func (o *outlet) waitFor(idle <-chan struct{}, most time.Duration) bool {
	timer := time.NewTimer(most)
	defer timer.Stop()
	select {
	case <-idle:
		return true
	case <-timer.C:
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.late = o.idle != nil
	return !o.late
}

// lastMoment is how long what is written after the end of all waiting may still take: long enough for a reader who reads.
const lastMoment = 250 * time.Millisecond

// renew lets all waiting end with another context from now on, and forgets earlier errors. A reader who was given up gets
// another chance once it has read what is being written.
func (o *outlet) renew(over context.Context) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.over = over.Done()
	if o.idle == nil {
		o.gone, o.err = false, nil
	}
}

// flush waits until all is written or over has ended, and returns the first error that there ever was. A reader who has
// not read by then is given up.
func (o *outlet) flush() error {
	if idle, over := o.pending(); idle != nil {
		select {
		case <-idle:
		case <-over:
			o.settle(lastMoment)
		}
	}
	return o.failure()
}

// settle is flush with a time of its own.
func (o *outlet) settle(most time.Duration) error {
	if idle, _ := o.pending(); idle != nil && !o.waitFor(idle, most) {
		o.mu.Lock()
		o.waiting, o.gone = nil, true
		o.note(outfile.ErrNobodyReads)
		o.mu.Unlock()
	}
	return o.failure()
}

// pending is what ends when all is written, nil if that is so or will never be, and the end of all waiting for it.
func (o *outlet) pending() (idle, over <-chan struct{}) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.gone {
		return nil, o.over
	}
	return o.idle, o.over
}

func (o *outlet) failure() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.err
}
