package state

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestNoStateFileIsAnEmptyState(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "folder", "state.json")
	locked(t, path, func(l *Lock) {
		s, notes := load(t, l)
		if s.Version != Version || s.Endpoint != "" || len(s.Key) != keySize || s.Records != nil || notes != "" {
			t.Errorf("%+v, %s", s, notes)
		}
	})
	if got := names(t, filepath.Dir(path)); !slices.Equal(got, []string{"state.json.lock"}) {
		t.Errorf("loading made %v", got)
	}
}

func TestNotUnderstoodIsSetAside(t *testing.T) {
	for name, data := range map[string]string{
		"empty": "", "cut off": `{"version": 1, "rec`, "another program's": "ip=203.0.113.7\n", "contradicting itself": `{"version": 1, "records": [{}]}`,
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "state.json")
			write(t, path, data)
			locked(t, path, func(l *Lock) {
				s, notes := load(t, l)
				if s.Endpoint != "" || len(s.Records) != 0 {
					t.Errorf("not empty: %+v", s)
				}
				aside := path + ".corrupt-20261123T030500Z"
				if content(t, aside) != data {
					t.Error("the content changed")
				}
				if !strings.Contains(notes, aside) || !strings.Contains(notes, "every record is sent once") {
					t.Error(notes)
				}
			})
			if got := names(t, dir); !slices.Equal(got, []string{"state.json.corrupt-20261123T030500Z", "state.json.lock"}) {
				t.Errorf("left: %v", got)
			}
		})
	}
}

func TestTheNewestThreeSetAsideStay(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "state.json")
	write(t, path+".corrupt-by-hand", "")
	write(t, filepath.Join(dir, "other.json.corrupt-20200101T000000Z"), "")
	locked(t, path, func(l *Lock) {
		for i, second := range []time.Duration{0, 10, 20, 30, 30} {
			l.now = func() time.Time { return start.Add(second * time.Second) }
			write(t, path, fmt.Sprint("damaged ", i))
			load(t, l)
		}
		want := []string{
			"other.json.corrupt-20200101T000000Z", "state.json.corrupt-20261123T030520Z", "state.json.corrupt-20261123T030530Z",
			"state.json.corrupt-20261123T030531Z", "state.json.corrupt-by-hand", "state.json.lock",
		}
		if got := names(t, dir); !slices.Equal(got, want) {
			t.Errorf("left: %v", got)
		}
		if got := content(t, path+".corrupt-20261123T030531Z"); got != "damaged 4" {
			t.Errorf("the newest is %q", got)
		}

		l.now = func() time.Time { return start.AddDate(-1, 0, 0) }
		write(t, path, "after the clock was set back")
		load(t, l)
		if got := content(t, path+".corrupt-20251123T030500Z"); got != "after the clock was set back" {
			t.Error(got)
		}
		if got := names(t, dir); len(got) != 6 {
			t.Errorf("left: %v", got)
		}
	})
}

func TestTooLargeIsNotRead(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "state.json")
	write(t, path, "")
	if err := os.Truncate(path, maxSize+1); err != nil {
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, notes, err := Read(path); err != nil || len(notes) != 1 || !strings.Contains(notes[0], "larger than 64 MiB") {
		t.Error(notes, err)
	}
	if runtime.ReadMemStats(&after); after.TotalAlloc-before.TotalAlloc > maxSize/4 {
		t.Errorf("it took %d bytes of memory", after.TotalAlloc-before.TotalAlloc)
	}
	locked(t, path, func(l *Lock) {
		if _, notes := load(t, l); !strings.Contains(notes, "larger than 64 MiB") {
			t.Error(notes)
		}
	})
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Error("it is still there:", err)
	}
}

func TestTheLimitOfAFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.json")
	write(t, path, "12345678")
	if data, _, err := slurp(path, 8); err != nil || string(data) != "12345678" {
		t.Errorf("%q %v", data, err)
	}
	if _, _, err := slurp(path, 7); !errors.As(err, new(notUnderstood)) {
		t.Error(err)
	}
	if _, _, err := slurp(filepath.Dir(path), 7); err == nil || errors.As(err, new(notUnderstood)) {
		t.Error("a folder:", err)
	}
}

func TestNewerIsLeftAlone(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "state.json")
	const newer = `{"version": 2, "records": {"example.com": "203.0.113.7"}}`
	write(t, path, newer)
	locked(t, path, func(l *Lock) {
		before := listing(t, dir)
		_, _, err := l.Load()
		if !errors.Is(err, ErrNewer) || !strings.Contains(err.Error(), "one send per record") || !strings.Contains(err.Error(), path) {
			t.Error(err)
		}
		if _, _, err := Read(path); !errors.Is(err, ErrNewer) {
			t.Error(err)
		}
		if after := listing(t, dir); after != before || content(t, path) != newer {
			t.Errorf("it was touched:\n%s%s", before, after)
		}
	})
}

func TestOlderIsKept(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "state.json")
	const older = `{"version": 0, "records": {"example.com": "203.0.113.7"}}`
	write(t, path, older)
	write(t, path+".v0", "an even older one")
	locked(t, path, func(l *Lock) {
		l.older = versionZero()
		s, notes := load(t, l)
		if len(s.Records) != 1 || s.Records[0].IP != addr("203.0.113.7") {
			t.Errorf("%+v", s)
		}
		if content(t, path+".v0") != older || !strings.Contains(notes, path+".v0") {
			t.Error(notes)
		}
		save(t, l, s)
		if s2, notes := load(t, l); !reflect.DeepEqual(s, s2) || notes != "" {
			t.Errorf("%+v %s", s2, notes)
		}
	})
	if got := names(t, dir); !slices.Equal(got, []string{"state.json", "state.json.lock", "state.json.v0"}) {
		t.Errorf("left: %v", got)
	}
}

func TestOlderThatCannotBeKeptIsUsedAllTheSame(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.json")
	write(t, path, `{"version": 0, "records": {"example.com": "203.0.113.7"}}`)
	locked(t, path, func(l *Lock) {
		l.older = versionZero()
		l.disk.create = func(string) (*os.File, error) { return nil, errors.New("the disk is on fire") }
		s, notes := load(t, l)
		if len(s.Records) != 1 || !strings.Contains(notes, "the disk is on fire") {
			t.Errorf("%+v %s", s, notes)
		}
	})
}

func TestSetAsideOnAFullDisk(t *testing.T) {
	dir, path := saved(t)
	want := sample()
	r := &want.Records[0]
	r.IP, r.Previous, r.Unknown, r.Doubted = r.Previous, r.IP, true, true
	r.Since, r.ConfirmedAt = time.Time{}, time.Time{}

	locked(t, path, func(l *Lock) {
		if err := l.SetAside(); err != nil {
			t.Fatal(err)
		}
		if err := l.SetAside(); err != nil {
			t.Error("a second time:", err)
		}
	})
	if got := names(t, dir); !slices.Equal(got, []string{"state.json.full", "state.json.lock"}) {
		t.Errorf("left: %v", got)
	}
	dry, notes, err := Read(path)
	if err != nil || !reflect.DeepEqual(dry, want) || len(notes) != 1 || !strings.Contains(notes[0], path+".full") {
		t.Errorf("%v %v %+v", err, notes, dry)
	}
	locked(t, path, func(l *Lock) {
		s, notes := load(t, l)
		if !reflect.DeepEqual(s, want) || !strings.Contains(notes, path+".full") {
			t.Errorf("%s %+v", notes, s)
		}
		l.disk.create = func(string) (*os.File, error) { return nil, errors.New("still full") }
		if err := l.Save(s); err == nil {
			t.Error("saved")
		}
		if _, err := os.Stat(path + ".full"); err != nil {
			t.Error("a failed save removed it:", err)
		}
		l.disk = realDisk()
		save(t, l, s)
		if s, notes := load(t, l); !reflect.DeepEqual(s, want) || notes != "" {
			t.Errorf("%s %+v", notes, s)
		}
	})
	if got := names(t, dir); !slices.Equal(got, []string{"state.json", "state.json.lock"}) {
		t.Errorf("left: %v", got)
	}
}

func TestNoAddressCountsAsKnownOnAReadOnlyDisk(t *testing.T) {
	_, path := saved(t)
	want := sample()
	r := &want.Records[0]
	r.IP, r.Previous, r.Unknown, r.Doubted = r.Previous, r.IP, true, true
	r.Since, r.ConfirmedAt = time.Time{}, time.Time{}
	locked(t, path, func(l *Lock) {
		l.disk.readOnly = func(asked string) bool { return asked == path }
		if s, notes := load(t, l); !reflect.DeepEqual(s, want) || notes != "" {
			t.Errorf("%s %+v", notes, s)
		}
		l.disk.readOnly = realDisk().readOnly
		if s, notes := load(t, l); !reflect.DeepEqual(s, sample()) || notes != "" {
			t.Errorf("on a disk like others: %s %+v", notes, s)
		}
	})
}

func TestTheStateComesBeforeTheOneThatWasSetAside(t *testing.T) {
	_, path := saved(t)
	write(t, path+".full", `{"version": 1, "endpoint": "sandbox"}`)
	locked(t, path, func(l *Lock) {
		if s, notes := load(t, l); !reflect.DeepEqual(s, sample()) || notes != "" {
			t.Errorf("%s %+v", notes, s)
		}
		write(t, path, "damaged")
		if s, notes := load(t, l); s.Endpoint != "sandbox" || !strings.Contains(notes, ".corrupt-") || strings.Contains(notes, "empty now") {
			t.Errorf("%s %+v", notes, s)
		}
	})
}

func TestLoadingRemovesWhatAKilledSaveLeft(t *testing.T) {
	dir, path := saved(t)
	write(t, path+".tmp", "{")
	locked(t, path, func(l *Lock) {
		if s, notes := load(t, l); notes != "" || !reflect.DeepEqual(s, sample()) {
			t.Errorf("%s %+v", notes, s)
		}
	})
	if got := names(t, dir); !slices.Equal(got, []string{"state.json", "state.json.lock"}) {
		t.Errorf("left: %v", got)
	}
}

func TestADryRunChangesNothing(t *testing.T) {
	sampleData, err := encode(sample())
	if err != nil {
		t.Fatal(err)
	}
	for name, files := range map[string]map[string]string{
		"no file":               {},
		"a good file":           {"state.json": string(sampleData)},
		"an empty file":         {"state.json": ""},
		"a damaged file":        {"state.json": "{"},
		"both damaged":          {"state.json": "{", "state.json.full": "{"},
		"set aside, and litter": {"state.json.full": string(sampleData), "state.json.tmp": "{"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			for name, data := range files {
				write(t, filepath.Join(dir, name), data)
				if err := os.Chmod(filepath.Join(dir, name), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			before := listing(t, dir)
			if _, _, err := Read(filepath.Join(dir, "state.json")); err != nil {
				t.Error(err)
			}
			if _, _, err := Read(filepath.Join(dir, "none", "state.json")); err != nil {
				t.Error(err)
			}
			if _, err := ReadLastRun(filepath.Join(dir, "state.json")); err != nil {
				t.Error(err)
			}
			if after := listing(t, dir); after != before {
				t.Errorf("before:\n%safter:\n%s", before, after)
			}
		})
	}
}

func TestADryRunWaitsForNoLock(t *testing.T) {
	_, path := saved(t)
	locked(t, path, func(*Lock) {
		if s, notes, err := Read(path); err != nil || len(notes) != 0 || !reflect.DeepEqual(s, sample()) {
			t.Errorf("%v %v %+v", err, notes, s)
		}
	})
}
