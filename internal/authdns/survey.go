package authdns

import (
	"context"
	"net"
	"net/netip"
	"sync"
	"time"

	"ddns-batch/internal/humanize"
	"ddns-batch/internal/record"
)

// survey observes names, in one round or in several.
type survey struct {
	query       Query
	wire        wire
	concurrency int
	// most is how many servers of a domain are asked.
	most int

	mu sync.Mutex
	// zones are what was found of them. What was not is looked for again in the next round.
	zones map[string]zone
}

func newSurvey(q Query, most int) *survey {
	timeout := q.Timeout
	if timeout <= 0 {
		timeout = defaultTimeout
	}
	concurrency := q.Concurrency
	if concurrency < 1 {
		concurrency = defaultConcurrency
	}
	return &survey{
		query:       q,
		wire:        wire{q.dialer(), timeout},
		concurrency: concurrency,
		most:        most,
		zones:       make(map[string]zone),
	}
}

// dialer is how connections are made.
func (q Query) dialer() func(ctx context.Context, network, address string) (net.Conn, error) {
	if q.Dial != nil {
		return q.Dial
	}
	return new(net.Dialer).DialContext
}

// round asks once for every name and, with hints, for a random name beside each. The observations are in the order of
// names.
func (s *survey) round(ctx context.Context, names []record.Name, hints bool) []Observation {
	r := &round{
		survey:  s,
		finder:  s.newFinder(),
		sockets: make(chan struct{}, maxSockets),
		servers: make(map[netip.AddrPort]*server),
	}
	defer r.close()
	observations := make([]Observation, len(names))
	var running sync.WaitGroup
	for _, set := range newQuestionSets(names, hints) {
		running.Go(func() { r.fill(ctx, set, observations) })
	}
	running.Wait()
	return observations
}

// zone is the one of domain, with what an earlier round found of it.
func (s *survey) zone(ctx context.Context, domain string, f *finder) zone {
	s.mu.Lock()
	known := s.zones[domain]
	s.mu.Unlock()
	if known.found() {
		return known
	}
	z := f.zone(ctx, domain, known)
	s.mu.Lock()
	s.zones[domain] = z
	s.mu.Unlock()
	return z
}

// round is one go over all names. What it learns of a server, that it does not answer above all, ends with it.
type round struct {
	survey  *survey
	finder  *finder
	sockets chan struct{}

	mu      sync.Mutex
	servers map[netip.AddrPort]*server
}

// fill asks the questions of one domain, and writes the observations of its names to their places.
func (r *round) fill(ctx context.Context, set *questionSet, observations []Observation) {
	z := r.survey.zone(ctx, set.domain, r.finder)
	servers, failure := z.ask(r.survey.most)
	replies := make([][]reply, len(servers))
	var running sync.WaitGroup
	for i, ns := range servers {
		if !ns.address.IsValid() {
			replies[i] = unasked(ns, set.questions)
			continue
		}
		running.Go(func() { replies[i] = r.server(ctx, ns.address).askAll(set.questions) })
	}
	running.Wait()
	for _, e := range set.entries {
		o := Observation{Name: e.name, Delegation: z.delegation, Answer: failure, At: time.Now()}
		if len(servers) > 0 {
			e.observe(&o, servers, replies)
		}
		observations[e.place] = o
	}
}

// server is the one with this address. Its time runs from the first call.
func (r *round) server(ctx context.Context, address netip.AddrPort) *server {
	r.mu.Lock()
	defer r.mu.Unlock()
	if s, ok := r.servers[address]; ok {
		return s
	}
	s := &server{
		wire:    r.survey.wire,
		address: address,
		slots:   make(chan struct{}, r.survey.concurrency),
		sockets: r.sockets,
	}
	s.ctx, s.giveUp = context.WithCancelCause(ctx)
	limit := budget * r.survey.wire.timeout
	s.limit = time.AfterFunc(limit, func() {
		s.giveUp(givenUp{Answer{Status: Timeout, Detail: "not checked: " + humanize.Took(limit) + " were not enough for all queries"}})
	})
	r.servers[address] = s
	return s
}

// close ends what the servers have running for the round: their clocks and their contexts.
func (r *round) close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range r.servers {
		s.limit.Stop()
		s.giveUp(nil)
	}
}
