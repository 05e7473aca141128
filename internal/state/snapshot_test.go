package state

import (
	"testing"
	"time"

	"ddns-batch/internal/record"
)

func TestAPauseIsOver(t *testing.T) {
	p := &Pause{Began: start, Seconds: 3600}
	for _, c := range []struct {
		name  string
		pause *Pause
		after time.Duration
		want  bool
	}{
		{"no pause", nil, 0, true},
		{"a clock that was set back", p, -time.Nanosecond, true},
		{"its beginning", p, 0, false},
		{"its last moment", p, time.Hour - time.Nanosecond, false},
		{"its end", p, time.Hour, true},
		{"a failure without a pause", &Pause{Began: start}, 0, true},
		{"the longest pause that is read", &Pause{Began: start, Seconds: longestPause}, 24*time.Hour - time.Nanosecond, false},
	} {
		if got := c.pause.Over(start.Add(c.after)); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

func TestARecordKnowsItsName(t *testing.T) {
	if got := (Record{Host: "www", Domain: "example.com"}).Name(); got != (record.Name{Host: "www", Domain: "example.com"}) {
		t.Error(got)
	}
}
