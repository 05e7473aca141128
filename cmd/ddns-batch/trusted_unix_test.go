//go:build unix

package main

import (
	"errors"
	"io/fs"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// give makes what is at path, below the folder of m, belong to a user, with this mode.
func (m *machine) give(path string, uid int, mode fs.FileMode) {
	m.Helper()
	path = filepath.Join(m.dir, path)
	m.must(errors.Join(os.Chown(path, uid, uid), os.Chmod(path, mode)))
}

// Root starts nothing that others could change, and says what to type. The records are updated all the same, unless
// others could change hosts.yaml itself.
func TestRootStartsNoCommandThatOthersCanChange(t *testing.T) {
	t.Parallel()
	givingFilesAway(t)
	const file, program = "root starts no command that others could change: ", "root does not start the program: "
	for _, c := range []struct {
		name   string
		give   string // what belongs to uid and has mode, below the folder of the machine
		uid    int
		mode   fs.FileMode
		status int
		said   string
	}{
		{"everybody can write to hosts.yaml", "hosts.yaml", 0, 0o666, statusUsage, "hosts.yaml:7:12: on_change: " + file + "everybody can write to DIR/hosts.yaml; type: chmod go-w DIR/hosts.yaml"},
		{"hosts.yaml is a user's", "hosts.yaml", nobody, 0o644, statusUsage, file + "DIR/hosts.yaml belongs to nobody; run this as nobody, or type: chown -h root DIR/hosts.yaml"},
		{"hosts.yaml is in an open folder", "", 0, 0o777, statusUsage, file + "everybody can write to the folder DIR; type: chmod go-w DIR"},
		{"hosts.yaml is in a user's folder", "", nobody, 0o755, statusUsage, file + "the folder DIR belongs to nobody; move the file to a folder that belongs to root, or run this as nobody"},
		{"everybody can write to the program", "bin/tell", 0, 0o777, statusOK, program + "everybody can write to DIR/bin/tell; type: chmod go-w DIR/bin/tell"},
		{"the program is a user's", "bin/tell", nobody, 0o755, statusOK, program + "DIR/bin/tell belongs to nobody; run this as nobody, or type: chown -h root DIR/bin/tell"},
		{"the program is in an open folder", "bin", 0, 0o777, statusOK, program + "everybody can write to the folder DIR/bin; type: chmod go-w DIR/bin"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			m := newMachine(t, numbered("example.com", 2))
			m.env["HOME"] = m.dir
			tell, told := m.write("bin/tell", "#!/bin/sh\nexec cat >\"$HOME/told\"\n"), filepath.Join(m.dir, "told")
			m.give("bin/tell", 0, 0o755)
			m.configure(map[string]string{"on_change": "[" + tell + "]"})
			m.give(c.give, c.uid, c.mode)
			e := m.at("0s")
			want := strings.ReplaceAll(c.said, "DIR", m.dir)
			if e.status != c.status || !strings.Contains(e.stderr, want) || strings.Count(e.stderr, "\n") != 1 {
				t.Errorf("status %d, without %q:\n%s%s", e.status, want, e.stdout, e.stderr)
			}
			if v := m.at("0s", "validate"); v.status != c.status || !strings.Contains(v.stdout+v.stderr, strings.TrimPrefix(want, program)) {
				t.Errorf("validate: status %d, without %q:\n%s%s", v.status, want, v.stdout, v.stderr)
			}
			if _, err := os.Lstat(told); err == nil {
				t.Error("the program was started")
			}
			if c.status != statusOK {
				m.published(netip.Addr{})
			}
			// The command that is given must do.
			_, command, ok := strings.Cut(e.stderr, "type: ")
			if !ok {
				return
			}
			if out, err := exec.Command("sh", "-c", command).CombinedOutput(); err != nil {
				t.Fatalf("%s: %v: %s", command, err, out)
			}
			if e := m.at("0s", "--force"); e.status != statusOK || e.stderr != "" || m.content(told) != "example.com\nh1.example.com\n" {
				t.Errorf("status %d\n%s%s", e.status, e.stdout, e.stderr)
			}
		})
	}
}

// The same is true of programs that find the address.
func TestRootTakesNoAddressFromAProgramThatOthersCanChange(t *testing.T) {
	t.Parallel()
	givingFilesAway(t)
	m := newMachine(t, numbered("example.com", 2))
	ask := m.write("ask", "#!/bin/sh\necho "+awayAddress.String()+"\n")
	m.configure(map[string]string{"sources": "[\"command:" + ask + "\"]\n  agree: 1"})
	m.give("ask", 0, 0o777)
	e := m.at("0s")
	if e.status != statusNoAddress || !strings.Contains(e.stderr, "root does not start the program: everybody can write to "+ask+"; type: chmod go-w "+ask) {
		t.Errorf("status %d\n%s%s", e.status, e.stdout, e.stderr)
	}
	m.give("ask", 0, 0o755)
	m.give("hosts.yaml", 0, 0o666)
	if e := m.at("0s"); e.status != statusUsage || !strings.Contains(e.stderr, ": ip.sources[0]: root starts no command that others could change") {
		t.Errorf("status %d\n%s%s", e.status, e.stdout, e.stderr)
	}
	m.give("hosts.yaml", 0, 0o644)
	if e := m.at("0s"); e.status != statusOK || e.stderr != "" {
		t.Errorf("status %d\n%s%s", e.status, e.stdout, e.stderr)
	}
	m.published(awayAddress)
}

// Another user is warned, if everybody could change them.
func TestAUserIsWarnedOfCommandsThatOthersCanChange(t *testing.T) {
	t.Parallel()
	m := newMachine(t, numbered("example.com", 2))
	tell := m.write("bin/tell", "#!/bin/sh\nexec cat >\"$HOME/told\"\n")
	m.env["HOME"] = m.dir
	m.configure(map[string]string{"on_change": "[" + tell + "]"})
	m.asOrdinaryUser()
	for name, mode := range map[string]fs.FileMode{"bin/tell": 0o777, "hosts.yaml": 0o666} {
		m.must(os.Chmod(filepath.Join(m.dir, name), mode))
	}
	warning := "warning: " + filepath.Join(m.dir, "hosts.yaml") + ":7:12: on_change: others could change which command is started: everybody"
	if e := m.run(); e.status != statusOK || !strings.Contains(e.stderr, warning) || m.content(filepath.Join(m.dir, "told")) != "example.com\nh1.example.com\n" {
		t.Errorf("status %d\n%s%s", e.status, e.stdout, e.stderr)
	}
	e := m.run("validate")
	for _, path := range []string{tell, filepath.Join(m.dir, "hosts.yaml")} {
		if want := "everybody can write to " + path + "; type: chmod go-w " + path; e.status != statusOK || !strings.Contains(e.stdout, want) {
			t.Errorf("status %d, without %q:\n%s%s", e.status, want, e.stdout, e.stderr)
		}
	}
}
