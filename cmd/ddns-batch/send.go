package main

import (
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/sirupsen/logrus"

	"ddns-batch/internal/apply"
	"ddns-batch/internal/decide"
	"ddns-batch/internal/plan"
	"ddns-batch/internal/record"
	"ddns-batch/internal/state"
)

// saveEvery, and the second until an answer is proved, are how much of a long run may have to be sent again after a crash.
const saveEvery = time.Second

// apply sends what the plan says, and this is the one place where a dry run differs: it does not.
func (b *batch) apply() error {
	b.results = make([]decide.Result, len(b.plan.Steps))
	if b.dryRun || b.plan.Updates() == 0 {
		return nil
	}
	debug.SetGCPercent(usual)
	if b.config.Concurrency > crowd {
		debug.SetGCPercent(crowded)
	}
	queue := decide.NewBatch(b.plan, b.before, b.force)
	if err := b.forget(queue); err != nil {
		return err
	}
	client, err := b.place.provider()
	if err != nil {
		return err
	}
	shown := b.newProgress(b.plan.Updates())
	defer shown.end()
	b.results = apply.Run(b.stop.begin, b.stop.finish, b.plan, queue, apply.Options{
		Provider:       client,
		Passwords:      b.secret,
		Workers:        b.config.Concurrency,
		Retries:        b.config.Retries,
		RequestTimeout: b.config.RequestTimeout,
		Now:            b.now,
		Answered: func(i int, r decide.Result) {
			shown.step()
			b.logResult(b.plan.Steps[i], r)
		},
		Save:      func(results []decide.Result) { b.saveResults(results) },
		SaveEvery: saveEvery,
	})
	b.settle()
	// What is old is told by the state as it was read: after a year without a run all that this one leaves out is a year
	// older than what it has just sent.
	b.after = decide.Learn(b.before.Prune(b.began, b.planning()), b.plan, b.results)
	return nil
}

// planning tells the records that this run is about.
func (b *batch) planning() func(record.Name) bool {
	names := make(map[record.Name]bool, len(b.selected))
	for _, i := range b.selected {
		names[b.config.Records[i].Name] = true
	}
	return func(n record.Name) bool { return names[n] }
}

// forget saves, before anything is sent, that it is not known any more what the records hold that are about to be sent:
// a crash between the provider's answer and the next save must not leave a claim that is wrong.
//
// A full or read-only disk does not keep the owner locked out of a home whose address has changed; any other fault of
// the disk ends the run here.
func (b *batch) forget(queue *decide.Batch) error {
	err := b.lock.Save(decide.Learn(b.before, b.plan, b.results))
	switch {
	case err == nil:
		return nil
	case errors.Is(err, state.ErrNoSpace):
		if aside := b.lock.SetAside(); aside != nil {
			return stateTrouble(fmt.Errorf("%w; it cannot be set aside either: %w", err, aside))
		}
	case errors.Is(err, state.ErrReadOnly):
		queue.Leave("the state cannot be written, so only what must change is sent", func(s plan.Step) bool {
			// Forced or not: what matters is whether the address is to change.
			return s.Known && s.From == s.To
		})
	default:
		return stateTrouble(err)
	}
	b.log.WithField("error", err).Info("the state cannot be saved; sending all the same")
	b.lost = err
	return nil
}

// saveResults remembers what is known so far. A failure here is not the last word: the next save may succeed.
func (b *batch) saveResults(results []decide.Result) {
	b.lost = b.lock.Save(decide.Learn(b.before, b.plan, results))
}

// logResult is for the log only: the report says the same, so it is never louder than information.
func (b *batch) logResult(s plan.Step, r decide.Result) {
	entry := b.log.WithFields(logrus.Fields{
		"record": s.Name.String(), "address": s.To, "reason": s.Reason, "attempts": r.Attempts, "took_ms": r.Took.Milliseconds(),
	})
	if r.Err != nil {
		entry = entry.WithFields(logrus.Fields{"class": r.Err.Class, "error": r.Err.Message})
	}
	entry.Info(string(r.Outcome))
}
