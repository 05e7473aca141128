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
	// proveEvery is how old a reply may become before it is proved. A proof costs a connection. After a crash, everything
	// that was not proved is sent again.
	proveEvery = time.Second
	// slow is how long an attempt takes if replies are to be proved at once, since the next attempt could outlast proveEvery.
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

// sending is a record that is being sent.
type sending struct {
	step     int
	start    time.Time
	attempts []*provider.Error
	cut      string // what ended the run, and with it the last attempt
	at       time.Time
	// alone means that each further attempt uses a connection of its own and is proved at once.
	alone bool
	// position is that of the last attempt in the session.
	position int
	// uncounted counts the attempts whose reply could not be matched to this record.
	uncounted int
}

// send makes the attempts of one record. Its result is answered now, or when it is proved.
func (w *worker) send(i int, last bool) {
	defer w.sent()
	s := &sending{step: i, start: w.Now()}
	// A trial is proved at once, because other records depend on it. It gets a connection of its own: if other replies on
	// the connection put it in doubt, a password that may be wrong would be sent again.
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
			// Another connection may work, so it is tried at once. If that fails as well, more attempts would not help.
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

// pause waits before the next attempt of s. It waits as long as the server asked for, if that is no longer than an attempt
// may take and than the time that the run has left. It returns false if there is to be no further attempt.
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
	// While the worker waited, the attempt may have become pointless.
	return !w.pointless(s.step)
}

// due reports whether the claims would be too old after such a wait.
func (w *worker) due(wait time.Duration) bool {
	return len(w.claims) > 0 && time.Since(w.since)+wait >= proveEvery
}

// end sets the result of s, or adds s to the claims if its result has to be proved first.
func (w *worker) end(s *sending) {
	result := w.result(s)
	last := s.attempts[len(s.attempts)-1]
	// If there was no reply, or one that leaves everything open, there is nothing to prove.
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

// hedge makes sure that claims do not wait for a reply that never comes: meanwhile they are sent again on other connections.
// The returned function stops that.
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

// prove ends the connection of the session and sets the results of the claims: as they are if the connection proves them,
// otherwise after sending them again. current, if not nil, is a record between two attempts.
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

// resend sends records again, each over a connection of its own, because their replies do not count; why says so. It runs
// even after begin has ended, since it only finishes what was begun.
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

// discard drops what the replies so far have claimed.
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

// asError turns any error into a *provider.Error, even if an implementation breaks its promise and returns another type.
// Such an error proves nothing, and neither does a nil pointer in an error.
func asError(err error) *provider.Error {
	if err == nil {
		return nil
	}
	if e, ok := errors.AsType[*provider.Error](err); ok && e != nil {
		return e
	}
	return &provider.Error{Class: provider.Unconfirmed, Message: "an error of an unexpected kind, which is not shown"}
}
