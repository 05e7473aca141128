package publicip

import (
	"context"
	"net"

	"ddns-batch/internal/roots"
	"ddns-batch/internal/sinkhole"
)

// resources are what sources are asked with.
type resources struct {
	bound       binding
	dial        func(ctx context.Context, network, address string) (net.Conn, error)
	interfaces  func() ([]Interface, error)
	egress      *egress
	authorities *roots.Authorities
	agent       string
	timeouts    timeouts
}

// resources prepares those of a query. The error, an *Error, is about Query.Bind.
func (q Query) resources(ctx context.Context) (resources, error) {
	r := resources{dial: q.Dial, interfaces: q.Interfaces, authorities: q.Authorities, agent: q.UserAgent, timeouts: q.routerTimeouts()}
	if r.interfaces == nil {
		r.interfaces = systemInterfaces
	}
	if r.agent == "" {
		r.agent = "ddns-batch"
	}
	bound, err := bind(ctx, q.Bind, r.interfaces)
	if err != nil {
		return resources{}, err
	}
	r.bound = bound
	if r.dial == nil {
		r.dial = func(ctx context.Context, network, address string) (net.Conn, error) {
			d := bound.dialer(network)
			d.Resolver = q.resolver
			return sinkhole.Dial(ctx, d, network, address)
		}
	}
	r.egress = newEgress(r.interfaces)
	return r, nil
}

// source is one that can be asked.
func (r resources) source(s Source) source {
	switch s.Kind {
	case InterfaceSource:
		return link{name: s.link, interfaces: r.interfaces}
	case CommandSource:
		return command{arguments: s.arguments}
	case StaticSource:
		return static{address: s.address}
	case RouterSource:
		return r.router(s)
	}
	return &web{url: s.url, dial: r.dial, authorities: r.authorities, agent: r.agent, egress: r.egress}
}

func (r resources) router(s Source) *router {
	return &router{address: s.address, bound: r.bound, egress: r.egress, interfaces: r.interfaces, agent: r.agent, timeouts: r.timeouts}
}
