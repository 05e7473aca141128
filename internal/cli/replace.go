package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"ddns-batch/internal/humanize"
	"ddns-batch/internal/ownership"
)

// pipeLimit is how long a pipe may keep a run waiting.
const pipeLimit = 2 * time.Second

// replaceFile writes content to path, for others to read. A plain file is replaced as a whole, so that a reader never
// sees half of it, and everybody may read it; a pipe or a device is written to.
func replaceFile(path string, content []byte) error {
	// The file is replaced, not the symbolic link that leads to it.
	path, special, err := destination(path)
	switch {
	case err != nil:
		return err
	case special:
		return writeInto(path, content)
	}
	// A name that nobody can foresee: where others may write, they could have put a link in its place.
	tmp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*.tmp")
	if err != nil {
		return fmt.Errorf("%s: %w", path, humanize.WithoutPath(err))
	}
	ownership.Give(tmp)
	_, err = tmp.Write(content)
	if err == nil {
		err = tmp.Chmod(0o644)
	}
	if closed := tmp.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		_ = os.Remove(tmp.Name())
		return fmt.Errorf("cannot replace %s: %w", path, humanize.WithoutPath(err))
	}
	return nil
}

// checkFile reports why replaceFile cannot write to path; nil where nothing is known to be against it. Nothing is written.
func checkFile(path string) error {
	to, special, err := destination(path)
	if err != nil {
		return err
	}
	if info, err := os.Stat(to); err == nil && info.IsDir() {
		return syscall.EISDIR
	}
	if special {
		return ownership.MayWrite(to)
	}
	return ownership.MayReplace(to)
}

// destination is the file that path leads to; special: it is no plain file. Where somebody else decides what path leads to
// that is an error: with the rights of this run it could be any file.
func destination(path string) (to string, special bool, err error) {
	to, _, err = ownership.FollowToWrite(path)
	if foreign, ok := errors.AsType[*ownership.ForeignError](err); ok {
		return "", false, fmt.Errorf("%w, so %s may lead to any file; name a file elsewhere", foreign, path)
	}
	if _, ok := errors.AsType[*fs.PathError](err); ok {
		return "", false, fmt.Errorf("%s: %w", path, humanize.WithoutPath(err))
	}
	if err != nil {
		return "", false, err
	}
	// Under the name that was given: what /dev/stdout is cannot be found under any other.
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return path, true, nil
	}
	return to, false, nil
}

// openSpecial opens a pipe or a device for writing, without waiting for somebody to read from it. What has become a plain
// file meanwhile was put there by somebody else.
func openSpecial(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND|syscall.O_NONBLOCK, 0)
	if errors.Is(err, syscall.ENXIO) {
		return nil, fmt.Errorf("%s: %w", path, errNobodyReads)
	}
	if err != nil {
		return nil, err
	}
	if info, err := f.Stat(); err != nil || info.Mode().IsRegular() {
		_ = f.Close()
		return nil, fmt.Errorf("%s was replaced while it was opened", path)
	}
	return f, nil
}

// writeInto writes to what is there. A pipe that nobody reads from is an error, not a reason to wait.
func writeInto(path string, content []byte) error {
	f, err := openSpecial(path)
	if err != nil {
		return err
	}
	// What knows no deadline does not need one.
	_ = f.SetWriteDeadline(time.Now().Add(pipeLimit))
	_, err = f.Write(content)
	if closed := f.Close(); err == nil {
		err = closed
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return fmt.Errorf("%s: %w", path, errNobodyReads)
	}
	return err
}
