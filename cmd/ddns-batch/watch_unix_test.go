//go:build unix

package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"ddns-batch/internal/provider/namecheap/sandbox"
	"ddns-batch/internal/record"
	"ddns-batch/internal/state"
)

// watch is a process that makes runs again and again, and whose output can be read meanwhile.
type watch struct {
	*process
	notes string // its aftermath, see lookAt
	args  []string
}

// watch starts one. Unless args say something else, it makes a run at its start and whenever it is told to.
func (m *machine) watch(args ...string) *watch {
	m.Helper()
	w := m.watchCommand(args...)
	w.start()
	return w
}

func (m *machine) watchCommand(args ...string) *watch {
	m.Helper()
	if !strings.Contains(strings.Join(args, " "), "--every") {
		args = append(args, "--every", "1h")
	}
	w := &watch{process: m.command(append([]string{"watch"}, args...)...), args: args}
	w.notes = filepath.Join(m.dir, fmt.Sprintf("aftermath-%p", w))
	w.Env = append(w.Env, aftermathVariable+"="+w.notes)
	w.Stdout = mustValue(os.CreateTemp(m.dir, "stdout-"))
	w.Stderr = mustValue(os.CreateTemp(m.dir, "stderr-"))
	// A test that fails does not get to its end.
	m.Cleanup(func() {
		if w.Process != nil && w.ProcessState == nil {
			_ = w.Process.Kill()
			_ = w.Wait()
		}
	})
	return w
}

// said is what it has printed so far on stdout, without the times, which must be there.
func (w *watch) said() string { return w.undated(w.Stdout.(*os.File)) }

// complained is the same of stderr.
func (w *watch) complained() string { return w.undated(w.Stderr.(*os.File)) }

var lineDate = regexp.MustCompile(`^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d `)

func (w *watch) undated(f *os.File) string {
	w.m.Helper()
	var b strings.Builder
	for line := range strings.Lines(w.m.content(f.Name())) {
		if !lineDate.MatchString(line) {
			w.m.Errorf("a line without its time: %q", line)
		}
		b.WriteString(lineDate.ReplaceAllString(line, ""))
	}
	return b.String()
}

// awaitLine waits until it has printed a line.
func (w *watch) awaitLine(line string) {
	w.m.Helper()
	w.m.await(line, func() bool { return strings.Contains(w.said(), line+"\n") })
}

func (w *watch) signal(s syscall.Signal) {
	w.m.Helper()
	w.m.must(w.Process.Signal(s))
}

// runAgain asks for a reload and with it for a run, and waits until that has ended.
func (w *watch) runAgain() {
	w.m.Helper()
	before := w.m.lastEnd()
	w.signal(syscall.SIGHUP)
	w.m.await("a run", func() bool { return w.m.lastEnd().After(before) })
}

// lastEnd is when the last run of this state ended.
func (m *machine) lastEnd() time.Time {
	last, _ := state.ReadLastRun(m.state)
	return last.EndedAt
}

// stop ends it, and fails unless it ends well.
func (w *watch) stop() {
	w.m.Helper()
	w.signal(syscall.SIGTERM)
	w.ended(statusOK)
}

// ended waits for its end with this status, and looks at what it leaves behind in its process.
func (w *watch) ended(status int) {
	w.m.Helper()
	e := w.end()
	if e.status != status {
		w.m.Errorf("watch ended with status %d, not %d\n%s%s", e.status, status, w.said(), w.complained())
	}
	a := w.m.content(w.notes)
	e.stdout, e.stderr = w.m.content(w.Stdout.(*os.File).Name()), w.m.content(w.Stderr.(*os.File).Name())
	w.m.examineText(w.args, e)
	w.m.must(os.WriteFile(w.notes, []byte(a), 0o600))
	w.m.lookAt(w.notes, e)
}

// hang is a server that does not answer until the client goes away.
func hang(conn net.Conn, _ *http.Request, _ string) { _, _ = io.Copy(io.Discard, conn) }

func TestWatchMakesRunsUntilItIsEnded(t *testing.T) {
	t.Parallel()
	m := twoDomains(t)
	w := m.watch()
	w.awaitLine("nas: 3 records set to 203.0.113.7 for the first time")
	m.server.SetAddress(awayAddress)
	w.runAgain()
	w.awaitLine("nas: 3 records moved from 203.0.113.7 to 203.0.113.91")
	began := time.Now()
	w.stop()
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("it took %s to end while no run was under way", took)
	}
	hosts := filepath.Join(m.dir, "hosts.yaml")
	want := "nas: watching 3 records of " + hosts + ": a run every 1 h\n" +
		"nas: 3 records set to 203.0.113.7 for the first time\n" +
		"nas: configuration reloaded: 3 records of " + hosts + "\n" +
		"nas: 3 records moved from 203.0.113.7 to 203.0.113.91\n" +
		"nas: ended by SIGTERM after 2 runs\n"
	if w.said() != want || w.complained() != "" {
		t.Errorf("it said\n%s%s, want\n%s", w.said(), w.complained(), want)
	}
	if n := m.atAddress(awayAddress); n != 3 {
		t.Errorf("%d records moved", n)
	}
}

func TestWatchMakesRunsByItself(t *testing.T) {
	t.Parallel()
	m := twoDomains(t)
	w := m.watch("--every", "1s", "-qq")
	m.await("three runs", func() bool { return len(m.server.Asked()) >= 6 })
	w.signal(os.Interrupt.(syscall.Signal))
	w.ended(statusOK)
	if said := w.said(); strings.Count(said, "\n") != 2 || !strings.Contains(said, "nas: ended by SIGINT after ") {
		t.Errorf("it said\n%s", said)
	}
	if n := len(m.server.Heard()); n != 3 {
		t.Errorf("%d updates", n)
	}
}

// A run that is under way at the end ends as any run does: what was confirmed is saved.
func TestWatchEndsWithTheRunThatIsUnderWay(t *testing.T) {
	t.Parallel()
	m := twoDomains(t)
	m.be("www.example.net", hang)
	w := m.watch()
	m.await("an update that is not answered", func() bool { return m.timesPlayed("www.example.net") == 1 })
	w.stop()
	if !strings.Contains(w.said(), "nas: ended by SIGTERM after 1 run\n") {
		t.Errorf("it said\n%s", w.said())
	}
	for _, r := range m.snapshot().Records {
		if known := r.IP.IsValid(); known != (r.Name().String() != "www.example.net") {
			t.Errorf("%s: known: %t", r.Name(), known)
		}
	}
}

// Between runs a second signal, which timeout(1) sends at once, changes nothing.
func TestWatchEndsInOrderBetweenRunsHoweverOftenItIsAsked(t *testing.T) {
	t.Parallel()
	m := newManager(twoDomains(t))
	w := m.watch()
	m.want("READY=1", "STATUS=3 up to date")
	w.signal(syscall.SIGTERM)
	w.signal(syscall.SIGINT)
	w.ended(statusOK)
	if !strings.Contains(w.said(), "nas: ended by SIG") {
		t.Errorf("it said\n%s", w.said())
	}
}

// A second signal does not wait for what hangs.
func TestASecondSignalEndsWatchSooner(t *testing.T) {
	t.Parallel()
	m := twoDomains(t)
	m.settings["request_timeout"], m.settings["timeout"] = "60s", "80s"
	m.configure(nil)
	m.be("www.example.net", hang)
	w := m.watch()
	m.await("an update that is not answered", func() bool { return m.timesPlayed("www.example.net") == 1 })
	w.signal(syscall.SIGTERM)
	w.signal(syscall.SIGINT)
	w.ended(statusOK)
}

// A configuration that is broken is news, for those who get notifications as well, and the one before stays in use.
func TestWatchKeepsWhatItHadIfTheNewConfigurationIsBroken(t *testing.T) {
	t.Parallel()
	m := twoDomains(t)
	tell := m.write("tell", "#!/bin/sh\nexec cat >>"+filepath.Join(m.dir, "news")+"\n")
	m.must(os.Chmod(tell, 0o700))
	m.settings["on_news"] = "[" + tell + "]"
	m.configure(nil)
	w := m.watch()
	w.awaitLine("nas: 3 records set to 203.0.113.7 for the first time")
	hosts := filepath.Join(m.dir, "hosts.yaml")
	good := m.content(hosts)

	for name, breakage := range map[string]string{
		"not YAML":           "records: [",
		"a key with a typo":  strings.Replace(good, "password_env", "pasword_env", 1),
		"no password at all": strings.ReplaceAll(good, "_DDNS_PASSWORD", "_PASSWORD"),
	} {
		m.write("hosts.yaml", breakage)
		told := len(w.complained())
		w.signal(syscall.SIGHUP)
		const words = "nas: ddns-batch: error: cannot reload the configuration, the previous one stays in use: "
		m.await(name, func() bool { return strings.Contains(w.complained()[told:], words) })
		m.await("the notification of "+name, func() bool { return strings.Count(m.content(filepath.Join(m.dir, "news")), words) > 0 })
		m.must(os.Remove(filepath.Join(m.dir, "news")))
	}

	// One with fewer records is taken over.
	m.write("hosts.yaml", m.yaml([]zone{m.zones[0]}, nil))
	m.server.SetAddress(awayAddress)
	w.runAgain()
	w.awaitLine("nas: example.com moved from 203.0.113.7 to 203.0.113.91")
	w.stop()
	if !strings.Contains(w.said(), "nas: ended by SIGTERM after 2 runs\n") {
		t.Errorf("it said\n%s", w.said())
	}
	if n := m.atAddress(awayAddress); n != 1 {
		t.Errorf("%d records moved", n)
	}
}

func TestWatchBeginsWithNothingThatIsBroken(t *testing.T) {
	t.Parallel()
	m := twoDomains(t)
	check := func(want string, args ...string) {
		t.Helper()
		w := m.watch(args...)
		w.ended(statusUsage)
		if w.said() != "" || !strings.Contains(w.complained(), want) {
			t.Errorf("%q said %q, want %q", args, w.said()+w.complained(), want)
		}
	}
	check("nas: ddns-batch: error: --every 10ms is out of range", "--every", "10ms")
	check("nas: ddns-batch: error: --every 8761h0m0s is out of range", "--every", "8761h")
	check(`nas: ddns-batch: error: no record matches "nobody.example.com"`, "--only", "nobody.example.com")
	m.configure(map[string]string{"password.example.com": "password_env: NOBODY", "password.example.net": "password_env: NOBODY"})
	check("NOBODY")
	m.write("hosts.yaml", "records: []")
	check("hosts.yaml")
	if n := len(m.server.Asked()); n != 0 {
		t.Errorf("%d look-ups of the address", n)
	}
}

// Nobody reads what it prints: runs go on, and the failure that nobody has read of is reported by the next one.
func TestWatchGoesOnWithoutAReader(t *testing.T) {
	t.Parallel()
	m := twoDomains(t)
	m.settings["timeout"] = "1s"
	m.configure(nil)
	m.server.SetFault(record.Name{Host: "www", Domain: "example.net"}, sandbox.NoRecord)
	w := m.watchCommand()
	w.Stdout, w.Stderr = unread(t), unread(t)
	w.start()
	m.await("the first run", func() bool { return m.atAddress(homeAddress) == 2 })
	m.server.SetAddress(awayAddress)
	w.signal(syscall.SIGHUP)
	m.await("the next run", func() bool { return m.atAddress(awayAddress) == 2 })
	w.signal(syscall.SIGTERM)
	if e := w.end(); e.status != statusOK {
		t.Errorf("status %d", e.status)
	}
	if said := m.mustRun(statusNotAsAsked, "-q").stdout; !strings.Contains(said, "nas: www.example.net failing since ") {
		t.Errorf("the next quiet run said %q", said)
	}
}

// It ends at once while its new configuration comes from a pipe that nobody writes to.
func TestWatchEndsWhileItWaitsForItsConfiguration(t *testing.T) {
	t.Parallel()
	m := twoDomains(t)
	w := m.watch()
	w.awaitLine("nas: 3 records set to 203.0.113.7 for the first time")
	hosts := filepath.Join(m.dir, "hosts.yaml")
	m.must(os.Remove(hosts))
	m.must(syscall.Mkfifo(hosts, 0o600))
	w.signal(syscall.SIGHUP)
	m.await("it to read from the pipe", func() bool {
		pipe, err := syscall.Open(hosts, syscall.O_WRONLY|syscall.O_NONBLOCK, 0)
		if err == nil {
			t.Cleanup(func() { _ = syscall.Close(pipe) })
		}
		return err == nil
	})
	w.signal(syscall.SIGTERM)
	w.ended(statusOK)
	m.must(os.Remove(hosts))
	if strings.Contains(w.complained(), "error") {
		t.Errorf("it complained:\n%s", w.complained())
	}
}

// Two of them and cron share a state: each change is sent once, by whoever comes first, and nobody is in trouble.
func TestSoakTwoWatchesAndCron(t *testing.T) {
	t.Parallel()
	m := twoDomains(t)
	watches := []*watch{m.watch(), m.watch("--every", "1s")}
	for _, w := range watches {
		w.late.Stop() // it may take as long as it likes
	}
	m.await("the first run", func() bool { return m.atAddress(homeAddress) == 3 })
	rounds := 0
	for more := newSoak(t, 10); more.more(); rounds++ {
		to := awayAddress
		if rounds%2 == 1 {
			to = homeAddress
		}
		m.server.SetAddress(to)
		for _, w := range watches {
			w.signal(syscall.SIGHUP)
		}
		m.mustRun(statusOK, "-q")
		if n := m.atAddress(to); n != 3 {
			t.Fatalf("round %d: %d records moved", rounds, n)
		}
	}
	for _, w := range watches {
		w.stop()
		if w.complained() != "" {
			t.Errorf("one complained:\n%s", w.complained())
		}
	}
	if n := len(m.server.Heard()); n != 3*(rounds+1) {
		t.Errorf("%d updates in %d rounds", n, rounds)
	}
	if e := m.mustRun(statusOK, "--dry-run", "--detailed-exitcode"); e.stderr != "" {
		t.Errorf("afterwards:\n%s", e.stderr)
	}
}
