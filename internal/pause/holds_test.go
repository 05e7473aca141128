package pause

import (
	"net/netip"
	"testing"
	"time"

	"ddns-batch/internal/state"
)

func TestUntilWhenAnAddressIsHeld(t *testing.T) {
	began := time.Date(2026, 11, 23, 3, 5, 0, 0, time.UTC)
	under, other := netip.MustParseAddr("203.0.113.7"), netip.MustParseAddr("203.0.113.91")
	for name, c := range map[string]struct {
		scope   Scope
		lifted  time.Duration // after began; 0: never
		address netip.Addr
		want    time.Duration
	}{
		"the address it began under":               {OfDomain, 10 * time.Minute, under, 2 * time.Hour},
		"a new address after another ended it":     {OfDomain, 10 * time.Minute, other, 70 * time.Minute},
		"a new address, but the pause ends before": {OfRecord, 90 * time.Minute, other, 2 * time.Hour},
		"no address ends the pause of a password":  {OfPassword, 10 * time.Minute, other, 2 * time.Hour},
		"no address ends that of the endpoint":     {OfEndpoint, 10 * time.Minute, other, 2 * time.Hour},
	} {
		p := &state.Pause{Began: began, Seconds: 7200, Under: under}
		if c.lifted > 0 {
			p.Lifted = began.Add(c.lifted)
		}
		until := Until(p, c.scope, c.address)
		if !until.Equal(began.Add(c.want)) {
			t.Errorf("%s: %s after its beginning, want %s", name, until.Sub(began), c.want)
		}
		if c.scope == OfPassword || c.scope == OfEndpoint {
			continue
		}
		if !Holds(p, until.Add(-time.Second), c.address) || Holds(p, until, c.address) {
			t.Errorf("%s: it does not hold until %s", name, until.Sub(began))
		}
	}
}
