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
func (s *site) moveWithoutSpace(shortage func() (enough func())) string {
	s.Helper()
	all := len(s.server.Records())
	for _, name := range s.files() {
		if err := os.Remove(filepath.Join(filepath.Dir(s.state), name)); err != nil {
			s.Fatal(err)
		}
	}
	s.server.SetAddress(homeAddress)
	s.run(statusOK)
	s.right(homeAddress)

	enough := shortage()
	s.server.SetAddress(awayAddress)
	how := s.sentWithoutSpace(s.start().end())
	again := 0
	if how != saved {
		// Nothing is known, so everything is sent in every run.
		again = all
		if n := s.heard(func() { s.sentWithoutSpace(s.start().end()) }); n != all {
			s.Errorf("%s: %d of %d records were sent again while there is no space", how, n, all)
		}
	}
	enough()
	if n := s.heard(func() {
		if e := s.run(statusOK, "-o", "json"); strings.Count(e.stdout, `"reason":"unknown"`) != again {
			s.Errorf("%s: not every record is unknown afterwards:\n%s", how, e.stdout)
		}
	}); n != again {
		s.Errorf("%s: %d instead of %d records were sent again with space", how, n, again)
	}
	s.right(awayAddress)
	s.tidy()
	if n := s.heard(func() { s.run(statusOK) }); n != 0 {
		s.Errorf("%s: %d records were sent again although all were known", how, n)
	}
	return how
}

// sentWithoutSpace fails unless a run sent everything and tells the truth about what it could remember.
func (s *site) sentWithoutSpace(e finished) string {
	s.Helper()
	if n := s.holding(awayAddress); n != len(s.server.Records()) {
		s.Fatalf("%d of %d records were moved:\n%s%s", n, len(s.server.Records()), e.stdout, e.stderr)
	}
	// The note that the state was set aside is no fault here.
	snapshot, _, err := state.Read(s.state)
	if err != nil {
		s.Fatal(err)
	}
	s.compare(claimed(snapshot))
	names := s.files()
	for _, name := range names {
		if !slices.Contains([]string{"last-run.json", "state.json", "state.json.full", "state.json.lock"}, name) {
			s.Errorf("the run left %s", name)
		}
	}
	switch aside := slices.Contains(names, "state.json.full"); {
	case e.status == statusOK && !aside:
		s.right(awayAddress)
		return saved
	case e.status == statusState && strings.Contains(e.stderr, "sent but not remembered") && aside != slices.Contains(names, "state.json"):
		if aside {
			return setAside
		}
		return forgot
	default:
		s.Fatalf("status %d, and in the folder %q:\n%s%s", e.status, names, e.stdout, e.stderr)
		return ""
	}
}
