// Package apply carries a plan out: it sends what package decide says may be sent, many records at a time, and repeats
// what failed in passing. It decides nothing itself and writes nothing down; it is the only user of errgroup.
package apply

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"
	"golang.org/x/sync/errgroup"

	"ddns-batch/internal/decide"
	"ddns-batch/internal/plan"
	"ddns-batch/internal/provider"
)

// Options are what a run depends on besides the batch. All of them must be set, except Answered and Save.
type Options struct {
	Provider  provider.Provider
	Passwords func(step int) provider.Secret
	Workers   int
	// Retries is how many further attempts follow a transient failure.
	Retries        int
	RequestTimeout time.Duration // of one attempt
	Now            func() time.Time
	// Answered is told of every result that an attempt led to, as it comes, one at a time. Records that are skipped without
	// one are in what Run returns.
	Answered func(step int, r decide.Result)
	// Save is given all results so far, at least every SaveEvery while new ones come. It is never called twice at the
	// same time, and not after Run has returned.
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
	r := &runner{begin: begin, finish: finish, plan: p, batch: b, Options: o}
	r.changed.L = &r.mu
	finished := make(chan struct{})
	var saver sync.WaitGroup
	if o.Save != nil {
		saver.Go(func() { r.saveUntil(finished) })
	}
	var workers errgroup.Group
	for range min(o.Workers, p.Updates()) {
		workers.Go(r.work)
	}
	// No worker returns an error: every ending is a result.
	_ = workers.Wait()
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
	unsaved bool
}

// work sends one record after another until none is left.
func (r *runner) work() error {
	for {
		i, ok := r.next()
		if !ok {
			return nil
		}
		r.answer(i, r.send(i))
	}
}

// next waits for a step that may be sent. false: there will be none. Whoever waits here is woken by the next answer, also
// to see that begin has ended: while nothing is in flight nobody waits.
func (r *runner) next() (int, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for {
		if r.begin.Err() != nil {
			r.batch.Stop(context.Cause(r.begin).Error())
		}
		i, ok := r.batch.Next()
		if ok || r.batch.Done() {
			return i, ok
		}
		r.changed.Wait()
	}
}

func (r *runner) answer(i int, result decide.Result) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.batch.Answer(i, result)
	r.unsaved = true
	if r.Answered != nil {
		r.Answered(i, result)
	}
	r.changed.Broadcast()
}

// send makes the attempts of one record. Waiting for the next one ends with begin, an attempt only with finish.
func (r *runner) send(i int) decide.Result {
	start := r.Now()
	update := provider.Update{Name: r.plan.Steps[i].Name, Address: r.plan.Steps[i].To, Password: r.Passwords(i)}
	var attempts []*provider.Error
	cut := ""
	once := func() (struct{}, error) {
		// What happened during the wait for this attempt may have made it pointless.
		if n := len(attempts); n > 0 && r.pointless(i) {
			return struct{}{}, backoff.Permanent(attempts[n-1])
		}
		ctx, cancel := context.WithTimeout(r.finish, r.RequestTimeout)
		defer cancel()
		err := asError(r.Provider.Update(ctx, update))
		attempts = append(attempts, err)
		if r.finish.Err() != nil {
			cut = context.Cause(r.finish).Error()
		}
		switch {
		case err == nil:
			return struct{}{}, nil
		case err.Class != provider.Transient || r.pointless(i):
			return struct{}{}, backoff.Permanent(err)
		default:
			return struct{}{}, err
		}
	}
	// What Retry returns is the last attempt's error or that of waiting; the attempts themselves say more.
	_, _ = backoff.Retry(r.begin, once, backoff.WithBackOff(backoff.NewExponentialBackOff()),
		backoff.WithMaxTries(uint(r.Retries)+1), backoff.WithMaxElapsedTime(0))
	result := decide.Summarize(r.plan.Steps[i], attempts, cut)
	result.At = r.Now()
	result.Took = result.At.Sub(start)
	return result
}

// pointless reports whether no further attempt of step i may be made: the run ends, or what the record depends on was
// refused to another one.
func (r *runner) pointless(i int) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.begin.Err() != nil || r.batch.Stopped(i)
}

// asError keeps the promise of provider.Provider also for an implementation that breaks it: an error of another type
// proves nothing, and neither does a nil pointer, which is an error all the same.
func asError(err error) *provider.Error {
	if err == nil {
		return nil
	}
	if e, ok := errors.AsType[*provider.Error](err); ok && e != nil {
		return e
	}
	return &provider.Error{Class: provider.Unconfirmed, Message: "an error that cannot be shown"}
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
