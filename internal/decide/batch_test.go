package decide

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"ddns-batch/internal/pause"
	"ddns-batch/internal/plan"
	"ddns-batch/internal/provider"
	"ddns-batch/internal/record"
	"ddns-batch/internal/state"
)

// newTestBatch arranges records whose passwords were all accepted.
func newTestBatch(t *testing.T, records string) (plan.Plan, *Batch) {
	t.Helper()
	before := (&play{T: t, run: run{ip: "y", records: records}}).play()
	in := (&play{T: t, run: run{records: records}, before: before}).input()
	p := plan.Build(in)
	return p, NewBatch(p, before, false)
}

func outcomes(p plan.Plan, b *Batch) string {
	results := b.Results()
	return grouped(p.Steps, func(i int) string { return string(results[i].Outcome) })
}

func answer(b *Batch, p plan.Plan, i int, e *provider.Error) {
	b.Answer(i, Summarize(p.Steps[i], []*provider.Error{e}, ""))
}

func TestStopSkipsWhatWasNotGivenOut(t *testing.T) {
	p, b := newTestBatch(t, "a1 a2 b1 b2")
	first, _ := b.Next()
	b.Stop("interrupted")
	b.Stop("interrupted twice")
	if i, ok := b.Next(); ok {
		t.Errorf("step %d is given out after the end", i)
	}
	if b.Done() {
		t.Error("it is done while something is in flight")
	}
	answer(b, p, first, nil)
	if !b.Done() {
		t.Error("it is not done")
	}
	if got, want := outcomes(p, b), "a1 updated, a2 b1 b2 skipped"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if r := b.Results()[3]; r.For != pause.OfRun || r.Err.Class != provider.Transient || r.Err.Message != "not sent: interrupted" || !r.Err.Unsent || !r.Err.Unchanged {
		t.Errorf("a record that the end left out says %+v, %+v", r, r.Err)
	}
	before := state.Snapshot{}
	if after := Learn(before, p, b.Results()); thePauses(after) != "" || theKnown(after) != "a1=x" {
		t.Errorf("the end of the run counts as a failure: %s; %s", thePauses(after), theKnown(after))
	}
}

func TestStoppedTellsThatAnotherAttemptIsPointless(t *testing.T) {
	for _, c := range []struct{ answer, stopped string }{
		{"badpass", "a2"}, {"nodomain", "a2 a3"}, {"badip", "a2 a3 b1"}, {"blocked", "a2 a3 b1"}, {"norecord", ""}, {"timeout", ""}, {"ok", ""},
	} {
		t.Run(c.answer, func(t *testing.T) {
			p, b := newTestBatch(t, "a1 a2 a3/q b1")
			for range p.Steps {
				b.Next()
			}
			answer(b, p, 0, word(t, c.answer))
			got := ""
			for i, s := range p.Steps[1:] {
				if b.Stopped(i + 1) {
					got += " " + short(s.Name)
				}
			}
			if want := c.stopped; got != want && got != " "+want {
				t.Errorf("stopped are%s, want %s", got, want)
			}
		})
	}
}

func TestAnEmptyPlanIsDone(t *testing.T) {
	b := NewBatch(plan.Plan{}, state.Snapshot{}, false)
	if _, ok := b.Next(); ok || !b.Done() || len(b.Results()) != 0 {
		t.Error("nothing to do, and yet something is left")
	}
}

func TestResultsAreACopy(t *testing.T) {
	_, b := newTestBatch(t, "a1")
	b.Results()[0].Outcome = Failed
	if got := b.Results()[0].Outcome; got != "" {
		t.Errorf("the result of the batch became %q", got)
	}
}

// A state has all its times in UTC; otherwise each save would copy all of it first.
func TestWhatIsLearntIsInUTC(t *testing.T) {
	zone := time.FixedZone("", 2*60*60)
	p, before := large(3)
	p.Steps = p.Steps[:6]
	p.Now = start.In(zone)
	results := make([]Result, len(p.Steps))
	for i, e := range []*provider.Error{nil, words["badpass"], words["nodomain"], words["timeout"], words["blocked"]} {
		results[i] = Summarize(p.Steps[i], []*provider.Error{e}, "")
		results[i].At = start.In(zone).Add(time.Second)
	}
	text, err := json.Marshal(Learn(before, p, results))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(text), "+02:00") || !strings.Contains(string(text), "T03:05:01Z") {
		t.Errorf("%s", text)
	}
}

// BenchmarkLearn is what a save of 10,000 records costs before it is written.
func BenchmarkLearn(b *testing.B) {
	for _, domains := range []int{100, 10_000} {
		b.Run(fmt.Sprintf("%d domains", domains), func(b *testing.B) {
			p, before := large(domains)
			results := make([]Result, len(p.Steps))
			for i, s := range p.Steps {
				results[i] = Summarize(s, []*provider.Error{nil}, "")
				results[i].At = start.Add(time.Duration(i) * time.Millisecond)
			}
			b.ReportAllocs()
			for b.Loop() {
				Learn(before, p, results)
			}
		})
	}
}

// BenchmarkBatch gives out and answers 10,000 records, 16 of them in flight at a time.
func BenchmarkBatch(b *testing.B) {
	for _, domains := range []int{1, 100, 10_000} {
		b.Run(fmt.Sprintf("%d domains", domains), func(b *testing.B) {
			p, before := large(domains)
			b.ReportAllocs()
			for b.Loop() {
				batch := NewBatch(p, before, false)
				var flying []int
				for !batch.Done() {
					if i, ok := batch.Next(); ok {
						flying = append(flying, i)
						if len(flying) < 16 {
							continue
						}
					}
					batch.Answer(flying[0], Result{Outcome: Updated})
					flying = flying[1:]
				}
			}
		})
	}
}

// large is a plan for 10,000 records that have all moved, and whose passwords are not proved.
func large(domains int) (plan.Plan, state.Snapshot) {
	in := plan.Input{Now: start, Address: addresses["x"]}
	for i := range 10_000 {
		n := record.Name{Host: fmt.Sprint("h", i), Domain: fmt.Sprintf("zone%d.example.com", i%domains)}
		in.Targets = append(in.Targets, plan.Target{Name: n, Fingerprint: n.Domain})
		in.State.Records = append(in.State.Records, state.Record{
			Host: n.Host, Domain: n.Domain, IP: addresses["y"], ConfirmedAt: start.Add(-time.Hour),
			History: []state.Change{{IP: addresses["y"], At: start.Add(-time.Hour)}},
		})
	}
	return plan.Build(in), in.State
}
