package run

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"ddns-batch/internal/exitstatus"
	"ddns-batch/internal/provider"
	"ddns-batch/internal/state"
)

// recipient gets the lines of a run; delivering them fails with fault unless that is nil.
type recipient struct {
	got   []string
	fault error
	// during is called in the middle of a delivery.
	during func(context.Context)
}

func (r *recipient) errand() Errand {
	return Errand{Name: "the recipient", Fault: "the recipient failed", To: "recipient", Deliver: func(ctx context.Context, lines []string) error {
		r.got = append(r.got, lines...)
		if r.during != nil {
			r.during(ctx)
		}
		return errors.Join(r.fault, context.Cause(ctx))
	}}
}

// runWithErrands makes a run and does its errands, after which the lock must be free.
func (m *machine) runWithErrands(j Job) Report {
	m.t.Helper()
	r := m.run(j)
	status := r.ExitStatus
	r = j.RunErrands(m.stop, r)
	if r.ExitStatus != status || !m.lockFree() {
		m.t.Errorf("status %d became %d, or the lock is held", status, r.ExitStatus)
	}
	return r
}

func (m *machine) undelivered() []string {
	var all []string
	for _, u := range m.saved().Undelivered {
		all = append(all, u.To+": "+u.Text)
	}
	return all
}

// What a quiet run says is delivered while others may run, once, and what could not be delivered is tried again.
func TestLinesAreDelivered(t *testing.T) {
	m := newMachine(t)
	r := &recipient{fault: errors.New("no such host")}
	j := m.quiet()
	j.Errands = []Errand{r.errand()}
	const first = "nas: www.example.com and git.example.com set to 203.0.113.7 for the first time"
	report := m.runWithErrands(j)
	want(t, "delivered", r.got, first)
	want(t, "printed", report.Lines, first, "nas: the recipient failed: no such host")
	want(t, "kept", m.undelivered(), "recipient: "+first)
	want(t, "events", m.events[len(m.events)-1:], "errand the recipient no such host")

	// A run that is not quiet leaves it alone.
	loud := m.job()
	loud.Errands = j.Errands
	m.runWithErrands(loud)
	want(t, "delivered by another run", r.got, first)

	r.got, r.fault = nil, nil
	r.during = func(context.Context) {
		if !m.lockFree() {
			t.Error("the lock is held during a delivery")
		}
	}
	report = m.runWithErrands(j)
	want(t, "delivered in the next run", r.got, first+" (said 03:05)")
	want(t, "printed then", report.Lines, "nas: the recipient: working again")
	want(t, "kept then", m.undelivered())
	r.got = nil
	report = m.runWithErrands(j)
	want(t, "delivered after that", append(r.got, report.Lines...))
}

// What another run posts during a delivery is not lost.
func TestWhatIsPostedMeanwhileStays(t *testing.T) {
	m := newMachine(t)
	r := &recipient{}
	r.during = func(context.Context) {
		l, err := state.Acquire(t.Context(), m.path(), time.Second, time.Now)
		if err != nil {
			t.Error(err)
			return
		}
		s, _, err := l.Load()
		s.Undelivered = append(s.Undelivered, state.Undelivered{To: "recipient", Text: "later", At: m.time.Add(time.Second)})
		if err := errors.Join(err, l.Save(s), l.Release()); err != nil {
			t.Error(err)
		}
	}
	j := m.quiet()
	j.Errands = []Errand{r.errand()}
	m.runWithErrands(j)
	want(t, "kept", m.undelivered(), "recipient: later")
}

// Somebody who takes too long is given up, and that is a fault; a signal leaves a few seconds, a second one none, and what
// they cut off is no fault.
func TestAnErrandHasAnEnd(t *testing.T) {
	hang := &recipient{during: func(ctx context.Context) { <-ctx.Done() }}
	t.Run("its time is over", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			m := newMachine(t)
			j := m.quiet()
			j.Errands = []Errand{hang.errand()}
			report := m.run(j)
			began := time.Now()
			report = j.RunErrands(m.stop, report)
			if took := time.Since(began); took != ErrandTime || report.ExitStatus != exitstatus.OK {
				t.Errorf("after %s, status %d", took, report.ExitStatus)
			}
			if n := len(report.Lines); n != 2 || report.Lines[1] != "nas: the recipient failed: did not finish within 30 s" {
				t.Errorf("%q", report.Lines)
			}
		})
	})
	for signals, wantTook := range map[int]time.Duration{1: errandsGrace, 2: 0} {
		t.Run(fmt.Sprint(signals, " signals come"), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := newMachine(t)
				j := m.quiet()
				j.Errands = []Errand{hang.errand()}
				report := m.run(j)
				for range signals {
					m.signals <- syscall.SIGTERM
				}
				synctest.Wait()
				began := time.Now()
				report = j.RunErrands(m.stop, report)
				if took := time.Since(began); took != wantTook {
					t.Errorf("after %s, want %s", took, wantTook)
				}
				if n := len(report.Lines); n != 1 || len(report.Side) != 1 || len(m.undelivered()) != 1 {
					t.Errorf("%q, %v, kept %q", report.Lines, report.Side, m.undelivered())
				}
			})
		})
	}
}

// interrupted is a run in which signals come while the first record is sent.
func (m *machine) interrupted(j Job, signals int) Report {
	m.answer = func(provider.Update) error {
		for range signals {
			m.signals <- syscall.SIGTERM
		}
		<-m.stop.Sending.Done()
		if signals > 1 {
			<-m.stop.Hurried.Done()
		}
		return nil
	}
	defer func() { m.answer = nil }()
	return m.runWithErrands(j)
}

// A run that is interrupted still tells of what it confirmed, and that it has ended.
func TestAnInterruptedRunDoesItsErrands(t *testing.T) {
	m := newMachine(t)
	var changes []string
	var ended []Ending
	j := m.job()
	j.Errands = []Errand{m.onChange(&changes, new(error)), {Name: "the heartbeat", Ended: func(ctx context.Context, e Ending) error {
		ended = append(ended, e)
		return context.Cause(ctx)
	}}}
	r := m.interrupted(j, 1)
	if len(ended) != 1 || ended[0].ExitStatus != exitstatus.Terminated || len(r.Side) != 3 {
		t.Errorf("ended %+v, %v", ended, r.Side)
	}
	want(t, "passed on", changes, "203.0.113.7 invalid IP [www.example.com]")
	want(t, "kept", m.undelivered())
	m.runWithErrands(j)
	want(t, "passed on by the next run", changes[1:], "203.0.113.7 invalid IP [git.example.com]")
}

// onChange is an errand that writes down in changes what has changed, as long as fault is nil and there is time.
func (m *machine) onChange(changes *[]string, fault *error) Errand {
	return Errand{Name: "the command", Fault: "the command failed", To: "on_change", Changed: func(ctx context.Context, c Changes) error {
		err := errors.Join(*fault, context.Cause(ctx))
		if err == nil {
			*changes = append(*changes, fmt.Sprint(c.Address, " ", c.Previous, " ", c.Names))
		}
		return err
	}}
}

// Changes that could not be passed on are passed on by the next run, for up to a day and as long as the records hold that address.
func TestChangesThatWereNotPassedOn(t *testing.T) {
	m := newMachine(t)
	m.run(m.job())
	m.address = newAddress
	var changes []string
	var fault error
	j := m.job()
	j.Errands = []Errand{m.onChange(&changes, &fault)}
	m.interrupted(j, 2)
	want(t, "passed on without time", changes)
	want(t, "kept", m.undelivered(), "on_change: www.example.com")
	fault = errors.New("exit status 1")
	m.runWithErrands(j)
	want(t, "passed on in vain", changes)
	want(t, "kept then", m.undelivered(), "on_change: www.example.com", "on_change: git.example.com")

	// Another configuration, and a record that has gone on to another address.
	fault = nil
	other := m.job()
	other.Errands, other.Records, other.Selected = j.Errands, j.Records[1:], []int{0}
	m.runWithErrands(other)
	want(t, "passed on by another configuration", changes, "203.0.113.91 203.0.113.7 [git.example.com]")
	want(t, "kept after that", m.undelivered(), "on_change: www.example.com")
	changes = nil
	m.runWithErrands(j)
	m.runWithErrands(j)
	want(t, "passed on in the end", changes, "203.0.113.91 203.0.113.7 [www.example.com]")
	want(t, "kept in the end", m.undelivered())

	m.address, fault = oldAddress, errors.New("exit status 1")
	m.runWithErrands(j)
	m.time, fault, changes = m.time.Add(24*time.Hour), nil, nil
	m.runWithErrands(j)
	want(t, "passed on a day later", changes)
	want(t, "kept a day later", m.undelivered())
}

// Lines that somebody got are not said again because nobody reads stdout.
func TestWhatWasDeliveredIsNotTakenBack(t *testing.T) {
	for _, fault := range []error{nil, errors.New("no such host")} {
		t.Run(fmt.Sprint(fault), func(t *testing.T) {
			m := newMachine(t)
			m.run(m.job())
			m.address, m.answer = newAddress, gitRefused
			r := &recipient{fault: fault}
			j := m.quiet()
			j.Errands = []Errand{r.errand()}
			j.TakeBack(m.runWithErrands(j))
			m.answer = gitRefused
			if again := strings.Contains(strings.Join(m.runWithErrands(j).Lines, "\n"), "git.example.com fail"); again != (fault != nil) {
				t.Errorf("said again: %t", again)
			}
		})
	}
}

// A change is passed on only if there was one.
func TestChangesArePassedOn(t *testing.T) {
	m := newMachine(t)
	var changes []string
	j := m.job()
	j.Errands = []Errand{{Name: "the command", Fault: "the command failed", Changed: func(_ context.Context, c Changes) error {
		changes = append(changes, fmt.Sprint(c.Address, " ", c.Previous, " ", c.Names))
		return nil
	}}}
	m.runWithErrands(j)
	m.runWithErrands(j)
	m.address, m.answer = newAddress, gitRefused
	m.runWithErrands(j)
	want(t, "passed on", changes, "203.0.113.7 invalid IP [www.example.com git.example.com]", "203.0.113.91 203.0.113.7 [www.example.com]")
}

// With --wait only what is served counts.
func TestOnlyWhatIsServedHasChanged(t *testing.T) {
	m := newMachine(t)
	m.run(m.job())
	m.address = newAddress
	stop := m.start(time.Minute)
	j := m.job()
	l, failure := j.acquire(stop)
	if failure != nil {
		t.Fatal(failure)
	}
	defer l.release()
	a := j.attempt(stop, l)
	served := []waited{{step: 0}, {step: 1}}
	served[1].Served = true
	if c := a.changes(served); len(c.Names) != 1 || c.Names[0].Host != "git" {
		t.Errorf("%+v", c)
	}
	if c := a.changes(nil); !slices.Equal([]string{c.Names[0].Host, c.Names[1].Host}, []string{"www", "git"}) {
		t.Errorf("%+v", c)
	}
}
