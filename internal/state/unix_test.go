//go:build unix

package state

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// asOrdinaryUser calls do as somebody whom permissions stop, even if the tests run as root. The folders of the test
// are opened for that user, as far as they are not closed on purpose.
func asOrdinaryUser(t *testing.T, dir string, do func()) {
	t.Helper()
	if os.Geteuid() == 0 {
		if err := os.Chmod(filepath.Dir(dir), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := syscall.Seteuid(nobody); err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := syscall.Seteuid(0); err != nil {
				panic(err)
			}
		}()
	}
	do()
}

// chmod sets a mode until the test ends.
func chmod(t *testing.T, path string, mode fs.FileMode) {
	t.Helper()
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(path, 0o700) })
}

func TestModes(t *testing.T) {
	old := syscall.Umask(0)
	defer syscall.Umask(old)
	dir := filepath.Join(t.TempDir(), "a", "b")
	path := filepath.Join(dir, "state.json")
	locked(t, path, func(l *Lock) {
		save(t, l, sample())
		if _, err := l.WriteLastRun(LastRun{}); err != nil {
			t.Error(err)
		}
	})
	for path, want := range map[string]fs.FileMode{
		dir: 0o700, filepath.Dir(dir): 0o700, path: 0o600, path + ".lock": 0o600, filepath.Join(dir, "last-run.json"): 0o600,
	} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v %v", path, info.Mode(), err)
		}
	}
}

func TestAModeIsMended(t *testing.T) {
	for _, mode := range []fs.FileMode{0o644, 0o640, 0o602} {
		_, path := saved(t)
		chmod(t, path, mode)
		_, notes, err := Read(path)
		if err != nil || len(notes) != 1 || !strings.Contains(notes[0], "can be read by others (mode 06") {
			t.Error(notes, err)
		}
		locked(t, path, func(l *Lock) {
			if _, notes := load(t, l); !strings.Contains(notes, "it is 0600 now") {
				t.Error(notes)
			}
			if _, notes := load(t, l); notes != "" {
				t.Error(notes)
			}
		})
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
			t.Error(info.Mode(), err)
		}
	}
}

// What vfat and drvfs do: a change of the mode succeeds, and nothing changes.
func TestAModeThatTheFileSystemDoesNotKeepIsNotCalledMended(t *testing.T) {
	_, path := saved(t)
	chmod(t, path, 0o644)
	locked(t, path, func(l *Lock) {
		tried := 0
		l.disk.chmod = func(*os.File, fs.FileMode) error {
			tried++
			return nil
		}
		if _, notes := load(t, l); notes != "" || tried != 1 {
			t.Errorf("tried %d times, and said %q", tried, notes)
		}
		l.disk.chmod = realDisk().chmod
		if _, notes := load(t, l); !strings.Contains(notes, "it is 0600 now") {
			t.Error(notes)
		}
	})
}

func TestWritesThatFail(t *testing.T) {
	_, path := saved(t)
	for _, c := range []struct {
		name, op string
		errno    syscall.Errno
		want     error
		text     string
	}{
		{"the disk is full", "write", syscall.ENOSPC, ErrNoSpace, "no space left"},
		{"no space for a name", "create", syscall.ENOSPC, ErrNoSpace, "no space left"},
		{"no space when syncing", "sync", syscall.ENOSPC, ErrNoSpace, "no space left"},
		{"the user's share is full", "write", syscall.EDQUOT, ErrNoSpace, "quota"},
		{"a limit on the size of files", "write", syscall.EFBIG, ErrNoSpace, "file too large"},
		{"a read-only disk", "create", syscall.EROFS, ErrReadOnly, "read-only"},
		{"not allowed", "create", syscall.EACCES, ErrPermission, "give --state FILE"},
		{"not allowed to replace", "rename", syscall.EPERM, ErrPermission, "give --state FILE"},
		{"mounted as a single file", "rename", syscall.EBUSY, nil, "mount its folder instead"},
		{"on another file system", "rename", syscall.EXDEV, nil, "mount its folder instead"},
		{"a broken disk", "sync", syscall.EIO, nil, "input/output error"},
	} {
		t.Run(c.name, func(t *testing.T) {
			locked(t, path, func(l *Lock) {
				l.disk = watched(func(op, path string) error {
					if op == c.op {
						return &fs.PathError{Op: op, Path: path, Err: c.errno}
					}
					return nil
				})
				err := l.Save(sample())
				if !errors.Is(err, c.errno) || !strings.Contains(err.Error(), c.text) {
					t.Error(err)
				}
				for _, sentinel := range []error{ErrNoSpace, ErrReadOnly, ErrPermission} {
					if errors.Is(err, sentinel) != (sentinel == c.want) {
						t.Errorf("%v is %v: %v", err, sentinel, errors.Is(err, sentinel))
					}
				}
			})
		})
	}
}

func TestAFolderThatMayNotBeWritten(t *testing.T) {
	dir, path := saved(t)
	chmod(t, path, 0o644)
	chmod(t, path+".lock", 0o444)
	chmod(t, dir, 0o555)
	asOrdinaryUser(t, dir, func() {
		locked(t, path, func(l *Lock) { // reading the lock file is enough
			if _, err := Acquire(t.Context(), path, 0, clock); !errors.As(err, new(*HeldError)) {
				t.Error("a lock file that can only be read keeps nobody out:", err)
			}
			if err := l.Save(sample()); !errors.Is(err, ErrPermission) || !strings.Contains(err.Error(), "give --state FILE") {
				t.Error(err)
			}
			if err := l.SetAside(); !errors.Is(err, ErrPermission) {
				t.Error(err)
			}
			if _, err := l.WriteLastRun(LastRun{}); !errors.Is(err, ErrPermission) {
				t.Error(err)
			}
		})
		write := filepath.Join(dir, "other.json")
		if _, err := Acquire(t.Context(), write, 0, clock); !errors.Is(err, ErrPermission) || errors.As(err, new(*HeldError)) {
			t.Error("a lock file that cannot be made:", err)
		}
		if _, err := Acquire(t.Context(), filepath.Join(dir, "new", "state.json"), 0, clock); !errors.Is(err, ErrPermission) {
			t.Error("a folder that cannot be made:", err)
		}
	})
}

func TestADamagedStateInAFolderThatMayNotBeWritten(t *testing.T) {
	dir, path := saved(t)
	write(t, path, "damaged")
	chmod(t, path, 0o644)
	chmod(t, path+".lock", 0o444)
	chmod(t, dir, 0o555)
	asOrdinaryUser(t, dir, func() {
		locked(t, path, func(l *Lock) {
			s, notes := load(t, l)
			if len(s.Records) != 0 || !strings.Contains(notes, "could not be set aside") {
				t.Errorf("%s %+v", notes, s)
			}
		})
	})
}

func TestAStateThatMayNotBeRead(t *testing.T) {
	dir, path := saved(t)
	chmod(t, path, 0)
	chmod(t, path+".lock", 0o444)
	chmod(t, dir, 0o755)
	asOrdinaryUser(t, dir, func() {
		_, _, err := Read(path)
		if !errors.Is(err, ErrPermission) || !strings.Contains(err.Error(), "give --state FILE") {
			t.Error(err)
		}
		locked(t, path, func(l *Lock) {
			if _, _, err := l.Load(); !errors.Is(err, ErrPermission) {
				t.Error(err)
			}
		})
	})
	if got := names(t, dir); !slices.Equal(got, []string{"state.json", "state.json.lock"}) {
		t.Errorf("left: %v", got)
	}
}

func TestSomebodyElsesFileIsNamed(t *testing.T) {
	dir := t.TempDir()
	asOrdinaryUser(t, dir, func() {
		err := advise(&fs.PathError{Op: "open", Path: "/x", Err: syscall.EACCES}, "/")
		if !errors.Is(err, ErrPermission) || !strings.Contains(err.Error(), "/ belongs to uid 0, but this runs as uid ") {
			t.Error(err)
		}
	})
}

func TestPipesAndDevicesAreLeftAlone(t *testing.T) {
	dir := t.TempDir()
	pipe := filepath.Join(dir, "state.json")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{pipe: "is a pipe", "/dev/null": "is a device", filepath.Join(dir, "."): "is a folder"} {
		_, _, readErr := Read(path)
		_, lockErr := Acquire(t.Context(), path, 0, clock)
		_, lastErr := ReadLastRun(path)
		for _, err := range []error{readErr, lockErr, lastErr} {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v", path, err)
			}
		}
	}
	// Reading does not wait for a writer either, if the pipe comes after the look at it.
	if _, _, err := slurp(pipe, maxSize); err == nil || !strings.Contains(err.Error(), "is a pipe") {
		t.Error(err)
	}
	if got := names(t, dir); !slices.Equal(got, []string{"state.json"}) {
		t.Errorf("left: %v", got)
	}
}

func TestAPathThroughAFile(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "file"), "")
	path := filepath.Join(dir, "file", "state.json")
	_, _, readErr := Read(path)
	_, lockErr := Acquire(t.Context(), path, 0, clock)
	for _, err := range []error{readErr, lockErr} {
		if !errors.Is(err, syscall.ENOTDIR) {
			t.Error(err)
		}
	}
}

func TestATrialWhereThisUserMayNotWrite(t *testing.T) {
	dir, path := saved(t)
	chmod(t, dir, 0o555)
	asOrdinaryUser(t, dir, func() {
		for path, want := range map[string]string{
			path: path + ": permission denied; ",
			filepath.Join(dir, "a", "b", "state.json"): "cannot make the folder " + filepath.Join(dir, "a") + ": permission denied; ",
		} {
			err := TrySave(path, sample())
			if !errors.Is(err, ErrPermission) || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "give --state FILE") {
				t.Errorf("%s: %v", path, err)
			}
		}
	})
	if left := names(t, dir); !slices.Equal(left, []string{"state.json", "state.json.lock"}) {
		t.Errorf("it left %q", left)
	}
}
