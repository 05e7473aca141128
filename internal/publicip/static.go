package publicip

import (
	"context"
	"net/netip"
)

// static is a source that always says the same. Beside others it means: change nothing unless they see this address.
type static struct{ address netip.Addr }

func (s static) ask(context.Context) (netip.Addr, Egress, error) { return s.address, Egress{}, nil }
