package main

import (
	"net/netip"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// On a read-only disk nothing can be remembered, so what is remembered there cannot be taken back either: every record is
// sent in every run, and none is ever taken to be right that is not.
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

	const said = "sent but not remembered"
	for _, c := range []struct {
		name    string
		status  int
		sent    int
		said    string
		address netip.Addr
		args    []string
	}{
		{"nothing has changed", statusState, 6, said, homeAddress, nil},
		{"nothing has changed, and some are chosen", statusState, 4, said, homeAddress, []string{"--only", "example.com"}},
		{"the address has changed", statusState, 6, said, awayAddress, nil},
		{"it is still the changed one", statusState, 6, said, awayAddress, nil},
		{"it is the old one again", statusState, 6, said, homeAddress, nil},
		{"it has changed, for cron", statusState, 6, said, awayAddress, []string{"-q"}},
		{"it is the old one again, by force", statusState, 6, said, homeAddress, []string{"--force"}},
		{"a dry run", statusPending, 0, "is on a read-only disk", homeAddress, []string{"--dry-run", "--detailed-exitcode", "--only", "example.com"}},
		{"a look", statusOK, 0, "is on a read-only disk", homeAddress, []string{"status"}},
	} {
		s.server.SetAddress(c.address)
		var e finished
		if n := s.heard(func() { e = s.start(c.args...).end() }); n != c.sent || e.status != c.status || !strings.Contains(e.stderr, c.said) {
			t.Errorf("%s: %d sent, status %d\n%s%s", c.name, n, e.status, e.stdout, e.stderr)
		}
		if c.sent == 6 && s.holding(c.address) != 6 {
			t.Errorf("%s: only %d records hold %s", c.name, s.holding(c.address), c.address)
		}
		if s.content(s.state) != before {
			t.Errorf("%s: the state is another one", c.name)
		}
	}
	s.remount(0)
	s.server.SetAddress(awayAddress)
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
		var e finished
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
