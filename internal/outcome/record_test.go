package outcome

import (
	"net/netip"
	"testing"
	"time"

	"ddns-batch/internal/state"
)

func TestOldUntil(t *testing.T) {
	now := time.Date(2026, 11, 25, 3, 0, 0, 0, time.UTC)
	address := netip.MustParseAddr("203.0.113.7")
	for _, c := range []struct {
		what   string
		memory state.Record
		want   time.Time
	}{
		{"just changed", state.Record{IP: address, Since: now.Add(-time.Minute)}, now.Add(TTL - time.Minute)},
		{"changed longer ago than the TTL", state.Record{IP: address, Since: now.Add(-TTL)}, time.Time{}},
		{"dated in the future", state.Record{IP: address, Since: now.Add(time.Minute)}, time.Time{}},
		{"not confirmed", state.Record{Since: now.Add(-time.Minute)}, time.Time{}},
	} {
		if got := (Record{Memory: c.memory}).OldUntil(now); !got.Equal(c.want) {
			t.Errorf("%s: %s, want %s", c.what, got, c.want)
		}
	}
}
