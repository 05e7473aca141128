//go:build unix

package main

import (
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"ddns-batch/internal/shell"
)

// withFiles moves the passwords of a machine out of its environment: the first into an env file, the second into a file of
// its own.
func (m *machine) withFiles() {
	m.Helper()
	first, second := passwordVariable("example.com"), passwordVariable("example.net")
	m.hide("hosts.env", first+"="+m.passwords[first]+"\n")
	m.hide("example-net", m.passwords[second]+"\n")
	delete(m.env, first)
	delete(m.env, second)
	m.configure(map[string]string{"env_file": "hosts.env", "password.example.net": "password_file: example-net"})
}

// userName is that of the ordinary user as whom a machine's program runs.
func (m *machine) userName() string {
	uid := os.Getuid()
	if m.attributes != nil {
		uid = nobody
	}
	return mustValue(user.LookupId(strconv.Itoa(uid))).Username
}

// A file that root copied is root's: it is said whose it is and who runs this, and what is to be typed lets the run go on.
func TestAFileThatRootCopied(t *testing.T) {
	t.Parallel()
	givingFilesAway(t)
	m := newMachine(t, numbered("example.com", 2), numbered("example.net", 2))
	m.withFiles()
	m.asOrdinaryUser()
	for _, c := range []struct {
		name   string
		status int
	}{{"hosts.yaml", statusUsage}, {"hosts.env", statusUsage}, {"example-net", statusNotAsAsked}} {
		path := filepath.Join(m.dir, c.name)
		m.must(os.Chown(path, 0, 0))
		e := m.mustRun(c.status)
		want := "permission denied; it belongs to root, but this runs as " + m.userName() + "; put sudo before the command, or type: " +
			shell.Join("sudo", "chown", m.userName(), path)
		if !strings.Contains(e.stderr, want) {
			m.Errorf("%s: it does not say %q:\n%s", c.name, want, e.stderr)
		}
		m.must(os.Chown(path, nobody, nobody))
	}
	m.must(os.Chown(filepath.Join(m.dir, "hosts.env"), 1, 1))
	other := mustValue(user.LookupId("1")).Username
	want := "it belongs to " + other + ", but this runs as " + m.userName() + "; put this before the command: sudo -u " + other
	if e := m.mustRun(statusUsage); !strings.Contains(e.stderr, want) {
		m.Errorf("it does not say %q:\n%s", want, e.stderr)
	}
	m.must(os.Chown(filepath.Join(m.dir, "hosts.env"), nobody, nobody))
	m.mustRun(statusOK)
	closed := filepath.Join(m.dir, "closed")
	m.must(os.Mkdir(closed, 0o700))
	m.must(os.Rename(filepath.Join(m.dir, "hosts.env"), filepath.Join(closed, "hosts.env")))
	m.secrets = append(m.secrets, filepath.Join(closed, "hosts.env"))
	want = "permission denied; the folder closed belongs to root, and " + m.userName() + " may not enter it: put the file elsewhere"
	p := m.command("--env-file", "closed/hosts.env")
	p.Dir = m.dir
	if e := p.run(); e.status != statusUsage || !strings.Contains(e.stderr, want) {
		m.Errorf("status %d, and it does not say %q:\n%s", e.status, want, e.stderr)
	}
}

func TestAFileOfOnesOwnThatMayNotBeRead(t *testing.T) {
	t.Parallel()
	m := newMachine(t, numbered("example.com", 2), numbered("example.net", 2))
	m.withFiles()
	m.asOrdinaryUser()
	path := filepath.Join(m.dir, "hosts.env")
	m.must(os.Chmod(path, 0o200))
	want := "permission denied; type: chmod u+r " + path
	if e := m.mustRun(statusUsage); !strings.Contains(e.stderr, want) {
		m.Errorf("it does not say %q:\n%s", want, e.stderr)
	}
	m.must(os.Chmod(path, 0o600))
	m.mustRun(statusOK)
}
