package state

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// tried is what trySave says on a disk with before called ahead of every operation.
func tried(path string, before func(op, path string) error) error {
	return file{path: path, limit: maxSize, disk: watched(before)}.trySave(sample())
}

func TestATrialDoesWhatASaveDoes(t *testing.T) {
	dir, path := saved(t)
	before := content(t, path)
	var got ops
	err := tried(path, func(op, path string) error {
		got = append(got, op+" "+strings.ReplaceAll(filepath.Base(path), fmt.Sprint(os.Getpid()), "N"))
		return nil
	})
	want := ops{
		"create state.json.try-N.tmp", "write state.json.try-N.tmp", "sync state.json.try-N.tmp", "rename state.json.try-N.tmp",
		"sync folder state.json.try-N", "remove state.json.try-N",
	}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%v: %q", err, got)
	}
	if left := names(t, dir); content(t, path) != before || !slices.Equal(left, []string{"state.json", "state.json.lock"}) {
		t.Errorf("it left %q", left)
	}
}

// A run that is at work has the lock, and its own temporary file.
func TestATrialLeavesARunAlone(t *testing.T) {
	dir, path := saved(t)
	write(t, path+".tmp", "of a run that saves right now")
	locked(t, path, func(*Lock) {
		if err := TrySave(path, sample()); err != nil {
			t.Error(err)
		}
	})
	if left := names(t, dir); !slices.Equal(left, []string{"state.json", "state.json.lock", "state.json.tmp"}) {
		t.Errorf("it left %q", left)
	}
}

func TestATrialFailsWhereASaveFails(t *testing.T) {
	for _, op := range []string{"create", "write", "sync", "rename", "sync folder"} {
		dir, path := saved(t)
		broken := errors.New("input/output error")
		err := tried(path, func(now, _ string) error {
			if now == op {
				return broken
			}
			return nil
		})
		if !errors.Is(err, broken) {
			t.Errorf("%s: %v", op, err)
		}
		if left := names(t, dir); !slices.Equal(left, []string{"state.json", "state.json.lock"}) {
			t.Errorf("%s: it left %q", op, left)
		}
	}
}

func TestATrialOfAStateThatIsTooLarge(t *testing.T) {
	dir := t.TempDir()
	err := file{path: filepath.Join(dir, "state.json"), limit: 10, disk: realDisk()}.trySave(sample())
	if err == nil || !strings.Contains(err.Error(), "use several YAML files") || len(names(t, dir)) != 0 {
		t.Errorf("%v, it left %q", err, names(t, dir))
	}
}

// A folder that a run would make is not made, and neither is anything in the one above it.
func TestATrialWhereTheFolderIsMissing(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "file"), "")
	if err := os.Symlink("nowhere", filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	before := names(t, dir)
	for _, c := range []struct{ state, want string }{
		{"a/state.json", ""},
		{"a/b/c/state.json", ""},
		{"file/state.json", "not a directory"},
		{"file/a/state.json", "not a directory"},
		{"link/state.json", "is a link to a folder that is not there"},
		{"link/a/state.json", "is a link to a folder that is not there"},
	} {
		path := filepath.Join(dir, filepath.FromSlash(c.state))
		err := file{path: path, limit: maxSize, disk: watched(func(op, _ string) error {
			if _, err := os.Stat(filepath.Join(dir, "a")); err == nil {
				t.Errorf("%s: the folder is made for the %s", c.state, op)
			}
			return nil
		})}.trySave(sample())
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %v", c.state, err)
		}
		// It says of each place what a run says.
		if l, err := Acquire(t.Context(), path, 0, clock); (err == nil) != (c.want == "") {
			t.Errorf("%s: a run finds %v", c.state, err)
		} else if err == nil {
			_ = l.Release()
			_ = os.RemoveAll(filepath.Join(dir, "a"))
		}
		if left := names(t, dir); !slices.Equal(left, before) {
			t.Errorf("%s: it left %q", c.state, left)
		}
	}
}

func TestTryingTheLock(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a", "state.json")
	if tried, err := TryLock(path, clock); tried || err != nil || len(names(t, dir)) != 0 {
		t.Errorf("%v %v, and there is %q", tried, err, names(t, dir))
	}
	locked(t, path, func(*Lock) {
		if tried, err := TryLock(path, clock); !tried || !errors.As(err, new(*HeldError)) {
			t.Errorf("%v %v", tried, err)
		}
	})
	if tried, err := TryLock(path, clock); !tried || err != nil {
		t.Errorf("%v %v", tried, err)
	}
	locked(t, path, func(*Lock) {})
}
