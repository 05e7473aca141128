package report

import (
	"testing"
	"time"
)

func TestOverdue(t *testing.T) {
	now := time.Date(2026, 11, 25, 3, 0, 0, 0, time.UTC)
	for want, last := range map[string]time.Time{
		"":                   now.Add(-15 * time.Minute),
		"no run is recorded": {},
		"the last run was 16 minutes ago, at 2026-11-25 02:44":           now.Add(-16 * time.Minute),
		"the last run is dated 2026-11-25 03:16, which is in the future": now.Add(16 * time.Minute),
	} {
		if got := (Status{Now: now}).Overdue("run", last, 15*time.Minute, time.UTC); got != want {
			t.Errorf("%s: %q, want %q", last, got, want)
		}
	}
	if got := (Status{Now: now}).Overdue("run", now.Add(time.Minute), 15*time.Minute, time.UTC); got != "" {
		t.Errorf("a clock that is a minute behind: %q", got)
	}
}
