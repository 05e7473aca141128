// Package outfile writes files for people and other programs as a whole: a reader never sees half of one, and none is written
// where somebody else decides which file that is. It never follows a stranger's link.
package outfile

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

// ErrNobodyReads means that the reader of a pipe, or of a terminal, does not read.
var ErrNobodyReads = errors.New("nothing reads from it")

// pipeLimit is how long a pipe may keep a run waiting.
const pipeLimit = 2 * time.Second

// Replace writes content to path, for others to read. A plain file is replaced as a whole, so that a reader never
// sees half of it, and everybody may read it; a pipe or a device is written to.
func Replace(path string, content []byte) error {
	// The file is replaced, not the symbolic link that leads to it.
	path, special, err := destination(path)
	switch {
	case err != nil:
		return err
	case special:
		return writeInto(path, content)
	}
	tmp, err := temporary(path)
	if err != nil {
		return fmt.Errorf("%s: %w", path, humanize.WithoutPath(err))
	}
	if err = fill(tmp, content, 0o644, false); err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		_ = os.Remove(tmp.Name())
		return fmt.Errorf("cannot replace %s: %w", path, humanize.WithoutPath(err))
	}
	return nil
}

// Append opens a file for appending to it, and makes it where there is none.
func Append(path string) (*os.File, error) {
	to, special, err := destination(path)
	switch {
	case err != nil:
		return nil, err
	case special:
		return openSpecial(to)
	}
	made, err := ownership.Create(to, 0o644)
	if err == nil {
		_ = made.Close()
	}
	f, openErr := ownership.Open(to, os.O_APPEND|os.O_WRONLY)
	if errors.Is(openErr, fs.ErrNotExist) && err != nil {
		return nil, err
	}
	return f, openErr
}

// Create makes the file at path, and its folder if there is none, and syncs it. It never replaces a file: the error is
// fs.ErrExist then.
func Create(path string, content []byte, mode fs.FileMode) error {
	dir := filepath.Dir(path)
	if err := ownership.ForeignFolder(dir); err != nil {
		return err
	}
	if err := ownership.MkdirAll(dir); err != nil {
		return err
	}
	// Somebody could have put a link there meanwhile.
	if _, _, err := ownership.FollowToWrite(path); err != nil {
		return err
	}
	tmp, err := temporary(path)
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	if err := fill(tmp, content, mode, true); err != nil {
		return err
	}
	// A link is not made where there is a file. Some file systems have none.
	if err = os.Link(tmp.Name(), path); err == nil || errors.Is(err, fs.ErrExist) {
		return err
	}
	return createInPlace(path, content, mode)
}

// createInPlace makes a file under its own name from the beginning.
func createInPlace(path string, content []byte, mode fs.FileMode) error {
	made, err := ownership.Create(path, mode)
	if err != nil {
		return err
	}
	if err = fill(made, content, mode, true); err != nil {
		_ = os.Remove(path)
	}
	return err
}

// temporary is a file beside path. Its name cannot be guessed: where others may write, they could have put a link there.
func temporary(path string) (*os.File, error) {
	return os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*.tmp")
}

// fill writes the content, syncs the file if it has to survive a power cut, and closes it.
func fill(f *os.File, content []byte, mode fs.FileMode, durable bool) error {
	ownership.Give(f)
	_, err := f.Write(content)
	err = errors.Join(err, f.Chmod(mode))
	if durable {
		err = errors.Join(err, f.Sync())
	}
	return errors.Join(err, f.Close())
}

// Check reports why Replace cannot write to path; nil where nothing is known to be against it. Nothing is written.
func Check(path string) error {
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
		return nil, fmt.Errorf("%s: %w", path, ErrNobodyReads)
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
		return fmt.Errorf("%s: %w", path, ErrNobodyReads)
	}
	return err
}
