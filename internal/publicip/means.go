package publicip

import (
	"context"
	"crypto/x509"
	"net"
)

// means is what sources are asked with.
type means struct {
	bound      binding
	dial       func(ctx context.Context, network, address string) (net.Conn, error)
	interfaces func() ([]Interface, error)
	exits      *exits
	roots      *x509.CertPool
	agent      string
	patience   patience
}

// means prepares a query's. The error, an *Error, is about Query.Bind.
func (q Query) means(ctx context.Context) (means, error) {
	m := means{dial: q.Dial, interfaces: q.Interfaces, roots: q.RootCAs, agent: q.UserAgent, patience: q.patienceWithRouters()}
	if m.interfaces == nil {
		m.interfaces = systemInterfaces
	}
	if m.agent == "" {
		m.agent = "ddns-batch"
	}
	bound, err := bind(ctx, q.Bind, m.interfaces)
	if err != nil {
		return means{}, err
	}
	m.bound = bound
	if m.dial == nil {
		m.dial = bound.dialer("tcp4").DialContext
	}
	m.exits = newExits(m.interfaces)
	return m, nil
}

// source is one that can be asked.
func (m means) source(s Source) source {
	switch s.Kind {
	case InterfaceSource:
		return link{name: s.link, interfaces: m.interfaces}
	case CommandSource:
		return command{arguments: s.arguments}
	case StaticSource:
		return static{address: s.address}
	case RouterSource:
		return &router{address: s.address, bound: m.bound, exits: m.exits, interfaces: m.interfaces, agent: m.agent, patience: m.patience}
	}
	return &web{url: s.url, dial: m.dial, roots: m.roots, agent: m.agent, exits: m.exits}
}
