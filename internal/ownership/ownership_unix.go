//go:build unix

package ownership

import (
	"io/fs"
	"os"
	osuser "os/user"
	"path/filepath"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

const noFollow = syscall.O_NOFOLLOW

// Give gives a file that root just made to the owner of its folder: one run under sudo must not lock the user out whose
// runs need it. If it cannot be, that user's next run says whose the file is.
func Give(f *os.File) {
	if !Root() {
		return
	}
	dir := filepath.Dir(f.Name())
	info, err := os.Stat(dir)
	if err != nil || ForeignFolder(dir) != nil {
		return
	}
	if folder, ok := info.Sys().(*syscall.Stat_t); ok && folder.Uid != 0 {
		_ = f.Chown(int(folder.Uid), int(folder.Gid))
	}
}

// giveFolder gives a folder that was just made. It goes by an open folder, not by the name, which may lead elsewhere by
// now.
func giveFolder(path string) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_DIRECTORY|noFollow, 0)
	if err != nil {
		return
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && owner(info) == os.Geteuid() {
		Give(f)
	}
}

// owner is -1 if it is not known.
func owner(info fs.FileInfo) int {
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		return int(stat.Uid)
	}
	return -1
}

// MayReplace reports why this user can neither make a file at path nor put another one in its place; nil where nothing is
// known to be against it. Nothing is tried: it goes by modes and mounts.
func MayReplace(path string) error {
	dir := filepath.Dir(path)
	if err := unix.Faccessat(unix.AT_FDCWD, dir, unix.W_OK|unix.X_OK, unix.AT_EACCESS); err != nil {
		return err
	}
	folder, err := os.Stat(dir)
	if err != nil {
		return err
	}
	// In a sticky folder a file is its owner's to replace, and that of the folder's owner.
	if info, err := os.Lstat(path); err == nil && folder.Mode()&fs.ModeSticky != 0 {
		if me := os.Geteuid(); me != 0 && me != owner(info) && me != owner(folder) {
			return syscall.EPERM
		}
	}
	return nil
}

// MayWrite reports why this user cannot write to what is at path; nil where nothing is known to be against it.
func MayWrite(path string) error {
	return unix.Faccessat(unix.AT_FDCWD, path, unix.W_OK, unix.AT_EACCESS)
}

// User is the name of the user that a file belongs to, and whether that is the one who runs this; where files have no
// owners, as on Windows, it is empty, and this user's.
func User(info fs.FileInfo) (name string, mine bool) {
	uid := owner(info)
	return userName(uid), uid == os.Geteuid()
}

// Me is the name of the user who runs this; empty where files have no owners.
func Me() string { return userName(os.Geteuid()) }

// userName is as sudo takes it: with a # before a number that has no name.
func userName(uid int) string {
	id := strconv.Itoa(uid)
	if found, err := osuser.LookupId(id); err == nil {
		return found.Username
	}
	return "#" + id
}

func foreign(info, folder fs.FileInfo) (uid int, foreign bool) {
	const others = 0o022
	uid = owner(info)
	return uid, folder.Mode()&others != 0 && uid != owner(folder) && uid > 0 && uid != os.Geteuid()
}

func foreignLink(link fs.FileInfo) (uid int, foreign bool) {
	uid = owner(link)
	return uid, uid > 0 && uid != os.Geteuid()
}

// Root reports whether root runs this.
func Root() bool { return os.Geteuid() == 0 }

// exposed names the owner of a file or a link, or those who may write to it, where that is to be feared. The mode of a link means
// nothing.
func exposed(info fs.FileInfo) (owner, writers string) {
	const group, others = 0o020, 0o002
	stat, ok := info.Sys().(*syscall.Stat_t)
	sticky := info.IsDir() && info.Mode()&fs.ModeSticky != 0
	switch {
	case !ok:
		return "", ""
	case stat.Uid != 0 && Root():
		return userName(int(stat.Uid)), ""
	case sticky || info.Mode()&fs.ModeSymlink != 0:
		return "", ""
	case info.Mode()&others != 0:
		return "", "everybody"
	case info.Mode()&group != 0 && stat.Gid != 0 && Root():
		return "", "the group " + groupName(int(stat.Gid))
	}
	return "", ""
}

func groupName(gid int) string {
	id := strconv.Itoa(gid)
	if found, err := osuser.LookupGroupId(id); err == nil {
		return found.Name
	}
	return id
}
