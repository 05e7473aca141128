// Package apply carries out a plan: it sends what package decide allows to be sent, many records at a time, and retries what
// failed temporarily. It decides nothing itself and saves nothing. It is the only package that uses errgroup.
package apply

import (
	"context"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"ddns-batch/internal/decide"
	"ddns-batch/internal/plan"
	"ddns-batch/internal/provider"
)

// Options are what a run depends on besides the batch. All of them must be set, except Answered and Save.
type Options struct {
	// Provider sends the updates, over sessions if it is an Opener.
	Provider  provider.Provider
	Passwords func(step int) provider.Secret
	Workers   int
	// Retries is how many further attempts follow a transient failure.
	Retries        int
	RequestTimeout time.Duration // of one attempt
	Now            func() time.Time
	// Answered is called with the result of every record that was attempted, as soon as the result is there, one call at a
	// time. Records that are skipped without an attempt are only in what Run returns.
	Answered func(step int, r decide.Result)
	// Save is called with all results so far, at least every SaveEvery as long as new ones come in. Two calls never overlap,
	// and none comes after Run has returned. A reply becomes a result only when it is proved, up to a second after it came.
	Save      func([]decide.Result)
	SaveEvery time.Duration
}

// Reason is the cause of a context that ends a run, shown as why a record was not sent.
type Reason string

func (r Reason) Error() string { return string(r) }

// Run sends the updates of p in the order in which the batch allows them, and returns when each has a result.
//
// When begin ends, nothing more is sent: updates that still wait are skipped, with the context's cause as the reason, and
// requests in flight may finish. When finish ends, those are canceled as well. finish must outlive begin.
func Run(begin, finish context.Context, p plan.Plan, b *decide.Batch, o Options) []decide.Result {
	workers := min(o.Workers, p.Updates())
	r := &runner{begin: begin, finish: finish, plan: p, batch: b, Options: o, idle: workers}
	r.changed.L = &r.mu
	finished := make(chan struct{})
	var saver sync.WaitGroup
	if o.Save != nil {
		saver.Go(func() { r.saveUntil(finished) })
	}
	var group errgroup.Group
	for range workers {
		group.Go(r.work)
	}
	// Workers return no errors: every outcome is a result.
	_ = group.Wait()
	close(finished)
	saver.Wait()
	return b.Results()
}

type runner struct {
	Options
	begin, finish context.Context
	plan          plan.Plan

	mu      sync.Mutex // guards all below
	changed sync.Cond
	batch   *decide.Batch
	idle    int // workers that send nothing
	unsaved bool
}

// work sends one record after another until none is left.
func (r *runner) work() error {
	w := &worker{runner: r}
	if o, ok := r.Provider.(provider.Opener); ok {
		w.session = o.Open()
	}
	for {
		// A worker with claims to prove must not wait for the other workers, since they may be waiting for that proof.
		waits := len(w.claims) == 0
		i, last, ok := r.next(waits)
		if ok {
			w.send(i, last)
			continue
		}
		w.prove(nil)
		if waits {
			return nil
		}
	}
}

// next returns a step that may be sent now. If there is none it returns false, or with wait set waits for one, and returns
// false only when no step is left. last reports that the worker will hardly find another step after this one. Waiting
// workers are woken by every answer; that is also how they notice that begin has ended, since nobody waits while nothing is
// in flight.
func (r *runner) next(wait bool) (step int, last, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for {
		r.stop()
		if i, ok := r.batch.Next(); ok {
			r.idle--
			return i, r.batch.Waiting() <= r.idle, true
		}
		if r.batch.Done() || !wait {
			return 0, false, false
		}
		r.changed.Wait()
	}
}

// stop skips the steps that still wait, once begin has ended.
func (r *runner) stop() {
	if r.begin.Err() != nil {
		r.batch.Stop(context.Cause(r.begin).Error())
	}
}

// sent notes that a worker has sent its step and looks for the next one.
func (r *runner) sent() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.idle++
}

func (r *runner) answer(i int, result decide.Result) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stop()
	r.batch.Answer(i, result)
	r.unsaved = true
	if r.Answered != nil {
		r.Answered(i, result)
	}
	r.changed.Broadcast()
}

func (r *runner) trial(i int) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.batch.Trial(i)
}

func (r *runner) suspend(i int, c provider.Class) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.batch.Suspend(i, c)
}

// pointless reports whether step i must not be attempted again, because the run ends or because what the record depends on
// was refused to another record.
func (r *runner) pointless(i int) bool { return r.begin.Err() != nil || r.stopped(i) }

func (r *runner) stopped(i int) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.batch.Stopped(i)
}

// saveUntil saves what is new every SaveEvery until the run is finished.
func (r *runner) saveUntil(finished <-chan struct{}) {
	tick := time.NewTicker(r.SaveEvery)
	defer tick.Stop()
	for {
		select {
		case <-finished:
			return
		case <-tick.C:
			if results := r.fresh(); results != nil {
				r.Save(results)
			}
		}
	}
}

// fresh returns a copy of the results, or nil if nothing is new since the last call.
func (r *runner) fresh() []decide.Result {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.unsaved {
		return nil
	}
	r.unsaved = false
	return r.batch.Results()
}
