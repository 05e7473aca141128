package main

import (
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// On a read-only disk only what must change is sent: a record that would merely be refreshed can wait.
func TestAReadOnlyDisk(t *testing.T) {
	t.Parallel()
	old, added := zone{"example.com", 4}, zone{"example.net", 2}
	s := onSmallDisk(t, old, added)
	if s == nil {
		return
	}
	s.write("old.yaml", hostsFile(old))
	s.run(statusOK, "--config", filepath.Join(s.dir, "old.yaml"))
	before := s.content(s.state)
	s.remount(syscall.MS_RDONLY)

	later := []string{clockVariable + "=25h"}
	for _, c := range []struct {
		name    string
		status  int
		sent    int
		said    string
		address netip.Addr
		env     []string
		args    []string
	}{
		{"nothing to do", statusOK, 0, "read-only file system", homeAddress, nil, []string{"--only", "example.com"}},
		{"two records are new", statusState, 2, "sent but not remembered", homeAddress, nil, nil},
		{"two are new, the others only stale", statusState, 2, "sent but not remembered", homeAddress, later, nil},
		{"all are only stale", statusState, 0, "read-only file system; nothing was sent", homeAddress, later, []string{"--only", "example.com"}},
		{"all are only forced", statusState, 0, "read-only file system; nothing was sent", homeAddress, nil, []string{"--force", "--only", "example.com"}},
		{"the address has changed", statusState, 6, "sent but not remembered", awayAddress, nil, nil},
		{"it has changed, and that is not known", statusState, 6, "sent but not remembered", awayAddress, nil, nil},
	} {
		s.server.SetAddress(c.address)
		run := s.command(c.args...)
		run.Env = slices.Concat(run.Env, c.env)
		var e ending
		if n := s.heard(func() { e = run.start().end() }); n != c.sent || e.status != c.status || !strings.Contains(e.stderr, c.said) {
			t.Errorf("%s: %d sent, status %d\n%s%s", c.name, n, e.status, e.stdout, e.stderr)
		}
		if s.content(s.state) != before {
			t.Errorf("%s: the state is another one", c.name)
		}
	}
	s.remount(0)
	s.run(statusOK)
	s.right(awayAddress)
	s.tidy()
}

// A state that is mounted as a single file, as into a container, cannot be replaced.
func TestASingleFileThatIsMounted(t *testing.T) {
	t.Parallel()
	s := onSmallDisk(t, zone{"example.com", 4})
	if s == nil {
		return
	}
	s.run(statusOK)
	for _, c := range []struct{ name, content string }{
		{"a state", s.content(s.state)},
		{"an empty file", ""},
	} {
		s.write("outside.json", c.content)
		outside := filepath.Join(s.dir, "outside.json")
		if err := syscall.Mount(outside, s.state, "", syscall.MS_BIND, ""); err != nil {
			t.Fatal(err)
		}
		s.server.SetAddress(awayAddress)
		var e ending
		if n := s.heard(func() { e = s.run(statusState) }); n != 0 || !strings.Contains(e.stderr, "mount its folder instead") {
			t.Errorf("%s: %d sent\n%s%s", c.name, n, e.stdout, e.stderr)
		}
		if s.content(outside) != c.content {
			t.Errorf("%s: it is another one", c.name)
		}
		s.tidy()
		if err := syscall.Unmount(s.state, 0); err != nil {
			t.Fatal(err)
		}
	}
	s.run(statusOK)
	s.right(awayAddress)
}

// remount gives the disk of a site other flags.
func (s *site) remount(flags uintptr) {
	s.Helper()
	if err := syscall.Mount("tmpfs", filepath.Dir(s.state), "", syscall.MS_REMOUNT|flags, ""); err != nil {
		s.Fatal(err)
	}
}
