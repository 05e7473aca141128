package pause

import (
	"testing"
	"time"

	"ddns-batch/internal/provider"
	"ddns-batch/internal/state"
)

func TestStays(t *testing.T) {
	for _, c := range []struct {
		name  string
		class provider.Class
		scope Scope
		long  time.Duration
		want  bool
	}{
		{"a refused record", provider.Record, OfRecord, time.Hour, true},
		{"a domain that is refused in passing", provider.Domain, OfDomain, 0, false},
		{"a domain that is refused for good", provider.Domain, OfDomain, time.Hour, true},
		{"silence", provider.Transient, OfRecord, 14 * time.Minute, false},
		{"an endpoint that asked for two hours", provider.Transient, OfRecord, 2 * time.Hour, false},
		{"a block", provider.Blocked, OfEndpoint, 6 * time.Hour, false},
	} {
		if got := Stays(&state.Pause{Class: c.class, Seconds: int64(c.long / time.Second)}, c.scope); got != c.want {
			t.Errorf("%s: stays is %v", c.name, got)
		}
	}
}
