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
	if err := checkWay(path); err != nil {
		return err
	}
	info, err := os.Stat(path)
	switch {
	case err == nil && !info.Mode().IsRegular():
		return writeInto(path, content)
	case err == nil:
		// The file is replaced, not the symbolic link that leads to it.
		if path, err = filepath.EvalSymlinks(path); err != nil {
			return err
		}
	case !errors.Is(err, fs.ErrNotExist):
		return err
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

// checkWay refuses to write to path where somebody else decides what it leads to: with the rights of this run that could be
// any file.
func checkWay(path string) error {
	_, _, err := ownership.Follow(path)
	if foreign, ok := errors.AsType[*ownership.ForeignError](err); ok {
		return fmt.Errorf("%w, so %s may lead to any file; name a file elsewhere", foreign, path)
	}
	return err
}

// writeInto writes to what is there. A pipe that nobody reads from is an error, not a reason to wait.
func writeInto(path string, content []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|syscall.O_NONBLOCK, 0)
	if errors.Is(err, syscall.ENXIO) {
		return fmt.Errorf("%s: %w", path, errNobodyReads)
	}
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
