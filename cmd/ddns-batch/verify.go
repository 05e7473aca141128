package main

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"sync"
	"time"

	"ddns-batch/internal/authdns"
	"ddns-batch/internal/decide"
	"ddns-batch/internal/plan"
	"ddns-batch/internal/record"
	"ddns-batch/internal/report"
	"ddns-batch/internal/report/phrase"
	"ddns-batch/internal/state"
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
		q := b.dnsQuery(names)
		return asData(q, authdns.Observe(ctx, q))
	})
	go observed()
	return observed
}

func (b *batch) dnsQuery(names []record.Name) authdns.Query {
	return authdns.Query{Names: names, Resolver: b.config.DNS.Resolver, Nameservers: b.config.DNS.Nameservers}
}

// asData is what a plan needs to know of the observations for q.
func asData(q authdns.Query, observed []authdns.Observation) map[record.Name]plan.Observation {
	data := make(map[record.Name]plan.Observation, len(observed))
	for _, o := range observed {
		data[o.Name] = plan.Observation{
			Certain: o.Status.Certain(), Unanimous: unanimous(o.Servers), Published: o.Address(), Elsewhere: othersOf(q, o.Delegation),
			TTL: o.TTL, Words: o.Words(),
		}
	}
	return data
}

// othersOf names the first name servers of a domain if none of them is Namecheap's. Whose those are that were named in
// hosts.yaml is not known.
func othersOf(q authdns.Query, d authdns.Delegation) string {
	const shown = 2
	if len(q.Nameservers) > 0 || len(d.Servers) == 0 || d.Under(namecheapServers) {
		return ""
	}
	names := d.Servers
	if len(names) > shown {
		names = append(slices.Clone(names[:shown]), fmt.Sprintf("%d more", len(names)-shown))
	}
	return phrase.List(names)
}

// unanimous: none of the servers is without an answer. Whether they say the same is another matter.
func unanimous(servers []authdns.ServerAnswer) bool {
	return len(servers) > 0 && !slices.ContainsFunc(servers, func(s authdns.ServerAnswer) bool { return !s.Status.Certain() })
}

// settle asks the name servers about the records whose update was never answered, where they can tell.
func (b *batch) settle() {
	var names []record.Name
	for i, r := range b.results {
		if decide.MaySettle(b.plan.Steps[i], r) {
			names = append(names, b.plan.Steps[i].Name)
		}
	}
	if names == nil {
		return
	}
	ctx, cancel := context.WithTimeout(b.stop.begin, observeLimit)
	defer cancel()
	q := b.dnsQuery(names)
	b.results = decide.Settle(b.plan, b.results, asData(q, authdns.Observe(ctx, q)))
}

// waits reports whether there is something to wait for.
func (b *batch) waits() bool {
	return b.wait > 0 && slices.ContainsFunc(b.results, func(r decide.Result) bool { return r.Outcome == decide.Updated })
}

// statusAfterWaiting waits for the name servers, and is status unless they do not serve the new address in time. Other
// runs need not wait as well: the lock is given back meanwhile.
func (b *batch) statusAfterWaiting(status int) int {
	if b.lock != nil {
		_ = b.lock.Release()
	}
	served := b.waitForNameServers()
	if caught := b.stop.status(); caught != 0 && !served {
		status = caught
	} else if !served && status == statusOK {
		status = statusNotAsAsked
	}
	var err error
	if b.lock, err = state.Acquire(b.stop.signal, b.path, lockWait, b.now); err != nil {
		b.lock = nil
		b.log.WithField("error", err).Warn("how this run ended cannot be written down")
	}
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
		b.waited[steps[k]] = waited(w, b.address)
		all = all && w.Served
	}
	return all
}

// waited is what a report needs to know of waiting for one name.
func waited(w authdns.Waited, address netip.Addr) report.Waited {
	r := report.Waited{Served: w.Served, Took: w.Took, Words: w.Words()}
	for _, s := range w.Servers {
		r.Servers = append(r.Servers, report.WaitedServer{Name: s.Server, Served: s.Answer.Address() == address, Words: s.Answer.Words()})
	}
	return r
}
