package main

import (
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/sys/unix"
)

// openTerminal opens a pseudo-terminal: what is written to near comes out at far, as somebody would see it.
func openTerminal(t *testing.T) (near, far *os.File) {
	t.Helper()
	far, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	number, err := unix.IoctlGetInt(int(far.Fd()), unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(int(far.Fd()), unix.TIOCSPTLCK, 0)
	}
	if err == nil {
		err = unix.IoctlSetWinsize(int(far.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: 100})
	}
	if err == nil {
		near, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = near.Close(), far.Close() })
	return near, far
}

// streams says which of them are a terminal.
type streams struct{ stdout, stderr bool }

// onTerminal is run with a terminal for some of the streams. shown is what it shows in all.
func (m *machine) onTerminal(s streams, args ...string) (e finished, shown string) {
	m.Helper()
	near, far := openTerminal(m.T)
	p := m.command(args...)
	if s.stdout {
		p.Stdout = near
	}
	if s.stderr {
		p.Stderr = near
	}
	all := make(chan string)
	go func() {
		text, _ := io.ReadAll(far) // ends with an error when nobody has the near end any more
		all <- string(text)
	}()
	e = p.run()
	_ = near.Close()
	shown = <-all
	if m.leaks(shown) {
		m.Errorf("a password is on the terminal:\n%q", shown)
	}
	return e, shown
}

const (
	bar    = "sending"
	escape = "\x1b"
)

var colours = regexp.MustCompile("\x1b\\[[0-9;]*m")

func TestWhatATerminalShows(t *testing.T) {
	t.Parallel()
	m := twoDomains(t, hostsUpTo(20)...)
	m.env["TERM"] = "xterm"
	both := streams{stdout: true, stderr: true}
	for _, c := range []struct {
		name    string
		streams streams
		env     string
		args    string
		// What the terminal shows: a bar, colours, anything else that only terminals understand.
		bar, colours, escapes bool
	}{
		{"a long run", both, "", "--force", true, true, true},
		{"a long run without colours", both, "NO_COLOR=1", "--force", true, false, true},
		{"a terminal that understands nothing", both, "TERM=dumb", "--force", false, false, false},
		{"no terminal", streams{}, "", "--force", false, false, false},
		{"the report in a file", streams{stderr: true}, "", "--force", true, false, true},
		{"the report as JSON in a file", streams{stderr: true}, "", "--force -o json", true, false, true},
		{"the commentary in a file", streams{stdout: true}, "", "--force", false, true, true},
		{"JSON", both, "", "--force -o json", false, false, false},
		{"a log", both, "NO_COLOR=1", "--force --log-level info", false, false, false},
		{"a log in a file", both, "NO_COLOR=1", "--force --log-file " + m.dir + "/log", true, false, true},
		{"a quiet run", both, "", "--force -q", false, false, false},
		{"a short run", both, "", "--force --only www.example.net --only h?.example.com", false, true, true},
		{"a dry run", both, "", "--force --dry-run", false, false, false},
		{"help", both, "", "--help", false, false, false},
		{"status", both, "", "status", false, false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			m.T = t
			name, value, set := strings.Cut(c.env, "=")
			if before, was := m.env[name]; set {
				m.env[name] = value
				defer func() {
					if m.env[name] = before; !was {
						delete(m.env, name)
					}
				}()
			}
			e, shown := m.onTerminal(c.streams, strings.Fields(c.args)...)
			if e.status != 0 {
				t.Errorf("status %d\n%s", e.status, shown)
			}
			if strings.Contains(shown, bar) != c.bar || colours.MatchString(shown) != c.colours || strings.Contains(shown, escape) != c.escapes {
				t.Errorf("shown: %q", shown)
			}
			if piped := e.stdout + e.stderr; strings.Contains(piped, escape) || strings.Contains(piped, "\r") || strings.Contains(piped, bar) {
				t.Errorf("in a pipe: %q", piped)
			}
			if c.bar && c.streams.stdout && !regexp.MustCompile(`\r\n23 records: 23 (updated|refreshed), in [0-9.]+ m?s`).MatchString(shown) {
				t.Errorf("the bar leaves no clean report behind: %q", shown)
			}
		})
	}
	m.T = t
}

// Whatever servers send, a terminal is neither painted nor rung nor retitled, nothing is written from right to left, and
// no line is overwritten.
func TestHostileTextOnATerminal(t *testing.T) {
	t.Parallel()
	hosts := hostsUpTo(len(tricks))
	m := twoDomains(t, hosts...)
	m.configure(map[string]string{"request_timeout": "1s", "concurrency": "16"})
	m.env["NO_COLOR"], m.env["TERM"] = "1", "dumb"
	m.confirmAndMove()
	for i, trick := range tricks {
		if trick.problem != "" {
			m.be(hosts[i]+".example.com", trick.play)
		}
		if strings.Contains(trick.name, "escape") {
			m.be(sourceHosts[i%2], trick.play)
			m.be(sourceHosts[2], nil)
		}
	}
	for _, args := range []string{
		"--log-level trace", "--log-level trace --log-format json --retry --force --ip 203.0.113.91", "--ip 203.0.113.91 --force -q", "--dry-run --all --ip 203.0.113.91", "status", "status -o json",
	} {
		_, shown := m.onTerminal(streams{stdout: true, stderr: true}, strings.Fields(args)...)
		shown = strings.ReplaceAll(shown, "\r\n", "\n")
		if i := strings.IndexFunc(shown, func(r rune) bool { return r != '\n' && !unicode.IsPrint(r) }); i >= 0 || shown == "" && !strings.Contains(args, "-q") {
			t.Errorf("%s: shown %q", args, shown[max(0, i-100):min(len(shown), i+100)])
		}
	}
}
