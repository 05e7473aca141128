// Package apply carries a plan out: it sends what package decide says may be sent, many records at a time, and repeats
// what failed in passing. It decides nothing itself and writes nothing down; it is the only user of errgroup.
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
	// Provider is sent updates by sessions, if it is an Opener.
	Provider  provider.Provider
	Passwords func(step int) provider.Secret
	Workers   int
	// Retries is how many further attempts follow a transient failure.
	Retries        int
	RequestTimeout time.Duration // of one attempt
	Now            func() time.Time
	// Answered is called with every result that an attempt led to, as it comes, one at a time. Records that are skipped without
	// one are in what Run returns.
	Answered func(step int, r decide.Result)
	// Save is given all results so far, at least every SaveEvery while new ones come. It is never called twice at the
	// same time, and not after Run has returned. An answer is a result up to a second after it came, when it is proved.
	Save      func([]decide.Result)
	SaveEvery time.Duration
}

// Reason is the cause of a context that ends a run, shown as why a record was not sent.
type Reason string

func (r Reason) Error() string { return string(r) }

// Run sends the updates of p as the batch gives them out, and returns when every one has a result.
//
// When begin ends, nothing further is sent: what waits is skipped, with the context's cause as the reason, and what is in
// flight may finish. When finish ends, that is given up as well. finish must outlive begin.
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
	// No worker returns an error: every ending is a result.
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
		// Whoever has claims to prove must not wait for other workers, who may wait for the proof.
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

// next gives a step that may be sent, and waits for one if it may. last: no other one is in sight for the same worker.
// false: there is none now, or, after waiting, none at all. Whoever waits here is woken by the next answer, also to see
// that begin has ended: while nothing is in flight nobody waits.
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

// stop skips what waits once begin has ended.
func (r *runner) stop() {
	if r.begin.Err() != nil {
		r.batch.Stop(context.Cause(r.begin).Error())
	}
}

// sent: a worker looks for its next step.
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

// pointless reports whether no further attempt of step i may be made: the run ends, or what the record depends on was
// refused to another one.
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

// fresh is a copy of the results if there are new ones since the last call, otherwise nil.
func (r *runner) fresh() []decide.Result {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.unsaved {
		return nil
	}
	r.unsaved = false
	return r.batch.Results()
}
