//go:build unix

package state

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// nobody is a user that no folder of a test belongs to by itself.
const nobody = 65534

func TestFilesThatRootMakesBelongToTheOwnerOfTheFolder(t *testing.T) {
	dir := t.TempDir()
	owner := os.Geteuid()
	if owner == 0 {
		owner = nobody
		if err := os.Chown(dir, nobody, nobody); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(dir, "state.json")
	lock, err := Acquire(context.Background(), path, time.Second, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	if err := lock.Save(empty()); err != nil {
		t.Fatal(err)
	}
	if _, err := lock.WriteLastRun(LastRun{}); err != nil {
		t.Fatal(err)
	}
	if err := lock.Release(); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"state.json", "state.json.lock", "last-run.json"} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if got := int(info.Sys().(*syscall.Stat_t).Uid); got != owner {
			t.Errorf("%s belongs to user %d, not to %d as its folder does", name, got, owner)
		}
	}
}

func TestALinkOfSomebodyElseIsNotFollowed(t *testing.T) {
	dir := t.TempDir()
	victim, path := filepath.Join(dir, "victim"), filepath.Join(dir, "state.json")
	if err := os.WriteFile(victim, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(victim, path); err != nil {
		t.Fatal(err)
	}
	if os.Geteuid() != 0 {
		// Only root can give a link away. Everybody's own links are followed.
		if got, err := resolve(path); err != nil || filepath.Base(got) != "victim" {
			t.Errorf("%s %v", got, err)
		}
		return
	}
	if err := os.Lchown(path, nobody, nobody); err != nil {
		t.Fatal(err)
	}
	if _, err := Acquire(context.Background(), path, time.Second, time.Now); err == nil || !strings.Contains(err.Error(), "is a link that uid 65534 created") {
		t.Errorf("got %v", err)
	}
	if content, err := os.ReadFile(victim); err != nil || string(content) != "mine" {
		t.Errorf("the file that it led to is now %q, %v", content, err)
	}
}

func TestALockFileWithAnotherNameIsNotWrittenTo(t *testing.T) {
	dir := t.TempDir()
	victim := filepath.Join(dir, "victim")
	if err := os.WriteFile(victim, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Link(victim, filepath.Join(dir, "state.json.lock")); err != nil {
		t.Fatal(err)
	}
	if _, err := Acquire(context.Background(), filepath.Join(dir, "state.json"), time.Second, time.Now); err == nil || !strings.Contains(err.Error(), "is a hard link to another file") {
		t.Errorf("got %v", err)
	}
	if content, err := os.ReadFile(victim); err != nil || string(content) != "mine" {
		t.Errorf("it is now %q, %v", content, err)
	}
}

// The name of the lock may lead to another file by the time the lock is released, where others may write in its folder.
func TestALockThatWasSwappedIsNotWrittenTo(t *testing.T) {
	dir := t.TempDir()
	victim, path := filepath.Join(dir, "victim"), filepath.Join(dir, "state.json")
	write(t, victim, "precious")
	lock, err := Acquire(t.Context(), path, 0, clock)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.Remove(path+".lock"), os.Link(victim, path+".lock")); err != nil {
		t.Fatal(err)
	}
	if err := lock.Release(); err != nil {
		t.Error(err)
	}
	if got := content(t, victim); got != "precious" {
		t.Errorf("the file that the name led to is now %q", got)
	}
	if _, err := Acquire(t.Context(), path, 0, clock); err == nil || !strings.Contains(err.Error(), "is a hard link to another file") {
		t.Errorf("got %v", err)
	}
}

// rootOnly skips a test of files that belong to somebody else.
func rootOnly(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root can give files away")
	}
}

func give(t *testing.T, path string, uid int) {
	t.Helper()
	if err := os.Lchown(path, uid, uid); err != nil {
		t.Fatal(err)
	}
}

func ownedBy(t *testing.T, path string, want int) {
	t.Helper()
	info, err := os.Lstat(path)
	if err != nil {
		t.Fatal(err)
	}
	if got := int(info.Sys().(*syscall.Stat_t).Uid); got != want {
		t.Errorf("%s belongs to user %d, not to %d", path, got, want)
	}
}

func TestFoldersThatRootMakesBelongToTheOwnerOfTheFirst(t *testing.T) {
	home, owner := t.TempDir(), os.Geteuid()
	if owner == 0 {
		owner = nobody
		give(t, home, owner)
	}
	path := filepath.Join(home, ".local", "state", "ddns-batch", "state.json")
	locked(t, path, func(l *Lock) { save(t, l, sample()) })
	for p := path; p != home; p = filepath.Dir(p) {
		ownedBy(t, p, owner)
		if info, err := os.Stat(p); err != nil || info.IsDir() && info.Mode().Perm() != 0o700 {
			t.Errorf("%s: %v %v", p, info.Mode(), err)
		}
	}
}

// stranger is a user that is neither root nor the owner of any folder of a test.
const stranger = 65533

func TestWhatAStrangerMadeIsNotTrusted(t *testing.T) {
	rootOnly(t)
	for name, c := range map[string]struct {
		folder        int // its owner
		mode          fs.FileMode
		file          int // its owner
		notTrustedFor string
	}{
		"in a folder for everybody":                     {0, 0o777 | fs.ModeSticky, stranger, "uid 65533 created it in a folder that others can write to"},
		"in a folder for a group":                       {0, 0o775, stranger, "uid 65533 created it"},
		"in somebody's folder that others may write":    {nobody, 0o777, stranger, "uid 65533 created it"},
		"one's own, in a folder for everybody":          {0, 0o777 | fs.ModeSticky, 0, ""},
		"root's, in somebody's folder for everybody":    {nobody, 0o777, 0, ""},
		"the owner's, in a folder that others may read": {nobody, 0o755, nobody, ""},
		"the owner's, in a folder for a group":          {nobody, 0o775, nobody, ""},
		"given to a service, in a folder of root's":     {0, 0o755, stranger, ""},
	} {
		for _, file := range []string{"state.json", "state.json.full"} {
			t.Run(name+", "+file, func(t *testing.T) {
				dir, path := saved(t)
				if err := os.Remove(path + ".lock"); err != nil {
					t.Fatal(err)
				}
				planted := filepath.Join(dir, file)
				if err := os.Rename(path, planted); err != nil {
					t.Fatal(err)
				}
				kept := filepath.Join(dir, "another name of it")
				if err := os.Link(planted, kept); err != nil {
					t.Fatal(err)
				}
				data := content(t, planted)
				give(t, planted, c.file)
				chmod(t, dir, c.mode)
				give(t, dir, c.folder)

				trusted := c.notTrustedFor == ""
				s, notes, err := Read(path)
				if err != nil || (len(s.Records) > 0) != trusted || !strings.Contains(strings.Join(notes, " "), c.notTrustedFor) {
					t.Errorf("looked at: %v %q, %d records", err, notes, len(s.Records))
				}
				locked(t, path, func(l *Lock) {
					s, notes := load(t, l)
					if (len(s.Records) > 0) != trusted || !strings.Contains(notes, c.notTrustedFor) || l.Lost() == trusted {
						t.Errorf("loaded: %q, %d records, lost %v", notes, len(s.Records), l.Lost())
					}
					save(t, l, s)
					if s, notes := load(t, l); s.Version != Version || notes != "" {
						t.Errorf("after a save: %q", notes)
					}
				})
				if got := content(t, kept); got != data {
					t.Errorf("the stranger's file is now %q", got)
				}
				if aside := len(names(t, dir)) == 4; aside == trusted {
					t.Errorf("left: %q", names(t, dir))
				}
				ownedBy(t, path, c.folder)
			})
		}
	}
}

func TestALockThatAStrangerMadeKeepsNobodyOut(t *testing.T) {
	rootOnly(t)
	dir := t.TempDir()
	path := filepath.Join(dir, "state.json")
	chmod(t, dir, 0o777|fs.ModeSticky)
	write(t, path+".lock", "{}")
	give(t, path+".lock", stranger)
	theirs, err := os.OpenFile(path+".lock", os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer theirs.Close()
	if err := syscall.Flock(int(theirs.Fd()), syscall.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	locked(t, path, func(l *Lock) {
		ownedBy(t, path+".lock", 0)
		if _, notes := load(t, l); !strings.Contains(notes, "uid 65533 created it in a folder that others can write to") {
			t.Error(notes)
		}
	})
	if got := content(t, path+".lock"); got != "" {
		t.Error(got)
	}
}

func TestALastRunThatAStrangerWroteIsNotTrusted(t *testing.T) {
	rootOnly(t)
	dir := t.TempDir()
	path, last := filepath.Join(dir, "state.json"), filepath.Join(dir, "last-run.json")
	chmod(t, dir, 0o777|fs.ModeSticky)
	write(t, last, `{"ended_at": "2026-11-23T03:05:00Z", "status": 0, "machine": "nas", "succeeded_at": "2026-11-23T03:05:00Z"}`)
	give(t, last, stranger)
	if run, err := ReadLastRun(path); run != (LastRun{}) || err == nil || !strings.Contains(err.Error(), "is not trusted: uid 65533 created it") {
		t.Errorf("%+v %v", run, err)
	}
	locked(t, path, func(l *Lock) {
		if _, err := l.WriteLastRun(LastRun{EndedAt: start, Status: 1}); err != nil {
			t.Error(err)
		}
	})
	if run, err := ReadLastRun(path); err != nil || !run.SucceededAt.IsZero() || run.Status != 1 {
		t.Errorf("%+v %v", run, err)
	}
	ownedBy(t, last, 0)
}

func TestAFolderThatAStrangerMadeIsNoPlaceForAState(t *testing.T) {
	rootOnly(t)
	shared := t.TempDir()
	theirs := filepath.Join(shared, "ddns-batch")
	if err := os.MkdirAll(filepath.Join(theirs, "deep"), 0o755); err != nil {
		t.Fatal(err)
	}
	elsewhere := t.TempDir()
	if err := os.Symlink(elsewhere, filepath.Join(shared, "link")); err != nil {
		t.Fatal(err)
	}
	// Root's own link, which the stranger may have moved there.
	if err := errors.Join(os.Mkdir(filepath.Join(theirs, "linked"), 0o755), os.Symlink(filepath.Join(elsewhere, "real.json"), filepath.Join(theirs, "linked", "state.json"))); err != nil {
		t.Fatal(err)
	}
	chmod(t, shared, 0o777|fs.ModeSticky)
	give(t, theirs, stranger)
	give(t, filepath.Join(shared, "link"), stranger)
	for _, dir := range []string{theirs, filepath.Join(theirs, "deep"), filepath.Join(theirs, "none"), filepath.Join(theirs, "linked"), filepath.Join(shared, "link")} {
		path := filepath.Join(dir, "state.json")
		_, _, readErr := Read(path)
		_, lockErr := Acquire(t.Context(), path, 0, clock)
		for _, err := range []error{readErr, lockErr} {
			if err == nil || !strings.Contains(err.Error(), "was created by uid 65533 in a folder that others can write to; give --state FILE elsewhere") {
				t.Errorf("%s: %v", dir, err)
			}
		}
	}
	if got := names(t, elsewhere); len(got) > 0 {
		t.Errorf("made through the link: %q", got)
	}
}

func TestWhatRootMadeIsTrustedByEverybody(t *testing.T) {
	rootOnly(t)
	dir, path := saved(t)
	chmod(t, path, 0o644)
	give(t, dir, nobody)
	chmod(t, dir, 0o777)
	asOrdinaryUser(t, dir, func() {
		if s, _, err := Read(path); err != nil || len(s.Records) == 0 {
			t.Errorf("%v %+v", err, s)
		}
	})
}

func TestTheModeOfAnotherFileStays(t *testing.T) {
	dir := t.TempDir()
	read, swapped := filepath.Join(dir, "read"), filepath.Join(dir, "swapped")
	for _, path := range []string{read, swapped} {
		write(t, path, "")
		chmod(t, path, 0o644)
	}
	info, err := os.Stat(read)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := restrictMode(realDisk(), swapped, info); err == nil || !strings.Contains(err.Error(), "another file now") {
		t.Error(err)
	}
	if info, err := os.Stat(swapped); err != nil || info.Mode() != 0o644 {
		t.Error(info.Mode(), err)
	}
}
