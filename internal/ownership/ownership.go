// Package ownership keeps files in the right hands: what root makes in somebody's folder is given to that user, and what
// somebody else put into a folder that many may write in is told apart. It never opens a file for its content.
package ownership

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// Create makes a file that is not there yet and opens it for writing, as root for the owner of its folder. The error is
// fs.ErrExist if there is anything at path, a symbolic link included.
func Create(path string, mode fs.FileMode) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL|noFollow, mode)
	if err == nil {
		Give(f)
	}
	return f, err
}

// MkdirAll makes the folder at path and those above it that are missing, with mode 0700, as root for the owner of the
// folder in which the first of them is made.
func MkdirAll(path string) error {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		if parent := filepath.Dir(path); parent != path {
			if err := MkdirAll(parent); err != nil {
				return err
			}
		}
		if os.Mkdir(path, 0o700) == nil {
			giveFolder(path)
			return nil
		}
	}
	// It is there, or this says why it cannot be.
	return os.MkdirAll(path, 0o700)
}

// Foreign reports that the file or folder that info describes, in the folder dir, may be anybody's: others than the owner
// of dir may write there, and whoever made it is neither that owner nor root nor this user.
func Foreign(info fs.FileInfo, dir string) error {
	folder, err := os.Stat(dir)
	if err != nil {
		return nil // Then nothing can be read or written there either.
	}
	if uid, foreign := foreign(info, folder); foreign {
		return fmt.Errorf("uid %d created it in a folder that others can write to", uid)
	}
	return nil
}

// ForeignFolder is Foreign for the folder at path, and for every folder and symbolic link on the way to it, those behind
// links included: whoever made one of them decides what is found at path. What the owner of a folder made there is not
// foreign, so that a user's own links in the user's own folders lead root where that user wants it. The error is a
// *ForeignError.
func ForeignFolder(path string) error {
	_, err := way(path)
	return err
}

// way is ForeignFolder. there: no part of the way to path is missing, so nobody else can make one now.
func way(path string) (there bool, err error) {
	return along(path, func(at string, info fs.FileInfo, parent string) error {
		if folder, err := os.Stat(parent); err == nil {
			if uid, foreign := foreign(info, folder); foreign {
				return &ForeignError{Path: at, UID: uid}
			}
		}
		return nil
	})
}

// along calls visit for each folder and symbolic link on the way to path, from the root on and those behind links included,
// and for what path leads to. info is about a link itself, and parent is the folder that at is in. It ends with the first error of
// visit, or where something is not there or cannot be seen. there: it met nothing that is not there.
func along(path string, visit func(at string, info fs.FileInfo, parent string) error) (there bool, err error) {
	if !filepath.IsAbs(path) {
		dir, err := os.Getwd()
		if err != nil {
			return false, nil // Then a relative path leads nowhere either.
		}
		// Not Join: it would take ".." back before the links in front of it are followed.
		path = dir + string(filepath.Separator) + path
	}
	place, rest := split(path)
	if info, err := os.Lstat(place); err == nil {
		if err := visit(place, info, place); err != nil {
			return true, err
		}
	}
	for links := 0; len(rest) > 0 && links <= linksAtMost; {
		name := rest[0]
		rest = rest[1:]
		switch name {
		case "", ".":
			continue
		case "..":
			place = filepath.Dir(place)
			continue
		}
		next := filepath.Join(place, name)
		info, err := os.Lstat(next)
		if err != nil {
			return !errors.Is(err, fs.ErrNotExist), nil // What is not there is nobody's, and neither is anything below it.
		}
		if err := visit(next, info, place); err != nil {
			return true, err
		}
		if info.Mode()&fs.ModeSymlink == 0 {
			place = next
			continue
		}
		target, err := os.Readlink(next)
		if err != nil {
			return !errors.Is(err, fs.ErrNotExist), nil
		}
		links++
		root, behind := split(target)
		if root != "" {
			place = root
		}
		rest = append(behind, rest...)
	}
	return len(rest) == 0, nil
}

// ForeignError: Path is a folder or a link that the user UID created in a folder that others can write to.
type ForeignError struct {
	Path string
	UID  int
}

func (e *ForeignError) Error() string {
	return fmt.Sprintf("%s was created by uid %d in a folder that others can write to", e.Path, e.UID)
}

// split takes a path apart into its root, which is empty for a relative one, and the names after that.
func split(path string) (root string, names []string) {
	volume := filepath.VolumeName(path)
	path = filepath.ToSlash(path[len(volume):])
	names = strings.Split(path, "/")
	if strings.HasPrefix(path, "/") {
		root = volume + string(filepath.Separator)
	}
	return root, names
}

// linksAtMost is how many symbolic links are followed, as by Linux.
const linksAtMost = 40

// Follow is the file that path leads to if it is a symbolic link, with what it is; nil if there is none yet. A link that
// neither this user nor root made is an error: with the rights of this run it could lead to any file. So is what
// ForeignFolder finds on the way, as a *ForeignError.
func Follow(path string) (string, fs.FileInfo, error) {
	// Not Dir: it would take ".." back before the links in front of it are followed.
	dir, _ := filepath.Split(path)
	if err := ForeignFolder(dir); err != nil {
		return "", nil, err
	}
	for range linksAtMost {
		info, err := os.Lstat(path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return path, nil, nil
		case err != nil:
			return "", nil, err
		case info.Mode()&fs.ModeSymlink == 0:
			return path, info, nil
		}
		if owner, foreign := foreignLink(info); foreign {
			return "", nil, fmt.Errorf("%s is a link that uid %d created, and may lead to any file; remove it", path, owner)
		}
		if path, err = follow(path); err != nil {
			return "", nil, err
		}
	}
	return "", nil, fmt.Errorf("%s: too many symbolic links", path)
}

// FollowToWrite is Follow for a file that is about to be written. That its folder is not there is an error, as somebody
// else could make it, or a link in its place, before the file is opened. A link in the place of the file itself can still
// be made: see Open.
func FollowToWrite(path string) (string, fs.FileInfo, error) {
	to, info, err := Follow(path)
	if err != nil {
		return "", nil, err
	}
	dir, _ := filepath.Split(to)
	there, err := way(dir)
	if err == nil && !there {
		err = &fs.PathError{Op: "open", Path: path, Err: syscall.ENOENT}
	}
	return to, info, err
}

// Open opens a file that is there, and no symbolic link.
func Open(path string, flags int) (*os.File, error) { return os.OpenFile(path, flags|noFollow, 0) }

// follow is where the symbolic link at path points.
func follow(path string) (string, error) {
	target, err := os.Readlink(path)
	if err != nil {
		return "", err
	}
	if !filepath.IsAbs(target) {
		dir, err := filepath.EvalSymlinks(filepath.Dir(path))
		if err != nil {
			return "", err
		}
		// Not Join: it would take ".." back before the links in front of it are followed.
		target = dir + string(filepath.Separator) + target
	}
	dir, base := filepath.Split(target)
	if err := ForeignFolder(dir); err != nil {
		return "", err
	}
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		dir = real
	}
	return filepath.Join(dir, base), nil
}
