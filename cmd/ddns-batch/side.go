package main

import (
	"context"
	"errors"
	"slices"
	"time"

	"ddns-batch/internal/news"
	"ddns-batch/internal/report"
	"ddns-batch/internal/state"
)

// noteSide notes how a side matter went. What the run is for does not depend on it.
func (b *batch) noteSide(s news.Side) {
	if s.Fault != "" {
		b.log.WithField("error", s.Cause).Info(s.Fault)
	}
	b.sides = append(b.sides, s)
}

// noteFile is noteSide for a file of some kind; err is nil if it was written.
func (b *batch) noteFile(kind, path string, err error) {
	s := news.Side{Name: kind + " " + path}
	if err != nil {
		s.Fault, s.Cause = kind+" cannot be written", path+": "+root(err).Error()
	}
	b.noteSide(s)
}

// noteLog notes whether the log has all lines so far.
func (b *batch) noteLog() {
	if b.logFile != nil {
		b.noteFile("the log", b.logFile.path, b.logFile.trouble())
	}
}

// root is what an error comes from, without the names of files that nobody asked for.
func root(err error) error {
	for inner := errors.Unwrap(err); inner != nil; inner = errors.Unwrap(err) {
		err = inner
	}
	return err
}

// rememberSides saves what a quiet run says about side matters, and returns it. What cannot be saved as said is said
// again by the next run.
func (b *batch) rememberSides(f *fatal) []string {
	if !b.mayRemember(f) {
		return nil
	}
	// While the lock was given back another run may have saved.
	if b.waited != nil {
		fresh, _, err := b.lock.Load()
		if err != nil {
			return nil
		}
		b.saved = fresh
	}
	in := b.newsInput(f)
	lines, told := news.TellSides(in, b.saved.News, b.sides)
	in.Quiet = false
	_, b.unsaid = news.TellSides(in, b.unsaid, b.sides)
	if !slices.EqualFunc(told, b.saved.News, sameNews) {
		b.saved.News = told
		if err := b.lock.Save(b.saved); err != nil {
			b.log.WithField("error", err).Warn("the state cannot be saved")
		}
	}
	return lines
}

// warnOfSides is what a run that is not quiet says about side matters.
func (b *batch) warnOfSides() {
	if b.quiet > 0 {
		return
	}
	for _, s := range b.sides {
		if s.Fault != "" {
			_ = report.WriteWarning(b.stderr, "", report.Error{Message: s.Fault + ": " + s.Cause})
		}
	}
}

// giveLockBack lets other runs go on.
func (b *batch) giveLockBack() {
	if b.lock != nil {
		_ = b.lock.Release()
		b.lock = nil
	}
}

// takeLockAgain takes the lock anew, for what is known only after it was given back: whether the new address is served,
// or whether what was said was read. It reports whether it could.
func (b *batch) takeLockAgain(ctx context.Context, wait time.Duration) bool {
	lock, err := state.Acquire(ctx, b.path, wait, b.now)
	if err != nil {
		b.log.WithField("error", err).Warn("how this run ended cannot be written down")
		return false
	}
	b.lock = lock
	return true
}
