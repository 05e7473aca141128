package main

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestSoakWatchKeepsItsMemory makes run after run, which find nothing to do, send, or fail, in one process.
func TestSoakWatchKeepsItsMemory(t *testing.T) {
	t.Parallel()
	m := twoDomains(t, hostsUpTo(20)[1:]...)
	m.be("www.example.net", func(conn net.Conn, _ *http.Request, _ string) { _ = conn.Close() })
	w := m.watch()
	w.late.Stop() // it may take as long as it likes
	m.await("the first run", func() bool { return !m.lastEnd().IsZero() })
	// The history in the state grows for the first hundred changes. So what counts is whether memory still grows when the
	// runs have doubled.
	var early, late int
	runs, next := 0, 15
	for more := newSoak(t, 61); more.more(); runs++ {
		switch runs % 4 {
		case 1:
			m.server.SetAddress(awayAddress)
		case 3:
			m.server.SetAddress(homeAddress)
		}
		w.runAgain()
		if runs == next {
			next *= 2
			early, late = late, m.residentKiB(w.Process.Pid)
			t.Logf("%d KiB of memory after %d runs", late, runs)
		}
	}
	w.stop()
	most := 2 << 10
	if racing() {
		most *= 8
	}
	if early > 0 && late-early > most {
		t.Errorf("it grew by %d KiB", late-early)
	}
}

// residentKiB is how much memory a process has now.
func (m *machine) residentKiB(pid int) (kib int) {
	m.Helper()
	f, err := os.Open(fmt.Sprintf("/proc/%d/status", pid))
	m.must(err)
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if value, ok := strings.CutPrefix(lines.Text(), "VmRSS:"); ok {
			_ = mustValue(fmt.Sscan(value, &kib))
		}
	}
	return kib
}

// A machine that slept makes a run when it wakes, and so does one whose clock was set, forwards or back.
func TestWatchRunsAtOnceAfterTheClockHasJumped(t *testing.T) {
	t.Parallel()
	m := newManager(twoDomains(t))
	// The clocks are compared as often as the watchdog wants to hear of it.
	m.env["WATCHDOG_USEC"] = "100000"
	file := m.write("clock", "0s")
	m.env[clockVariable] = "@" + file
	w := m.watch()
	w.awaitLine("nas: 3 records set to 203.0.113.7 for the first time")
	for _, off := range []string{"8h", "1h"} {
		asked := len(m.server.Asked())
		m.must(os.WriteFile(file+".new", []byte(off), 0o600))
		m.must(os.Rename(file+".new", file))
		m.await("a run at "+off, func() bool { return len(m.server.Asked()) >= asked+2 })
	}
	w.signal(syscall.SIGTERM)
	w.ended(statusOK)
	m.must(os.Remove(filepath.Join(m.dir, "notify")))
}
