//go:build unix

package state

import (
	"context"
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
	if err := lock.WriteLastRun(LastRun{}); err != nil {
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
	if _, err := Acquire(context.Background(), path, time.Second, time.Now); err == nil || !strings.Contains(err.Error(), "is a link that uid 65534 made") {
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
	if _, err := Acquire(context.Background(), filepath.Join(dir, "state.json"), time.Second, time.Now); err == nil || !strings.Contains(err.Error(), "has another name elsewhere") {
		t.Errorf("got %v", err)
	}
	if content, err := os.ReadFile(victim); err != nil || string(content) != "mine" {
		t.Errorf("it is now %q, %v", content, err)
	}
}
