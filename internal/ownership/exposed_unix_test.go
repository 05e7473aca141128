//go:build unix

package ownership

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// give makes what is at path belong to somebody, with this mode.
func give(t *testing.T, path string, mode fs.FileMode, uid, gid int) string {
	t.Helper()
	if err := errors.Join(os.Lchown(path, uid, gid), os.Chmod(path, mode)); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestWhoElseCanChangeAFile(t *testing.T) {
	rootOnly(t)
	dir := t.TempDir()
	file := func(name string, mode fs.FileMode, uid, gid int) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		return give(t, path, mode, uid, gid)
	}
	link := func(name, target string, uid int) string {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.Symlink(target, path), os.Lchown(path, uid, uid)); err != nil {
			t.Fatal(err)
		}
		return path
	}
	folder(t, dir, "alice", 0o755, user)
	folder(t, dir, "shared", 0o777|fs.ModeSticky, 0)
	give(t, folder(t, dir, "groups", 0o755, 0), 0o775, 0, stranger)
	open := folder(t, dir, "open", 0o777, 0)
	mine := file("mine", 0o755, 0, 0)
	for _, c := range []struct{ name, path, want string }{
		{"root's", mine, ""},
		{"open to root's group", file("wheel", 0o775, 0, 0), ""},
		{"in a folder such as /tmp", file("shared/mine", 0o755, 0, 0), ""},
		{"through root's link", link("link", "mine", 0), ""},
		{"not there", filepath.Join(dir, "missing", "mine"), ""},
		{"a link to itself", link("loop", "loop", 0), ""},
		{"open to everybody", file("everybody", 0o777, 0, 0), "everybody can write to DIR/everybody; type: [chmod go-w DIR/everybody]"},
		{"open to another group", file("group", 0o775, 0, stranger), "the group 65533 can write to DIR/group; type: [chmod go-w DIR/group]"},
		{"a user's", file("theirs", 0o755, user, user), "DIR/theirs belongs to nobody; run this as nobody, or type: [chown -h root DIR/theirs]"},
		{"in a user's folder", file("alice/mine", 0o755, 0, 0), "the folder DIR/alice belongs to nobody; move the file to a folder that belongs to root, or run this as nobody []"},
		{"in an open folder", file("open/mine", 0o755, 0, 0), "everybody can write to the folder DIR/open; type: [chmod go-w DIR/open]"},
		{"in a folder of a group", file("groups/mine", 0o755, 0, 0), "the group 65533 can write to the folder DIR/groups; type: [chmod go-w DIR/groups]"},
		{"a user's in a folder such as /tmp", file("shared/theirs", 0o755, stranger, 0), "DIR/shared/theirs belongs to #65533; run this as #65533, or type: [chown -h root DIR/shared/theirs]"},
		{"through a user's link", link("their-link", "mine", user), "DIR/their-link belongs to nobody; run this as nobody, or type: [chown -h root DIR/their-link]"},
		{"through a link to an open folder", link("to-open", open+"/../mine", 0), "everybody can write to the folder DIR/open; type: [chmod go-w DIR/open]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := ""
			if e := Exposed(c.path); e != nil {
				advice, command := e.Remedy()
				got = fmt.Sprintf("%v; %s %v", e, advice, command)
			}
			if got = strings.ReplaceAll(got, dir, "DIR"); got != c.want {
				t.Errorf("%s\nwant %s", got, c.want)
			}
		})
	}
}
