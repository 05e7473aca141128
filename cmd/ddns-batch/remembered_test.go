package main

import (
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"ddns-batch/internal/record"
	"ddns-batch/internal/state"
)

// awaitIdle waits until no update is under way: what a killed run has sent may be answered after its end.
func (m *machine) awaitIdle() {
	m.Helper()
	m.await("the connections of a killed run to end", func() bool { return m.server.Open() == 0 })
}

// await waits for something in another process: there is nothing here to be woken by.
func (m *machine) await(what string, done func() bool) {
	m.Helper()
	for end := time.Now().Add(time.Minute); !done(); time.Sleep(200 * time.Microsecond) {
		if time.Now().After(end) {
			m.Fatalf("waited a minute for %s", what)
		}
	}
}

// snapshot is what the state says.
func (m *machine) snapshot() state.Snapshot {
	m.Helper()
	snapshot, notes, err := state.Read(m.state)
	if err != nil || len(notes) > 0 {
		m.Fatalf("the state cannot be read: %v %q", err, notes)
	}
	return snapshot
}

// claimed is what a state says the records hold.
func claimed(snapshot state.Snapshot) map[record.Name]netip.Addr {
	claims := map[record.Name]netip.Addr{}
	for _, r := range snapshot.Records {
		if r.IP.IsValid() {
			claims[r.Name()] = r.IP
		}
	}
	return claims
}

// honest fails if a state says of a record that it holds what it does not hold.
func (m *machine) honest(snapshot state.Snapshot) {
	m.Helper()
	held := m.server.Records()
	for name, said := range claimed(snapshot) {
		if held[name] != said {
			m.Fatalf("the state says that %s holds %s, but it holds %s", name, said, held[name])
		}
	}
}

// published fails unless all records are published at an address, except these.
func (m *machine) published(a netip.Addr, except ...string) {
	m.Helper()
	for name, held := range m.server.Records() {
		if held != a && !slices.Contains(except, name.String()) {
			m.Errorf("%s is at %v, not at %s", name, held, a)
		}
	}
}

// confirmed fails unless all records are published at an address, and the state says so.
func (m *machine) confirmed(a netip.Addr) {
	m.Helper()
	claims := claimed(m.snapshot())
	for name, held := range m.server.Records() {
		if held != a || claims[name] != a {
			m.Fatalf("%s holds %s, and %s according to the state, instead of %s", name, held, claims[name], a)
		}
	}
}

// besideState lists what lies in the state's folder, but for ballast.
func (m *machine) besideState() []string {
	m.Helper()
	var names []string
	for _, e := range mustValue(os.ReadDir(filepath.Dir(m.state))) {
		if !strings.HasPrefix(e.Name(), ballast) {
			names = append(names, e.Name())
		}
	}
	return names
}

// ballast begins the names of files with which a test makes a disk full.
const ballast = "ballast"

// checkStateFolder fails unless the state's folder holds what a run leaves behind, and nothing else.
func (m *machine) checkStateFolder() {
	m.Helper()
	if names := m.besideState(); !slices.Equal(names, []string{"last-run.json", "state.json", "state.json.lock"}) {
		m.Fatalf("in the folder of the state: %q", names)
	}
}
