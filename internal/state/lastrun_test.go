package state

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestLastRun(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "state.json")
	if run, err := ReadLastRun(path); err != nil || run != (LastRun{}) {
		t.Error(run, err)
	}
	if run, err := ReadLastRun(filepath.Join(dir, "none", "state.json")); err != nil || run != (LastRun{}) {
		t.Error(run, err)
	}
	later := start.Add(time.Hour)
	for _, step := range []struct {
		name        string
		write, want LastRun
	}{
		{"a failure before any success", LastRun{EndedAt: start, Status: 3, Machine: "nas"}, LastRun{EndedAt: start, Status: 3, Machine: "nas", RanAt: start}},
		{"a success", LastRun{EndedAt: start, Address: addr("203.0.113.7")}, LastRun{EndedAt: start, Address: addr("203.0.113.7"), SucceededAt: start, RanAt: start}},
		{
			"a failure after a success", LastRun{EndedAt: later.In(time.FixedZone("", 7200)), Status: 1},
			LastRun{EndedAt: later, Status: 1, SucceededAt: start, RanAt: later},
		},
		{"another failure", LastRun{EndedAt: later, Status: 143}, LastRun{EndedAt: later, Status: 143, SucceededAt: start, RanAt: later}},
		{"records follow the address", LastRun{EndedAt: later, MovedTo: addr("203.0.113.7")}, LastRun{EndedAt: later, SucceededAt: later, RanAt: later, MovedTo: addr("203.0.113.7"), AddressChanges: 1}},
		{"others follow it later", LastRun{EndedAt: later, MovedTo: addr("203.0.113.7")}, LastRun{EndedAt: later, SucceededAt: later, RanAt: later, MovedTo: addr("203.0.113.7"), AddressChanges: 1}},
		{"nothing to do", LastRun{EndedAt: later}, LastRun{EndedAt: later, SucceededAt: later, RanAt: later, MovedTo: addr("203.0.113.7"), AddressChanges: 1}},
		{"the next change", LastRun{EndedAt: later, MovedTo: addr("203.0.113.8")}, LastRun{EndedAt: later, SucceededAt: later, RanAt: later, MovedTo: addr("203.0.113.8"), AddressChanges: 2}},
		{
			"a run that was served by somebody", LastRun{EndedAt: later, Authorities: "0011223344556677"},
			LastRun{EndedAt: later, SucceededAt: later, RanAt: later, MovedTo: addr("203.0.113.8"), AddressChanges: 2, Authorities: "0011223344556677"},
		},
		{
			"a run that asked nobody", LastRun{EndedAt: later, Status: 2},
			LastRun{EndedAt: later, Status: 2, SucceededAt: later, RanAt: later, MovedTo: addr("203.0.113.8"), AddressChanges: 2, Authorities: "0011223344556677"},
		},
	} {
		locked(t, path, func(l *Lock) {
			if _, err := l.WriteLastRun(step.write); err != nil {
				t.Fatal(step.name, err)
			}
		})
		if got, err := ReadLastRun(path); err != nil || got != step.want {
			t.Errorf("%s: got %+v, %v", step.name, got, err)
		}
	}
	if got := names(t, dir); !slices.Equal(got, []string{"last-run.json", "state.json.lock"}) {
		t.Errorf("left: %v", got)
	}
}

func TestADamagedLastRunIsReplaced(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "state.json")
	for _, content := range []string{"", "{", strings.Repeat(" ", lastRunSize+1)} {
		write(t, filepath.Join(dir, "last-run.json"), content)
		if run, err := ReadLastRun(path); err == nil || run != (LastRun{}) {
			t.Error(run, err)
		}
		locked(t, path, func(l *Lock) {
			if _, err := l.WriteLastRun(LastRun{EndedAt: start, Status: 1}); err != nil {
				t.Error(err)
			}
		})
		if run, err := ReadLastRun(path); err != nil || run.EndedAt != start {
			t.Error(run, err)
		}
	}
}
