package apply

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"ddns-batch/internal/decide"
	"ddns-batch/internal/pause"
	"ddns-batch/internal/provider"
)

func TestOnlyTransientFailuresAreRepeated(t *testing.T) {
	for _, c := range []struct {
		name     string
		answer   *provider.Error
		retries  int
		attempts int
	}{
		{"silence", transient(false), 2, 3},
		{"no connection", transient(true), 2, 3},
		{"silence, and no repeating", transient(false), 0, 1},
		{"silence, and many retries", transient(false), 10, 11},
		{"a wrong password", failing(provider.Credentials), 2, 1},
		{"an unknown domain", failing(provider.Domain), 2, 1},
		{"a missing record", failing(provider.Record), 2, 1},
		{"a refused address", failing(provider.Address), 2, 1},
		{"other words", failing(provider.Refused), 2, 1},
		{"a block", failing(provider.Blocked), 2, 1},
		{"a request that is not understood", failing(provider.Request), 2, 1},
		{"a redirect", failing(provider.Redirect), 2, 1},
		{"another address", failing(provider.Mismatch), 2, 1},
		{"no proof", failing(provider.Unconfirmed), 2, 1},
		{"a certificate", failing(provider.Certificate), 2, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p, b := newRun(1, false)
				sent := 0
				o := options(said(func(context.Context, provider.Update) error {
					sent++
					return c.answer
				}))
				o.Retries = c.retries
				r := Run(t.Context(), t.Context(), p, b, o)[0]
				if sent != c.attempts || r.Attempts != c.attempts {
					t.Errorf("%d attempts, of which %d are reported, want %d", sent, r.Attempts, c.attempts)
				}
			})
		})
	}
}

func TestASecondAttemptCanSucceed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sent := 0
		r := start(t, 1, said(func(context.Context, provider.Update) error {
			if sent++; sent < 3 {
				return transient(false)
			}
			return nil
		}))[0]
		if r.Outcome != decide.Updated || r.Attempts != 3 || r.Err != nil {
			t.Errorf("the result is %+v", r)
		}
	})
}

func TestTheWaitBetweenAttemptsGrowsAndIsJittered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		sent := map[string][]time.Time{}
		p, b := newRun(20, false)
		o := options(said(func(_ context.Context, u provider.Update) error {
			mu.Lock()
			defer mu.Unlock()
			sent[u.Name.Host] = append(sent[u.Name.Host], time.Now())
			return transient(true)
		}))
		o.Workers = 20
		Run(t.Context(), t.Context(), p, b, o)
		first := map[time.Duration]bool{}
		for host, at := range sent {
			a, b := at[1].Sub(at[0]), at[2].Sub(at[1])
			if a < 250*time.Millisecond || a > 750*time.Millisecond || b < 375*time.Millisecond || b > 1125*time.Millisecond {
				t.Errorf("%s waited for %v and %v", host, a, b)
			}
			first[a] = true
		}
		if len(first) < 10 {
			t.Errorf("20 records waited for %d different times", len(first))
		}
	})
}

func TestEachAttemptHasItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var lengths []time.Duration
		r := start(t, 1, said(func(ctx context.Context, u provider.Update) error {
			began := time.Now()
			err := silent(ctx, u)
			lengths = append(lengths, time.Since(began))
			return err
		}))[0]
		if want := []time.Duration{30 * time.Second, 30 * time.Second, 30 * time.Second}; !slices.Equal(lengths, want) {
			t.Errorf("the attempts took %v, want %v", lengths, want)
		}
		if r.Outcome != decide.Unconfirmed || r.Took < 90*time.Second {
			t.Errorf("the result is %+v", r)
		}
	})
}

func TestNothingBeginsAfterTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin, stop := context.WithCancelCause(t.Context())
		p, b := newRun(50, false)
		results := Run(begin, t.Context(), p, b, options(said(func(context.Context, provider.Update) error {
			if begin.Err() != nil {
				t.Error("something is sent after the end")
			}
			time.Sleep(time.Second)
			stop(Reason("interrupted"))
			time.Sleep(time.Second)
			return nil
		})))
		expect(t, results, "8 updated, 42 skipped")
		if r := results[49]; r.Err == nil || r.Err.Message != "not sent: interrupted" || r.For != pause.OfRun || r.Err.Class != provider.Transient {
			t.Errorf("what is left out says %+v, %v", r, r.Err)
		}
	})
}

func TestARunThatIsOverBeforeItBeginsSendsNothing(t *testing.T) {
	for range 50 {
		begin, stop := context.WithCancelCause(t.Context())
		stop(Reason("interrupted"))
		p, b := newRun(10, false)
		expect(t, Run(begin, t.Context(), p, b, options(said(ok))), "10 skipped")
	}
}

func TestTheEndCutsTheWaitForAnotherAttemptShort(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		began := time.Now()
		p, b := newRun(1, false)
		r := Run(begin, t.Context(), p, b, options(said(func(context.Context, provider.Update) error { return transient(true) })))[0]
		if r.Attempts != 1 || r.Outcome != decide.Failed || time.Since(began) != 100*time.Millisecond {
			t.Errorf("after %v the result is %+v", time.Since(began), r)
		}
	})
}

func TestARefusalEndsTheWaitForAnotherAttemptOfItsOthers(t *testing.T) {
	for _, class := range []provider.Class{provider.Blocked, provider.Credentials, provider.Domain, provider.Address} {
		t.Run(string(class), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				sent := 0
				results := start(t, 3, said(func(_ context.Context, u provider.Update) error {
					if u.Name.Host == "h0" {
						sent++
						return transient(true)
					}
					// While h0 waits for its second attempt.
					time.Sleep(200 * time.Millisecond)
					return failing(class)
				}))
				if expect(t, results, "3 failed"); sent != 1 || results[0].Attempts != 1 {
					t.Errorf("%d attempts after the refusal", sent-1)
				}
			})
		})
	}
}

func TestARefusalWhileAnAttemptIsInFlightIsItsLast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sent := 0
		results := start(t, 2, said(func(_ context.Context, u provider.Update) error {
			if u.Name.Host == "h1" {
				return failing(provider.Blocked)
			}
			sent++
			time.Sleep(time.Second)
			return transient(false)
		}))
		if expect(t, results, "1 unconfirmed, 1 failed"); sent != 1 {
			t.Errorf("%d attempts", sent)
		}
		if took := results[0].Took; took != time.Second {
			t.Errorf("it waited for an attempt that may not be made, %v in all", took)
		}
	})
}

func TestWhatIsInFlightWhenTheTimeIsOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		// As at a deadline, both end at once.
		finish, cancel := context.WithTimeoutCause(t.Context(), 2*time.Minute, Reason("the run reached its timeout"))
		defer cancel()
		p, b := newRun(6, false)
		o := options(said(func(ctx context.Context, u provider.Update) error {
			switch u.Name.Host {
			case "h0":
				return nil
			case "h1":
				<-ctx.Done()
				return transient(true) // no connection was had
			case "h2":
				<-ctx.Done()
				return nil // the answer came in the last moment
			}
			return silent(ctx, u)
		}))
		o.Workers, o.RequestTimeout = 4, time.Hour
		began := time.Now()
		results := Run(finish, finish, p, b, o)
		if took := time.Since(began); took != 2*time.Minute {
			t.Errorf("it took %v", took)
		}
		for i, want := range []decide.Outcome{decide.Updated, decide.Skipped, decide.Updated, decide.Unconfirmed, decide.Unconfirmed, decide.Skipped} {
			if results[i].Outcome != want {
				t.Errorf("step %d is %s, want %s", i, results[i].Outcome, want)
			}
		}
		for _, i := range []int{1, 5} {
			if r := results[i]; r.For != pause.OfRun || r.Err == nil || r.Err.Message != "not sent: the run reached its timeout" {
				t.Errorf("step %d says %+v, %v", i, r, r.Err)
			}
		}
	})
}

func TestWhatIsInFlightHasItsGrace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		finish, giveUp := context.WithCancelCause(t.Context())
		begin, stop := context.WithCancelCause(finish)
		time.AfterFunc(time.Second, func() { stop(Reason("interrupted")) })
		time.AfterFunc(6*time.Second, func() { giveUp(Reason("interrupted")) })
		p, b := newRun(4, false)
		o := options(said(func(ctx context.Context, u provider.Update) error {
			if u.Name.Host == "h0" {
				time.Sleep(4 * time.Second)
				return nil
			}
			return silent(ctx, u)
		}))
		o.Workers = 2
		began := time.Now()
		results := Run(begin, finish, p, b, o)
		expect(t, results, "1 updated, 1 unconfirmed, 2 skipped")
		if took := time.Since(began); took != 6*time.Second {
			t.Errorf("it took %v", took)
		}
	})
}

func TestSaveComesInTimeAndNeverTwiceAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var saving, ended atomic.Bool
		began := time.Now()
		var at []time.Duration
		var known []int
		p, b := newRun(10, false)
		o := options(said(func(context.Context, provider.Update) error {
			time.Sleep(1100 * time.Millisecond)
			return nil
		}))
		o.Workers = 1
		o.Save = func(results []decide.Result) {
			if saving.Swap(true) || ended.Load() {
				t.Error("saved twice at the same time, or after the end")
			}
			n := 0
			for _, r := range results {
				if r.Confirmed() {
					n++
				}
			}
			at, known = append(at, time.Since(began)), append(known, n)
			time.Sleep(500 * time.Millisecond)
			saving.Store(false)
		}
		expect(t, Run(t.Context(), t.Context(), p, b, o), "10 updated")
		ended.Store(true)
		want := []time.Duration{2 * time.Second, 4 * time.Second, 6 * time.Second, 8 * time.Second, 10 * time.Second}
		if !slices.Equal(at, want) || !slices.Equal(known, []int{1, 3, 5, 7, 9}) {
			t.Errorf("saved at %v with %v results, want %v", at, known, want)
		}
	})
}

func TestASlowSaveIsWaitedForAndNotOvertaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		saving := 0
		p, b := newRun(20, false)
		o := options(said(func(context.Context, provider.Update) error {
			time.Sleep(time.Second)
			return nil
		}))
		o.Workers = 1
		o.Save = func([]decide.Result) {
			if saving++; saving > 1 {
				t.Error("saved twice at the same time")
			}
			time.Sleep(7 * time.Second)
			saving--
		}
		Run(t.Context(), t.Context(), p, b, o)
		if saving != 0 {
			t.Error("the run is over while something is being saved")
		}
	})
}

func TestNothingNewIsNotSaved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		saved := 0
		p, b := newRun(2, false)
		o := options(said(func(_ context.Context, u provider.Update) error {
			if u.Name.Host == "h1" {
				time.Sleep(19 * time.Second)
			}
			return nil
		}))
		o.Save = func([]decide.Result) { saved++ }
		Run(t.Context(), t.Context(), p, b, o)
		if saved != 1 {
			t.Errorf("one early result was saved %d times", saved)
		}
	})
}
