package run

import (
	"context"
	"net/netip"
	"slices"

	"ddns-batch/internal/authdns"
	"ddns-batch/internal/decide"
	"ddns-batch/internal/record"
	"ddns-batch/internal/report"
)

// waited is what came of waiting for the name servers of one record.
type waited struct {
	step int
	report.Waited
}

// wait waits until the changed records are served, if that is asked for. The lock is released meanwhile, because other runs
// need not wait as well. It returns nil if there was nothing to wait for.
func (j Job) wait(stop *Shutdown, l *lock, a attempt) []waited {
	updated := func(r decide.Result) bool { return r.Outcome == decide.Updated }
	if j.Wait == 0 || !slices.ContainsFunc(a.sent.results, updated) {
		return nil
	}
	var names []record.Name
	var served []waited
	for i, r := range a.sent.results {
		if updated(r) {
			names = append(names, a.plan.Steps[i].Name)
			served = append(served, waited{step: i})
		}
	}
	l.release()
	ctx, cancel := context.WithTimeout(stop.Signalled, j.Wait)
	defer cancel()
	for k, w := range authdns.Wait(ctx, j.Target.DNS(names), a.address, nil) {
		served[k].Waited = asReport(w, a.address)
	}
	if err := j.reacquire(stop.Signalled, l, lockWait); err != nil {
		j.Events.Warn(notWrittenDown, err)
	}
	return served
}

// asReport is what a report needs to know of waiting for one name.
func asReport(w authdns.Waited, address netip.Addr) report.Waited {
	r := report.Waited{Served: w.Served, Took: w.Took, Words: w.Words()}
	for _, s := range w.Servers {
		r.Servers = append(r.Servers, report.WaitedServer{Name: s.Server, Served: s.Answer.Address() == address, Words: s.Answer.Words()})
	}
	return r
}

func byRecord(served []waited) map[int]report.Waited {
	if served == nil {
		return nil
	}
	of := make(map[int]report.Waited, len(served))
	for _, w := range served {
		of[w.step] = w.Waited
	}
	return of
}
