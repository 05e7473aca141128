package publicip

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"slices"
	"time"
)

const (
	// routerLimit is how long a router may take, whichever protocols it speaks.
	routerLimit = 3 * time.Second
	// mappingTries is how often a router is asked by NAT-PMP. One in the same house answers within milliseconds.
	mappingTries = 2
	// searchWait is how long a search by UPnP waits for an answer. It asks for answers within a second.
	searchWait = 1500 * time.Millisecond
	// portMappingPort is where a router that speaks NAT-PMP listens.
	portMappingPort = 5351
)

// timeouts are how long a router is waited for.
type timeouts struct {
	whole  time.Duration
	tries  int           // by NAT-PMP
	search time.Duration // by UPnP
}

// router is a source that asks the router which address it has on its line. It is asked by NAT-PMP, and if it does not
// answer that, by UPnP. It is told nothing, and nothing in it is changed.
type router struct {
	address    netip.Addr // invalid: the default one
	bound      binding
	egress     *egress
	interfaces func() ([]Interface, error)
	agent      string
	timeouts   timeouts
}

func (r *router) ask(ctx context.Context) (netip.Addr, Egress, error) {
	at, conn, err := r.dial(ctx)
	if err != nil {
		return netip.Addr{}, Egress{}, err
	}
	defer conn.Close()
	egress := r.egress.of(conn)
	address, mapping := askNATPMP(ctx, conn, r.timeouts.tries)
	if mapping == nil {
		return address, egress, nil
	}
	device := upnp{router: at, egress: egress, bound: r.bound, agent: r.agent, search: r.timeouts.search}
	address, err = device.externalAddress(ctx)
	if err != nil {
		err = local{fmt.Errorf("router %s: NAT-PMP: %s; UPnP: %s", at, describe(mapping, 0), describe(err, r.timeouts.whole))}
	}
	return address, egress, err
}

// askMapping asks by NAT-PMP alone.
func (r *router) askMapping(ctx context.Context) (netip.Addr, Egress, error) {
	_, conn, err := r.dial(ctx)
	if err != nil {
		return netip.Addr{}, Egress{}, err
	}
	defer conn.Close()
	address, err := askNATPMP(ctx, conn, r.timeouts.tries)
	return address, r.egress.of(conn), err
}

// dial finds the router, and makes a socket for questions by NAT-PMP.
func (r *router) dial(ctx context.Context) (at netip.Addr, conn net.Conn, err error) {
	if at, err = r.find(); err != nil {
		return at, nil, local{err}
	}
	conn, err = r.bound.dialer("udp4").DialContext(ctx, "udp4", netip.AddrPortFrom(at, portMappingPort).String())
	if err != nil {
		return at, nil, local{fmt.Errorf("router %s: %s", at, describe(err, 0))}
	}
	return at, conn, nil
}

// find returns the router to ask.
func (r *router) find() (netip.Addr, error) {
	if r.address.IsValid() {
		return r.address, nil
	}
	routers, err := defaultRouters()
	if errors.Is(err, os.ErrPermission) || errors.Is(err, os.ErrNotExist) {
		return netip.Addr{}, errors.New("this machine's routes cannot be read: write router:ADDRESS")
	}
	if err != nil {
		return netip.Addr{}, fmt.Errorf("this machine's routes cannot be read: %w", err)
	}
	if r.bound.local.IsValid() {
		routers, err = r.behind(routers)
		if err != nil {
			return netip.Addr{}, err
		}
	}
	if len(routers) == 0 {
		return netip.Addr{}, errors.New("no default route leads to a router; if this machine is on the line itself, use interface:NAME")
	}
	return routers[0], nil
}

// behind keeps those routers that are in the network of the interface or address that is bound to.
func (r *router) behind(routers []netip.Addr) ([]netip.Addr, error) {
	all, err := r.interfaces()
	if err != nil {
		return nil, fmt.Errorf("the network interfaces cannot be listed: %w", err)
	}
	return slices.DeleteFunc(slices.Clone(routers), func(router netip.Addr) bool {
		for _, i := range all {
			if i.Name != r.bound.link && (r.bound.link != "" || !i.has(r.bound.local)) {
				continue
			}
			for _, p := range i.Addresses {
				if p.Contains(router) {
					return false
				}
			}
		}
		return true
	}), nil
}
