//go:build unix

package outfile

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestAReplacedFileCanBeReadByOthers(t *testing.T) {
	before := syscall.Umask(0o077)
	defer syscall.Umask(before)
	file := filepath.Join(t.TempDir(), "page.html")
	for range 2 {
		if err := Replace(file, nil); err != nil {
			t.Fatal(err)
		}
		if mode := mustValue(os.Stat(file)).Mode(); mode != 0o644 {
			t.Errorf("its mode is %v", mode)
		}
	}
}

func TestTheFileBehindALinkIsReplaced(t *testing.T) {
	for _, there := range []bool{true, false} {
		dir := t.TempDir()
		file, link := filepath.Join(dir, "page.html"), filepath.Join(t.TempDir(), "link.html")
		if there {
			if err := os.WriteFile(file, nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if err := errors.Join(os.Symlink(file, link), Replace(link, []byte("new"))); err != nil {
			t.Fatal(err)
		}
		if target, err := os.Readlink(link); target != file {
			t.Errorf("the link is gone: %v", err)
		}
		if got := string(mustValue(os.ReadFile(file))); got != "new" {
			t.Errorf("the file holds %q; it was there: %t", got, there)
		}
		onlyFile(t, dir, "page.html")
	}
}

// What was a pipe when it was looked at, and is a plain file now, was put there by somebody else.
func TestAPlainFileIsNoPipe(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := writeInto(file, []byte("page")); err == nil {
		t.Error("it was written to")
	}
	if got := string(mustValue(os.ReadFile(file))); got != "precious" {
		t.Errorf("it holds %q", got)
	}
}

func TestAPipeIsWrittenTo(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Replace(pipe, []byte("page")); err == nil || !strings.Contains(err.Error(), "nothing reads from") {
		t.Errorf("without a reader: %v", err)
	}
	reader := mustValue(os.OpenFile(pipe, os.O_RDONLY|syscall.O_NONBLOCK, 0))
	defer func() { _ = reader.Close() }()
	if err := Replace(pipe, []byte("page")); err != nil {
		t.Fatal(err)
	}
	if err := reader.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if got := string(mustValue(io.ReadAll(reader))); got != "page" {
		t.Errorf("it reads %q", got)
	}
	if mustValue(os.Lstat(pipe)).Mode()&os.ModeNamedPipe == 0 {
		t.Error("the pipe was replaced")
	}
}

// TestWhatHasNoPathIsWrittenTo: /dev/stdout is a link to what no path leads to; it must not be taken for a file to make.
// No real device is tried here: a fault would replace it.
func TestWhatHasNoPathIsWrittenTo(t *testing.T) {
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = errors.Join(reader.Close(), writer.Close()) }()
	path := filepath.Join("/dev/fd", strconv.Itoa(int(writer.Fd())))
	if _, err := os.Stat(path); err != nil {
		return // There is no such folder here.
	}
	if err := Replace(path, []byte("page")); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, 10)
	if n, _ := reader.Read(got); string(got[:n]) != "page" {
		t.Errorf("the reader gets %q", got[:n])
	}
}

// What somebody made in a folder for everybody leads root nowhere.
func TestRootDoesNotWriteThroughALinkOfSomebodyElse(t *testing.T) {
	t.Parallel()
	const nobody = 65534
	if os.Geteuid() != 0 {
		t.Skip("only root can give a file away")
	}
	dir := t.TempDir()
	victim, link := filepath.Join(dir, "victim"), filepath.Join(dir, "page.html")
	if err := errors.Join(os.WriteFile(victim, []byte("precious"), 0o600), os.Symlink(victim, link), os.Lchown(link, nobody, nobody)); err != nil {
		t.Fatal(err)
	}
	if err := Replace(link, []byte("page")); err == nil || !strings.Contains(err.Error(), "is a link that uid 65534 created") {
		t.Error(err)
	}
	if _, err := Append(link); err == nil || !strings.Contains(err.Error(), "is a link that uid 65534 created") {
		t.Error(err)
	}
	if got := string(mustValue(os.ReadFile(victim))); got != "precious" {
		t.Errorf("the file that it led to is now %q", got)
	}
}

// A folder is reached by every folder and link on the way to it, and one that somebody made where others may write, too,
// leads root nowhere. A user's own link in the user's own folder does.
func TestWhereRootWritesThroughALinkedFolder(t *testing.T) {
	t.Parallel()
	const nobody, somebody = 65534, 1000
	if os.Geteuid() != 0 {
		t.Skip("only root can give a file away")
	}
	dir := t.TempDir()
	folder := func(name string, mode os.FileMode, uid int) string {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := errors.Join(os.Mkdir(path, 0o700), os.Chmod(path, mode), os.Chown(path, uid, uid)); err != nil {
			t.Fatal(err)
		}
		return path
	}
	link := func(target, path string, uid int) string {
		t.Helper()
		if err := errors.Join(os.Symlink(target, path), os.Lchown(path, uid, uid)); err != nil {
			t.Fatal(err)
		}
		return path
	}
	shared, home, target := folder("shared", 0o777|os.ModeSticky, 0), folder("home", 0o755, somebody), folder("target", 0o755, 0)
	group := folder("group", 0o775, somebody)
	theirs := link(target, filepath.Join(shared, "dl"), nobody)
	trap := folder("shared/trap", 0o777, nobody)
	for name, c := range map[string]struct {
		path    string
		refused bool
	}{
		"a stranger's link in a folder for everybody":           {filepath.Join(theirs, "x.json"), true},
		"a folder behind it":                                    {theirs + "/../target/x.json", true},
		"root's link to a stranger's link":                      {filepath.Join(link(theirs, filepath.Join(dir, "mine"), 0), "x.json"), true},
		"root's link to a file behind a stranger's link":        {link(filepath.Join(theirs, "x.json"), filepath.Join(dir, "file"), 0), true},
		"a stranger's folder in a folder for everybody":         {filepath.Join(trap, "x.json"), true},
		"root's own link in a folder for everybody":             {filepath.Join(link(target, filepath.Join(shared, "root"), 0), "x.json"), false},
		"a user's link in the user's own folder":                {filepath.Join(link(target, filepath.Join(home, "local"), somebody), "x.json"), false},
		"a user's link in the folder of the user and the group": {filepath.Join(link(target, filepath.Join(group, "local"), somebody), "x.json"), false},
		"another's link in the folder of a user and the group":  {filepath.Join(link(target, filepath.Join(group, "other"), nobody), "x.json"), true},
	} {
		real := filepath.Join(target, "x.json")
		if strings.HasPrefix(c.path, trap) {
			real = c.path
		}
		for way, write := range map[string]func() error{
			"Replace": func() error { return Replace(c.path, []byte("page")) },
			"Append": func() error {
				f, err := Append(c.path)
				if err == nil {
					err = f.Close()
				}
				return err
			},
		} {
			if err := os.WriteFile(real, []byte("precious"), 0o644); err != nil {
				t.Fatal(err)
			}
			err := write()
			if refused := err != nil && strings.Contains(err.Error(), "created by uid 65534 in a folder that others can write to"); refused != c.refused || !c.refused && err != nil {
				t.Errorf("%s, %s: %v", name, way, err)
			}
			if got := string(mustValue(os.ReadFile(real))); c.refused && got != "precious" {
				t.Errorf("%s, %s: the file holds %q", name, way, got)
			}
		}
	}
}

func TestAPipeIsAppendedTo(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	if f, err := Append(pipe); !errors.Is(err, ErrNobodyReads) {
		t.Errorf("without a reader: %v, %v", f, err)
	}
	reader := mustValue(os.OpenFile(pipe, os.O_RDONLY|syscall.O_NONBLOCK, 0))
	defer func() { _ = reader.Close() }()
	f, err := Append(pipe)
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.WriteString("line\n")
	if err := errors.Join(err, f.Close()); err != nil {
		t.Error(err)
	}
	if got := string(mustValue(io.ReadAll(reader))); got != "line\n" {
		t.Errorf("it reads %q", got)
	}
}
