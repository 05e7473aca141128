//go:build unix

package state

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

const (
	noFollow = syscall.O_NOFOLLOW
	noWait   = syscall.O_NONBLOCK
	// holderOffset is where the lock file says who holds it.
	holderOffset = 0
)

func rename(from, to string) error { return os.Rename(from, to) }

// syncDir also counts as done where a folder cannot be synced: on file systems that do not know of it, and in a folder
// that may be written but not read.
func syncDir(path string) error {
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		if errors.Is(err, fs.ErrPermission) {
			return nil
		}
		return err
	}
	defer dir.Close()
	if err := dir.Sync(); err != nil && !errors.Is(err, syscall.EINVAL) && !errors.Is(err, syscall.ENOTSUP) {
		return err
	}
	return nil
}

// adopt gives a new file that root made to the owner of its folder: one run under sudo must not lock the user out whose
// runs keep this state. If it cannot be, that user's next run says whose the file is.
func adopt(f *os.File) {
	if os.Geteuid() != 0 {
		return
	}
	info, err := os.Stat(filepath.Dir(f.Name()))
	if err != nil {
		return
	}
	if folder, ok := info.Sys().(*syscall.Stat_t); ok && folder.Uid != 0 {
		_ = f.Chown(int(folder.Uid), int(folder.Gid))
	}
}

// exposed is mode if somebody but the owner can do anything with the file, else 0.
func exposed(mode fs.FileMode) fs.FileMode {
	if mode&0o077 == 0 {
		return 0
	}
	return mode
}

// conceal makes the file at path readable for its owner alone. It follows no link.
func conceal(path string) error {
	f, err := os.OpenFile(path, os.O_RDONLY|noFollow|noWait, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Chmod(0o600)
}

// strangers reports the owner of path and the user of this process, if they are two.
func strangers(path string) (owner, me int, differ bool) {
	info, err := os.Stat(path)
	if err != nil {
		return 0, 0, false
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, 0, false
	}
	owner, me = int(stat.Uid), os.Geteuid()
	return owner, me, owner != me
}

// foreignLink reports who made a symbolic link, if that is neither this user nor root: what it leads to would be replaced
// with the rights of this run.
func foreignLink(link fs.FileInfo) (owner int, foreign bool) {
	stat, ok := link.Sys().(*syscall.Stat_t)
	if !ok || stat.Uid == 0 || int(stat.Uid) == os.Geteuid() {
		return 0, false
	}
	return int(stat.Uid), true
}

// linked reports whether a file has further names: it may then be somebody's who only lent it to this folder.
func linked(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && stat.Nlink > 1
}

// noSpace: of the disk, of the user's share, or of what ulimit lets a file have.
func noSpace(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EFBIG)
}

func readOnly(err error) bool { return errors.Is(err, syscall.EROFS) }

// noLocks: a file system, mostly one from the network, that has none.
func noLocks(err error) bool {
	return errors.Is(err, syscall.ENOLCK) || errors.Is(err, syscall.ENOTSUP) || errors.Is(err, syscall.ENOSYS)
}

// mountPoint: a rename met a file system of its own in the place of the file.
func mountPoint(err error) bool {
	return errors.Is(err, syscall.EBUSY) || errors.Is(err, syscall.EXDEV)
}
