//go:build unix

package state

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"syscall"
	"testing"
)

func TestTheLockFileSaysWhoHoldsIt(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.json")
	write(t, path+".lock", strings.Repeat("an older, longer text. ", 20))
	locked(t, path, func(*Lock) {
		var who holder
		if err := json.Unmarshal([]byte(content(t, path+".lock"))[holderOffset:], &who); err != nil || who.PID != os.Getpid() || who.Since != start {
			t.Errorf("%+v %v", who, err)
		}
		// What somebody else wrote there is no reason to fail.
		for _, text := range []string{"", "rubbish", strings.Repeat("1", 10_000)} {
			write(t, path+".lock", text)
			_, err := Acquire(t.Context(), path, 0, clock)
			var held *HeldError
			if !errors.As(err, &held) || held.PID != 0 || !strings.Contains(err.Error(), "another run holds the lock") {
				t.Error(err)
			}
		}
	})
}

func TestALockOnARemovedFileIsNotKept(t *testing.T) {
	for name, replace := range map[string]func(path string) error{
		"removed":  os.Remove,
		"replaced": func(path string) error { return errors.Join(os.Remove(path), os.WriteFile(path, nil, 0o600)) },
	} {
		l := &Lock{file: file{path: filepath.Join(t.TempDir(), "state.json"), disk: realDisk()}}
		if ok, err := l.try(); !ok || err != nil {
			t.Fatal(err)
		}
		if err := replace(l.lockPath()); err != nil {
			t.Fatal(err)
		}
		if ok, err := l.keep(); ok || err != nil || l.held != nil {
			t.Errorf("%s: kept %v, locked %v, %v", name, ok, l.held != nil, err)
		}
		if ok, err := l.try(); !ok || err != nil {
			t.Errorf("%s: the next try: %v", name, err)
		}
		if err := l.Release(); err != nil {
			t.Error(err)
		}
	}
}

func TestNothingIsSavedWithoutTheLock(t *testing.T) {
	_, path := saved(t)
	locked(t, path, func(l *Lock) {
		if err := os.Remove(path + ".lock"); err != nil {
			t.Fatal(err)
		}
		locked(t, path, func(second *Lock) {
			for _, err := range []error{l.Save(empty()), l.SetAside(), lastRunError(l.WriteLastRun(LastRun{}))} {
				if err == nil || !strings.Contains(err.Error(), "another run may be at work") {
					t.Error(err)
				}
			}
			save(t, second, sample())
		})
	})
	var kept *Lock
	locked(t, path, func(l *Lock) { kept = l })
	if err := kept.Save(empty()); err == nil || !strings.Contains(err.Error(), "was released") {
		t.Error(err)
	}
	if s, _, err := Read(path); err != nil || !reflect.DeepEqual(s, sample()) {
		t.Error(err)
	}
}

func TestLockFilesThatAreNone(t *testing.T) {
	dir, path := saved(t)
	lock := path + ".lock"
	victim := filepath.Join(dir, "victim")
	write(t, victim, "precious")
	for name, put := range map[string]func() error{
		"a link":          func() error { return os.Symlink(victim, lock) },
		"a dangling link": func() error { return os.Symlink(victim+"2", lock) },
		"a folder":        func() error { return os.Mkdir(lock, 0o700) },
		"a pipe":          func() error { return syscall.Mkfifo(lock, 0o600) },
	} {
		if err := os.Remove(lock); err != nil {
			t.Fatal(err)
		}
		if err := put(); err != nil {
			t.Fatal(err)
		}
		if _, err := Acquire(t.Context(), path, 0, clock); err == nil || errors.As(err, new(*HeldError)) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if content(t, victim) != "precious" {
		t.Error("written through a link")
	}
	if _, err := os.Stat(victim + "2"); err == nil {
		t.Error("made through a link")
	}
}

func TestAFileSystemWithoutLocks(t *testing.T) {
	err := advise(&fs.PathError{Op: "flock", Path: "/x", Err: syscall.ENOLCK}, "/x")
	if !errors.Is(err, syscall.ENOLCK) || !strings.Contains(err.Error(), "give --state FILE on another one") {
		t.Error(err)
	}
}

func lastRunError(_ LastRun, err error) error { return err }
