//go:build unix

package state

import (
	"errors"
	"os/user"
	"path/filepath"
	"strings"
	"testing"
)

func TestDefaultPath(t *testing.T) {
	for _, c := range []struct {
		name, goos, config string
		env                map[string]string
		account, want      string
	}{
		{"systemd's folder", "linux", "/etc/ddns-batch/hosts.yaml", map[string]string{"STATE_DIRECTORY": "/var/lib/x", "HOME": "/root"}, "", "/var/lib/x/state.json"},
		{"the first of systemd's folders", "linux", "", map[string]string{"STATE_DIRECTORY": "/var/lib/x:/var/lib/y"}, "", "/var/lib/x/state.json"},
		{"a YAML file under /etc", "linux", "/etc/ddns-batch/hosts.yaml", map[string]string{"HOME": "/root", "XDG_STATE_HOME": "/s"}, "", "/var/lib/ddns-batch/state.json"},
		{"a YAML file that only seems to be under /etc", "linux", "/etc/../srv/hosts.yaml", map[string]string{"HOME": "/root"}, "", "/root/.local/state/ddns-batch/state.json"},
		{"a YAML file beside /etc", "linux", "/etcetera/hosts.yaml", map[string]string{"HOME": "/root"}, "", "/root/.local/state/ddns-batch/state.json"},
		{"XDG", "linux", "/home/a/hosts.yaml", map[string]string{"XDG_STATE_HOME": "/s", "HOME": "/home/a"}, "", "/s/ddns-batch/state.json"},
		{"a relative XDG folder does not count", "linux", "", map[string]string{"XDG_STATE_HOME": "s", "HOME": "/home/a"}, "", "/home/a/.local/state/ddns-batch/state.json"},
		{"home", "darwin", "", map[string]string{"HOME": "/Users/a"}, "/else", "/Users/a/.local/state/ddns-batch/state.json"},
		{"no HOME", "linux", "", nil, "/home/b", "/home/b/.local/state/ddns-batch/state.json"},
		{"a relative HOME does not count", "linux", "", map[string]string{"HOME": "."}, "/home/b", "/home/b/.local/state/ddns-batch/state.json"},
		{"nothing at all", "linux", "", nil, "", ""},
		{"Windows", "windows", "/etc/hosts.yaml", map[string]string{"LocalAppData": "/AppData"}, "/home/b", "/AppData/ddns-batch/state.json"},
		{"Windows without a folder", "windows", "", map[string]string{"HOME": "/home/a"}, "/home/b", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			account := func() (string, error) {
				if c.account == "" {
					return "", errors.New("no such user")
				}
				return c.account, nil
			}
			got, err := defaultPath(c.goos, c.config, func(name string) string { return c.env[name] }, account)
			if filepath.ToSlash(got) != c.want || (err == nil) != (c.want != "") {
				t.Errorf("got %q, %v", got, err)
			}
			if err != nil && !strings.HasSuffix(err.Error(), "give --state FILE") {
				t.Errorf("%v: no next step", err)
			}
		})
	}
}

func TestDefaultPathAsksTheAccount(t *testing.T) {
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	want := filepath.Join(me.HomeDir, ".local/state/ddns-batch/state.json")
	got, err := DefaultPath("", func(string) string { return "" })
	if err != nil || got != want {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestPathsBeside(t *testing.T) {
	for path, want := range map[string][2]string{
		"/s/state.json":         {"/s/state.sandbox.json", "/s/last-run.json"},
		"/s/home.json":          {"/s/home.sandbox.json", "/s/home.last-run.json"},
		"/s/state.sandbox.json": {"/s/state.sandbox.sandbox.json", "/s/state.sandbox.last-run.json"},
		"/s.json/state":         {"/s.json/state.sandbox", "/s.json/state.last-run.json"},
	} {
		path, want := filepath.FromSlash(path), want
		if got := SandboxPath(path); got != filepath.FromSlash(want[0]) {
			t.Errorf("sandbox of %s: %s", path, got)
		}
		if got := lastRunPath(path); got != filepath.FromSlash(want[1]) {
			t.Errorf("last run of %s: %s", path, got)
		}
	}
}
