package state

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func TestSaveThenLoad(t *testing.T) {
	dir, path := saved(t)
	locked(t, path, func(l *Lock) {
		if s, notes := load(t, l); !reflect.DeepEqual(s, sample()) || notes != "" {
			t.Errorf("%s %+v", notes, s)
		}
	})
	if got := names(t, dir); !slices.Equal(got, []string{"state.json", "state.json.lock"}) {
		t.Errorf("left: %v", got)
	}
}

// ops are the names of the operations of a disk, in the order in which they were asked for.
type ops []string

// watched is the real disk, with before called ahead of every operation: an error is what the operation says instead.
func watched(before func(op, path string) error) disk {
	d := realDisk()
	return disk{
		create: func(path string) (*os.File, error) {
			if err := before("create", path); err != nil {
				return nil, err
			}
			return d.create(path)
		},
		write: func(f *os.File, data []byte) error {
			if err := before("write", f.Name()); err != nil {
				_ = d.write(f, data[:len(data)/2])
				return err
			}
			return d.write(f, data)
		},
		sync: func(f *os.File) error {
			if err := before("sync", f.Name()); err != nil {
				return err
			}
			return d.sync(f)
		},
		rename: func(from, to string) error {
			if err := before("rename", from); err != nil {
				return err
			}
			return d.rename(from, to)
		},
		remove: func(path string) error {
			if err := before("remove", path); err != nil {
				return err
			}
			return d.remove(path)
		},
		syncDir: func(path string) error {
			if err := before("sync folder", path); err != nil {
				return err
			}
			return d.syncDir(path)
		},
		readOnly: d.readOnly,
	}
}

func TestTheOrderOfASave(t *testing.T) {
	_, path := saved(t)
	write(t, path+".tmp", "left by a run that was killed")
	locked(t, path, func(l *Lock) {
		var got ops
		l.disk = watched(func(op, path string) error {
			got = append(got, op+" "+filepath.Base(path))
			return nil
		})
		save(t, l, sample())
		want := ops{
			"create state.json.tmp", "remove state.json.tmp", "create state.json.tmp", "write state.json.tmp", "sync state.json.tmp",
			"rename state.json.tmp", "sync folder state.json", "remove state.json.full",
		}
		if !slices.Equal(got, want) {
			t.Errorf("got %q", got)
		}

		got = nil
		if err := l.SetAside(); err != nil {
			t.Fatal(err)
		}
		if want := (ops{"rename state.json", "sync folder state.json"}); !slices.Equal(got, want) {
			t.Errorf("setting aside: %q", got)
		}

		got = nil
		if _, err := l.WriteLastRun(LastRun{}); err != nil {
			t.Fatal(err)
		}
		if want := (ops{"create last-run.json.tmp", "write last-run.json.tmp", "rename last-run.json.tmp"}); !slices.Equal(got, want) {
			t.Errorf("the last run: %q", got)
		}
	})
}

func TestAPowerCutLeavesTheOldOrTheNewState(t *testing.T) {
	old, new := sample(), sample()
	new.Endpoint, new.Records = "https://new.example.com/update", new.Records[:1]
	for k := 0; ; k++ {
		dir, path := saved(t)
		write(t, path+".tmp", "left by a run that was killed")
		done := 0
		locked(t, path, func(l *Lock) {
			l.disk = watched(func(string, string) error {
				if done == k {
					return errors.New("no power")
				}
				done++
				return nil
			})
			_ = l.Save(new)
		})
		got, notes, err := Read(path)
		isOld, isNew := reflect.DeepEqual(got, old), reflect.DeepEqual(got, new)
		if err != nil || len(notes) != 0 || isOld == isNew {
			t.Fatalf("after %d operations: %v %v %+v", k, notes, err, got)
		}
		locked(t, path, func(l *Lock) { save(t, l, new) })
		if got := names(t, dir); !slices.Equal(got, []string{"state.json", "state.json.lock"}) {
			t.Errorf("after %d operations and another save: %v", k, got)
		}
		if done < k {
			if !isNew || k < 8 {
				t.Errorf("a whole save of %d operations left the old state", k)
			}
			return
		}
	}
}

func TestAFailedSaveLeavesNoTrace(t *testing.T) {
	data, err := encode(sample())
	if err != nil {
		t.Fatal(err)
	}
	dir, path := saved(t)
	broken := errors.New("input/output error")
	fails := func(l *Lock, name string) {
		t.Helper()
		next := sample()
		next.Endpoint = "https://next.example.com/update"
		if err := l.Save(next); !errors.Is(err, broken) || !strings.HasPrefix(err.Error(), "cannot save the state: ") {
			t.Errorf("%s: %v", name, err)
		}
		if content(t, path) != string(data) {
			t.Fatalf("%s: the old state is gone", name)
		}
		if got := names(t, dir); !slices.Equal(got, []string{"state.json", "state.json.lock"}) {
			t.Fatalf("%s: left %v", name, got)
		}
	}
	locked(t, path, func(l *Lock) {
		for _, op := range []string{"create", "write", "sync", "rename"} {
			l.disk = watched(func(asked, path string) error {
				if asked == op {
					return broken
				}
				return nil
			})
			fails(l, op)
		}
		for n := range data {
			l.disk = realDisk()
			l.disk.write = func(f *os.File, data []byte) error {
				_, _ = f.Write(data[:n])
				return broken
			}
			fails(l, fmt.Sprint(n, " bytes"))
		}
	})
}

func TestAFailedSyncOfTheFolderIsReported(t *testing.T) {
	_, path := saved(t)
	locked(t, path, func(l *Lock) {
		broken := errors.New("input/output error")
		l.disk.syncDir = func(string) error { return broken }
		if err := l.Save(sample()); !errors.Is(err, broken) {
			t.Error(err)
		}
		if err := l.SetAside(); !errors.Is(err, broken) {
			t.Error(err)
		}
	})
}

func TestASaveIsNeverTooLargeToBeRead(t *testing.T) {
	_, path := saved(t)
	size := int64(len(content(t, path)))
	locked(t, path, func(l *Lock) {
		l.limit = size - 1
		if err := l.Save(sample()); err == nil || !strings.Contains(err.Error(), "larger than") {
			t.Error(err)
		}
		if content(t, path) == "" {
			t.Error("the old state is gone")
		}
		l.limit = size
		save(t, l, sample())
		if s, notes := load(t, l); !reflect.DeepEqual(s, sample()) || notes != "" {
			t.Error(notes)
		}
	})
}

func BenchmarkSave(b *testing.B) {
	l, err := Acquire(b.Context(), filepath.Join(b.TempDir(), "state.json"), 0, clock)
	if err != nil {
		b.Fatal(err)
	}
	defer l.Release()
	s := many()
	for b.Loop() {
		if err := l.Save(s); err != nil {
			b.Fatal(err)
		}
	}
}
