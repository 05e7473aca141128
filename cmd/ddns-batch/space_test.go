package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"ddns-batch/internal/state"
)

// What becomes of the state in a run that finds too little space.
const (
	setAside = "set aside"       // nothing could be saved
	forgot   = "only forgotten"  // the first save succeeded, the last did not
	saved    = "saved after all" // the last one did
)

// moveWithoutSpace lets the address change while there is a shortage of space, and says what became of the state. Then
// there is enough again.
func (m *machine) moveWithoutSpace(shortage func() (enough func())) string {
	m.Helper()
	all := len(m.server.Records())
	for _, name := range m.besideState() {
		if err := os.Remove(filepath.Join(filepath.Dir(m.state), name)); err != nil {
			m.Fatal(err)
		}
	}
	m.server.SetAddress(homeAddress)
	m.mustRun(statusOK)
	m.confirmed(homeAddress)

	enough := shortage()
	m.server.SetAddress(awayAddress)
	how := m.sentWithoutSpace(m.start().end())
	again := 0
	if how != saved {
		// Nothing is known, so everything is sent in every run.
		again = all
		if n := m.updatesDuring(func() { m.sentWithoutSpace(m.start().end()) }); n != all {
			m.Errorf("%s: %d of %d records were sent again while there is no space", how, n, all)
		}
	}
	enough()
	if n := m.updatesDuring(func() {
		if e := m.mustRun(statusOK, "-o", "json"); strings.Count(e.stdout, `"reason":"unknown"`) != again {
			m.Errorf("%s: not every record is unknown afterwards:\n%s", how, e.stdout)
		}
	}); n != again {
		m.Errorf("%s: %d instead of %d records were sent again with space", how, n, again)
	}
	m.confirmed(awayAddress)
	m.checkStateFolder()
	if n := m.updatesDuring(func() { m.mustRun(statusOK) }); n != 0 {
		m.Errorf("%s: %d records were sent again although all were known", how, n)
	}
	return how
}

// sentWithoutSpace fails unless a run sent everything and tells the truth about what it could remember.
func (m *machine) sentWithoutSpace(e finished) string {
	m.Helper()
	if n := m.atAddress(awayAddress); n != len(m.server.Records()) {
		m.Fatalf("%d of %d records were moved:\n%s%s", n, len(m.server.Records()), e.stdout, e.stderr)
	}
	// The note that the state was set aside is no fault here.
	snapshot, _, err := state.Read(m.state)
	if err != nil {
		m.Fatal(err)
	}
	m.honest(snapshot)
	names := m.besideState()
	for _, name := range names {
		if !slices.Contains([]string{"last-run.json", "state.json", "state.json.full", "state.json.lock"}, name) {
			m.Errorf("the run left %s", name)
		}
	}
	switch aside := slices.Contains(names, "state.json.full"); {
	case e.status == statusOK && !aside:
		m.confirmed(awayAddress)
		return saved
	case e.status == statusState && strings.Contains(e.stderr, "sent but not remembered") && aside != slices.Contains(names, "state.json"):
		if aside {
			return setAside
		}
		return forgot
	default:
		m.Fatalf("status %d, and in the folder %q:\n%s%s", e.status, names, e.stdout, e.stderr)
		return ""
	}
}
