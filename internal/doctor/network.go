package doctor

import (
	"context"
	"sync"
	"time"

	"ddns-batch/internal/authdns"
	"ddns-batch/internal/provider/namecheap"
	"ddns-batch/internal/publicip"
	"ddns-batch/internal/record"
	"ddns-batch/internal/run"
)

// Target is what a run would use, and in addition what only doctor asks.
type Target interface {
	run.Target
	Client() (*namecheap.Client, error)
}

// answers are the answers from the network, which are asked for at the same time.
type answers struct {
	// line is not examined in the sandbox, where nothing leaves this machine.
	line       publicip.Line
	lineErr    error
	address    publicip.Finding
	addressErr error
	probe      namecheap.Probe
	probeErr   error
	// named means that the configuration names the name servers, so that a domain's delegation does not matter.
	named   bool
	zones   []authdns.Delegation
	records []authdns.Observation
}

// ask asks everything that a run would ask, but for the updates.
func (s Subject) ask(ctx context.Context) answers {
	var names []record.Name
	for _, r := range s.Records {
		names = append(names, r.Name)
	}
	dns, address := s.Target.DNS(names), s.Target.Query()
	a := answers{named: len(dns.Nameservers) > 0}
	var asked sync.WaitGroup
	if !s.Target.Sandbox() {
		asked.Go(func() { a.line, a.lineErr = address.Line(ctx) })
	}
	asked.Go(func() { a.address, a.addressErr = publicip.Survey(ctx, address) })
	asked.Go(func() { a.probe, a.probeErr = probe(ctx, s.Target, s.Config.RequestTimeout) })
	asked.Go(func() { a.zones = authdns.Delegations(ctx, dns) })
	asked.Go(func() { a.records = authdns.Observe(ctx, dns) })
	asked.Wait()
	return a
}

func probe(ctx context.Context, t Target, timeout time.Duration) (namecheap.Probe, error) {
	client, err := t.Client()
	if err != nil {
		return namecheap.Probe{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	return client.Probe(ctx)
}
