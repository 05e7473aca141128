//go:build unix

package state

import (
	"context"
	"os"
	"path/filepath"
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
