package apply

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"ddns-batch/internal/decide"
	"ddns-batch/internal/pause"
	"ddns-batch/internal/provider"
)

// line is a provider with sessions, and writes down what is sent over each of them: "h0 h1 last |" is two updates, of
// which the second was announced as the last one, and their proof. Updates on their own stand in parentheses.
type line struct {
	answer said
	// proves says how many of so many updates of the n-th connection are proved; nil: all.
	proves func(n, sent int) int

	mu          sync.Mutex
	heard       []string
	connections int
}

func (l *line) note(n int, text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for len(l.heard) <= n {
		l.heard = append(l.heard, "")
	}
	l.heard[n] += text
}

func (l *line) connect() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.connections++
	return l.connections - 1
}

func (l *line) Update(ctx context.Context, u provider.Update) error {
	l.note(l.connect(), "("+u.Name.Host+")")
	return l.answer(ctx, u)
}

func (l *line) Open() provider.Session { return &lineSession{line: l, n: -1} }

type lineSession struct {
	*line
	n, sent int
	over    bool
}

func (s *lineSession) Send(ctx context.Context, u provider.Update, last bool) error {
	if s.n < 0 {
		s.n = s.connect()
	}
	s.sent++
	s.over = last
	text := u.Name.Host + " "
	if last {
		text += "last "
	}
	s.note(s.n, text)
	return s.answer(ctx, u)
}

func (s *lineSession) Over() bool { return s.over }

func (s *lineSession) Prove(context.Context) (int, error) {
	n, sent := s.n, s.sent
	s.n, s.sent, s.over = -1, 0, false
	if n < 0 {
		return 0, nil
	}
	s.note(n, "|")
	if s.proves == nil {
		return sent, nil
	}
	if proved := s.proves(n, sent); proved < sent {
		return proved, &provider.Error{Class: provider.Transient, Message: "not counted", Uncounted: true}
	}
	return sent, nil
}

// over runs n records of an accepted password by so many workers.
func (l *line) over(t *testing.T, n, workers int) []decide.Result {
	t.Helper()
	p, b := newRun(n, false)
	o := options(l)
	o.Workers = workers
	results := Run(t.Context(), t.Context(), p, b, o)
	noCanary(t, results)
	return results
}

func (l *line) expect(t *testing.T, want ...string) {
	t.Helper()
	if !slices.Equal(l.heard, want) {
		t.Errorf("heard %q\n want %q", l.heard, want)
	}
}

func TestOneConnectionForAllRecordsOfAWorker(t *testing.T) {
	l := &line{answer: ok}
	expect(t, l.over(t, 4, 1), "4 updated")
	l.expect(t, "h0 h1 h2 h3 last |")
}

// Where each worker gets one record, it is known to be its last.
func TestNoWorkerWithoutASecondRecordAsksForMore(t *testing.T) {
	l := &line{answer: ok}
	expect(t, l.over(t, 8, 8), "8 updated")
	for _, heard := range l.heard {
		if !strings.HasSuffix(heard, "last |") {
			t.Errorf("heard %q", l.heard)
		}
	}
}

func TestUnprovedRecordsAreSentAgainAlone(t *testing.T) {
	l := &line{answer: ok, proves: func(n, sent int) int { return 1 }}
	results := l.over(t, 3, 1)
	expect(t, results, "3 updated")
	l.expect(t, "h0 h1 h2 last |", "(h1)", "(h2)")
	if results[0].Attempts != 1 || results[1].Attempts != 2 {
		t.Errorf("%d and %d attempts", results[0].Attempts, results[1].Attempts)
	}
}

// What was refused in an answer that does not count may have been stored; what is refused after that proves nothing.
func TestARefusalAfterAnAnswerThatDoesNotCountLeavesItOpen(t *testing.T) {
	l := &line{answer: func(_ context.Context, u provider.Update) error { return failing(provider.Record) }, proves: func(int, int) int { return 0 }}
	results := l.over(t, 2, 1)
	expect(t, results, "2 unconfirmed")
	if results[1].Err.Class != provider.Record || results[1].Attempts != 2 {
		t.Errorf("%+v, %v", results[1], results[1].Err)
	}
}

func TestAnswersThatDoNotCountTwiceAreLeftToTheNextRun(t *testing.T) {
	sent := map[string]int{}
	l := &line{answer: func(_ context.Context, u provider.Update) error {
		sent[u.Name.Host]++
		if sent[u.Name.Host] > 1 {
			return &provider.Error{Class: provider.Transient, Message: "not counted", Uncounted: true}
		}
		return nil
	}, proves: func(int, int) int { return 0 }}
	expect(t, l.over(t, 2, 1), "2 unconfirmed")
	if sent["h0"] != 2 || sent["h1"] != 2 {
		t.Errorf("sent %v", sent)
	}
}

// A trial has a connection of its own, and nothing else goes before it is answered.
func TestATrialIsProvedByItself(t *testing.T) {
	l := &line{answer: ok}
	p, b := newRun(3, true)
	o := options(l)
	o.Workers = 1
	expect(t, Run(t.Context(), t.Context(), p, b, o), "3 updated")
	l.expect(t, "(h0)", "h1 h2 last |")
}

// A password that was accepted once is refused: nobody else sends it before that is proved, nor afterwards.
func TestARefusalOfManyIsProvedAtOnce(t *testing.T) {
	l := &line{answer: func(_ context.Context, u provider.Update) error {
		if u.Name.Host == "h1" {
			return failing(provider.Credentials)
		}
		return nil
	}}
	expect(t, l.over(t, 4, 1), "1 updated, 1 failed, 2 skipped")
	l.expect(t, "h0 h1 |")
}

// An endpoint that is busy is asked again over the connection that is there.
func TestBusyAnswersKeepTheConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &line{answer: func(context.Context, provider.Update) error {
			return &provider.Error{Class: provider.Transient, Message: "503"}
		}}
		expect(t, l.over(t, 3, 1), "3 unconfirmed")
		l.expect(t, "h0 h0 h0 h1 h1 h1 h2 last |", "h2 h2 |")
	})
}

// Nothing waits for its proof longer than a second and half of one: it would have to be sent again after a crash.
func TestAConnectionIsEndedInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		l := &line{answer: func(context.Context, provider.Update) error {
			time.Sleep(400 * time.Millisecond)
			return nil
		}}
		p, b := newRun(9, false)
		o := options(l)
		o.Workers = 1
		var at []time.Duration
		o.Answered = func(int, decide.Result) { at = append(at, time.Since(began)) }
		expect(t, Run(t.Context(), t.Context(), p, b, o), "9 updated")
		for i, a := range at {
			if age := a - time.Duration(i+1)*400*time.Millisecond; age > 1500*time.Millisecond {
				t.Errorf("h%d is answered for %s after it was", i, age)
			}
		}
		l.expect(t, "h0 h1 h2 h3 last |", "h4 h5 h6 h7 last |", "h8 last |")
	})
}

// An answer that does not come keeps the claims before it from being proved, and so they are sent again elsewhere: also
// where a signal has come meanwhile, since they were begun before. A deadline leaves them open.
func TestClaimsDoNotWaitForAnAnswerThatDoesNotCome(t *testing.T) {
	for _, c := range []struct {
		name          string
		begin, finish time.Duration
		want          string
	}{
		{"in time", time.Minute, time.Minute, "4 updated, 1 unconfirmed"},
		{"after a signal", 100 * time.Millisecond, 5 * time.Second, "4 updated, 1 unconfirmed, 1 skipped"},
		{"not after the end", 100 * time.Millisecond, 500 * time.Millisecond, "1 updated, 4 unconfirmed, 1 skipped"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				finish, cancel := context.WithTimeout(t.Context(), c.finish)
				defer cancel()
				begin, cancel := context.WithTimeout(finish, c.begin)
				defer cancel()
				l := &line{answer: func(ctx context.Context, u provider.Update) error {
					if u.Name.Host == "h4" {
						return silent(ctx, u)
					}
					time.Sleep(10 * time.Millisecond)
					return nil
				}, proves: func(int, int) int { return 1 }}
				steps := 6
				if c.name == "in time" {
					steps = 5
				}
				p, b := newRun(steps, false)
				o := options(l)
				o.Workers, o.Retries = 1, 0
				began := time.Now()
				o.Answered = func(i int, r decide.Result) {
					if age := time.Since(began); r.Confirmed() && i > 0 && age > 1500*time.Millisecond {
						t.Errorf("h%d is answered for after %s", i, age)
					}
				}
				expect(t, Run(begin, finish, p, b, o), c.want)
			})
		})
	}
}

// Where attempts are slow, each one is proved before the next.
func TestSlowAnswersAreProvedOneByOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &line{answer: func(context.Context, provider.Update) error {
			time.Sleep(3 * time.Second)
			return nil
		}}
		expect(t, l.over(t, 3, 1), "3 updated")
		l.expect(t, "h0 |", "h1 |", "h2 last |")
	})
}

// A worker that has answers to prove does not wait for others with them.
func TestProvedRecordsDoNotWaitForOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		l := &line{answer: func(_ context.Context, u provider.Update) error {
			time.Sleep(10 * time.Millisecond)
			if u.Name.Host == "h1" {
				time.Sleep(400 * time.Millisecond)
			}
			return nil
		}}
		p, b := newRun(4, false)
		o := options(l)
		o.Workers = 2
		o.Answered = func(i int, _ decide.Result) {
			if i != 1 && time.Since(began) > 100*time.Millisecond {
				t.Errorf("h%d is answered for after %s", i, time.Since(began))
			}
		}
		expect(t, Run(t.Context(), t.Context(), p, b, o), "4 updated")
	})
}

func TestAWaitThatIsAskedForIsKeptTo(t *testing.T) {
	for _, c := range []struct {
		asked    time.Duration
		deadline time.Duration
		attempts int
	}{
		{time.Nanosecond, time.Hour, 3},
		{5 * time.Second, time.Hour, 3},
		{30 * time.Second, time.Hour, 3},
		{31 * time.Second, time.Hour, 1}, // longer than an attempt may take
		{20 * time.Second, time.Minute, 3},
		{20 * time.Second, 15 * time.Second, 1}, // the run is over before
		{2 * time.Hour, 3 * time.Hour, 1},
	} {
		t.Run(fmt.Sprint(c.asked, " in ", c.deadline), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), c.deadline)
				defer cancel()
				var at []time.Time
				p, b := newRun(1, false)
				r := Run(ctx, ctx, p, b, options(said(func(context.Context, provider.Update) error {
					at = append(at, time.Now())
					return &provider.Error{Class: provider.Transient, Message: "503", RetryAfter: c.asked}
				})))[0]
				if r.Attempts != c.attempts || r.Err == nil || r.Err.RetryAfter != c.asked {
					t.Errorf("%+v, %v", r, r.Err)
				}
				for i := 1; i < len(at); i++ {
					if wait := at[i].Sub(at[i-1]); wait < c.asked {
						t.Errorf("it waited for %s", wait)
					}
				}
			})
		})
	}
}

// Whatever is under way when an endpoint turns out to be down is not tried again.
func TestNothingIsRepeatedAtAnEndpointThatIsDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, b := newRun(4, false)
		results := Run(t.Context(), t.Context(), p, b, options(said(func(_ context.Context, u provider.Update) error {
			if u.Name.Host == "h3" {
				time.Sleep(10 * time.Second)
			}
			return &provider.Error{Class: provider.Transient, Message: "silence", Unanswered: true}
		})))
		if expect(t, results, "4 unconfirmed"); results[0].Attempts != 3 || results[3].Attempts != 1 {
			t.Errorf("%d and %d attempts", results[0].Attempts, results[3].Attempts)
		}
	})
}

// An endpoint that is down is not asked for every record.
func TestAnEndpointThatIsDownIsLeftAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sent := map[string]int{}
		p, b := newRun(150, false)
		o := options(said(func(_ context.Context, u provider.Update) error {
			sent[u.Name.Host]++
			return &provider.Error{Class: provider.Transient, Message: "refused", Unsent: true, Unchanged: true, Unanswered: true}
		}))
		o.Workers = 1
		results := Run(t.Context(), t.Context(), p, b, o)
		expect(t, results, "3 failed, 147 skipped")
		if len(sent) != 3 || sent["h2"] != 3 {
			t.Errorf("sent %v", sent)
		}
		if r := results[149]; r.For != pause.OfRun || r.Err.Class != provider.Transient {
			t.Errorf("%+v, %v", r, r.Err)
		}
	})
}
