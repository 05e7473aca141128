package apply

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"ddns-batch/internal/decide"
	"ddns-batch/internal/plan"
	"ddns-batch/internal/provider"
	"ddns-batch/internal/record"
	"ddns-batch/internal/state"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// canary is the password of every record here. It must not show up in anything that comes out of a run.
const canary = "canary&pass=w0rd %2F"

var (
	oldAddress = netip.MustParseAddr("203.0.113.7")
	newAddress = netip.MustParseAddr("203.0.113.91")
)

// said is an answer of a fake provider.
type said func(ctx context.Context, u provider.Update) error

func (s said) Update(ctx context.Context, u provider.Update) error { return s(ctx, u) }

func ok(context.Context, provider.Update) error { return nil }

func transient(unsent bool) *provider.Error {
	return &provider.Error{Class: provider.Transient, Message: "no answer", Unchanged: unsent, Unsent: unsent}
}

func failing(class provider.Class) *provider.Error {
	return &provider.Error{Class: class, Message: "no", Unchanged: true}
}

// silent waits for an answer that never comes.
func silent(ctx context.Context, _ provider.Update) error {
	<-ctx.Done()
	return transient(false)
}

// newRun is a run over n records of one domain that have moved; their password was accepted before, unless it is to be
// tried.
func newRun(n int, tried bool) (plan.Plan, *decide.Batch) {
	now := time.Now()
	in := plan.Input{Now: now, Address: newAddress}
	for i := range n {
		name := record.Name{Host: fmt.Sprint("h", i), Domain: "example.com"}
		in.Targets = append(in.Targets, plan.Target{Name: name, Fingerprint: "f"})
		in.State.Records = append(in.State.Records, state.Record{Host: name.Host, Domain: name.Domain, IP: oldAddress, ConfirmedAt: now})
	}
	password := state.Password{Fingerprint: "f", AcceptedAt: now}
	if tried {
		password.AcceptedAt = time.Time{}
	}
	in.State.Domains = []state.Domain{{Domain: "example.com", Passwords: []state.Password{password}}}
	p := plan.Build(in)
	return p, decide.NewBatch(p, in.State, false)
}

func options(p provider.Provider) Options {
	return Options{
		Provider: p, Workers: 8, Retries: 2, RequestTimeout: 30 * time.Second, SaveEvery: 2 * time.Second, Now: time.Now,
		Passwords: func(int) provider.Secret { return provider.NewSecret(canary) },
	}
}

// start runs n records to their end.
func start(t *testing.T, n int, p provider.Provider) []decide.Result {
	t.Helper()
	steps, batch := newRun(n, false)
	results := Run(t.Context(), t.Context(), steps, batch, options(p))
	noCanary(t, results)
	return results
}

func noCanary(t *testing.T, results []decide.Result) {
	t.Helper()
	text := fmt.Sprintf("%+v", results)
	for _, r := range results {
		text += fmt.Sprintf("%+v", r.Err)
	}
	for _, form := range []string{canary, url.QueryEscape(canary), url.PathEscape(canary)} {
		if strings.Contains(text, form) {
			t.Error("the password is in the results")
		}
	}
}

// outcomes counts the results: "30 updated, 2 skipped" in the order of their first appearance.
func outcomes(results []decide.Result) string {
	var order []string
	count := map[string]int{}
	for _, r := range results {
		o := string(r.Outcome)
		if count[o]++; count[o] == 1 {
			order = append(order, o)
		}
	}
	for i, o := range order {
		order[i] = fmt.Sprintf("%d %s", count[o], o)
	}
	return strings.Join(order, ", ")
}

func expect(t *testing.T, results []decide.Result, want string) {
	t.Helper()
	if got := outcomes(results); got != want {
		t.Errorf("the records are %s, want %s", got, want)
	}
}

func TestSoManyAtATime(t *testing.T) {
	for _, workers := range []int{1, 3, 16, 100} {
		t.Run(fmt.Sprint(workers), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var mu sync.Mutex
				flying, most := 0, 0
				p, b := newRun(50, false)
				o := options(said(func(context.Context, provider.Update) error {
					mu.Lock()
					flying++
					most = max(most, flying)
					mu.Unlock()
					time.Sleep(50 * time.Millisecond)
					mu.Lock()
					flying--
					mu.Unlock()
					return nil
				}))
				o.Workers = workers
				began := time.Now()
				expect(t, Run(t.Context(), t.Context(), p, b, o), "50 updated")
				if want := min(workers, 50); most != want {
					t.Errorf("%d were in flight, want %d", most, want)
				}
				if took, want := time.Since(began), time.Duration((50+workers-1)/workers)*50*time.Millisecond; took != want {
					t.Errorf("it took %v, want %v", took, want)
				}
			})
		})
	}
}

func TestATrialComesFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		var mu sync.Mutex
		var begun []time.Duration
		p, b := newRun(5, true)
		expect(t, Run(t.Context(), t.Context(), p, b, options(said(func(context.Context, provider.Update) error {
			mu.Lock()
			begun = append(begun, time.Since(began))
			mu.Unlock()
			time.Sleep(time.Second)
			return nil
		}))), "5 updated")
		if want := []time.Duration{0, time.Second, time.Second, time.Second, time.Second}; !slices.Equal(begun, want) {
			t.Errorf("begun at %v, want %v", begun, want)
		}
	})
}

func TestAWrongPasswordIsSentOnce(t *testing.T) {
	sent := 0
	p, b := newRun(50, true)
	results := Run(t.Context(), t.Context(), p, b, options(said(func(context.Context, provider.Update) error {
		sent++
		return failing(provider.Credentials)
	})))
	expect(t, results, "1 failed, 49 skipped")
	if sent != 1 {
		t.Errorf("it was sent %d times", sent)
	}
}

func TestOneFailureStopsNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		results := start(t, 20, said(func(_ context.Context, u provider.Update) error {
			switch u.Name.Host {
			case "h0":
				return failing(provider.Record)
			case "h7":
				return failing(provider.Certificate)
			case "h9":
				return transient(false)
			}
			return nil
		}))
		expect(t, results, "2 failed, 17 updated, 1 unconfirmed")
		for i, want := range map[int]decide.Outcome{0: decide.Failed, 7: decide.Failed, 9: decide.Unconfirmed} {
			if results[i].Outcome != want {
				t.Errorf("step %d is %s, want %s", i, results[i].Outcome, want)
			}
		}
	})
}

func TestWhatTheProviderIsGiven(t *testing.T) {
	p, b := newRun(3, false)
	o := options(said(func(_ context.Context, u provider.Update) error {
		if u.Address != newAddress || u.Name.Domain != "example.com" || u.Password.Reveal() != canary+u.Name.Host {
			return failing(provider.Refused)
		}
		return nil
	}))
	o.Passwords = func(step int) provider.Secret { return provider.NewSecret(canary + p.Steps[step].Name.Host) }
	results := Run(t.Context(), t.Context(), p, b, o)
	expect(t, results, "3 updated")
	noCanary(t, results)
}

func TestResultsDoNotDependOnTheOrderOfTheAnswers(t *testing.T) {
	var first []decide.Result
	for turn := range 6 {
		synctest.Test(t, func(t *testing.T) {
			results := start(t, 40, said(func(_ context.Context, u provider.Update) error {
				time.Sleep(time.Duration(len(u.Name.Host)*(turn*7919%13)+int(u.Name.Host[len(u.Name.Host)-1])*turn) * time.Millisecond)
				if strings.HasSuffix(u.Name.Host, "3") {
					return failing(provider.Record)
				}
				return nil
			}))
			for i := range results {
				results[i].At, results[i].Took = time.Time{}, 0
			}
			if turn == 0 {
				first = results
			} else if !reflect.DeepEqual(first, results) {
				t.Errorf("in another order the results are\n%v\nand were\n%v", results, first)
			}
		})
	}
}

func TestAnErrorOfAnotherKindProvesNothing(t *testing.T) {
	var none *provider.Error
	for _, c := range []struct {
		name    string
		err     error
		class   provider.Class
		outcome decide.Outcome
	}{
		{"some other error, which may quote anything", errors.New("the password is " + canary), provider.Unconfirmed, decide.Unconfirmed},
		{"an error that is a nil pointer", none, provider.Unconfirmed, decide.Unconfirmed},
		{"one that wraps a proper one", fmt.Errorf("wrapped: %w", failing(provider.Record)), provider.Record, decide.Failed},
	} {
		t.Run(c.name, func(t *testing.T) {
			results := start(t, 1, said(func(context.Context, provider.Update) error { return c.err }))
			if r := results[0]; r.Outcome != c.outcome || r.Err == nil || r.Err.Class != c.class || r.Attempts != 1 {
				t.Errorf("the result is %+v with %v", r, r.Err)
			}
		})
	}
}

func TestAnsweredIsCalledOneAtATime(t *testing.T) {
	p, b := newRun(50, false)
	answered := map[int]decide.Outcome{}
	o := options(said(ok))
	o.Answered = func(i int, r decide.Result) { answered[i] = r.Outcome } // the race detector watches
	expect(t, Run(t.Context(), t.Context(), p, b, o), "50 updated")
	if len(answered) != 50 || answered[49] != decide.Updated {
		t.Errorf("answered of %v", answered)
	}
}

func TestNothingToDoSendsNothing(t *testing.T) {
	o := options(said(func(context.Context, provider.Update) error {
		t.Error("something is sent")
		return nil
	}))
	o.Save = func([]decide.Result) { t.Error("something is saved") }
	if results := Run(t.Context(), t.Context(), plan.Plan{}, decide.NewBatch(plan.Plan{}, state.Snapshot{}, false), o); len(results) != 0 {
		t.Errorf("the results are %v", results)
	}
}

func TestWhenAndHowLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		results := start(t, 1, said(func(context.Context, provider.Update) error {
			time.Sleep(180 * time.Millisecond)
			return nil
		}))
		if r := results[0]; r.Took != 180*time.Millisecond || !r.At.Equal(began.Add(r.Took)) {
			t.Errorf("it took %v until %v", r.Took, r.At)
		}
	})
}

func BenchmarkRun(b *testing.B) {
	b.Run("50 records of 50 ms by 16 workers", func(b *testing.B) {
		const service, workers, records = 50 * time.Millisecond, 16, 50
		for b.Loop() {
			p, batch := newRun(records, false)
			o := options(said(func(context.Context, provider.Update) error {
				time.Sleep(service)
				return nil
			}))
			o.Workers = workers
			Run(b.Context(), b.Context(), p, batch, o)
		}
		ideal := float64((records + workers - 1) / workers * service)
		b.ReportMetric(float64(b.Elapsed())/float64(b.N)/ideal, "x-ideal")
	})
	b.Run("10000 records at once", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			p, batch := newRun(10_000, false)
			Run(b.Context(), b.Context(), p, batch, options(said(ok)))
		}
	})
}
