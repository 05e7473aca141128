//go:build unix

package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// sideMatter is a file that a run writes besides its state, and that may not be to be had.
type sideMatter struct {
	kind string
	// What a warning begins with, and what a quiet run calls it when it works again.
	fault, name string
	path        string
	args        []string
}

// sideMatters are all kinds of them, below dir.
func (s *site) sideMatters(dir string) []sideMatter {
	path := func(name string) string { return filepath.Join(dir, name) }
	return []sideMatter{
		{"the log", "cannot write the log", "the log ", path("run.log"), []string{"--log-file", path("run.log")}},
		{"the file with the address", "cannot write the --ip-file", "the --ip-file ", path("ip"), []string{"--ip-file", path("ip")}},
		{"the page", "cannot write the report_file", "the report_file ", path("ddns.html"), nil},
		{"the status", "cannot write the status_file", "the status_file ", path("status.json"), nil},
		{"the metrics", "cannot write the metrics_file", "the metrics_file ", path("ddns.prom"), nil},
	}
}

// obstacle is why a side matter is not to be had. It returns what takes it away again.
type sideObstacle struct {
	name    string
	arrange func(s *site, path string) (mend func())
}

var sideObstacles = []sideObstacle{
	{"its folder is not there", func(s *site, path string) func() {
		return func() { s.do(os.Mkdir(filepath.Dir(path), 0o777)); s.do(os.Chmod(filepath.Dir(path), 0o777)) }
	}},
	{"a folder is in its place", func(s *site, path string) func() {
		s.do(os.MkdirAll(path, 0o777))
		s.do(os.Chmod(filepath.Dir(path), 0o777))
		return func() { s.do(os.Remove(path)) }
	}},
	{"its folder may only be read", func(s *site, path string) func() {
		s.asOrdinaryUser()
		dir := filepath.Dir(path)
		s.do(os.Mkdir(dir, 0o555))
		return func() { s.do(os.Chmod(dir, 0o777)) }
	}},
	{"nobody reads the pipe in its place", func(s *site, path string) func() {
		s.do(os.MkdirAll(filepath.Dir(path), 0o777))
		s.do(os.Chmod(filepath.Dir(path), 0o777))
		s.do(syscall.Mkfifo(path, 0o666))
		return func() { s.do(os.Remove(path)) }
	}},
	{"its disk is full", func(s *site, path string) func() {
		s.do(os.MkdirAll(filepath.Dir(path), 0o777))
		s.do(os.Chmod(filepath.Dir(path), 0o777))
		s.do(os.Symlink("/dev/full", path))
		return func() { s.do(os.Remove(path)) }
	}},
}

// Whatever is not to be had besides the state, the run does what it is for and ends with the status that it has anyway.
// That is a warning, and what a quiet run says of it is said once a day; so is its end.
func TestASideMatterThatIsNotToBeHad(t *testing.T) {
	t.Parallel()
	for _, o := range sideObstacles {
		if _, err := os.Stat("/dev/full"); err != nil && o.name == "its disk is full" {
			continue
		}
		for i, kind := range (&site{}).sideMatters("") {
			t.Run(kind.kind+": "+o.name, func(t *testing.T) {
				t.Parallel()
				s := newSite(t, t.TempDir(), 0, zone{"example.com", 2})
				m := s.sideMatters(filepath.Join(s.dir, "aside"))[i]
				if m.args == nil {
					s.write("hosts.yaml", hostsFile(zone{"example.com", 2})+
						strings.Fields(m.name)[1]+": aside/"+filepath.Base(m.path)+"\n")
				}
				mend := o.arrange(s, m.path)
				s.copeWithout(m, mend)
			})
		}
	}
}

func (s *site) copeWithout(m sideMatter, mend func()) {
	s.Helper()
	warning := "ddns-batch: warning: " + m.fault + ": " + m.path + ": "
	quiet := func(clock string, status int, args ...string) string {
		s.Helper()
		e := s.at(clock, append(append([]string{"-q"}, m.args...), args...)...)
		if e.status != status || e.stderr != "" {
			s.Errorf("a quiet run at %s ends with status %d\n%s%s", clock, e.status, e.stdout, e.stderr)
		}
		return e.stdout
	}
	said := func(what, out, want string) {
		s.Helper()
		if !strings.HasPrefix(out, want) || strings.Count(out, "\n") != min(1, len(want)) {
			s.Errorf("%s: said %q, not %q", what, out, want)
		}
	}
	e := s.at("0s", m.args...)
	if e.status != statusOK || !strings.HasPrefix(e.stderr, warning) || strings.Count(e.stderr, "\n") != 1 {
		s.Errorf("the first run ends with status %d\n%s%s", e.status, e.stdout, e.stderr)
	}
	s.right(homeAddress)
	said("an hour later", quiet("1h", statusOK), "nas: "+m.fault+" since ")
	said("two hours later", quiet("2h", statusOK), "")
	if e := s.at("2h", append([]string{"--ip", "192.168.1.1"}, m.args...)...); e.status != statusNoAddress {
		s.Errorf("with an address that is none it ends with status %d\n%s%s", e.status, e.stdout, e.stderr)
	}
	s.server.SetAddress(awayAddress)
	said("when the address changes", quiet("3h", statusOK), "nas: example.com and h1.example.com moved from ")
	s.right(awayAddress)
	said("a day later", quiet("25h", statusOK), "nas: "+m.fault+" since ")
	mend()
	said("once it works again", quiet("26h", statusOK), "nas: "+m.name+m.path+": working again\n")
	said("after that", quiet("27h", statusOK), "")
	if info, err := os.Stat(m.path); err != nil || info.Size() == 0 {
		s.Errorf("it was not written: %v", err)
	}
}

// at is a run by a clock that is off by a duration.
func (s *site) at(clock string, args ...string) finished {
	s.Helper()
	p := s.command(args...)
	p.Env = append(slices.Clip(p.Env), clockVariable+"="+clock)
	return p.start().end()
}

// How a run ended cannot be recorded, which nobody but its state's folder is to blame for.
func TestANoteOfTheLastRunThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	s := newSite(t, t.TempDir(), 0, zone{"example.com", 2})
	note := filepath.Join(filepath.Dir(s.state), "last-run.json")
	s.do(os.MkdirAll(note, 0o700))
	const fault = "cannot record how this run ended"
	if e := s.at("0s"); e.status != statusOK || !strings.HasPrefix(e.stderr, "ddns-batch: warning: "+fault) {
		t.Errorf("status %d\n%s", e.status, e.stderr)
	}
	for _, c := range []struct{ clock, said string }{{"1h", "nas: " + fault + " since "}, {"2h", ""}, {"24h30m", ""}, {"25h", "nas: " + fault + " since "}} {
		if e := s.at(c.clock, "-q"); e.status != statusOK || e.stderr != "" || !strings.HasPrefix(e.stdout, c.said) || e.stdout != "" && c.said == "" {
			t.Errorf("at %s: status %d, said %q %q", c.clock, e.status, e.stdout, e.stderr)
		}
	}
	s.do(os.Remove(note))
	if e := s.at("26h", "-q"); e.status != statusOK || e.stdout != "nas: the note of how a run ended: working again\n" {
		t.Errorf("status %d, said %q %q", e.status, e.stdout, e.stderr)
	}
}

// A name that is none is a mistake on the command line, not something that passes.
func TestSideMattersWithoutAName(t *testing.T) {
	t.Parallel()
	s := newSite(t, t.TempDir(), 0, zone{"example.com", 2})
	for _, flag := range []string{"--log-file", "--ip-file"} {
		s.sent(0, statusUsage, flag+" is empty", flag, "")
	}
}
