package ownership

import (
	"fmt"
	"io/fs"
)

// Exposure is why others decide what is in a file.
type Exposure struct {
	// Path is the file, a folder on the way to it, or a symbolic link.
	Path   string
	Folder bool
	// Owner is the user that Path belongs to, if that is the reason. Otherwise Writers may write to it: "everybody", or "the group staff".
	Owner, Writers string
}

// Exposed returns why others could change the file at path, or put another one in its place; nil if they could not, or
// where files have no owners, as on Windows. Root trusts nobody but root and the members of root's own group. Any other user trusts
// the owner and the group of a file and of its folders, but not everybody. In a folder with the sticky bit, such as /tmp, nobody can
// replace what belongs to somebody else.
func Exposed(path string) *Exposure {
	var found *Exposure
	_, _ = along(path, func(at string, info fs.FileInfo, _ string) error {
		if owner, writers := exposed(info); owner != "" || writers != "" {
			found = &Exposure{Path: at, Folder: info.IsDir(), Owner: owner, Writers: writers}
			return found
		}
		return nil
	})
	return found
}

func (e *Exposure) Error() string {
	what := e.Path
	if e.Folder {
		what = "the folder " + e.Path
	}
	if e.Owner != "" {
		return fmt.Sprintf("%s belongs to %s", what, e.Owner)
	}
	return fmt.Sprintf("%s can write to %s", e.Writers, what)
}

// Remedy is what to do about it: advice, and a command to type after that; nil for none.
func (e *Exposure) Remedy() (advice string, command []string) {
	switch {
	case e.Owner == "":
		return "type:", []string{"chmod", "go-w", e.Path}
	case e.Folder:
		return fmt.Sprintf("move the file to a folder that belongs to root, or run this as %s", e.Owner), nil
	default:
		return fmt.Sprintf("run this as %s, or type:", e.Owner), []string{"chown", "-h", "root", e.Path}
	}
}
