//go:build !windows

package config

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func TestFind(t *testing.T) {
	home, xdg := t.TempDir(), t.TempDir()
	for _, dir := range []string{filepath.Join(home, ".config"), xdg} {
		if err := os.MkdirAll(filepath.Join(dir, "ddns-batch"), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "ddns-batch", "hosts.yaml"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	inHome, inXDG := filepath.Join(home, ".config/ddns-batch/hosts.yaml"), filepath.Join(xdg, "ddns-batch/hosts.yaml")
	loop := t.TempDir()
	if err := os.Symlink("ddns-batch", filepath.Join(loop, "ddns-batch")); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		named       string
		environment map[string]string
		want        string
	}{
		"named by the flag":            {"x.yaml", map[string]string{"DDNS_BATCH_CONFIG": "y.yaml", "HOME": home}, "x.yaml"},
		"named by the variable":        {"", map[string]string{"DDNS_BATCH_CONFIG": "/none/y.yaml", "HOME": home}, "/none/y.yaml"},
		"in the folder for such":       {"", map[string]string{"XDG_CONFIG_HOME": xdg, "HOME": home}, inXDG},
		"in the usual folder":          {"", map[string]string{"HOME": home}, inHome},
		"a relative folder is ignored": {"", map[string]string{"XDG_CONFIG_HOME": "xdg", "HOME": home}, inHome},
		"one that cannot be reached":   {"", map[string]string{"XDG_CONFIG_HOME": loop}, filepath.Join(loop, "ddns-batch/hosts.yaml")},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Find(c.named, func(name string) string { return c.environment[name] })
			if err != nil || got != c.want {
				t.Errorf("got %q, %v, want %q", got, err, c.want)
			}
		})
	}
}

func TestFindLooksNowhereElse(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	if err := os.WriteFile("hosts.yaml", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("file", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ environment, want string }{
		"home":                {"HOME", filepath.Join(dir, "file/.config/ddns-batch/hosts.yaml")},
		"the folder for such": {"XDG_CONFIG_HOME", filepath.Join(dir, "file/ddns-batch/hosts.yaml")},
		"no home at all":      {"", ""},
	} {
		t.Run(name, func(t *testing.T) {
			var want []string
			for _, path := range []string{c.want, "/etc/ddns-batch/hosts.yaml"} {
				if path != "" {
					want = append(want, path)
				}
			}
			// Home is a file here, so that nothing can be in it.
			got, err := Find("", func(name string) string {
				if name == c.environment {
					return filepath.Join(dir, "file")
				}
				return ""
			})
			var missing *NotFound
			if !errors.As(err, &missing) || got != "" {
				t.Fatalf("got %q, %v", got, err)
			}
			if len(missing.Looked) != len(want) || missing.Looked[0] != want[0] || missing.Looked[len(want)-1] != want[len(want)-1] {
				t.Errorf("looked for %q, want %q", missing.Looked, want)
			}
		})
	}
}
