package apply

import (
	"context"
	"errors"
	"time"

	"github.com/cenkalti/backoff/v5"

	"ddns-batch/internal/decide"
	"ddns-batch/internal/pause"
	"ddns-batch/internal/provider"
)

const (
	// proveEvery is how old an answer may become before it is proved. Proving costs a connection, and what is not proved is
	// sent again after a crash.
	proveEvery = time.Second
	// slow is how long an attempt takes where the next one is not to be waited for with an answer unproved.
	slow = proveEvery / 2
)

// worker sends one record at a time.
type worker struct {
	*runner
	session provider.Session // nil: the provider has none
	// claims are the records whose answers over the session are still to be proved, the first of them since since.
	claims []*sending
	since  time.Time
	// position is how many updates were sent over the session since it was last proved.
	position int
	took     time.Duration // the last attempt over the session
}

// sending is a record on its way.
type sending struct {
	step     int
	start    time.Time
	attempts []*provider.Error
	cut      string // what ended the run, and with it the last attempt
	at       time.Time
	// alone: each further attempt has a connection of its own, and is proved at once.
	alone bool
	// position of the last attempt in the session.
	position int
	// uncounted is how often there were answers of which none could be told to be this record's.
	uncounted int
}

// send makes the attempts of one record. Its result is answered now, or when it is proved.
func (w *worker) send(i int, last bool) {
	defer w.sent()
	s := &sending{step: i, start: w.Now()}
	// A trial is proved before anything depends on it. What else its connection has carried must not put it in doubt: a
	// password that is perhaps wrong would be sent again.
	s.alone = w.session == nil || w.trial(i)
	w.try(s, last || w.due(w.took))
}

// try makes attempts until there is a last one.
func (w *worker) try(s *sending, last bool) {
	waits := backoff.NewExponentialBackOff()
	for tries := 0; ; last = false {
		err := w.attempt(s, last)
		switch {
		case err == nil || err.Class != provider.Transient || w.pointless(s.step):
			w.end(s)
			return
		case err.Uncounted:
			// Another connection may do better, at once. If it does not, more of the same would not help.
			if s.uncounted++; s.uncounted > 1 {
				w.end(s)
				return
			}
			continue
		}
		if tries++; tries > w.Retries || !w.pause(s, err.RetryAfter, waits.NextBackOff()) {
			w.end(s)
			return
		}
	}
}

func (w *worker) attempt(s *sending, last bool) *provider.Error {
	update := provider.Update{Name: w.plan.Steps[s.step].Name, Address: w.plan.Steps[s.step].To, Password: w.Passwords(s.step)}
	if !s.alone && w.session.Over() {
		w.prove(s)
	}
	ctx, cancel := context.WithTimeout(w.finish, w.RequestTimeout)
	defer cancel()
	var err *provider.Error
	if s.alone {
		err = asError(w.Provider.Update(ctx, update))
	} else {
		hedged, began := w.hedge(), time.Now()
		err = asError(w.session.Send(ctx, update, last))
		w.took = time.Since(began)
		hedged()
		w.position++
		s.position = w.position
	}
	s.attempts = append(s.attempts, err)
	s.at = w.Now()
	if w.finish.Err() != nil {
		s.cut = context.Cause(w.finish).Error()
	}
	return err
}

// pause waits for the next attempt of s: as long as was asked for, if that is not longer than an attempt may take and
// than the run. false: there is none.
func (w *worker) pause(s *sending, asked, wait time.Duration) bool {
	if deadline, ok := w.begin.Deadline(); asked > w.RequestTimeout || ok && asked > time.Until(deadline) {
		return false
	}
	if wait = max(wait, asked); w.due(wait) {
		w.prove(s)
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-w.begin.Done():
	case <-timer.C:
	}
	// What happened meanwhile may have made the attempt pointless.
	return !w.pointless(s.step)
}

// due reports whether the claims would be too old after so long a wait.
func (w *worker) due(wait time.Duration) bool {
	return len(w.claims) > 0 && time.Since(w.since)+wait >= proveEvery
}

// end answers for s if that needs no proof, and otherwise adds it to the claims.
func (w *worker) end(s *sending) {
	result := w.result(s)
	last := s.attempts[len(s.attempts)-1]
	// Without an answer, or with one that leaves everything open, there is nothing to be proved.
	open := last != nil && (last.Unsent || last.Class == provider.Transient && result.Outcome != decide.Failed)
	if s.alone || open {
		w.answer(s.step, result)
		return
	}
	if len(w.claims) == 0 {
		w.since = time.Now()
	}
	w.claims = append(w.claims, s)
	ofMany := last != nil && pause.ScopeOf(last.Class) != pause.OfRecord
	if ofMany {
		// The others wait until it is proved.
		w.suspend(s.step, last.Class)
	}
	if ofMany || w.session.Over() || w.took >= slow {
		w.prove(nil)
	}
}

// hedge keeps claims from waiting for an answer that does not come: they are sent again meanwhile. What it returns ends
// that.
func (w *worker) hedge() (end func()) {
	if len(w.claims) == 0 {
		return func() {}
	}
	done := make(chan struct{})
	timer := time.AfterFunc(min(proveEvery, proveEvery+slow-time.Since(w.since)), func() {
		defer close(done)
		claims := w.claims
		w.claims = nil
		w.resend(claims, &provider.Error{Class: provider.Transient, Message: "the connection stalled before its replies could be counted", Uncounted: true})
	})
	return func() {
		if !timer.Stop() {
			<-done
		}
	}
}

func (w *worker) result(s *sending) decide.Result {
	r := decide.Summarize(w.plan.Steps[s.step], s.attempts, s.cut)
	r.At, r.Took = s.at, s.at.Sub(s.start)
	return r
}

// prove ends the connection of the session and answers for the claims: those that it proves as they are, the others after
// they were sent again. current, if not nil, is a record between two attempts.
func (w *worker) prove(current *sending) {
	if w.session == nil {
		return
	}
	ctx, cancel := context.WithTimeout(w.finish, w.RequestTimeout)
	proved, err := w.session.Prove(ctx)
	cancel()
	claims := w.claims
	w.claims, w.position = nil, 0
	if current != nil && current.position > proved {
		current.discard(err)
	}
	for len(claims) > 0 && claims[0].position <= proved {
		w.answer(claims[0].step, w.result(claims[0]))
		claims = claims[1:]
	}
	w.resend(claims, err)
}

// resend sends records again, each by itself, because why says that their answers do not count. That is no new beginning:
// it finishes what was begun.
func (w *worker) resend(claims []*sending, why error) {
	for _, s := range claims {
		s.discard(why)
		s.alone, s.uncounted = true, 1
		if w.finish.Err() != nil || w.stopped(s.step) {
			w.end(s)
		} else {
			w.try(s, true)
		}
	}
}

// discard takes back what the answers so far have claimed.
func (s *sending) discard(err error) {
	why := asError(err)
	if why == nil {
		why = &provider.Error{Class: provider.Unconfirmed, Message: "the reply could not be confirmed"}
	}
	for i, e := range s.attempts {
		if e == nil || !e.Unsent {
			s.attempts[i] = why
		}
	}
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
	return &provider.Error{Class: provider.Unconfirmed, Message: "an error of an unexpected kind, which is not shown"}
}
