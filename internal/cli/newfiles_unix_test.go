//go:build unix

package cli

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ddns-batch/internal/config"
)

// A configuration that root makes is made where root names it, not where somebody's link in a folder for everybody leads.
func TestNewFilesAreNotMadeBehindALinkOfSomebodyElse(t *testing.T) {
	t.Parallel()
	const nobody, somebody = 65534, 1000
	if os.Geteuid() != 0 {
		t.Skip("only root can give a file away")
	}
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	if err := errors.Join(os.Mkdir(at("target"), 0o755), os.Mkdir(at("shared"), 0o777), os.Chmod(at("shared"), 0o777|os.ModeSticky),
		os.Mkdir(at("home"), 0o755), os.Chown(at("home"), somebody, somebody), os.Symlink("../target", at("shared/link")), os.Symlink("../target", at("home/link")),
		os.Lchown(at("shared/link"), nobody, nobody), os.Lchown(at("home/link"), somebody, somebody)); err != nil {
		t.Fatal(err)
	}
	for _, to := range []string{at("shared/link"), at("shared/link/new")} {
		files := newFiles(to, config.Draft{})
		for what, err := range map[string]error{"checking": checkNew(files), "making": draftApp(t).createFiles(files)} {
			if err == nil || !strings.Contains(asFailure(err).Report.Message, "shared/link was created by uid 65534 in a folder that others can write to") {
				t.Errorf("%s in %s: %v", what, to, err)
			}
		}
		if names := entries(t, at("target")); len(names) > 0 {
			t.Errorf("made %q", names)
		}
	}
	files := newFiles(at("home/link/new"), config.Draft{})
	if err := errors.Join(checkNew(files), draftApp(t).createFiles(files)); err != nil {
		t.Error(err)
	}
}
