package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// A service may write to its state folder and to nothing else, be it a place for what is temporary.
func TestAReadOnlyRoot(t *testing.T) {
	t.Parallel()
	if !mounting(t) {
		return
	}
	m := twoDomains(t)
	m.configure(map[string]string{"state": ""})
	m.systemd("a")
	mount(t, m.dir, m.dir, "", syscall.MS_BIND, "")
	before := m.files()
	for _, point := range mountPoints() {
		if point != m.dir {
			remountReadOnly(t, point)
		}
	}
	for range 2 {
		if e := m.run("--log-level", "info"); e.status != 0 || strings.Contains(e.stderr, "warn") {
			t.Errorf("status %d\n%s%s", e.status, e.stdout, e.stderr)
		}
	}
	m.published(homeAddress)
	if after := m.files(); !slices.Equal(after, before) {
		t.Errorf("there were %q, and are %q", before, after)
	}
}

// files lists what lies beside hosts.yaml.
func (m *machine) files() []string {
	var names []string
	for _, e := range mustValue(os.ReadDir(m.dir)) {
		names = append(names, e.Name())
	}
	return names
}

// mountPoints lists where something is mounted, each place once.
func mountPoints() []string {
	var points []string
	for line := range strings.Lines(string(mustValue(os.ReadFile("/proc/self/mountinfo")))) {
		points = append(points, strings.Fields(line)[4])
	}
	slices.Sort(points)
	return slices.Compact(points)
}

// remountReadOnly makes a mounted file system read only until the test ends. What the kernel keeps writable, or holds
// for itself, stays as it is.
func remountReadOnly(t *testing.T, point string) {
	var now syscall.Statfs_t
	if syscall.Statfs(point, &now) != nil || now.Flags&syscall.MS_RDONLY != 0 {
		return
	}
	// What an ordinary user may not change has to stay as it is.
	const kept = syscall.MS_NOSUID | syscall.MS_NODEV | syscall.MS_NOEXEC | syscall.MS_NOATIME | syscall.MS_NODIRATIME
	flags := syscall.MS_REMOUNT | syscall.MS_BIND | uintptr(now.Flags)&kept
	if err := syscall.Mount("", point, "", flags|syscall.MS_RDONLY, ""); err != nil {
		if point == "/" {
			t.Fatal(err)
		}
		t.Logf("%s stays writable: %v", point, err)
		return
	}
	t.Cleanup(func() {
		if err := syscall.Mount("", point, "", flags, ""); err != nil {
			t.Error(err)
		}
	})
	const toWrite = 2
	if syscall.Access(point, toWrite) == nil {
		t.Errorf("%s can be written", point)
	}
}

// Without a home in the environment the one that the account has is where the state is kept, folders and all.
func TestTheHomeOfAnAccount(t *testing.T) {
	t.Parallel()
	if !mounting(t) {
		return
	}
	m := twoDomains(t)
	m.configure(map[string]string{"state": ""})
	home := filepath.Join(m.dir, "home")
	if err := os.Mkdir(home, 0o700); err != nil {
		t.Fatal(err)
	}
	account := fmt.Sprintf("somebody:x:%d:%d::%s:/bin/sh\n", os.Getuid(), os.Getgid(), home)
	mount(t, m.write("passwd", account), "/etc/passwd", "", syscall.MS_BIND, "")
	delete(m.env, "PATH")
	first, second := m.run(), m.run("-o", "json")
	if first.status != 0 || first.stderr != "" || !strings.Contains(first.stdout, "3 updated") {
		t.Errorf("status %d\n%s%s", first.status, first.stdout, first.stderr)
	}
	if second.status != 0 || second.document.of("example.com").Action != "keep" {
		t.Errorf("the second run: status %d\n%s%s", second.status, second.stdout, second.stderr)
	}
	folder := filepath.Join(home, ".local", "state", "ddns-batch")
	if want := filepath.Join(folder, "state.json"); second.document.State != want {
		t.Errorf("the state is %s, not %s", second.document.State, want)
	}
	if info, err := os.Stat(folder); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("%v %v", info, err)
	}
	m.published(homeAddress)
}
