//go:build unix

package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// cannotSave fails unless doctor calls it a problem that no state can be saved, for this reason, where a run ends with
// status 4; and unless it leaves everything as it was.
func (m *machine) cannotSave(why string) {
	m.Helper()
	before := m.everything()
	e := m.start("doctor", "--sandbox").end()
	if line := lineWith(e.stdout, why); e.status != statusNotAsAsked || !strings.HasPrefix(line, "problem") {
		m.Errorf("status %d, without %q:\n%s%s", e.status, why, e.stdout, e.stderr)
	}
	if after := m.everything(); after != before {
		m.Errorf("there was\n%s\nand is\n%s", before, after)
	}
	if e := m.start("--sandbox", "--force").end(); e.status != statusState {
		m.Errorf("a run ends with status %d\n%s%s", e.status, e.stdout, e.stderr)
	}
}

// canSave fails unless doctor finds nothing wrong, and leaves everything as it was.
func (m *machine) canSave() {
	m.Helper()
	before := m.everything()
	if e := m.mustRun(statusOK, "doctor", "--sandbox"); !strings.HasPrefix(lineWith(e.stdout, "the state can be saved"), "ok ") {
		m.Errorf("it cannot be saved:\n%s", e.stdout)
	}
	if after := m.everything(); after != before {
		m.Errorf("there was\n%s\nand is\n%s", before, after)
	}
}

// lineWith is the first line of text that contains part; empty where none does.
func lineWith(text, part string) string {
	for line := range strings.Lines(text) {
		if strings.Contains(line, part) {
			return line
		}
	}
	return ""
}

// everything lists the files of a machine with their contents, but for ballast, and its folders.
func (m *machine) everything() string {
	m.Helper()
	var all strings.Builder
	m.must(filepath.WalkDir(m.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || strings.HasPrefix(d.Name(), ballast) {
			return err
		}
		all.WriteString(path + " " + d.Type().String() + "\n")
		if d.Type().IsRegular() {
			all.WriteString(m.content(path))
		}
		return nil
	}))
	return all.String()
}

func TestDoctorWhereTheStateMayNotBeWritten(t *testing.T) {
	t.Parallel()
	m := newMachine(t, numbered("example.com", 3))
	home := filepath.Join(m.dir, "home")
	m.must(os.Mkdir(home, 0o700))
	m.env["HOME"] = home
	m.settings["state"] = "home/state/state.json"
	m.configure(nil)
	m.asOrdinaryUser()
	folder := filepath.Join(home, "state")
	state := filepath.Join(folder, "state.sandbox.json")
	lock := func(dir string) (unlock func()) {
		m.must(os.Chmod(dir, 0o500))
		return func() { m.must(os.Chmod(dir, 0o700)) }
	}

	m.canSave()
	unlock := lock(home)
	m.cannotSave("cannot make the folder " + folder + ": permission denied; ")
	unlock()

	m.must(os.WriteFile(folder, nil, 0o600))
	m.cannotSave(state + ": not a directory")
	m.must(os.Remove(folder))

	m.mustRun(statusOK, "--sandbox")
	m.canSave()
	unlock = lock(folder)
	m.cannotSave(state + ": permission denied; allow this user to write in " + folder)
	unlock()
	m.canSave()

	m.configure(map[string]string{"state": ""})
	unlock = lock(home)
	m.cannotSave("cannot make the folder " + filepath.Join(home, ".local") + ": permission denied; ")
	unlock()
	m.canSave()
}
