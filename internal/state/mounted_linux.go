package state

import "golang.org/x/sys/unix"

// mountedAlone reports whether something is mounted at path itself: then no other file can be renamed to it. Kernels
// before 5.8 do not say.
func mountedAlone(path string) bool {
	var found unix.Statx_t
	err := unix.Statx(unix.AT_FDCWD, path, unix.AT_SYMLINK_NOFOLLOW, 0, &found)
	return err == nil && found.Attributes&unix.STATX_ATTR_MOUNT_ROOT != 0
}
