package state

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
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
	// Two that try at the same time do not meet.
	suffix := fmt.Sprintf(".try-%d", os.Getpid())
	folder, err := missingFolder(f.path)
	switch {
	case err != nil:
		return advise(fmt.Errorf("%s: %w", f.path, cause(err)), f.path)
	case folder != "":
		return f.tryFolder(folder, suffix, data)
	}
	if err := f.tryFile(f.path+suffix, data); err != nil {
		return advise(fmt.Errorf("%s: %w", f.path, cause(err)), f.path)
	}
	if mountedAlone(f.path) {
		return fmt.Errorf("%s is mounted as a single file, so it cannot be replaced; mount its folder instead", f.path)
	}
	return nil
}

// tryFolder is tryFile within a folder that is made for it beside the place of one that is missing.
func (f file) tryFolder(folder, suffix string, data []byte) error {
	made := folder + suffix
	err := os.Mkdir(made, 0o700)
	if err == nil {
		err = f.tryFile(filepath.Join(made, filepath.Base(f.path)), data)
		err = errors.Join(err, f.disk.remove(made))
	}
	if err != nil {
		return advise(fmt.Errorf("cannot make the folder %s: %w", folder, cause(err)), folder)
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
		info, err := os.Stat(dir)
		switch {
		case err == nil && !info.IsDir():
			return "", syscall.ENOTDIR
		case err == nil || !errors.Is(err, fs.ErrNotExist) || dir == filepath.Dir(dir):
			return missing, err
		}
		if _, err := os.Lstat(dir); err == nil {
			return "", fmt.Errorf("%s is a link to a folder that is not there", dir)
		}
		missing = dir
	}
}

// cause is what the system said, without the name under which it was tried.
func cause(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err
	}
	if e, ok := errors.AsType[*os.LinkError](err); ok {
		return e.Err
	}
	return err
}
