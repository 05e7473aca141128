package authdns

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"ddns-batch/internal/humanize"
	"ddns-batch/internal/sanitize"
)

const (
	// lookupTimes is how many times the time-out of one exchange a look-up may take: the system's resolver has servers
	// and time-outs of its own.
	lookupTimes = 4
	// maxLookups is how many look-ups run at the same time.
	maxLookups = 16
	// maxServers is how many name servers of one domain are looked at.
	maxServers = 13
	// compared is how many of them are asked what is published.
	compared = 2
)

// Delegation is which name servers a domain has. Nothing is known of the zero Delegation.
type Delegation struct {
	Domain string
	// Servers are the names of the servers, lower-case, without the final dot, sorted, printable; or the addresses of
	// Query.Nameservers. Not empty means that the delegation was found.
	Servers []string
	// Status is NoServers or Unresolved if there are none, and Detail says why.
	Status Status
	Detail string
}

// Under reports whether one of the servers has a name below domain. It says nothing about servers that were given by
// address.
func (d Delegation) Under(domain string) bool {
	return slices.ContainsFunc(d.Servers, func(name string) bool { return strings.HasSuffix(name, "."+domain) })
}

// finder looks up name servers through a resolver, during one round.
type finder struct {
	resolver *net.Resolver
	limit    time.Duration
	fixed    []netip.AddrPort
	slots    chan struct{}

	mu sync.Mutex
	// hosts are the addresses of name servers, which domains share: each is looked up once.
	hosts map[string]func() nameserver
	// lost counts look-ups without an answer since the last one with an answer.
	lost int
}

func (s *survey) newFinder() *finder {
	q := s.query
	f := &finder{
		resolver: new(net.Resolver),
		limit:    lookupTimes * s.wire.timeout,
		fixed:    q.Nameservers,
		slots:    make(chan struct{}, maxLookups),
		hosts:    make(map[string]func() nameserver),
	}
	if q.Dial != nil || q.Resolver.IsValid() {
		dial := s.wire.dial
		f.resolver.PreferGo = true
		f.resolver.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
			if q.Resolver.IsValid() {
				address = q.Resolver.String()
			}
			return dial(ctx, network, address)
		}
	}
	return f
}

// delegations are those of the domains, in the same order.
func (f *finder) delegations(ctx context.Context, domains []string) []Delegation {
	all := make([]Delegation, len(domains))
	var running sync.WaitGroup
	for i, domain := range domains {
		running.Go(func() { all[i] = f.delegation(ctx, domain) })
	}
	running.Wait()
	return all
}

// delegation looks up the NS records of domain.
func (f *finder) delegation(ctx context.Context, domain string) Delegation {
	d := Delegation{Domain: domain}
	for _, address := range f.fixed {
		d.Servers = append(d.Servers, address.String())
	}
	if len(d.Servers) > 0 {
		return d
	}
	var found []*net.NS
	err := f.lookUp(ctx, func(ctx context.Context) (err error) {
		found, err = f.resolver.LookupNS(ctx, domain+".")
		return err
	})
	for _, ns := range found {
		if name := strings.ToLower(strings.TrimSuffix(ns.Host, ".")); name != "" {
			d.Servers = append(d.Servers, sanitize.Line(name, 255))
		}
	}
	slices.Sort(d.Servers)
	d.Servers = slices.Compact(d.Servers)
	d.Servers = d.Servers[:min(len(d.Servers), maxServers)]
	if len(d.Servers) == 0 {
		d.Status, d.Detail = f.reason(ctx, err)
	}
	return d
}

// reason words why there are no name servers.
func (f *finder) reason(ctx context.Context, err error) (Status, string) {
	failure, ok := errors.AsType[*net.DNSError](err)
	switch {
	case ctx.Err() != nil:
		return Unresolved, "the lookup of the name servers did not finish in time"
	case err == nil || ok && failure.IsNotFound:
		return NoServers, "the domain has no name servers: it does not exist, or is not registered under this name"
	case isTimeout(err):
		return Unresolved, "the resolver did not name the domain's name servers in " + humanize.Took(f.limit)
	case ok:
		return Unresolved, sanitize.Line("the resolver could not find the domain's name servers: "+failure.Err, maxDetail)
	default:
		return Unresolved, sanitize.Line("cannot look up the name servers: "+err.Error(), maxDetail)
	}
}

// lookUp runs one look-up within the bounds of time and number. A resolver that is silent costs the time of one look-up
// and not that of all.
func (f *finder) lookUp(ctx context.Context, do func(context.Context) error) error {
	select {
	case f.slots <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-f.slots }()
	f.mu.Lock()
	dead := f.lost >= lostLimit
	f.mu.Unlock()
	if dead {
		return context.DeadlineExceeded
	}
	ctx, cancel := context.WithTimeout(ctx, f.limit)
	defer cancel()
	err := do(ctx)
	f.mu.Lock()
	defer f.mu.Unlock()
	if isTimeout(err) {
		f.lost++
	} else {
		f.lost = 0
	}
	return err
}

// isTimeout reports whether a look-up failed because no answer came in time.
func isTimeout(err error) bool {
	failure, ok := errors.AsType[*net.DNSError](err)
	return errors.Is(err, context.DeadlineExceeded) || ok && failure.IsTimeout
}
