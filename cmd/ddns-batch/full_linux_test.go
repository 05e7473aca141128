package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"

	"ddns-batch/internal/provider/namecheap/sandbox"
	"ddns-batch/internal/record"
	"ddns-batch/internal/state"
)

// A full disk keeps no record from being sent, wherever in a save it is met, and what can be remembered then is true.
// Once there is room again, the next run puts everything right.
func TestAFullDisk(t *testing.T) {
	t.Parallel()
	m := onSmallDisk(t, numbered("example.com", 30), numbered("example.net", 30))
	if m == nil {
		return
	}
	seen := map[string]int{}
	for pages := 0; seen[saved] == 0; pages += 1 + pages/4 {
		seen[m.moveWithoutSpace(func() func() { return m.fill(pages) })]++
	}
	if how := m.moveWithoutSpace(m.exhaustNames); how != setAside {
		t.Errorf("without a name for another file: %s", how)
	}
	t.Logf("%v", seen)
	if seen[setAside] == 0 {
		t.Error("there was room every time")
	}
}

// What can be saved after all, when the run ends, is remembered as if nothing had been.
func TestADiskThatIsFullOnlyForAWhile(t *testing.T) {
	t.Parallel()
	m := onSmallDisk(t, numbered("example.com", 3))
	if m == nil {
		return
	}
	m.configure(map[string]string{"request_timeout": "500ms"})
	m.mustRun(statusOK)
	slow := record.Name{Host: "h2", Domain: "example.com"}
	m.server.SetFault(slow, sandbox.Hang)
	m.server.SetAddress(awayAddress)
	enough := m.fill(0)
	run := m.start()
	m.await("all updates", func() bool { return len(m.server.Heard()) >= 6 })
	if names := m.besideState(); !slices.Contains(names, "state.json.full") || slices.Contains(names, "state.json") {
		t.Errorf("during the run: %q", names)
	}
	enough()
	m.server.ClearFault(slow)
	if e := run.end(); e.status != statusOK {
		t.Errorf("status %d\n%s%s", e.status, e.stdout, e.stderr)
	}
	m.confirmed(awayAddress)
	m.checkStateFolder()
}

// onSmallDisk is a machine whose state lies on a disk of 256 KiB; nil if this is not the process for it.
func onSmallDisk(t *testing.T, zones ...zone) *machine {
	t.Helper()
	if !mounting(t) {
		return nil
	}
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "state"), 0o700); err != nil {
		t.Fatal(err)
	}
	mount(t, "tmpfs", filepath.Join(dir, "state"), "tmpfs", 0, "size=256k,nr_inodes=16,mode=700")
	return setup{dir: dir}.machine(t, zones...)
}

// A page that cannot be written is to be remembered, too, but not by bringing back what was known before the updates.
func TestAFullDiskAndASideMatterClaimNothing(t *testing.T) {
	if !mounting(t) {
		return
	}
	for spare := 1; spare < 4; spare++ {
		z := numbered("example.com", 8)
		m := onSmallDisk(t, z)
		m.mustRun(statusOK)
		m.configure(map[string]string{"report_file": "nowhere/ddns.html"})
		enough := m.fill(spare)
		m.server.SetAddress(awayAddress)
		_ = m.start().end()
		enough()
		known, _, err := state.Read(m.state)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range known.Records {
			if r.IP == homeAddress {
				t.Errorf("with %d free pages %s is claimed to hold the address from before the update", spare, r.Name())
			}
		}
	}
}

// fill takes all space but so many pages, until enough is called.
func (m *machine) fill(pages int) (enough func()) {
	m.Helper()
	path := filepath.Join(filepath.Dir(m.state), ballast)
	f := mustValue(os.Create(path))
	defer f.Close()
	page := make([]byte, os.Getpagesize())
	size := int64(0)
	for {
		_, err := f.Write(page)
		if errors.Is(err, syscall.ENOSPC) {
			break
		}
		if err != nil {
			m.Fatal(err)
		}
		size += int64(len(page))
	}
	if err := f.Truncate(size - int64(pages*len(page))); err != nil {
		m.Fatal(err)
	}
	return func() { _ = os.Remove(path) }
}

// exhaustNames makes files until there can be no further one, until enough is called.
func (m *machine) exhaustNames() (enough func()) {
	m.Helper()
	var made []string
	for {
		path := filepath.Join(filepath.Dir(m.state), fmt.Sprint(ballast, len(made)))
		f, err := os.Create(path)
		if errors.Is(err, syscall.ENOSPC) {
			return func() {
				for _, path := range made {
					_ = os.Remove(path)
				}
			}
		}
		if err != nil {
			m.Fatal(err)
		}
		made = append(made, path)
		f.Close()
	}
}
