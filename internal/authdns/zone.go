package authdns

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"
	"sync"

	"ddns-batch/internal/sanitize"
)

// nameserver is where to ask, and how it is called.
type nameserver struct {
	name string
	// address is invalid where none was found; problem then says why.
	address netip.AddrPort
	problem string
}

// zone is a delegation with the addresses of its servers.
type zone struct {
	delegation Delegation
	// servers are those of the delegation, in the same order, also those without an address.
	servers []nameserver
}

// found reports whether there is nothing left to look up.
func (z zone) found() bool {
	for _, ns := range z.servers {
		if !ns.address.IsValid() {
			return false
		}
	}
	return len(z.servers) > 0
}

// ask are the servers to ask: up to most different ones. Where there are fewer, those follow that should have been asked
// and have no address. None if none has one; the failure then says why.
func (z zone) ask(most int) (servers []nameserver, failure Answer) {
	seen := make(map[netip.AddrPort]bool)
	var lost []nameserver
	for _, ns := range z.servers {
		switch {
		case !ns.address.IsValid():
			lost = append(lost, ns)
		case !seen[ns.address] && len(servers) < most:
			seen[ns.address] = true
			servers = append(servers, ns)
		}
	}
	switch {
	case len(servers) > 0:
		return append(servers, lost[:min(len(lost), most-len(servers))]...), Answer{}
	case len(z.delegation.Servers) == 0:
		return nil, Answer{Status: z.delegation.Status, Detail: z.delegation.Detail}
	default:
		return nil, Answer{Status: Unresolved, Detail: sanitize.Line("no IPv4 address was found for the name servers "+strings.Join(z.delegation.Servers, ", "), maxDetail)}
	}
}

// zone finds what is not known yet of the servers of domain; known may be the zero zone.
func (f *finder) zone(ctx context.Context, domain string, known zone) zone {
	z := zone{delegation: known.delegation}
	if len(z.delegation.Servers) == 0 {
		z.delegation = f.delegation(ctx, domain)
	}
	if len(f.fixed) > 0 {
		for _, address := range f.fixed {
			z.servers = append(z.servers, nameserver{name: address.String(), address: address})
		}
		return z
	}
	z.servers = make([]nameserver, len(z.delegation.Servers))
	var running sync.WaitGroup
	for i, name := range z.delegation.Servers {
		if i < len(known.servers) && known.servers[i].address.IsValid() {
			z.servers[i] = known.servers[i]
			continue
		}
		running.Go(func() { z.servers[i] = f.nameserver(ctx, name) })
	}
	running.Wait()
	return z
}

// nameserver looks up the name server with this name.
func (f *finder) nameserver(ctx context.Context, name string) nameserver {
	f.mu.Lock()
	find, ok := f.hosts[name]
	if !ok {
		find = sync.OnceValue(func() nameserver { return f.lookUpNameserver(ctx, name) })
		f.hosts[name] = find
	}
	f.mu.Unlock()
	return find()
}

// lookUpNameserver takes the lowest IPv4 address, so that two rounds ask the same one.
func (f *finder) lookUpNameserver(ctx context.Context, name string) nameserver {
	var lowest netip.Addr
	err := f.lookUp(ctx, func(ctx context.Context) error {
		all, err := f.resolver.LookupNetIP(ctx, "ip4", name+".")
		for _, a := range all {
			if a = a.Unmap(); a.Is4() && (!lowest.IsValid() || a.Less(lowest)) {
				lowest = a
			}
		}
		return err
	})
	failure, ok := errors.AsType[*net.DNSError](err)
	switch {
	case lowest.IsValid():
		return nameserver{name: name, address: netip.AddrPortFrom(lowest, 53)}
	case err == nil || ok && failure.IsNotFound:
		return nameserver{name: name, problem: "it has no IPv4 address"}
	default:
		return nameserver{name: name, problem: "its address could not be looked up"}
	}
}
