package main

import (
	"context"
	"slices"
	"sync"
	"time"

	"ddns-batch/internal/authdns"
	"ddns-batch/internal/decide"
	"ddns-batch/internal/plan"
	"ddns-batch/internal/record"
	"ddns-batch/internal/report"
)

// observeLimit is how long the name servers may keep a run waiting: a dead one must not block an update.
const observeLimit = 10 * time.Second

// verifying reports whether this run looks at what is published.
func (b *batch) verifying() bool { return !b.sandbox && (b.verify || b.wait > 0 || b.config.Verify) }

// observe begins to ask what is published for the selected records, and returns what waits for it: nothing where nobody is
// asked.
func (b *batch) observe() func() map[record.Name]plan.Observation {
	if !b.verifying() {
		return func() map[record.Name]plan.Observation { return nil }
	}
	names := make([]record.Name, 0, len(b.selected))
	for _, i := range b.selected {
		names = append(names, b.config.Records[i].Name)
	}
	observed := sync.OnceValue(func() map[record.Name]plan.Observation {
		ctx, cancel := context.WithTimeout(b.stop.begin, observeLimit)
		defer cancel()
		return asData(authdns.Observe(ctx, b.dnsQuery(names)))
	})
	go observed()
	return observed
}

func (b *batch) dnsQuery(names []record.Name) authdns.Query {
	return authdns.Query{Names: names, Resolver: b.config.DNS.Resolver, Nameservers: b.config.DNS.Nameservers}
}

// asData is what a plan needs to know of observations.
func asData(observed []authdns.Observation) map[record.Name]plan.Observation {
	data := make(map[record.Name]plan.Observation, len(observed))
	for _, o := range observed {
		data[o.Name] = plan.Observation{Certain: o.Status.Certain(), Published: o.Address(), TTL: o.TTL, Words: o.Words()}
	}
	return data
}

// settle asks the name servers about the records whose update was never answered.
func (b *batch) settle() {
	var names []record.Name
	for i, r := range b.results {
		if r.Outcome == decide.Unconfirmed {
			names = append(names, b.plan.Steps[i].Name)
		}
	}
	if names == nil || !b.verifying() {
		return
	}
	ctx, cancel := context.WithTimeout(b.stop.begin, observeLimit)
	defer cancel()
	b.results = decide.Settle(b.plan, b.results, asData(authdns.Observe(ctx, b.dnsQuery(names))))
}

// waits reports whether there is something to wait for.
func (b *batch) waits() bool {
	return b.wait > 0 && slices.ContainsFunc(b.results, func(r decide.Result) bool { return r.Outcome == decide.Updated })
}

// statusAfterWaiting waits for the name servers, and is status unless they do not serve the new address in time. Other
// runs need not wait as well: the lock is given back meanwhile.
func (b *batch) statusAfterWaiting(status int) int {
	b.giveLockBack()
	served := b.waitForNameServers()
	if caught := b.stop.status(); caught != 0 && !served {
		status = caught
	} else if !served && status == statusOK {
		status = statusNotAsAsked
	}
	b.takeLockAgain(b.stop.signal, lockWait)
	return status
}

// waitForNameServers waits until the records that were changed are served, and reports whether all of them are.
func (b *batch) waitForNameServers() bool {
	var steps []int
	var names []record.Name
	for i, r := range b.results {
		if r.Outcome == decide.Updated {
			steps = append(steps, i)
			names = append(names, b.plan.Steps[i].Name)
		}
	}
	ctx, cancel := context.WithTimeout(b.stop.signal, b.wait)
	defer cancel()
	b.waited = make(map[int]report.Waited, len(steps))
	all := true
	for k, w := range authdns.Wait(ctx, b.dnsQuery(names), b.address, nil) {
		b.waited[steps[k]] = report.Waited{Served: w.Served, Took: w.Took, Words: w.Words()}
		all = all && w.Served
	}
	return all
}
