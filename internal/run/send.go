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

// sent is what came of sending.
type sent struct {
	// results go by step; empty where nothing was to be sent.
	results []decide.Result
	// after is what is to be remembered.
	after state.Snapshot
	// lost is why what is known so far could not be saved; nil where it could.
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
		// A failure here is not the last word: the next save may succeed.
		Save:      func(results []decide.Result) { lost = l.Save(decide.Learn(m.snapshot, p, results)) },
		SaveEvery: saveEvery,
	})
	results = j.settle(stop, p, results)
	return sent{results, j.learn(m, p, results), lost}, nil
}

// learn is what is to be remembered after the run. How old a record is counts from the state as it was read: after a year
// without a run all that this one leaves out is a year older than what it has just sent.
func (j Job) learn(m memory, p plan.Plan, results []decide.Result) state.Snapshot {
	if !p.Learns() {
		return m.snapshot
	}
	return decide.Learn(m.snapshot.Prune(m.began, j.configured()), p, results)
}

// configured tells the records of the YAML file, whichever the run is about.
func (j Job) configured() func(record.Name) bool {
	names := make(map[record.Name]bool, len(j.Records))
	for _, r := range j.Records {
		names[r.Name] = true
	}
	return func(n record.Name) bool { return names[n] }
}

// forget saves, before anything is sent, that it is not known any more what the records hold that are about to be sent:
// a crash between the provider's answer and the next save must not leave a claim that is wrong.
//
// A full or read-only disk does not keep the owner locked out of a home whose address has changed; any other fault of
// the disk ends the run here. lost is why the state cannot be saved where the run goes on all the same.
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

// settle asks the name servers about the records whose update was never answered, where they can tell.
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
