package run

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ddns-batch/internal/exitstatus"
	"ddns-batch/internal/notices"
	"ddns-batch/internal/report"
)

func failing(Aftermath) error { return errors.New("no space left") }

// A file for others that cannot be written changes no status. A quiet run reports it once, and its end.
func TestASideFileThatCannotBeWritten(t *testing.T) {
	m := newMachine(t)
	m.run(m.job())
	j := m.quiet()
	var seen report.Status
	page := File{Kind: "the report_file", Path: "page.html", Write: func(a Aftermath) error {
		seen = a.Records
		return failing(a)
	}}
	j.Files = []File{page}
	j.Log = func() notices.SideMatter { return notices.FileMatter("the log", "run.log", errors.New("no reader")) }
	const fault, log = "nas: cannot write the report_file: page.html: no space left", "nas: cannot write the log: run.log: no reader"
	r := m.run(j)
	if r.ExitStatus != exitstatus.OK || r.Failure != nil || len(seen.Records) != 2 || seen.LastRun.Status != 0 || !seen.LastRun.EndedAt.Equal(m.time) {
		t.Errorf("status %d, %+v, %+v", r.ExitStatus, r.Failure, seen)
	}
	want(t, "lines", r.Lines, fault, log)
	if len(m.ended.Side) != 2 || m.ended.Side[1].Cause == "" {
		t.Errorf("the log was not told: %+v", m.ended.Side)
	}

	r = m.run(j)
	want(t, "lines of the next run", r.Lines)
	m.address, m.answer = newAddress, gitRefused
	if r = m.run(j); r.ExitStatus != exitstatus.NotAsAsked {
		t.Errorf("status %d", r.ExitStatus)
	}
	if all := strings.Join(r.Lines, "\n"); strings.Contains(all, fault) {
		t.Errorf("again: %s", all)
	}
	j.Files = []File{{Kind: page.Kind, Path: page.Path, Write: func(Aftermath) error { return nil }}}
	r = m.run(j)
	want(t, "lines once it can be written", r.Lines, "nas: the report_file page.html: working again")
}

// A file that needs an address is left alone where there is none; the others are written.
func TestFilesOfARunWithoutAnAddress(t *testing.T) {
	m := newMachine(t)
	m.run(m.job())
	m.address = "192.168.1.2"
	var written []string
	j := m.job()
	for _, kind := range []string{"page", "address"} {
		j.Files = append(j.Files, File{Kind: kind, NeedsAddress: kind == "address", Write: func(Aftermath) error {
			written = append(written, kind)
			return nil
		}})
	}
	r := m.run(j)
	if r.ExitStatus != exitstatus.NoAddress || r.Planned {
		t.Errorf("status %d, %+v", r.ExitStatus, r.Failure)
	}
	want(t, "written", written, "page")
	want(t, "state", m.holds(), oldAddress, oldAddress)
}

// The note of how a run ended is a side matter too.
func TestANoteOfTheEndThatCannotBeWritten(t *testing.T) {
	m := newMachine(t)
	m.run(m.job())
	if err := os.MkdirAll(filepath.Join(m.dir, "last-run.json.tmp", "something"), 0o755); err != nil {
		t.Fatal(err)
	}
	r := m.run(m.quiet())
	if r.ExitStatus != exitstatus.OK || len(r.Lines) != 1 || !strings.HasPrefix(r.Lines[0], "nas: "+notWrittenDown+": ") {
		t.Errorf("status %d, %q", r.ExitStatus, r.Lines)
	}
}

// What was reported counts as reported, unless it is taken back. What another run saved meanwhile stays.
func TestTakeBack(t *testing.T) {
	const report = "nas: git.example.com failed"
	for _, c := range []struct {
		name     string
		takeBack bool
	}{{"the lines were read", false}, {"the lines were not read", true}} {
		t.Run(c.name, func(t *testing.T) {
			m := newMachine(t)
			m.run(m.job())
			m.address, m.answer = newAddress, gitRefused
			j := m.quiet()
			j.Files = []File{{Kind: "the report_file", Path: "page.html", Write: failing}}
			r := m.run(j)
			if all := strings.Join(r.Lines, "\n"); !strings.Contains(all, report) || !strings.Contains(all, "page.html") {
				t.Fatalf("%q", r.Lines)
			}
			if c.takeBack {
				j.TakeBack(r)
				if !m.lockFree() {
					t.Error("the lock is held")
				}
			}
			r = m.run(j)
			all := strings.Join(r.Lines, "\n")
			// The trouble began in the run before.
			if again := strings.Contains(all, "git.example.com failing since 03:10"); again != c.takeBack {
				t.Errorf("%q", r.Lines)
			}
			if again := strings.Contains(all, "page.html"); again != c.takeBack {
				t.Errorf("%q", r.Lines)
			}
		})
	}
}

// Where nothing was reported there is nothing to take back, and no lock is taken for it.
func TestTakeBackOfARunThatDidNotBegin(t *testing.T) {
	m := newMachine(t)
	j := m.quiet()
	m.start(time.Minute)
	j.TakeBack(Failed(&Failure{Status: exitstatus.Usage}, j))
	if files, err := os.ReadDir(m.dir); err != nil || len(files) > 0 || m.events != nil {
		t.Errorf("it made %s, %v, %q", files, err, m.events)
	}
}
