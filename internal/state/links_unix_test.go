//go:build unix

package state

import (
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func TestALinkIsFollowedAndStays(t *testing.T) {
	dir := t.TempDir()
	link := filepath.Join(dir, "link.json")
	if err := os.Symlink(filepath.Join("data", "real.json"), link); err != nil {
		t.Fatal(err)
	}
	locked(t, link, func(l *Lock) {
		save(t, l, sample())
		if _, err := l.WriteLastRun(LastRun{Machine: "nas"}); err != nil {
			t.Error(err)
		}
	})
	if info, err := os.Lstat(link); err != nil || info.Mode()&fs.ModeSymlink == 0 {
		t.Error("the link was replaced")
	}
	if got := names(t, dir); !slices.Equal(got, []string{"data", "link.json"}) {
		t.Errorf("beside the link: %v", got)
	}
	if got := names(t, filepath.Join(dir, "data")); !slices.Equal(got, []string{"real.json", "real.json.lock", "real.last-run.json"}) {
		t.Errorf("beside the target: %v", got)
	}
	if s, _, err := Read(link); err != nil || !reflect.DeepEqual(s, sample()) {
		t.Error(err)
	}
	if run, err := ReadLastRun(link); err != nil || run.Machine != "nas" {
		t.Error(run, err)
	}
}

func TestAPlantedLinkIsNotFollowed(t *testing.T) {
	dir, path := saved(t)
	victim := filepath.Join(dir, "victim")
	write(t, victim, "precious")
	if err := os.Symlink(victim, path+".tmp"); err != nil {
		t.Fatal(err)
	}
	locked(t, path, func(l *Lock) { save(t, l, sample()) })
	if content(t, victim) != "precious" {
		t.Error("written through the link")
	}
}

func TestResolveFollowsLinks(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	in := func(name string) string { return filepath.Join(dir, filepath.FromSlash(name)) }
	if err := os.MkdirAll(in("real/deep"), 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, in("real/state.json"), "{}")
	for link, target := range map[string]string{
		"direct": "real/state.json", "absolute": in("real/state.json"), "chain": "direct", "dangling": "real/none.json",
		"lost": "nowhere/state.json", "folder": "real/deep", "dots": "folder/../state.json", "loop": "loop", "to-folder": "real",
	} {
		if err := os.Symlink(filepath.FromSlash(target), in(link)); err != nil {
			t.Fatal(err)
		}
	}
	for path, want := range map[string]string{
		"real/state.json": "real/state.json",
		"direct":          "real/state.json",
		"absolute":        "real/state.json",
		"chain":           "real/state.json",
		"dangling":        "real/none.json",
		"lost":            "nowhere/state.json",
		"dots":            "real/state.json",
		"none/state.json": "none/state.json",
	} {
		if got, err := resolve(in(path)); err != nil || got != in(want) {
			t.Errorf("%s: got %s, %v", path, got, err)
		}
	}
	for path, want := range map[string]string{
		"real":                   "is a folder, not a file",
		"to-folder":              "is a folder, not a file",
		"loop":                   "too many symbolic links",
		"real/state.json/x.json": "not a directory",
	} {
		if got, err := resolve(in(path)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %s, %v", path, got, err)
		}
	}
	if _, err := resolve(""); err == nil {
		t.Error("an empty path passed")
	}
}
