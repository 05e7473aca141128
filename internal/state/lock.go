package state

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

// pollEvery is how often a waiting run tries to get the lock.
const pollEvery = 50 * time.Millisecond

// Lock is the right to change one state file. The kernel gives it back when the process ends, however it ends; it is
// not handed on to child processes. It is for one goroutine at a time.
type Lock struct {
	file
	flock *flock.Flock
	lost  bool // see Lost
}

// HeldError: another run holds the lock, and kept it as long as there was time to wait.
type HeldError struct {
	Path string // of the lock file
	// PID and Since are what the holder wrote about itself: its process and its start. Zero if it could not.
	PID   int
	Since time.Time
	// Until is when the holder's own time is over; zero if it did not say.
	Until time.Time
	// Err is why the waiting was cut short (the cause of the context's end); nil if it was not.
	Err error
}

func (e *HeldError) Error() string {
	who := "another run"
	if e.PID != 0 {
		who = fmt.Sprintf("another run, process %d, started %s,", e.PID, e.Since.Format(time.RFC3339))
	}
	return who + " holds the lock " + e.Path + "; wait until it has ended"
}

func (e *HeldError) Unwrap() error { return e.Err }

// overdue is how long after its time a holder may still be busy with its last save.
const overdue = 2 * time.Second

// Overdue reports whether the holder has had the lock for longer than its own time allows; for one that did not say how
// long that is, usual is taken. Nothing is known of a holder that did not say when it started.
func (e *HeldError) Overdue(now time.Time, usual time.Duration) bool {
	until := e.Until
	if until.IsZero() {
		until = e.Since.Add(usual)
	}
	return !e.Since.IsZero() && now.After(until.Add(overdue))
}

// holder is what a lock file says.
type holder struct {
	PID   int       `json:"pid"`
	Since time.Time `json:"since"`
	Until time.Time `json:"until,omitzero"`
}

// Acquire takes the lock of the state at path, waiting for it up to wait or until ctx ends, and trying at least once.
// It makes the state's folder if there is none. Others are told the deadline of ctx. The error is a *HeldError, or the lock file cannot be made or locked.
// now is this run's clock.
func Acquire(ctx context.Context, path string, wait time.Duration, now func() time.Time) (*Lock, error) {
	path, err := resolve(path)
	if err == nil {
		err = advise(os.MkdirAll(filepath.Dir(path), 0o700), path)
	}
	if err != nil {
		return nil, fmt.Errorf("cannot lock the state: %w", err)
	}
	l := &Lock{file: file{path: path, limit: maxSize, disk: realDisk(), older: olderVersions(), now: now}}
	me := holder{PID: os.Getpid(), Since: now().UTC()}
	if end, limited := ctx.Deadline(); limited {
		me.Until = me.Since.Add(time.Until(end))
	}
	// The library makes the file too, but not for the owner of the folder.
	if f, err := l.disk.create(l.lockPath()); err == nil {
		_ = f.Close()
	}

	end := time.NewTimer(wait)
	defer end.Stop()
	again := time.NewTicker(pollEvery)
	defer again.Stop()
	for {
		if ok, err := l.try(); err != nil {
			return nil, fmt.Errorf("cannot lock the state: %w", advise(err, l.lockPath()))
		} else if ok {
			l.sign(me)
			return l, nil
		}
		select {
		case <-again.C:
		case <-end.C:
			return nil, l.held(nil)
		case <-ctx.Done():
			return nil, l.held(context.Cause(ctx))
		}
	}
}

// Release gives the lock back. The lock file stays: who removed it would take it from a run that waits at it.
func (l *Lock) Release() error {
	if !l.flock.Locked() {
		return nil
	}
	l.sign(holder{})
	return l.flock.Unlock()
}

func (l *Lock) lockPath() string { return l.path + ".lock" }

// try takes the lock if it is free.
func (l *Lock) try() (bool, error) {
	ok, err := l.tryWith(os.O_RDWR | os.O_CREATE)
	if errors.Is(err, fs.ErrPermission) || readOnly(err) {
		// Reading is enough for the kernel. If there is no file at all, the first error says more.
		if readable, readErr := l.tryWith(os.O_RDONLY); readErr == nil {
			ok, err = readable, nil
		}
	}
	return ok, err
}

func (l *Lock) tryWith(flags int) (bool, error) {
	l.flock = flock.New(l.lockPath(), flock.SetFlag(flags|noFollow|noWait), flock.SetPermissions(0o600))
	ok, err := l.flock.TryLock()
	if !ok || err != nil {
		return false, err
	}
	return l.keep()
}

// keep reports whether a lock that was just taken is worth having, and gives it back if not. The file may have been
// removed between its opening and its locking, and then the lock keeps nobody out.
func (l *Lock) keep() (bool, error) {
	if info, err := l.flock.Stat(); err == nil && !info.Mode().IsRegular() {
		return false, errors.Join(fmt.Errorf("%s is %s, not a file; remove it", l.lockPath(), kind(info.Mode())), l.flock.Unlock())
	}
	if info, err := l.flock.Stat(); err == nil && linked(info) {
		return false, errors.Join(fmt.Errorf("%s has another name elsewhere; remove it", l.lockPath()), l.flock.Unlock())
	}
	if l.intact() != nil {
		return false, l.flock.Unlock()
	}
	return true, nil
}

// intact reports an error unless the lock is held and its file is still the one that others would lock.
func (l *Lock) intact() error {
	if !l.flock.Locked() {
		return errors.New("the lock was given back")
	}
	locked, err := l.flock.Stat()
	if err != nil {
		return err
	}
	there, err := os.Lstat(l.lockPath())
	if err != nil || !os.SameFile(locked, there) {
		return fmt.Errorf("%s was removed while this run held the lock, so another run may be at work", l.lockPath())
	}
	return nil
}

// sign writes into the lock file who holds it. That is a service to others: a file that can only be read stays as it is.
func (l *Lock) sign(who holder) {
	f, err := os.OpenFile(l.lockPath(), os.O_WRONLY|noFollow|noWait, 0)
	if err != nil {
		return
	}
	defer f.Close()
	var text []byte
	if who.PID != 0 {
		text, _ = json.Marshal(who)
		text = append(text, '\n')
	}
	if _, err := f.WriteAt(text, holderOffset); err == nil {
		_ = f.Truncate(holderOffset + int64(len(text)))
	}
}

// held is the error for a lock that another run did not give back.
func (l *Lock) held(why error) *HeldError {
	e := &HeldError{Path: l.lockPath(), Err: why}
	f, err := os.OpenFile(l.lockPath(), os.O_RDONLY|noFollow|noWait, 0)
	if err != nil {
		return e
	}
	defer f.Close()
	const longest = 512
	var who holder
	if json.NewDecoder(io.NewSectionReader(f, holderOffset, longest)).Decode(&who) == nil {
		e.PID, e.Since, e.Until = who.PID, who.Since, who.Until
	}
	return e
}
