//go:build !windows

package config

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestEnvFileMode(t *testing.T) {
	for mode, c := range map[fs.FileMode]struct{ refused, warned bool }{
		0o600: {}, 0o400: {}, 0o640: {warned: true}, 0o440: {warned: true}, 0o644: {refused: true}, 0o604: {refused: true},
	} {
		t.Run(mode.String(), func(t *testing.T) {
			dir := folder(t, map[string]string{"it's mine.env": "A=" + canary})
			path := filepath.Join(dir, "it's mine.env")
			if err := os.Chmod(path, mode); err != nil {
				t.Fatal(err)
			}
			config := load(t, dir, "password_env: A")
			config.EnvFile = path
			passwords, err := config.Passwords(t.Context(), environment(nil))
			var fault *EnvFileError
			if errors.As(err, &fault) != c.refused || (len(passwords.Warnings) > 0) != c.warned {
				t.Fatalf("error %v, warnings %q", err, passwords.Warnings)
			}
			if passwords.Of(0).Secret.IsZero() != c.refused {
				t.Errorf("read although refused, or not read: %+v", passwords.Of(0))
			}
			said := strings.Join(passwords.Warnings, "")
			if err != nil {
				said = err.Error()
			}
			if said == "" {
				return
			}
			if c.refused && !strings.Contains(said, "password_file") {
				t.Errorf("no way out where the mode cannot be changed: %s", said)
			}
			// The command that is given must do.
			_, command, _ := strings.Cut(said, "type: ")
			if out, err := exec.Command("sh", "-c", command).CombinedOutput(); err != nil {
				t.Fatalf("%s: %v: %s", command, err, out)
			}
			if passwords, err = config.Passwords(t.Context(), environment(nil)); err != nil || passwords.Warnings != nil {
				t.Errorf("after %s: %v, %q", command, err, passwords.Warnings)
			}
		})
	}
}
