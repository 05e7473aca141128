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

// withFiles moves the passwords of a site out of its environment: the first into an env file, the second into a file of
// its own.
func (s *site) withFiles() {
	s.Helper()
	var rest []string
	for _, v := range s.env {
		if name, _, _ := strings.Cut(v, "="); !strings.HasSuffix(name, "_PASSWORD") {
			rest = append(rest, v)
		}
	}
	s.env = rest
	variable := passwordVariable("example.com")
	s.write("hosts.env", variable+"="+s.passwords[variable]+"\n")
	s.write("example-net", s.passwords[passwordVariable("example.net")]+"\n")
	yaml := strings.Replace(s.content(filepath.Join(s.dir, "hosts.yaml")), "password_env: "+passwordVariable("example.net"), "password_file: example-net", 1)
	s.write("hosts.yaml", yaml+"env_file: hosts.env\n")
	s.secrets = append(s.secrets, filepath.Join(s.dir, "hosts.env"), filepath.Join(s.dir, "example-net"))
}

// userName is that of the ordinary user as whom a site's program runs.
func (s *site) userName() string {
	uid := os.Getuid()
	if s.attributes != nil {
		uid = nobody
	}
	return mustValue(user.LookupId(strconv.Itoa(uid))).Username
}

// A file that root copied is root's: it is said whose it is and who runs this, and what is to be typed lets the run go on.
func TestAFileThatRootCopied(t *testing.T) {
	t.Parallel()
	givingFilesAway(t)
	s := newSite(t, t.TempDir(), 0, zone{"example.com", 2}, zone{"example.net", 2})
	s.withFiles()
	s.asOrdinaryUser()
	for _, c := range []struct {
		name   string
		status int
	}{{"hosts.yaml", statusUsage}, {"hosts.env", statusUsage}, {"example-net", statusNotAsAsked}} {
		path := filepath.Join(s.dir, c.name)
		s.do(os.Chown(path, 0, 0))
		e := s.run(c.status)
		want := "permission denied; it belongs to root, and " + s.userName() + " runs this; put sudo before the command, or type: " +
			shell.Join("sudo", "chown", s.userName(), path)
		if !strings.Contains(e.stderr, want) {
			s.Errorf("%s: it does not say %q:\n%s", c.name, want, e.stderr)
		}
		s.do(os.Chown(path, nobody, nobody))
	}
	s.do(os.Chown(filepath.Join(s.dir, "hosts.env"), 1, 1))
	other := mustValue(user.LookupId("1")).Username
	want := "it belongs to " + other + ", and " + s.userName() + " runs this; put sudo -u " + other + " before the command"
	if e := s.run(statusUsage); !strings.Contains(e.stderr, want) {
		s.Errorf("it does not say %q:\n%s", want, e.stderr)
	}
	s.do(os.Chown(filepath.Join(s.dir, "hosts.env"), nobody, nobody))
	s.run(statusOK)
	closed := filepath.Join(s.dir, "closed")
	s.do(os.Mkdir(closed, 0o700))
	s.do(os.Rename(filepath.Join(s.dir, "hosts.env"), filepath.Join(closed, "hosts.env")))
	s.secrets = append(s.secrets, filepath.Join(closed, "hosts.env"))
	want = "permission denied; the folder closed belongs to root and keeps " + s.userName() + ", who runs this, out: put the file elsewhere"
	if e := s.run(statusUsage, "--env-file", "closed/hosts.env"); !strings.Contains(e.stderr, want) {
		s.Errorf("it does not say %q:\n%s", want, e.stderr)
	}
}

func TestAFileOfOnesOwnThatMayNotBeRead(t *testing.T) {
	t.Parallel()
	s := newSite(t, t.TempDir(), 0, zone{"example.com", 2}, zone{"example.net", 2})
	s.withFiles()
	s.asOrdinaryUser()
	path := filepath.Join(s.dir, "hosts.env")
	s.do(os.Chmod(path, 0o200))
	want := "permission denied; type: chmod u+r " + path
	if e := s.run(statusUsage); !strings.Contains(e.stderr, want) {
		s.Errorf("it does not say %q:\n%s", want, e.stderr)
	}
	s.do(os.Chmod(path, 0o600))
	s.run(statusOK)
}
