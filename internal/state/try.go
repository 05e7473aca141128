package state

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"ddns-batch/internal/humanize"
)

// TrySave finds out whether a run could save s at path, by doing what a save does under other names, and removes
// whatever it makes. It takes no lock, and touches neither the state nor a file of a run that is at work. It cannot say
// whether the state itself may be replaced, except that one that is mounted as a single file may not. The error is that
// of Save, about path.
func TrySave(path string, s Snapshot) error {
	path, err := resolve(path)
	if err == nil {
		err = file{path: path, limit: maxSize, disk: realDisk()}.trySave(s)
	}
	if err != nil {
		return fmt.Errorf("cannot save the state: %w", err)
	}
	return nil
}

func (f file) trySave(s Snapshot) error {
	data, err := f.encode(s)
	if err != nil {
		return err
	}
	folder, err := missingFolder(f.path)
	switch {
	case err != nil:
	case folder == "":
		// The name has the process number, so that two trials at the same time use different files.
		err = f.tryFile(fmt.Sprintf("%s.try-%d", f.path, os.Getpid()), data)
	default:
		// It is tried within a folder beside the place of the one that a run would make.
		made, failed := os.MkdirTemp(filepath.Dir(folder), filepath.Base(folder)+".try-*")
		if failed != nil {
			return advise(fmt.Errorf("cannot make the folder %s: %w", folder, humanize.WithoutPath(failed)), folder)
		}
		err = errors.Join(f.tryFile(filepath.Join(made, filepath.Base(f.path)), data), f.disk.remove(made))
	}
	if err != nil {
		return advise(fmt.Errorf("%s: %w", f.path, humanize.WithoutPath(err)), f.path)
	}
	if mountedAlone(f.path) {
		return fmt.Errorf("%s is mounted as a single file, so it cannot be replaced; mount its folder instead", f.path)
	}
	return nil
}

// tryFile does with path, which is not there, what Save does with the state, and removes it.
func (f file) tryFile(path string, data []byte) error {
	err := f.disk.replace(path, data, true)
	if removeErr := f.disk.remove(path); err == nil {
		err = removeErr
	}
	return err
}

// missingFolder is the first folder on the way to path that is not there; empty if all are. The error is why a missing
// one cannot be made.
func missingFolder(path string) (missing string, err error) {
	for dir := filepath.Dir(path); ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) || dir == filepath.Dir(dir) {
			return missing, err
		}
		if _, err := os.Lstat(dir); err == nil {
			return "", fmt.Errorf("%s is a link to a folder that is not there", dir)
		}
		missing = dir
	}
}

// TryLock finds out whether a run could take the lock of the state at path now, as Acquire does without waiting. Where
// there is no lock file it makes none, and reports false.
func TryLock(path string, now func() time.Time) (tried bool, err error) {
	resolved, err := resolve(path)
	if err != nil {
		return false, fmt.Errorf("cannot lock the state: %w", err)
	}
	if _, err := os.Lstat(lockPath(resolved)); errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	l, err := Acquire(ctx, path, 0, now)
	if err != nil {
		return true, err
	}
	return true, l.Release()
}
