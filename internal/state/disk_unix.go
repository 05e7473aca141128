//go:build unix

package state

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/unix"
)

const (
	noFollow = syscall.O_NOFOLLOW
	noWait   = syscall.O_NONBLOCK
	// holderOffset is where the lock file says who holds it.
	holderOffset = 0
)

func rename(from, to string) error { return os.Rename(from, to) }

// tryLock takes the kernel's lock on f, unless another process has it.
func tryLock(f *os.File) (bool, error) {
	err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		return false, nil
	}
	return err == nil, os.NewSyscallError("flock", err)
}

// unlock does not rely on closing the file: a child that was just forked keeps it open for a moment.
func unlock(f *os.File) error {
	return os.NewSyscallError("flock", unix.Flock(int(f.Fd()), unix.LOCK_UN))
}

// syncDir syncs a folder. It returns nil where that is impossible: on file systems without such a call, and in a folder that
// this user may write but not read.
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

// exposed is the mode of a file if somebody but the owner can do anything with it, else 0.
func exposed(info fs.FileInfo) fs.FileMode {
	if info == nil || info.Mode()&0o077 == 0 {
		return 0
	}
	return info.Mode().Perm()
}

// restrictMode makes the file at path readable for its owner alone, if it is still the one that info describes. restricted is
// false without an error where that has no effect: on a file system that keeps no modes, such as vfat.
func restrictMode(d disk, path string, info fs.FileInfo) (restricted bool, err error) {
	f, err := os.OpenFile(path, os.O_RDONLY|noFollow|noWait, 0)
	if err != nil {
		return false, err
	}
	defer f.Close()
	if now, err := f.Stat(); err != nil || !os.SameFile(now, info) {
		return false, errors.Join(errors.New("it is another file now"), err)
	}
	if err := d.chmod(f, 0o600); err != nil {
		return false, err
	}
	now, err := f.Stat()
	return err == nil && exposed(now) == 0, err
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

// linked reports whether a file has other hard links: it may then belong to somebody who only linked it into this folder.
func linked(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && stat.Nlink > 1
}

// noSpace reports whether the disk, the user's quota or the file size that ulimit allows is exhausted.
func noSpace(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EFBIG)
}

// onReadOnlyDisk finds out without an attempt to write, because a dry run calls it too.
func onReadOnlyDisk(path string) bool { return readOnly(unix.Access(filepath.Dir(path), unix.W_OK)) }

func readOnly(err error) bool { return errors.Is(err, syscall.EROFS) }

// noLocks reports whether the file system, usually a network one, has no locks.
func noLocks(err error) bool {
	return errors.Is(err, syscall.ENOLCK) || errors.Is(err, syscall.ENOTSUP) || errors.Is(err, syscall.ENOSYS)
}

// mountPoint reports whether a rename failed because the file is a mount point.
func mountPoint(err error) bool {
	return errors.Is(err, syscall.EBUSY) || errors.Is(err, syscall.EXDEV)
}
