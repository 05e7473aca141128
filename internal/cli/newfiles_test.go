package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ddns-batch/internal/config"
	"ddns-batch/internal/run"
)

// draftApp is enough of a program to make files.
func draftApp(t *testing.T) *app {
	t.Helper()
	stop := run.NewShutdown(nil)
	t.Cleanup(stop.Close)
	return &app{System: System{Now: time.Now, Local: time.UTC}, stop: stop}
}

func TestOfTwoFilesBothAreMadeOrNone(t *testing.T) {
	for _, there := range []string{usualName, usualEnv} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, there), []byte("mine"), 0o600); err != nil {
			t.Fatal(err)
		}
		err := draftApp(t).createFiles(newFiles(dir, config.Draft{}))
		if err == nil || !strings.Contains(asFailure(err).Report.Message, there+" already exists, and is never replaced") {
			t.Errorf("%s: %v", there, err)
		}
		names := entries(t, dir)
		if content, err := os.ReadFile(filepath.Join(dir, there)); err != nil || string(content) != "mine" || len(names) != 1 {
			t.Errorf("%s: %q %v, and in the folder %q", there, content, err, names)
		}
	}
}

func TestNothingIsLeftBesideTheFiles(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "folder")
	if err := draftApp(t).createFiles(newFiles(dir, config.Draft{})); err != nil {
		t.Fatal(err)
	}
	if names := entries(t, dir); strings.Join(names, " ") != usualEnv+" "+usualName {
		t.Errorf("%q", names)
	}
}

func entries(t *testing.T, dir string) []string {
	t.Helper()
	found, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range found {
		names = append(names, e.Name())
	}
	return names
}
