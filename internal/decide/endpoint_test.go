package decide

import (
	"testing"
	"time"

	"ddns-batch/internal/pause"
	"ddns-batch/internal/plan"
	"ddns-batch/internal/provider"
	"ddns-batch/internal/state"
)

// An endpoint that answers nobody is down. It is not asked for each of the others, who are not to blame, and are asked for
// in the next run before those that failed.
func TestADeadEndpointIsNotTriedAgain(t *testing.T) {
	tellAll(t, []story{
		{"after three records in a row", []run{
			{records: "a1 a2 a3 a4 a5"},
			{at: "5m", ip: "y", workers: 1, answers: "* down", sent: "a1 | a2 | a3", ends: "a1 a2 a3 failed, a4 a5 skipped",
				pauses: "a1 x1 0, a2 x1 0, a3 x1 0", knows: "a1=x! a2=x! a3=x! a4=x a5=x"},
			{at: "10m", ip: "y", workers: 1, answers: "* down", planned: "a1 a2 a3 a4 a5 moved", sent: "a4 | a5 | a1", ends: "a1 failed, a2 a3 skipped, a4 a5 failed"},
			{at: "15m", ip: "y", workers: 1, ends: "a1 a2 a3 a4 a5 updated"},
		}},
		{"whether it is silent or not to be reached", []run{
			{records: "a1 a2 b1 b2"},
			{at: "5m", ip: "y", workers: 1, answers: "a1 silence+down, a2 down, b silence", sent: "a1 | a2 | b1", ends: "a1 unconfirmed, a2 failed, b1 unconfirmed, b2 skipped"},
		}},
		{"but not if one of them is answered, however badly", []run{
			{records: "a1 a2 a3 a4 a5"},
			{at: "5m", ip: "y", workers: 1, answers: "a3 busy, * down", sent: "a1 | a2 | a3 | a4 | a5", ends: "a1 a2 failed, a3 unconfirmed, a4 a5 failed"},
			{at: "10m", ip: "y", workers: 1, answers: "* busy", ends: "a1 a2 a3 a4 a5 unconfirmed"},
		}},
		{"with --force as well", []run{
			{records: "a1 a2 a3 a4"},
			{at: "5m", ip: "y", workers: 1, flags: "force", answers: "* down", ends: "a1 a2 a3 failed, a4 skipped"},
		}},
	})
}

// A busy endpoint may say when it wants to hear of the record again.
func TestABusyEndpointIsAskedAgainWhenItWants(t *testing.T) {
	tellAll(t, []story{
		{"not before", []run{
			{records: "a1 a2"},
			{at: "5m", ip: "y", answers: "a1 busy:10m", pauses: "a1 x1 10m"},
			{at: "10m", ip: "y", planned: "a1 failing, a2 current", pauses: "a1 x1 10m"},
			{at: "16m", ip: "y", planned: "a1 unknown, a2 current", ends: "a1 updated", pauses: "-"},
		}},
		{"and not for longer than a day", []run{{records: "a1", answers: "a1 busy:9000h", pauses: "a1 x1 24h"}}},
		{"and not sooner than others after so many failures", []run{
			{records: "a1", answers: "a1 busy"}, {at: "5m", answers: "a1 busy"}, {at: "10m", answers: "a1 busy:5s", pauses: "a1 x3 4m"},
		}},
	})
}

func TestAWaitThatIsAskedForBeginsWithTheReply(t *testing.T) {
	e := &provider.Error{Class: provider.Transient, RetryAfter: 2 * time.Minute}
	p := pause.Failure{Err: e, At: start.Add(20 * time.Second), Start: start}.After(nil)
	if !p.Began.Equal(start.Add(20*time.Second)) || p.Seconds != 120 || !p.Since.Equal(start) {
		t.Errorf("the pause is %+v", p)
	}
}

func TestATrialIsWhatOthersWaitFor(t *testing.T) {
	b := NewBatch(plan.Build((&play{T: t, run: run{records: "a1 a2 b1"}}).input()), state.Snapshot{}, false)
	first, _ := b.Next()
	if !b.Trial(first) || b.Waiting() != 2 {
		t.Errorf("no trial, or %d are waiting", b.Waiting())
	}
	accepted, accepts := newTestBatch(t, "a1 a2")
	i, _ := accepts.Next()
	if accepts.Trial(i) {
		t.Error("a trial of what was accepted")
	}
	answer(accepts, accepted, i, nil)
}

// What is in doubt goes to nobody else until it is answered, and then to all or to none.
func TestRecordsBehindATrialWait(t *testing.T) {
	for name, c := range map[string]struct{ answer, want string }{
		"and ends if it was so":       {"badpass", "a1 failed, a2 a3 skipped, b1 updated"},
		"and goes on if it was not":   {"ok", "a1 a2 a3 b1 updated"},
		"and goes on without verdict": {"timeout", "a1 unconfirmed, a2 a3 b1 updated"},
	} {
		t.Run(name, func(t *testing.T) {
			p, b := newTestBatch(t, "a1 a2 a3 b1")
			i, _ := b.Next()
			b.Suspend(i, words["badpass"].Class)
			j, ok := b.Next()
			if !ok || short(p.Steps[j].Name) != "b1" {
				t.Fatalf("%v is given out", p.Steps[j].Name)
			}
			answer(b, p, j, nil)
			if k, ok := b.Next(); ok {
				t.Fatalf("%v is given out", p.Steps[k].Name)
			}
			answer(b, p, i, word(t, c.answer))
			for k, ok := b.Next(); ok; k, ok = b.Next() {
				answer(b, p, k, nil)
			}
			if got := outcomes(p, b); !b.Done() || got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

// What others come to, sent before the doubt arose, neither ends it nor counts as trying.
func TestRecordsBehindATrialWaitForItsProof(t *testing.T) {
	p, b := newTestBatch(t, "a1 a2 a3 a4 a5")
	for range 3 {
		b.Next()
	}
	b.Suspend(0, words["badpass"].Class)
	for _, other := range []int{1, 2} {
		answer(b, p, other, words["timeout"])
		if k, ok := b.Next(); ok {
			t.Fatalf("%v is given out", p.Steps[k].Name)
		}
	}
	answer(b, p, 0, words["timeout"])
	for k, ok := b.Next(); ok; k, ok = b.Next() {
		answer(b, p, k, nil)
	}
	if got, want := outcomes(p, b), "a1 a2 a3 unconfirmed, a4 a5 updated"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestNoFurtherAttemptAtAnEndpointThatIsDown(t *testing.T) {
	p, b := newTestBatch(t, "a1 a2 a3 a4 b1")
	for range 4 {
		b.Next()
	}
	for i := range maxUnanswered {
		if b.Stopped(3) {
			t.Errorf("stopped after %d records", i)
		}
		answer(b, p, i, words["silence"])
	}
	if !b.Stopped(3) {
		t.Error("not stopped")
	}
}
