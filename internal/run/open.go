package run

import (
	"context"
	"errors"
	"fmt"
	"time"

	"ddns-batch/internal/state"
)

// lockWait is how long a run waits for another one to end.
const lockWait = 10 * time.Second

// lock is the lock on the state, until it is released. A dry run has no lock.
type lock struct{ *state.Lock }

// held reports whether there is a lock, and so whether anything may be written.
func (l *lock) held() bool { return l.Lock != nil }

// release releases the lock. A second call does nothing.
func (l *lock) release() {
	if l.held() {
		_ = l.Release()
		l.Lock = nil
	}
}

// acquire takes the lock, unless this is a dry run, which neither waits nor writes.
func (j Job) acquire(stop *Shutdown) (*lock, *Failure) {
	if j.DryRun {
		return &lock{}, nil
	}
	l, err := state.Acquire(stop.Sending, j.State, lockWait, j.Now)
	if err != nil {
		return nil, j.noState(stop, err)
	}
	return &lock{l}, nil
}

// reacquire takes the lock again, for what is known only after it was released: whether the new address is served, how
// errands went, and whether the lines of a quiet run were read.
func (j Job) reacquire(ctx context.Context, l *lock, wait time.Duration) (err error) {
	l.Lock, err = state.Acquire(ctx, j.State, wait, j.Now)
	return err
}

// noState is the failure of a run that cannot lock or read the state.
func (j Job) noState(stop *Shutdown, err error) *Failure {
	if stop.Status() != 0 {
		return interrupted(stop)
	}
	f := StateFailure(err)
	var held *state.HeldError
	switch {
	case !errors.As(err, &held):
	case held.Overdue(j.Now(), j.Config.Timeout):
		f.Report.Hint = fmt.Sprintf("it should have ended long ago: see what process %d waits for, or end it with kill %d", held.PID, held.PID)
	default:
		// Another run that is still at work is not worth a mail.
		f.AlwaysPrint = false
	}
	return f
}

// memory is what was remembered before the run.
type memory struct {
	snapshot state.Snapshot
	notes    []string // on what was read
	// succeeded means that some run of this state is known to have ended with status 0.
	succeeded bool
	// began is the time that counts for everything that is remembered. It is taken once the lock is held: the time before
	// the wait for another run would be earlier than what that run confirmed.
	began time.Time
}

// lastRun is how the run before this one ended; the zero value if that cannot be read.
func (j Job) lastRun() state.LastRun {
	last, _ := state.ReadLastRun(j.State)
	return last
}

// recall reads the state.
func (j Job) recall(stop *Shutdown, l *lock, last state.LastRun) (memory, *Failure) {
	read := func() (state.Snapshot, []string, error) { return state.Read(j.State) }
	if l.held() {
		read = l.Load
	}
	snapshot, notes, err := read()
	if err != nil {
		return memory{}, j.noState(stop, err)
	}
	for _, note := range notes {
		j.Events.Warn(note, nil)
	}
	return memory{snapshot.ForEndpoint(j.Target.Endpoint()), notes, !last.SucceededAt.IsZero(), j.Now().UTC()}, nil
}
