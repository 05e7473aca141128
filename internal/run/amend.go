package run

import (
	"context"
	"slices"
	"time"

	"ddns-batch/internal/notices"
	"ddns-batch/internal/state"
)

// amendWait is how long a finished run waits for another run to release the lock.
const amendWait = 2 * time.Second

// amend saves what is known only after the lock was released. Another run may have saved meanwhile, so change gets what the
// state holds now, in which it may change the notices and the undelivered lines. It is not called if the state cannot be had.
func (j Job) amend(change func(*state.Snapshot)) {
	l := &lock{}
	if err := j.reacquire(context.Background(), l, amendWait); err != nil {
		j.Events.Warn(notSaved, err)
		return
	}
	defer l.release()
	now, _, err := l.Load()
	if err != nil {
		j.Events.Warn(notSaved, err)
		return
	}
	changed := now
	change(&changed)
	if !notices.Equal(changed.Notices, now.Notices) || !slices.Equal(changed.Undelivered, now.Undelivered) {
		j.save(l, changed)
	}
}

// TakeBack saves that nobody read the lines of a run, so that the next one reports them again. It does nothing if they were
// delivered in another way.
func (j Job) TakeBack(r Report) {
	if !r.reported || r.delivered {
		return
	}
	j.amend(func(s *state.Snapshot) { s.Notices = notices.TakeBack(s.Notices, r.began, r.unreported) })
}
