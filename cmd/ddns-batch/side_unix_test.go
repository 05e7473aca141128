//go:build unix

package main

import (
	"os"
	"path/filepath"
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
func (m *machine) sideMatters(dir string) []sideMatter {
	path := func(name string) string { return filepath.Join(dir, name) }
	return []sideMatter{
		{"the log", "cannot write the log", "the log ", path("run.log"), []string{"--log-file", path("run.log")}},
		{"the file with the address", "cannot write the --ip-file", "the --ip-file ", path("ip"), []string{"--ip-file", path("ip")}},
		{"the page", "cannot write the report_file", "the report_file ", path("ddns.html"), nil},
		{"the status", "cannot write the status_file", "the status_file ", path("status.json"), nil},
		{"the metrics", "cannot write the metrics_file", "the metrics_file ", path("ddns.prom"), nil},
	}
}

// settingsOf are those of hosts.yaml that ask for side matters.
func settingsOf(matters ...sideMatter) map[string]string {
	settings := map[string]string{}
	for _, file := range matters {
		if file.args == nil {
			settings[strings.Fields(file.name)[1]] = file.path
		}
	}
	return settings
}

// obstacle is why a side matter is not to be had. It returns what takes it away again.
type sideObstacle struct {
	name    string
	arrange func(m *machine, path string) (mend func())
}

var sideObstacles = []sideObstacle{
	{"its folder is not there", func(m *machine, path string) func() {
		return func() { m.must(os.Mkdir(filepath.Dir(path), 0o777)); m.must(os.Chmod(filepath.Dir(path), 0o777)) }
	}},
	{"a folder is in its place", func(m *machine, path string) func() {
		m.must(os.MkdirAll(path, 0o777))
		m.must(os.Chmod(filepath.Dir(path), 0o777))
		return func() { m.must(os.Remove(path)) }
	}},
	{"its folder may only be read", func(m *machine, path string) func() {
		m.asOrdinaryUser()
		dir := filepath.Dir(path)
		m.must(os.Mkdir(dir, 0o555))
		return func() { m.must(os.Chmod(dir, 0o777)) }
	}},
	{"nobody reads the pipe in its place", func(m *machine, path string) func() {
		m.must(os.MkdirAll(filepath.Dir(path), 0o777))
		m.must(os.Chmod(filepath.Dir(path), 0o777))
		m.must(syscall.Mkfifo(path, 0o666))
		return func() { m.must(os.Remove(path)) }
	}},
	{"its disk is full", func(m *machine, path string) func() {
		m.must(os.MkdirAll(filepath.Dir(path), 0o777))
		m.must(os.Chmod(filepath.Dir(path), 0o777))
		m.must(os.Symlink("/dev/full", path))
		return func() { m.must(os.Remove(path)) }
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
		for i, kind := range (&machine{}).sideMatters("") {
			t.Run(kind.kind+": "+o.name, func(t *testing.T) {
				t.Parallel()
				m := newMachine(t, numbered("example.com", 2))
				file := m.sideMatters(filepath.Join(m.dir, "aside"))[i]
				m.configure(settingsOf(file))
				mend := o.arrange(m, file.path)
				m.copeWithout(file, mend)
			})
		}
	}
}

func (m *machine) copeWithout(file sideMatter, mend func()) {
	m.Helper()
	warning := "ddns-batch: warning: " + file.fault + ": " + file.path + ": "
	quiet := func(clock string, status int, args ...string) string {
		m.Helper()
		e := m.at(clock, append(append([]string{"-q"}, file.args...), args...)...)
		if e.status != status || e.stderr != "" {
			m.Errorf("a quiet run at %s ends with status %d\n%s%s", clock, e.status, e.stdout, e.stderr)
		}
		return e.stdout
	}
	said := func(what, out, want string) {
		m.Helper()
		if !strings.HasPrefix(out, want) || strings.Count(out, "\n") != min(1, len(want)) {
			m.Errorf("%s: said %q, not %q", what, out, want)
		}
	}
	e := m.at("0s", file.args...)
	if e.status != statusOK || !strings.HasPrefix(e.stderr, warning) || strings.Count(e.stderr, "\n") != 1 {
		m.Errorf("the first run ends with status %d\n%s%s", e.status, e.stdout, e.stderr)
	}
	m.confirmed(homeAddress)
	said("an hour later", quiet("1h", statusOK), "nas: "+file.fault+" since ")
	said("two hours later", quiet("2h", statusOK), "")
	if e := m.at("2h", append([]string{"--ip", "192.168.1.1"}, file.args...)...); e.status != statusNoAddress {
		m.Errorf("with an address that is none it ends with status %d\n%s%s", e.status, e.stdout, e.stderr)
	}
	m.server.SetAddress(awayAddress)
	said("when the address changes", quiet("3h", statusOK), "nas: example.com and h1.example.com moved from ")
	m.confirmed(awayAddress)
	said("a day later", quiet("25h", statusOK), "nas: "+file.fault+" since ")
	mend()
	said("once it works again", quiet("26h", statusOK), "nas: "+file.name+file.path+": working again\n")
	said("after that", quiet("27h", statusOK), "")
	if info, err := os.Stat(file.path); err != nil || info.Size() == 0 {
		m.Errorf("it was not written: %v", err)
	}
}

// How a run ended cannot be recorded, which nobody but its state's folder is to blame for.
func TestANoteOfTheLastRunThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	m := newMachine(t, numbered("example.com", 2))
	note := filepath.Join(filepath.Dir(m.state), "last-run.json")
	m.must(os.MkdirAll(note, 0o700))
	const fault = "cannot record how this run ended"
	if e := m.at("0s"); e.status != statusOK || !strings.HasPrefix(e.stderr, "ddns-batch: warning: "+fault) {
		t.Errorf("status %d\n%s", e.status, e.stderr)
	}
	for _, c := range []struct{ clock, said string }{{"1h", "nas: " + fault + " since "}, {"2h", ""}, {"24h30m", ""}, {"25h", "nas: " + fault + " since "}} {
		if e := m.at(c.clock, "-q"); e.status != statusOK || e.stderr != "" || !strings.HasPrefix(e.stdout, c.said) || e.stdout != "" && c.said == "" {
			t.Errorf("at %s: status %d, said %q %q", c.clock, e.status, e.stdout, e.stderr)
		}
	}
	m.must(os.Remove(note))
	if e := m.at("26h", "-q"); e.status != statusOK || e.stdout != "nas: last-run.json: working again\n" {
		t.Errorf("status %d, said %q %q", e.status, e.stdout, e.stderr)
	}
}

// A name that is none is a mistake on the command line, not something that passes.
func TestSideMattersWithoutAName(t *testing.T) {
	t.Parallel()
	m := newMachine(t, numbered("example.com", 2))
	for _, flag := range []string{"--log-file", "--ip-file"} {
		m.sent(0, statusUsage, flag+" is empty", flag, "")
	}
}

// What keeps a run from writing a file is what validate says, before any run, and it leaves everything as it was.
func TestValidateNamesFilesThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	for _, o := range sideObstacles[:3] {
		for _, file := range (&machine{}).sideMatters("")[2:] {
			t.Run(file.kind+": "+o.name, func(t *testing.T) {
				t.Parallel()
				m := newMachine(t, numbered("example.com", 2))
				file.path = filepath.Join(m.dir, "aside", filepath.Base(file.path))
				m.configure(settingsOf(file))
				mend := o.arrange(m, file.path)
				m.mustRun(statusOK)
				before := m.everything()
				said := lineWith(m.mustRun(statusOK, "validate").stdout, file.fault)
				if after := m.everything(); after != before {
					t.Errorf("there was\n%s\nand is\n%s", before, after)
				}
				if run := m.mustRun(statusOK).stderr; said == "" || run != "ddns-batch: "+said {
					t.Errorf("validate says %q, and a run %q", said, run)
				}
				mend()
				if said := m.mustRun(statusOK, "validate").stdout; strings.Contains(said, file.fault) {
					t.Errorf("once it works again, validate says\n%s", said)
				}
				if run := m.mustRun(statusOK); run.stderr != "" {
					t.Errorf("once it works again, a run says\n%s", run.stderr)
				}
			})
		}
	}
}

// In a folder such as /tmp nobody replaces a file that belongs to somebody else.
func TestValidateNamesFilesOfOthersInASharedFolder(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root can be somebody else")
	}
	m := newMachine(t, numbered("example.com", 2))
	m.configure(map[string]string{"status_file": "shared/status.json"})
	m.asOrdinaryUser()
	shared := filepath.Join(m.dir, "shared")
	m.must(os.Mkdir(shared, 0o777))
	m.must(os.Chmod(shared, 0o777|os.ModeSticky))
	m.must(os.WriteFile(filepath.Join(shared, "status.json"), nil, 0o644))
	const fault = "warning: cannot write the status_file: "
	said := lineWith(m.mustRun(statusOK, "validate").stdout, fault)
	if run := m.mustRun(statusOK).stderr; said == "" || run != "ddns-batch: "+said {
		t.Errorf("validate says %q, and a run %q", said, run)
	}
}
