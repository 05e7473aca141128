package watch

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// rig is a loop in a bubble, in which time passes when everybody waits. What it does is written down.
type rig struct {
	*testing.T
	Loop
	hangups chan struct{}
	began   time.Time
	ahead   atomic.Int64 // by how many nanoseconds the machine's clock is ahead
	end     context.CancelFunc

	mu      sync.Mutex
	takes   time.Duration // how long a run takes
	broken  bool          // the configuration is
	outcome Outcome
	heard   []string
	changed func()
	follows int // how often Follow was called
}

// watch starts a loop of five minutes, and hands it to a test.
func watch(t *testing.T, test func(r *rig)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		r := &rig{T: t, hangups: make(chan struct{}, 1), began: time.Now(), outcome: Outcome{Status: "all well"}}
		r.Loop = Loop{
			Every: 5 * time.Minute, Run: r.run, Reload: r.reload, Hangups: r.hangups, Follow: func() func(context.Context, func()) { return r.follow }, Tell: r.tell,
			Wall: func() time.Time { return time.Now().UTC().Add(time.Duration(r.ahead.Load())) }, Random: func() float64 { return 0.5 },
			Longest: func() time.Duration { return 3 * time.Minute },
		}
		ctx, end := context.WithCancel(t.Context())
		defer end()
		r.end = end
		over := make(chan struct{})
		start := func() {
			go func() {
				defer close(over)
				r.Do(ctx)
			}()
		}
		r.changed = start // until there is one
		test(r)
		end()
		<-over
	})
}

func (r *rig) note(format string, values ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.heard = append(r.heard, fmt.Sprintf("%s ", time.Since(r.began))+fmt.Sprintf(format, values...))
}

func (r *rig) run(why Reason) Outcome {
	r.note("run: %s", why)
	r.mu.Lock()
	takes, outcome := r.takes, r.outcome
	r.mu.Unlock()
	time.Sleep(takes)
	return outcome
}

func (r *rig) reload() bool {
	r.note("reload")
	r.mu.Lock()
	defer r.mu.Unlock()
	return !r.broken
}

func (r *rig) follow(ctx context.Context, changed func()) {
	r.mu.Lock()
	r.changed, r.follows = changed, r.follows+1
	r.mu.Unlock()
	<-ctx.Done()
}

func (r *rig) tell(states ...string) {
	if i := slices.IndexFunc(states, func(s string) bool { return strings.HasPrefix(s, "MONOTONIC_USEC=") }); i > 0 {
		states = slices.Delete(states, i, i+1)
	}
	r.note("%s", strings.Join(states, " "))
}

// start starts the loop.
func (r *rig) start() *rig {
	r.changed()
	synctest.Wait()
	return r
}

// pass lets time pass, and returns what happened meanwhile.
func (r *rig) pass(d time.Duration) []string {
	time.Sleep(d)
	synctest.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	heard := r.heard
	r.heard = nil
	return heard
}

func (r *rig) want(what string, heard []string, want ...string) {
	r.Helper()
	if !slices.Equal(heard, want) {
		r.Errorf("%s:\n%q, want\n%q", what, heard, want)
	}
}

func TestTheLoopRunsAndSaysSo(t *testing.T) {
	watch(t, func(r *rig) {
		r.takes = time.Second
		r.start()
		r.want("ten minutes", r.pass(11*time.Minute), "0s READY=1", "0s run: the start", "1s STATUS=all well; next run about 00:05",
			"5m1s run: the interval", "5m2s STATUS=all well; next run about 00:10", "10m2s run: the interval", "10m3s STATUS=all well; next run about 00:15")
		r.end()
		r.want("the end", r.pass(0), "11m0s STOPPING=1")
	})
}

func TestARunIsWaitedForAtTheEnd(t *testing.T) {
	watch(t, func(r *rig) {
		r.takes = time.Minute
		r.start().pass(30 * time.Second)
		r.end()
		r.want("the end", r.pass(time.Hour), "30s STOPPING=1", "1m0s STATUS=all well; next run about 00:06")
	})
}

func TestAReloadWaitsForTheRunAndMakesOne(t *testing.T) {
	watch(t, func(r *rig) {
		r.takes = time.Minute
		r.start().pass(time.Second)
		r.hangups <- struct{}{}
		r.want("during a run", r.pass(90*time.Second), "1s RELOADING=1", "1m0s STATUS=all well; next run about 00:06", "1m0s reload", "1m0s READY=1",
			"1m0s run: the configuration was read again")
		if r.follows != 2 {
			t.Errorf("%d times followed", r.follows)
		}
	})
}

func TestABrokenConfigurationChangesNothing(t *testing.T) {
	watch(t, func(r *rig) {
		r.start().pass(time.Minute)
		r.broken = true
		r.hangups <- struct{}{}
		r.want("read in vain", r.pass(5*time.Minute), "1m0s RELOADING=1", "1m0s reload", "1m0s READY=1",
			"5m0s run: the interval", "5m0s STATUS=all well; next run about 00:10")
		if r.follows != 1 {
			t.Errorf("%d times followed", r.follows)
		}
	})
}

func TestAChangeOfTheRouterMakesARun(t *testing.T) {
	watch(t, func(r *rig) {
		r.start().pass(time.Minute)
		r.changed()
		r.want("at once", r.pass(0), "1m0s run: the router has another address", "1m0s STATUS=all well; next run about 00:06")
	})
}

func TestASuspendedMachineRunsSoonAfterWaking(t *testing.T) {
	watch(t, func(r *rig) {
		r.start().pass(time.Minute)
		r.ahead.Store(int64(8 * time.Hour))
		r.want("after waking", r.pass(10*time.Second), "1m10s run: the machine was suspended or its clock was set", "1m10s STATUS=all well; next run about 08:06")
	})
}

func TestTheWatchdogNoticesARunThatHangs(t *testing.T) {
	watch(t, func(r *rig) {
		r.Watchdog, r.takes = time.Minute, 4*time.Minute
		// The clocks are looked at every 10 s, also where the watchdog would wait longer.
		alive := func(heard []string) int {
			return len(slices.DeleteFunc(heard, func(s string) bool { return !strings.HasSuffix(s, "WATCHDOG=1") }))
		}
		r.start()
		if n := alive(r.pass(3*time.Minute - time.Second)); n != 17 {
			t.Errorf("a run that may take 3 minutes: %d signs of life in them", n)
		}
		if n := alive(r.pass(time.Minute - time.Second)); n != 0 {
			t.Errorf("a run that hangs: %d signs of life", n)
		}
		r.pass(2 * time.Second)
		if n := alive(r.pass(time.Minute)); n != 6 {
			t.Errorf("afterwards: %d signs of life in a minute", n)
		}
	})
}

func TestAShortWatchdogIntervalIsKept(t *testing.T) {
	watch(t, func(r *rig) {
		r.Watchdog = 3 * time.Second
		r.start().pass(0)
		heard := r.pass(3 * time.Second)
		r.want("in 3 s", heard, "1.5s WATCHDOG=1", "3s WATCHDOG=1")
	})
}
