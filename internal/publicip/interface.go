package publicip

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
)

// link is a source that reads the address of a network interface.
type link struct {
	name       string
	interfaces func() ([]Interface, error)
}

func (l link) ask(context.Context) (netip.Addr, Egress, error) {
	i, err := find(l.interfaces, l.name)
	if err != nil {
		return netip.Addr{}, Egress{}, local{err}
	}
	address, err := i.address()
	if err != nil {
		return netip.Addr{}, Egress{}, local{err}
	}
	return address, Egress{}, nil
}

func find(interfaces func() ([]Interface, error), name string) (Interface, error) {
	all, err := interfaces()
	if err != nil {
		return Interface{}, fmt.Errorf("the network interfaces cannot be listed: %w", err)
	}
	for _, i := range all {
		if i.Name == name {
			return i, nil
		}
	}
	return Interface{}, errors.New("there is no network interface of this name now")
}

// address is the interface's only IPv4 address, or the only one of several that is not from a special range.
func (i Interface) address() (netip.Addr, error) {
	if !i.Up {
		return netip.Addr{}, errors.New("the network interface is down")
	}
	var ordinary []netip.Addr
	for _, p := range i.Addresses {
		if _, is := specialRange(p.Addr()); !is {
			ordinary = append(ordinary, p.Addr())
		}
	}
	switch {
	case len(i.Addresses) == 0:
		return netip.Addr{}, errors.New("the network interface has no IPv4 address")
	case len(i.Addresses) == 1:
		return i.Addresses[0].Addr(), nil
	case len(ordinary) == 1:
		return ordinary[0], nil
	}
	return netip.Addr{}, fmt.Errorf("the network interface has %d IPv4 addresses, %s and %s among them: name the right one as static:ADDRESS",
		len(i.Addresses), i.Addresses[0].Addr(), i.Addresses[1].Addr())
}

// local wraps the reason why a source that does not need the internet gave no address.
type local struct{ error }

func (l local) Unwrap() error { return l.error }
