package run

import (
	"errors"
	"fmt"
	"time"

	"ddns-batch/internal/apply"
	"ddns-batch/internal/decide"
	"ddns-batch/internal/exitstatus"
	"ddns-batch/internal/plan"
	"ddns-batch/internal/record"
	"ddns-batch/internal/report"
	"ddns-batch/internal/state"
)

// saveEvery, and the second until an answer is proved, are how much of a long run may have to be sent again after a crash.
const saveEvery = time.Second

// sent is the result of sending a plan.
type sent struct {
	// results are indexed by step; empty if there was nothing to send.
	results []decide.Result
	// after is what is to be remembered.
	after state.Snapshot
	// lost is why the results so far could not be saved; nil if they were.
	lost error
}

// send carries the plan out.
func (j Job) send(stop *Shutdown, l *lock, m memory, p plan.Plan) (sent, *Failure) {
	client, err := j.Target.Provider()
	if err != nil {
		return sent{after: m.snapshot}, &Failure{Status: exitstatus.Usage, Report: report.Error{Message: err.Error()}, AlwaysPrint: true}
	}
	failure, lost := j.forget(l, m, p)
	if failure != nil {
		return sent{after: m.snapshot}, failure
	}
	queue := decide.NewBatch(p, m.snapshot, j.Force)
	j.Events.Sending(p.Updates())
	defer j.Events.Sent()
	results := apply.Run(stop.Sending, stop.Waiting, p, queue, apply.Options{
		Provider: client, Passwords: j.secret, Workers: j.Config.Concurrency, Retries: j.Config.Retries,
		RequestTimeout: j.Config.RequestTimeout, Now: j.Now,
		Answered: func(i int, r decide.Result) { j.Events.Answered(p.Steps[i], r) },
		// A failure here is not final: the next save may succeed.
		Save:      func(results []decide.Result) { lost = l.Save(decide.Learn(m.snapshot, p, results)) },
		SaveEvery: saveEvery,
	})
	results = j.settle(stop, p, results)
	return sent{results, j.learn(m, p, results), lost}, nil
}

// learn returns what is to be remembered after the run. The age of records is counted from the state as it was read.
// Otherwise, after a year without a run, all records that this run leaves out would be too old compared with the ones that
// it has just sent.
func (j Job) learn(m memory, p plan.Plan, results []decide.Result) state.Snapshot {
	if !p.Learns() {
		return m.snapshot
	}
	return decide.Learn(m.snapshot.Prune(m.began, j.configured()), p, results)
}

// configured reports which records are in the YAML file, including those that the run is not about.
func (j Job) configured() func(record.Name) bool {
	names := make(map[record.Name]bool, len(j.Records))
	for _, r := range j.Records {
		names[r.Name] = true
	}
	return func(n record.Name) bool { return names[n] }
}

// forget saves, before anything is sent, that it is no longer known what the records hold that are about to be sent. After a
// crash between the provider's answer and the next save, the state must not claim an address that is wrong.
//
// If the disk is full or read-only, the run goes on: the address of a home may have changed, and its owner must not stay
// locked out. Any other fault of the disk ends the run here. lost is why the state could not be saved if the run goes on.
func (j Job) forget(l *lock, m memory, p plan.Plan) (failure *Failure, lost error) {
	err := l.Save(decide.Learn(m.snapshot, p, make([]decide.Result, len(p.Steps))))
	switch {
	case err == nil:
		return nil, nil
	case errors.Is(err, state.ErrNoSpace):
		if aside := l.SetAside(); aside != nil {
			return StateFailure(fmt.Errorf("%w; it cannot be set aside either: %w", err, aside)), nil
		}
	case errors.Is(err, state.ErrReadOnly):
	default:
		return StateFailure(err), nil
	}
	j.Events.Warn("cannot save the state; sending anyway", err)
	return nil, err
}

// settle asks the name servers about the records whose update was never answered, if they can tell.
func (j Job) settle(stop *Shutdown, p plan.Plan, results []decide.Result) []decide.Result {
	var names []record.Name
	for i, r := range results {
		if decide.MaySettle(p.Steps[i], r) {
			names = append(names, p.Steps[i].Name)
		}
	}
	if names == nil {
		return results
	}
	return decide.Settle(p, results, j.observe(stop.Sending, names))
}
