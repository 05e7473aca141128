package state

import (
	"errors"
	"io/fs"
	"os"

	"ddns-batch/internal/ownership"
)

// disk is every operation that changes something on the disk below a state's folder, and whether there can be any, so
// that a test can let one fail, or stop after any of them as a power cut does.
type disk struct {
	create  func(path string) (*os.File, error) // fs.ErrExist if there is anything at path, a link included
	write   func(f *os.File, data []byte) error
	sync    func(f *os.File) error
	rename  func(from, to string) error
	remove  func(path string) error
	syncDir func(path string) error // of the folder that path is in
	chmod   func(f *os.File, mode fs.FileMode) error

	readOnly func(path string) bool // whether the file system that the folder of path is on is mounted so
}

func realDisk() disk {
	return disk{
		create: func(path string) (*os.File, error) { return ownership.Create(path, 0o600) },
		write: func(f *os.File, data []byte) error {
			_, err := f.Write(data)
			return err
		},
		sync:    (*os.File).Sync,
		rename:  rename,
		remove:  os.Remove,
		syncDir: syncDir,
		chmod:   (*os.File).Chmod,

		readOnly: onReadOnlyDisk,
	}
}

// tmpSuffix names the file that is about to replace another one.
const tmpSuffix = ".tmp"

// replace puts data in the place of the file at path, or leaves path as it is. Durable means that it survives a power
// cut once replace has returned; without it either content may be there afterwards, or a cut-off one.
func (d disk) replace(path string, data []byte, durable bool) error {
	tmp := path + tmpSuffix
	if err := d.fill(tmp, data, durable); err != nil {
		return err
	}
	if err := d.rename(tmp, path); err != nil {
		_ = d.remove(tmp)
		return err
	}
	if durable {
		return d.syncDir(path)
	}
	return nil
}

// fill makes the file tmp with data in it, or none.
func (d disk) fill(tmp string, data []byte, durable bool) error {
	f, err := d.create(tmp)
	if errors.Is(err, fs.ErrExist) {
		// Left by a run that was killed.
		if err = d.remove(tmp); err == nil {
			f, err = d.create(tmp)
		}
	}
	if err != nil {
		return err
	}
	err = d.write(f, data)
	if err == nil && durable {
		err = d.sync(f)
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		_ = d.remove(tmp)
	}
	return err
}
