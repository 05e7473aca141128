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

	"ddns-batch/internal/ownership"
)

// pollEvery is how often a waiting run tries to get the lock.
const pollEvery = 50 * time.Millisecond

// Lock is the right to change one state file. The kernel releases it when the process ends, however it ends, and child
// processes do not inherit it. It is for one goroutine at a time.
type Lock struct {
	file
	held  *os.File // the lock file; nil once the lock is released
	notes []string // of its taking, for Load to tell
	lost  bool     // see Lost
}

// HeldError means that another run holds the lock and did not release it in the time there was to wait.
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
		who = fmt.Sprintf("another run, process %d, started %s,", e.PID, e.Since.UTC().Format(time.RFC3339))
	}
	return who + " holds the lock " + e.Path + "; wait until it has ended"
}

func (e *HeldError) Unwrap() error { return e.Err }

// overdue is how long after its deadline a holder may still be busy with its last save.
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
// It makes the state's folder if there is none. The deadline of ctx is
// written into the lock file for other runs to see. The error is a *HeldError, or says why the lock file cannot be made or locked.
// now is this run's clock.
func Acquire(ctx context.Context, path string, wait time.Duration, now func() time.Time) (*Lock, error) {
	path, err := resolve(path)
	if err == nil {
		err = advise(ownership.MkdirAll(filepath.Dir(path)), path)
	}
	if err != nil {
		return nil, fmt.Errorf("cannot lock the state: %w", err)
	}
	l := &Lock{file: file{path: path, limit: maxSize, disk: realDisk(), older: olderVersions(), now: now}}
	me := holder{PID: os.Getpid(), Since: now().UTC()}
	if end, limited := ctx.Deadline(); limited {
		me.Until = me.Since.Add(time.Until(end))
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
			return nil, l.heldBy(nil)
		case <-ctx.Done():
			return nil, l.heldBy(context.Cause(ctx))
		}
	}
}

// Release releases the lock. The lock file stays: removing it would take it away from a run that is waiting for it.
func (l *Lock) Release() error {
	if l.held == nil {
		return nil
	}
	l.sign(holder{})
	return l.drop()
}

func (l *Lock) lockPath() string { return lockPath(l.path) }

// lockPath is the lock file of the state at path, which is no link.
func lockPath(path string) string { return path + ".lock" }

// try takes the lock if it is free.
func (l *Lock) try() (bool, error) {
	f, err := l.openLock()
	switch {
	case errors.Is(err, fs.ErrExist):
		return false, nil // It was removed between two looks at it.
	case err != nil:
		return false, err
	}
	if ok, err := tryLock(f); !ok || err != nil {
		return false, errors.Join(err, f.Close())
	}
	l.held = f
	return l.keep()
}

// openLock opens the lock file, and makes it if there is none. One that belongs to a stranger is removed first, because its
// owner could hold the lock for ever.
func (l *Lock) openLock() (*os.File, error) {
	f, err := l.openOrMakeLock()
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	foreign := ownership.Foreign(info, filepath.Dir(l.path))
	if foreign == nil {
		return f, nil
	}
	if err := errors.Join(f.Close(), l.disk.remove(l.lockPath())); err != nil {
		return nil, fmt.Errorf("%s cannot be used: %w; remove it, or give --state FILE (%w)", l.lockPath(), foreign, err)
	}
	l.notes = append(l.notes, fmt.Sprintf("%s was replaced: %v", l.lockPath(), foreign))
	return l.disk.create(l.lockPath())
}

func (l *Lock) openOrMakeLock() (*os.File, error) {
	made, makeErr := l.disk.create(l.lockPath())
	if makeErr == nil {
		return made, nil
	}
	f, err := os.OpenFile(l.lockPath(), os.O_RDWR|noFollow|noWait, 0)
	if errors.Is(err, fs.ErrPermission) || readOnly(err) {
		// The kernel locks a file that is open for reading as well.
		f, err = os.OpenFile(l.lockPath(), os.O_RDONLY|noFollow|noWait, 0)
	}
	if errors.Is(err, fs.ErrNotExist) {
		err = makeErr
	}
	return f, err
}

// keep reports whether a lock that was just taken is worth having, and releases it if not. The file may have been
// removed between its opening and its locking, and then the lock keeps nobody out.
func (l *Lock) keep() (bool, error) {
	info, err := l.held.Stat()
	switch {
	case err != nil:
	case !info.Mode().IsRegular():
		err = fmt.Errorf("%s is %s, not a file; remove it", l.lockPath(), kind(info.Mode()))
	case linked(info):
		err = fmt.Errorf("%s is a hard link to another file; remove it", l.lockPath())
	}
	if err != nil || l.intact() != nil {
		return false, errors.Join(err, l.drop())
	}
	return true, nil
}

// drop releases the lock without checking it.
func (l *Lock) drop() error {
	err := errors.Join(unlock(l.held), l.held.Close())
	l.held = nil
	return err
}

// intact reports an error unless the lock is held and its file is still the one that others would lock.
func (l *Lock) intact() error {
	if l.held == nil {
		return errors.New("the lock was released")
	}
	locked, err := l.held.Stat()
	if err != nil {
		return err
	}
	there, err := os.Lstat(l.lockPath())
	if err != nil || !os.SameFile(locked, there) {
		return fmt.Errorf("%s was removed while this run held the lock, so another run may be at work", l.lockPath())
	}
	return nil
}

// sign writes into the lock file who holds it. It writes to the file that is locked, whatever its name leads to by now. That
// only helps other runs, so a file that cannot be written stays as it is.
func (l *Lock) sign(who holder) {
	var text []byte
	if who.PID != 0 {
		text, _ = json.Marshal(who)
		text = append(text, '\n')
	}
	if _, err := l.held.WriteAt(text, holderOffset); err == nil {
		_ = l.held.Truncate(holderOffset + int64(len(text)))
	}
}

// heldBy is the error for a lock that another run did not release.
func (l *Lock) heldBy(why error) *HeldError {
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
