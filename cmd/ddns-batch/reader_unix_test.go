//go:build unix

package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"ddns-batch/internal/provider/namecheap/sandbox"
	"ddns-batch/internal/record"
)

// many is how many records the runs have whose output nobody reads.
const many = 100

// unread is a pipe that is full, and that nobody reads.
func unread(t *testing.T) *os.File {
	t.Helper()
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = reader.Close(); _ = writer.Close() })
	if err := writer.SetWriteDeadline(time.Now().Add(100 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	for _, size := range []int{4096, 1} {
		for err = nil; err == nil; _, err = writer.Write(make([]byte, size)) {
			continue
		}
		if !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Fatal(err)
		}
		_ = writer.SetWriteDeadline(time.Now().Add(100 * time.Millisecond))
	}
	return writer
}

// unreadFIFO is a pipe with a name that is open for reading, and that nobody reads.
func unreadFIFO(t *testing.T, dir string) string {
	t.Helper()
	path := filepath.Join(dir, "log")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	reader := mustValue(os.OpenFile(path, os.O_RDWR|syscall.O_NONBLOCK, 0))
	t.Cleanup(func() { _ = reader.Close() })
	fill := mustValue(syscall.Open(path, syscall.O_WRONLY|syscall.O_NONBLOCK, 0))
	defer syscall.Close(fill)
	for _, size := range []int{4096, 1} {
		for err := error(nil); err == nil; _, err = syscall.Write(fill, make([]byte, size)) {
			continue
		}
	}
	return path
}

// reading is a way to leave the output of a run unread.
type reading struct {
	name    string
	arrange func(m *machine, p *process)
	args    []string
	// hangs: until its time is over the process waits for its reader.
	hangs bool
}

var unreadOutputs = []reading{
	{"stdout, the report in JSON", func(m *machine, p *process) { p.Stdout = unread(m.T) }, []string{"-o", "json"}, true},
	{"stdout, the report", func(m *machine, p *process) { p.Stdout = unread(m.T) }, nil, true},
	{"stdout of a quiet run", func(m *machine, p *process) { p.Stdout = unread(m.T) }, []string{"-q"}, true},
	{"stderr, a long log", func(m *machine, p *process) { p.Stderr = unread(m.T) }, []string{"--log-level", "trace"}, true},
	{"stdout and stderr", func(m *machine, p *process) { p.Stdout = unread(m.T); p.Stderr = p.Stdout }, []string{"-q", "--log-level", "trace", "-o", "json"}, true},
	{"the log", func(m *machine, p *process) { p.Args = append(p.Args, "--log-file", unreadFIFO(m.T, m.dir)) }, []string{"--log-level", "trace"}, false},
	{"the log of a quiet run", func(m *machine, p *process) { p.Args = append(p.Args, "--log-file", unreadFIFO(m.T, m.dir)) }, []string{"-q"}, false},
}

// A reader who does not read keeps nobody else from the lock, what was confirmed is in the state, and the run ends when
// its time is over.
func TestAReaderWhoDoesNotReadAndTheTimeOfARun(t *testing.T) {
	t.Parallel()
	for _, c := range unreadOutputs {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			const limit = 6 * time.Second
			m, p, ended := startUnread(t, c, limit.String())
			if c.hangs {
				m.await("the lock", func() bool { return m.atAddress(homeAddress) == many && m.take(0) == nil })
				m.confirmed(homeAddress)
				if had := time.Since(p.began); had >= limit {
					t.Errorf("it gave the lock back after %s", had)
				}
			}
			e := <-ended
			if late := e.took > limit+3*time.Second+5*time.Second; e.status != statusOK || late || c.hangs && e.took < limit {
				t.Errorf("status %d after %s\n%s%s", e.status, e.took, e.stdout, e.stderr)
			}
			m.confirmed(homeAddress)
		})
	}
}

// A second signal ends such a run at once.
func TestAReaderWhoDoesNotReadAndSignals(t *testing.T) {
	t.Parallel()
	for _, c := range unreadOutputs {
		if !c.hangs {
			continue
		}
		for _, signal := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT} {
			t.Run(fmt.Sprint(c.name, ", ", signal), func(t *testing.T) {
				t.Parallel()
				m, p, ended := startUnread(t, c, "10m")
				m.await("the lock", func() bool { return m.atAddress(homeAddress) == many && m.take(0) == nil })
				e := signalUntil(p, signal, ended)
				if e.status != 128+int(signal) {
					t.Errorf("status %d after %s\n%s%s", e.status, e.took, e.stdout, e.stderr)
				}
				m.confirmed(homeAddress)
			})
		}
	}
}

// signalUntil sends the signal again and again until the process has ended: two that come close together may be one.
func signalUntil(p *process, signal syscall.Signal, ended <-chan finished) finished {
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for {
		_ = p.Process.Signal(signal) // It may have ended meanwhile.
		select {
		case e := <-ended:
			return e
		case <-again.C:
		}
	}
}

// One signal is enough, too, after a moment.
func TestAReaderWhoDoesNotReadAndOneSignal(t *testing.T) {
	t.Parallel()
	m, p, ended := startUnread(t, unreadOutputs[0], "10m")
	m.await("the lock", func() bool { return m.atAddress(homeAddress) == many && m.take(0) == nil })
	m.must(p.Process.Signal(syscall.SIGTERM))
	if e := <-ended; e.status != statusOK {
		t.Errorf("all was done, but the status is %d after %s", e.status, e.took)
	}
	m.confirmed(homeAddress)
}

// startUnread starts a run whose output nobody reads.
func startUnread(t *testing.T, c reading, timeout string) (*machine, *process, <-chan finished) {
	t.Helper()
	m := newMachine(t, numbered("example.com", many))
	p := m.command(append([]string{"--timeout", timeout}, c.args...)...)
	c.arrange(m, p)
	return m, p, p.start().ending()
}

// What a quiet run said to nobody is said by the next one.
func TestNewsThatNobodyReads(t *testing.T) {
	t.Parallel()
	m := newMachine(t, numbered("example.com", 2))
	m.server.SetFault(record.Name{Host: "h1", Domain: "example.com"}, sandbox.NoRecord)
	// The page is one more thing to say.
	m.configure(map[string]string{"report_file": "nowhere/ddns.html"})
	p := m.command("-q", "--timeout", "2s")
	p.Stdout = unread(t)
	p.Stderr = p.Stdout
	if e := <-p.start().ending(); e.status != statusNotAsAsked {
		t.Errorf("status %d after %s", e.status, e.took)
	}
	e := m.mustRun(statusNotAsAsked, "-q")
	for _, said := range []string{"nas: h1.example.com failing since ", "nas: cannot write the report_file since "} {
		if !strings.Contains(e.stdout, said) {
			t.Errorf("it does not say %q:\n%s%s", said, e.stdout, e.stderr)
		}
	}
	if e := m.mustRun(statusNotAsAsked, "-q"); e.stdout+e.stderr != "" {
		t.Errorf("said again: %s%s", e.stdout, e.stderr)
	}
}

// A run that has the lock for longer than its own time is no reason to be silent: nothing is updated meanwhile.
func TestALockThatIsHeldForTooLong(t *testing.T) {
	t.Parallel()
	m := newMachine(t, numbered("example.com", 2))
	m.server.SetFault(record.Name{Host: "h1", Domain: "example.com"}, sandbox.Hang)
	holder := m.start("--timeout", "5m")
	m.await("the update that hangs", func() bool { return len(m.server.Heard()) == 2 })
	m.must(holder.Process.Signal(syscall.SIGSTOP))
	for _, c := range []struct {
		clock string
		said  bool
	}{{"0s", false}, {"4m", false}, {"6m", true}, {"24h", true}} {
		e := m.at(c.clock, "-q", "--timeout", "300ms")
		pid := fmt.Sprintf("process %d", holder.Process.Pid)
		if e.status != statusState || e.stdout != "" || (e.stderr != "") != c.said || c.said && !strings.Contains(e.stderr, pid) {
			t.Errorf("at %s: status %d, said %q %q", c.clock, e.status, e.stdout, e.stderr)
		}
	}
	// A lock file of an older version does not say how long.
	lock := m.state + ".lock"
	before := m.content(lock)
	i := strings.Index(before, `,"until"`)
	if i < 0 {
		t.Fatalf("no end is in the lock file: %q", before)
	}
	m.must(os.WriteFile(lock, []byte(before[:i]+"}\n"), 0o600))
	if e := m.at("4m", "-q", "--timeout", "300ms"); e.stderr == "" {
		t.Error("silent, though the lock is held for longer than this run's own time")
	}
	holder.kill()
	m.awaitIdle()
}
