package notices

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"ddns-batch/internal/state"
)

func TestPost(t *testing.T) {
	at := time.Date(2026, 11, 25, 3, 0, 0, 0, time.UTC)
	waiting := Post(nil, at, []string{"a", "b"}, []string{"1", "2"})
	if got := For("b", waiting, at, time.UTC); !slices.Equal(got, []string{"1", "2"}) {
		t.Errorf("%q", got)
	}
	later := at.Add(5 * time.Minute)
	waiting = Post(waiting, later, []string{"a"}, []string{"3"})
	if got := For("a", waiting, later, time.UTC); !slices.Equal(got, []string{"1 (said 03:00)", "2 (said 03:00)", "3"}) {
		t.Errorf("%q", got)
	}
	if got := For("a", waiting, at.Add(22*time.Hour), time.UTC); got[0] != "1 (said 2026-11-25 03:00)" {
		t.Errorf("the next day %q", got)
	}
	// Nobody waits for what is a day old, nor for what a wrong clock dates in the future.
	for _, now := range []time.Time{at.Add(24 * time.Hour), at.Add(-24 * time.Hour)} {
		if got := For("a", Post(waiting, now, nil, nil), now, time.UTC); len(got) > 1 {
			t.Errorf("at %s: %q", now, got)
		}
	}
}

func TestEachRecipientKeepsTheNewestLines(t *testing.T) {
	at := time.Date(2026, 11, 25, 3, 0, 0, 0, time.UTC)
	var waiting []state.Undelivered
	for i := range 30 {
		waiting = Post(waiting, at, []string{"a"}, []string{fmt.Sprint(i)})
	}
	for i := range 30 {
		waiting = append(waiting, state.Undelivered{To: "c", Text: fmt.Sprint(i), At: at})
	}
	waiting = Post(waiting, at, []string{"b"}, []string{"one"})
	if got := For("a", waiting, at, time.UTC); len(got) != keptLines || got[0] != "10" || got[19] != "29" {
		t.Errorf("%q", got)
	}
	if got := For("c", waiting, at, time.UTC); len(got) != 30 {
		t.Errorf("of somebody who was sent none of these lines %q", got)
	}
	if got := For("b", waiting, at, time.UTC); !slices.Equal(got, []string{"one"}) {
		t.Errorf("%q", got)
	}
}

func TestWithoutWhatWasDelivered(t *testing.T) {
	at := time.Date(2026, 11, 25, 3, 0, 0, 0, time.UTC)
	sent := Post(nil, at, []string{"a", "b"}, []string{"1"})
	now := Post(sent, at.Add(time.Minute), []string{"a"}, []string{"1"})
	got := Without(now, sent, []string{"a"})
	if len(got) != 2 || got[0].To != "b" || !got[1].At.Equal(at.Add(time.Minute)) {
		t.Errorf("%v", got)
	}
}
