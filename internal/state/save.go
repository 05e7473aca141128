package state

import (
	"errors"
	"fmt"
	"io/fs"
)

// Errors of Save, for those who decide by them; every other one means that nothing can be written there.
var (
	// ErrNoSpace: the disk, the user's share of it, or what ulimit lets a file have, is full.
	ErrNoSpace = errors.New("the disk is full")
	// ErrReadOnly: the file system is mounted read-only.
	ErrReadOnly = errors.New("the disk is read-only")
	// ErrPermission: this user may not write there.
	ErrPermission = fs.ErrPermission
)

// Save replaces the state file by s. When it returns nil, s is on the disk and survives a power cut. When it does not,
// the file holds what it held before and nothing is left beside it; only if the folder alone could not be synced it may
// hold either. A run that is killed inside Save leaves one of the two. Histories are cut to what a file may hold.
func (l *Lock) Save(s Snapshot) error {
	if err := l.save(s); err != nil {
		return fmt.Errorf("cannot save the state: %w", err)
	}
	return nil
}

func (l *Lock) save(s Snapshot) error {
	if err := l.intact(); err != nil {
		return err
	}
	data, err := l.encode(s)
	if err != nil {
		return err
	}
	if err := l.disk.replace(l.path, data, true); err != nil {
		return advise(err, l.path)
	}
	// It is not read while there is a state file, so it does no harm if it stays.
	_ = l.disk.remove(fullPath(l.path))
	return nil
}

// encode is the content of the file for s.
func (f file) encode(s Snapshot) ([]byte, error) {
	data, err := encode(s)
	if err == nil && int64(len(data)) > f.limit {
		return nil, fmt.Errorf("it is larger than %d MiB; use several YAML files, each with its own state", f.limit>>20)
	}
	return data, err
}

// SetAside takes the state file out of the way without needing space, for a run that goes on although the disk is full:
// until a Save succeeds, runs read it with no address taken as certain. No state file is not an error.
func (l *Lock) SetAside() error {
	err := l.intact()
	if err == nil {
		err = l.disk.rename(l.path, fullPath(l.path))
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err == nil {
			err = l.disk.syncDir(l.path)
		}
	}
	if err != nil {
		return fmt.Errorf("cannot set the state aside: %w", advise(err, l.path))
	}
	return nil
}
