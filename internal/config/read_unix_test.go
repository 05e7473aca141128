//go:build !windows

package config

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// fifo makes a named pipe. What is given is written into it in turn, each after the one before was read.
func fifo(t *testing.T, name string, content ...string) {
	t.Helper()
	if err := syscall.Mkfifo(name, 0o600); err != nil {
		t.Fatal(err)
	}
	if content == nil {
		return
	}
	written := make(chan error, 1)
	go func() {
		f, err := os.OpenFile(name, os.O_WRONLY, 0)
		for _, c := range content {
			if err == nil {
				_, err = f.WriteString(c)
			}
		}
		f.Close()
		written <- err
	}()
	t.Cleanup(func() {
		if err := <-written; err != nil {
			t.Error(err)
		}
	})
}

// anonymous is the path of a pipe without a name, as <(...) makes it.
func anonymous(t *testing.T, content string) string {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	// As some systems make them.
	if err := r.Chmod(0o660); err != nil {
		t.Fatal(err)
	}
	if _, err := w.WriteString(content); err != nil {
		t.Fatal(err)
	}
	w.Close()
	return fmt.Sprintf("/dev/fd/%d", r.Fd())
}

func TestPipesAreRead(t *testing.T) {
	dir := folder(t, map[string]string{"hosts.env": ""})
	fifo(t, filepath.Join(dir, "hosts.yaml"), oneRecord[:20], oneRecord[20:])
	c, err := Load(t.Context(), filepath.Join(dir, "hosts.yaml"))
	if err != nil || len(c.Records) != 1 {
		t.Fatalf("the YAML file: %v", err)
	}
	if c, err = Load(t.Context(), anonymous(t, oneRecord+"env_file: hosts.env\n")); err != nil || c.EnvFile != "hosts.env" {
		t.Fatalf("a YAML file without a place: %v, %+v", err, c)
	}
	for what, path := range map[string]string{
		"named": filepath.Join(dir, "fifo"), "anonymous": anonymous(t, "A="+canary+"\n"),
	} {
		if what == "named" {
			fifo(t, path, "A=", canary+"\n")
		}
		c := load(t, dir, "password_env: A")
		c.EnvFile = path
		passwords, err := c.Passwords(t.Context(), environment(nil))
		if err != nil || passwords.Of(0).Secret.Reveal() != canary || passwords.Warnings != nil {
			t.Errorf("an env file, %s: %v, %q", what, err, passwords.Warnings)
		}
	}
	fifo(t, filepath.Join(dir, "password"), canary+"\n")
	for _, path := range []string{"password", anonymous(t, canary)} {
		passwords, err := load(t, dir, "password_file: "+path).Passwords(t.Context(), environment(nil))
		if err != nil || passwords.Of(0).Secret.Reveal() != canary {
			t.Errorf("%s: %v, %s", path, err, passwords.Of(0).Problem)
		}
	}
}

func TestAPipeHasToEndInTime(t *testing.T) {
	dir := t.TempDir()
	nobody, unfinished := filepath.Join(dir, "nobody"), filepath.Join(dir, "unfinished")
	fifo(t, nobody)
	fifo(t, unfinished)
	holder, err := os.OpenFile(unfinished, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer holder.Close()
	if _, err := holder.WriteString(oneRecord); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{nobody, unfinished} {
		for _, limit := range []time.Duration{0, 50 * time.Millisecond} {
			ctx, cancel := context.WithTimeout(t.Context(), limit)
			_, err := Load(ctx, path)
			cancel()
			if err == nil || !strings.HasSuffix(err.Error(), "it is a pipe, and its writer did not finish in time") {
				t.Errorf("%s within %s: %v", path, limit, err)
			}
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	go cancel()
	if _, err := Load(ctx, nobody); err == nil {
		t.Error("a pipe without a writer was read")
	}
}

func TestOnlyFilesAndPipesAreOpened(t *testing.T) {
	dir := t.TempDir()
	for path, want := range map[string]string{"/dev/zero": "it is neither a file nor a pipe", dir: "it is a folder"} {
		if _, err := Load(t.Context(), path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Load(%s): %v", path, err)
		}
	}
	endless := filepath.Join(dir, "endless")
	fifo(t, endless, oneRecord, strings.Repeat("#", maxFile))
	if _, err := Load(t.Context(), endless); err == nil || !strings.HasSuffix(err.Error(), "it is larger than 2048 KiB") {
		t.Errorf("a pipe without end: %v", err)
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
		Passwords(t.Context(), environment(map[string]string{"CREDENTIALS_DIRECTORY": credentials}))
	if err != nil {
		t.Fatal(err)
	}
	if got := passwords.Of(0); got.Secret.Reveal() != canary {
		t.Errorf("taken from %s", got.From)
	}
}

func TestOnlyTheNamesOfDescriptorsHaveNoFolder(t *testing.T) {
	for path, want := range map[string]string{
		"/dev/stdin": ".", "/dev/fd/63": ".", "/proc/self/fd/3": ".", "/proc/12/fd/3": ".",
		"/dev/shm/hosts.yaml": "/dev/shm", "/etc/hosts.yaml": "/etc", "hosts.yaml": ".",
	} {
		if got := dirOf(path); got != want {
			t.Errorf("beside %s lies what is in %s, want %s", path, got, want)
		}
	}
}
