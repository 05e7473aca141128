//go:build unix

package ownership

import (
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

const noFollow = syscall.O_NOFOLLOW

// Give gives a file that root just made to the owner of its folder: one run under sudo must not lock the user out whose
// runs need it. If it cannot be, that user's next run says whose the file is.
func Give(f *os.File) {
	if os.Geteuid() != 0 {
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

func foreign(info, folder fs.FileInfo) (uid int, foreign bool) {
	const others = 0o022
	uid = owner(info)
	return uid, folder.Mode()&others != 0 && uid != owner(folder) && uid > 0 && uid != os.Geteuid()
}

func foreignLink(link fs.FileInfo) (uid int, foreign bool) {
	uid = owner(link)
	return uid, uid > 0 && uid != os.Geteuid()
}
