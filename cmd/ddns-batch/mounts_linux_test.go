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
	old, added := numbered("example.com", 4), numbered("example.net", 2)
	m := onSmallDisk(t, old, added)
	if m == nil {
		return
	}
	m.write("old.yaml", m.yaml([]zone{old}, nil))
	m.mustRun(statusOK, "--config", filepath.Join(m.dir, "old.yaml"))
	before := m.content(m.state)
	m.remount(syscall.MS_RDONLY)

	const said, notCertain = "sent but not remembered", "what was saved of it is not certain: the disk is read-only"
	for _, c := range []struct {
		name    string
		status  int
		sent    int
		said    string
		address netip.Addr
		args    []string
		shown   string // on stdout
	}{
		{"nothing has changed", statusState, 6, said, homeAddress, nil, ""},
		{"nothing has changed, and some are chosen", statusState, 4, said, homeAddress, []string{"--only", "example.com"}, ""},
		{"the address has changed", statusState, 6, said, awayAddress, nil, ""},
		{"it is still the changed one", statusState, 6, said, awayAddress, nil, ""},
		{"it is the old one again", statusState, 6, said, homeAddress, nil, ""},
		{"it has changed, for cron", statusState, 6, said, awayAddress, []string{"-q"}, ""},
		{"it is the old one again, by force", statusState, 6, said, homeAddress, []string{"--force"}, ""},
		{"a dry run", statusPending, 0, "is on a read-only disk", homeAddress, []string{"--dry-run", "--detailed-exitcode", "--only", "example.com"}, notCertain},
		{"a look", statusOK, 0, "is on a read-only disk", homeAddress, []string{"status"}, "not known: " + notCertain},
		{"an explanation", statusOK, 0, "is on a read-only disk", homeAddress, []string{"explain", "example.com"}, "it is not known what it holds: " + notCertain},
		{"a page", statusOK, 0, "is on a read-only disk", homeAddress, []string{"report", "--html", "-"}, notCertain},
	} {
		m.server.SetAddress(c.address)
		var e finished
		if n := m.updatesDuring(func() { e = m.start(c.args...).end() }); n != c.sent || e.status != c.status || !strings.Contains(e.stderr, c.said) || !strings.Contains(e.stdout, c.shown) {
			t.Errorf("%s: %d sent, status %d\n%s%s", c.name, n, e.status, e.stdout, e.stderr)
		}
		if c.sent == 6 && m.atAddress(c.address) != 6 {
			t.Errorf("%s: only %d records hold %s", c.name, m.atAddress(c.address), c.address)
		}
		if m.content(m.state) != before {
			t.Errorf("%s: the state is another one", c.name)
		}
	}
	m.remount(0)
	m.server.SetAddress(awayAddress)
	m.mustRun(statusOK)
	m.confirmed(awayAddress)
	m.checkStateFolder()
}

// A state that is mounted as a single file, as into a container, cannot be replaced.
func TestASingleFileThatIsMounted(t *testing.T) {
	t.Parallel()
	m := onSmallDisk(t, numbered("example.com", 4))
	if m == nil {
		return
	}
	m.mustRun(statusOK)
	for _, c := range []struct{ name, content string }{
		{"a state", m.content(m.state)},
		{"an empty file", ""},
	} {
		m.write("outside.json", c.content)
		outside := filepath.Join(m.dir, "outside.json")
		if err := syscall.Mount(outside, m.state, "", syscall.MS_BIND, ""); err != nil {
			t.Fatal(err)
		}
		m.server.SetAddress(awayAddress)
		var e finished
		if n := m.updatesDuring(func() { e = m.mustRun(statusState) }); n != 0 || !strings.Contains(e.stderr, "mount its folder instead") {
			t.Errorf("%s: %d sent\n%s%s", c.name, n, e.stdout, e.stderr)
		}
		if m.content(outside) != c.content {
			t.Errorf("%s: it is another one", c.name)
		}
		m.checkStateFolder()
		if err := syscall.Unmount(m.state, 0); err != nil {
			t.Fatal(err)
		}
	}
	m.mustRun(statusOK)
	m.confirmed(awayAddress)
}

// remount gives the disk of a machine other flags.
func (m *machine) remount(flags uintptr) {
	m.Helper()
	if err := syscall.Mount("tmpfs", filepath.Dir(m.state), "", syscall.MS_REMOUNT|flags, ""); err != nil {
		m.Fatal(err)
	}
}
