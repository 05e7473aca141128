//go:build !windows

package config

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestPipesAndDevicesAreNotOpened(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "hosts.yaml")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{pipe, "/dev/zero"} {
		if _, err := Load(path); err == nil || !strings.Contains(err.Error(), "it is not a regular file") {
			t.Errorf("Load(%s): %v", path, err)
		}
	}
}

func TestAWholePathIsNoCredential(t *testing.T) {
	dir := folder(t, map[string]string{"password": canary, "hosts.env": ""})
	credentials := t.TempDir()
	if err := os.MkdirAll(filepath.Join(credentials, dir), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(credentials, dir, "password"), []byte("another"), 0o600); err != nil {
		t.Fatal(err)
	}
	passwords, err := load(t, dir, "password_file: "+filepath.Join(dir, "password")).
		Passwords(environment(map[string]string{"CREDENTIALS_DIRECTORY": credentials}))
	if err != nil {
		t.Fatal(err)
	}
	if got := passwords.Of(0); got.Secret.Reveal() != canary {
		t.Errorf("taken from %s", got.From)
	}
}
