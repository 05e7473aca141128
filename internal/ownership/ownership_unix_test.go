//go:build unix

package ownership

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// Two users that are neither root nor each other.
const user, stranger = 65534, 65533

func rootOnly(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root can give files away")
	}
}

// folder makes a folder in dir.
func folder(t *testing.T, dir, name string, mode fs.FileMode, uid int) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := errors.Join(os.Mkdir(path, 0o700), os.Chmod(path, mode), os.Chown(path, uid, uid)); err != nil {
		t.Fatal(err)
	}
	return path
}

func uid(t *testing.T, path string) int {
	t.Helper()
	info, err := os.Lstat(path)
	if err != nil {
		t.Fatal(err)
	}
	return int(info.Sys().(*syscall.Stat_t).Uid)
}

func TestWhomAFileIsMadeFor(t *testing.T) {
	rootOnly(t)
	dir := t.TempDir()
	shared := folder(t, dir, "shared", 0o777|fs.ModeSticky, 0)
	for name, c := range map[string]struct {
		folder string
		want   int
	}{
		"root's folder":                         {folder(t, dir, "root", 0o700, 0), 0},
		"a user's folder":                       {folder(t, dir, "user", 0o700, user), user},
		"a folder for everybody":                {shared, 0},
		"a stranger's folder, where all can do": {folder(t, shared, "trap", 0o700, stranger), 0},
	} {
		f, err := Create(filepath.Join(c.folder, "file"), 0o600)
		if err != nil {
			t.Fatal(err)
		}
		f.Close()
		if err := MkdirAll(filepath.Join(c.folder, "a", "b")); err != nil {
			t.Fatal(err)
		}
		for _, made := range []string{"file", "a", "a/b"} {
			if got := uid(t, filepath.Join(c.folder, made)); got != c.want {
				t.Errorf("%s: %s belongs to user %d, want %d", name, made, got, c.want)
			}
		}
		if got := uid(t, c.folder); name == "a user's folder" && got != user {
			t.Errorf("the folder itself belongs to user %d", got)
		}
	}
}

func TestExistingFilesKeepTheirOwner(t *testing.T) {
	rootOnly(t)
	dir := folder(t, t.TempDir(), "home", 0o700, user)
	file, deep := filepath.Join(dir, "file"), filepath.Join(dir, "deep")
	if err := errors.Join(os.WriteFile(file, nil, 0o600), os.Mkdir(deep, 0o700)); err != nil {
		t.Fatal(err)
	}
	if _, err := Create(file, 0o600); !errors.Is(err, fs.ErrExist) {
		t.Error(err)
	}
	if err := MkdirAll(deep); err != nil {
		t.Error(err)
	}
	for _, path := range []string{file, deep} {
		if got := uid(t, path); got != 0 {
			t.Errorf("%s belongs to user %d now", path, got)
		}
	}
}

func TestFoldersThatCannotBeMade(t *testing.T) {
	dir := t.TempDir()
	if err := errors.Join(os.WriteFile(filepath.Join(dir, "file"), nil, 0o600), os.Symlink("nowhere", filepath.Join(dir, "link"))); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"file", "file/below", "link", "link/below"} {
		if err := MkdirAll(filepath.Join(dir, name)); err == nil {
			t.Errorf("%s was made", name)
		}
	}
}

func TestWhoseALinkMayBe(t *testing.T) {
	rootOnly(t)
	dir := t.TempDir()
	target := filepath.Join(dir, "target")
	if err := os.WriteFile(target, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, owner := range map[string]int{"mine": 0, "theirs": stranger} {
		link := filepath.Join(dir, name)
		if err := errors.Join(os.Symlink("target", link), os.Lchown(link, owner, owner), os.Symlink(name, link+"-by-another")); err != nil {
			t.Fatal(err)
		}
		for _, path := range []string{link, link + "-by-another"} {
			got, info, err := Follow(path)
			if owner == 0 && (err != nil || got != target || info == nil) {
				t.Errorf("%s: %s %v %v", path, got, info, err)
			}
			if owner != 0 && (err == nil || !strings.Contains(err.Error(), "is a link that uid 65533 created")) {
				t.Errorf("%s: %s %v", path, got, err)
			}
		}
	}
}

// Where a folder is missing somebody else could make one, or a link in its place, before a file is written.
func TestOnlyIntoFoldersThatAreThere(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	if err := errors.Join(os.Mkdir(at("here"), 0o700), os.Symlink("nowhere", at("dangling")), os.Symlink("nowhere/file", at("file")), os.Symlink("here/file", at("new"))); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		at("here/file"):       at("here/file"),
		at("new"):             at("here/file"),
		at("nowhere/file"):    "",
		at("nowhere/../file"): "",
		at("dangling/file"):   "",
		at("file"):            "",
	} {
		switch to, info, err := FollowToWrite(path); {
		case want == "" && !errors.Is(err, fs.ErrNotExist):
			t.Errorf("%s: %s %v", path, to, err)
		case want != "" && (err != nil || to != want || info != nil):
			t.Errorf("%s: %s %v %v", path, to, info, err)
		}
	}
}

func TestALinkIsNotOpened(t *testing.T) {
	dir := t.TempDir()
	file, link := filepath.Join(dir, "file"), filepath.Join(dir, "link")
	if err := errors.Join(os.WriteFile(file, nil, 0o600), os.Symlink("file", link)); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]error{file: nil, link: syscall.ELOOP} {
		f, err := Open(path, os.O_WRONLY)
		if !errors.Is(err, want) {
			t.Errorf("%s: %v", path, err)
		}
		if err == nil {
			f.Close()
		}
	}
}
