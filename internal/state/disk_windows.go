package state

import (
	"errors"
	"io/fs"
	"os"
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
	const patience, pause = 2 * time.Second, 20 * time.Millisecond
	for begin := time.Now(); ; time.Sleep(pause) {
		err := os.Rename(from, to)
		busy := errors.Is(err, windows.ERROR_ACCESS_DENIED) || errors.Is(err, windows.ERROR_SHARING_VIOLATION)
		if !busy || time.Since(begin) >= patience {
			return err
		}
	}
}

// A folder cannot be synced here, and who may read a file is not in its mode.

func syncDir(string) error { return nil }

func exposed(fs.FileMode) fs.FileMode { return 0 }

// Links need rights there that only administrators have.

func foreignLink(fs.FileInfo) (owner int, foreign bool) { return 0, false }

func linked(fs.FileInfo) bool { return false }

// adopt: an administrator's files are open to those who may write to the folder.
func adopt(*os.File) {}

func conceal(string) error { return nil }

func strangers(string) (owner, me int, differ bool) { return 0, 0, false }

func noSpace(err error) bool {
	return errors.Is(err, windows.ERROR_DISK_FULL) || errors.Is(err, windows.ERROR_HANDLE_DISK_FULL)
}

func readOnly(err error) bool { return errors.Is(err, windows.ERROR_WRITE_PROTECT) }

func noLocks(error) bool { return false }

func mountPoint(err error) bool { return errors.Is(err, windows.ERROR_NOT_SAME_DEVICE) }
