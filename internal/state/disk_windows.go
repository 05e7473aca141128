package state

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/windows"
)

const (
	noFollow = 0
	noWait   = 0
	// holderOffset is where the lock file says who holds it: after the byte that is locked, which nobody else can read.
	holderOffset = 1
)

// rename tries for 2 s: a virus scanner or an indexer may have the file open for a moment.
func rename(from, to string) error {
	const limit, pause = 2 * time.Second, 20 * time.Millisecond
	for begin := time.Now(); ; time.Sleep(pause) {
		err := os.Rename(from, to)
		busy := errors.Is(err, windows.ERROR_ACCESS_DENIED) || errors.Is(err, windows.ERROR_SHARING_VIOLATION)
		if !busy || time.Since(begin) >= limit {
			return err
		}
	}
}

// tryLock takes the kernel's lock on the first byte of f, unless another process has it.
func tryLock(f *os.File) (bool, error) {
	const flags = windows.LOCKFILE_EXCLUSIVE_LOCK | windows.LOCKFILE_FAIL_IMMEDIATELY
	err := windows.LockFileEx(windows.Handle(f.Fd()), flags, 0, 1, 0, &windows.Overlapped{})
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) {
		return false, nil
	}
	return err == nil, os.NewSyscallError("LockFileEx", err)
}

func unlock(f *os.File) error {
	return os.NewSyscallError("UnlockFileEx", windows.UnlockFileEx(windows.Handle(f.Fd()), 0, 1, 0, &windows.Overlapped{}))
}

// A folder cannot be synced here, and who may read a file is not in its mode.

func syncDir(string) error { return nil }

func exposed(fs.FileInfo) fs.FileMode { return 0 }

// Links need rights there that only administrators have.

func linked(fs.FileInfo) bool { return false }

func restrictMode(disk, string, fs.FileInfo) (bool, error) { return false, nil }

func strangers(string) (owner, me int, differ bool) { return 0, 0, false }

func noSpace(err error) bool {
	return errors.Is(err, windows.ERROR_DISK_FULL) || errors.Is(err, windows.ERROR_HANDLE_DISK_FULL)
}

func onReadOnlyDisk(path string) bool {
	root, err := windows.UTF16PtrFromString(filepath.VolumeName(path) + `\`)
	if err != nil {
		return false
	}
	var flags uint32
	err = windows.GetVolumeInformation(root, nil, 0, nil, nil, &flags, nil, 0)
	return err == nil && flags&windows.FILE_READ_ONLY_VOLUME != 0
}

func readOnly(err error) bool { return errors.Is(err, windows.ERROR_WRITE_PROTECT) }

func noLocks(error) bool { return false }

func mountPoint(err error) bool { return errors.Is(err, windows.ERROR_NOT_SAME_DEVICE) }
