package outfile

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func TestAFileIsReplaced(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "page.html")
	if err := Replace(file, []byte("first")); err != nil {
		t.Fatal(err)
	}
	open := mustValue(os.Open(file))
	defer func() { _ = open.Close() }()
	if runtime.GOOS == "windows" {
		// An open file cannot be replaced there.
		_ = open.Close()
	}
	if err := Replace(file, []byte("second")); err != nil {
		t.Fatal(err)
	}
	if got := string(mustValue(os.ReadFile(file))); got != "second" {
		t.Errorf("it holds %q", got)
	}
	if runtime.GOOS != "windows" {
		first := make([]byte, 10)
		if n, _ := open.Read(first); string(first[:n]) != "first" {
			t.Errorf("who had it open reads %q: it was written to, not replaced", first[:n])
		}
	}
	onlyFile(t, dir, "page.html")
}

func onlyFile(t *testing.T, dir, name string) {
	t.Helper()
	for _, e := range mustValue(os.ReadDir(dir)) {
		if e.Name() != name {
			t.Errorf("%s is left behind", e.Name())
		}
	}
}

func TestWhatCannotBeReplacedLeavesNothingBehind(t *testing.T) {
	dir := t.TempDir()
	missing := filepath.Join(dir, "no", "page.html")
	if err := Replace(missing, nil); err == nil || !strings.HasPrefix(err.Error(), missing+": ") || strings.Contains(err.Error(), ".tmp") {
		t.Errorf("in a folder that is not there: %v", err)
	}
	folder := filepath.Join(dir, "page.html")
	if err := os.Mkdir(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := Replace(folder, nil); err == nil {
		t.Error("a folder is replaced")
	}
	onlyFile(t, dir, "page.html")
}

func mustValue[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

// A file system without links: the file is made where it belongs, and never in another's place.
func TestAFileIsMadeWithoutALink(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "hosts.env")
	for _, want := range []bool{true, false} {
		if err := createInPlace(path, []byte("x"), 0o600); (err == nil) != want {
			t.Errorf("%v", err)
		}
	}
	if content, err := os.ReadFile(path); err != nil || string(content) != "x" {
		t.Errorf("%q %v", content, err)
	}
}
