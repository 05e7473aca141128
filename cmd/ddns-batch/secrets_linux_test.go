package main

import (
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// What Go prints when a program breaks down, or is told to say where it is, holds arguments and what they point to only
// as numbers. It must stay so: no password by value, in an array or in a panic's text.
func TestWhatAProgramThatBreaksDownPrints(t *testing.T) {
	t.Parallel()
	for _, trace := range []string{"all", "system"} {
		t.Run("a run that hangs, GOTRACEBACK="+trace, func(t *testing.T) {
			m := twoDomains(t)
			m.be("example.com", say(""))
			m.configure(map[string]string{"request_timeout": "1m"})
			m.env["GOTRACEBACK"] = trace
			dump := m.until(func() bool { return m.timesPlayed("example.com") == 1 }, syscall.SIGQUIT)
			if !strings.Contains(dump, "namecheap.(*Client).Update") {
				t.Errorf("the dump does not show the update:\n%s", dump)
			}
		})
		for moment, message := range map[string]string{
			"panic": "cannot dial", "panic-write": "cannot write", "panic-header": "cannot read the header", "panic-body": "cannot read the body",
		} {
			t.Run(message+", GOTRACEBACK="+trace, func(t *testing.T) {
				// Without TLS the connection sees what is sent, and when.
				m := setup{plain: true}.twoDomains(t)
				m.dials["127.0.0.1"] = moment
				m.env["GOTRACEBACK"] = trace
				dump := m.until(func() bool { return false }, 0)
				if !strings.Contains(dump, "panic: "+message) || !strings.Contains(dump, "namecheap.(*Client).Update") {
					t.Errorf("the panic does not show the update:\n%s", dump)
				}
			})
		}
	}
}

// until runs the program in an empty folder until something is so, sends it a signal, and returns all that it wrote.
// While it runs it has no children, and its arguments hold no password.
func (m *machine) until(so func() bool, signal syscall.Signal) string {
	m.Helper()
	p := m.command("--log-level", "trace")
	p.Dir = filepath.Join(m.dir, "empty")
	m.must(os.Mkdir(p.Dir, 0o700))
	p.Stderr = p.Stdout
	ended := p.start().ending()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	var out string
	for out == "" {
		select {
		case e := <-ended:
			out = e.stdout
		case <-tick.C:
			if so() {
				m.lookAtProcess(p.Process.Pid)
				m.must(p.Process.Signal(signal))
				out = (<-ended).stdout
			}
		}
	}
	if m.leaks(fmt.Sprintf("%q", out)) {
		m.Errorf("a password is in:\n%s", out)
	}
	for _, numbers := range asNumbers(m.canaries) {
		if strings.Contains(out, numbers) {
			m.Errorf("a password is, as %s, in:\n%s", numbers, out)
		}
	}
	if left := mustValue(os.ReadDir(p.Dir)); len(left) > 0 {
		m.Errorf("it left %v behind", left)
	}
	return out
}

// asNumbers lists how a dump shows passwords that are arguments by value: the numbers of their first four bytes, one by
// one and in words of four or eight bytes, which end in them.
func asNumbers(passwords []string) []string {
	var forms []string
	for _, p := range passwords {
		start := []byte(p[:4])
		forms = append(forms, fmt.Sprintf("0x%x, 0x%x, 0x%x, 0x%x", start[0], start[1], start[2], start[3]), hex.EncodeToString(start))
		slices.Reverse(start)
		forms = append(forms, hex.EncodeToString(start))
	}
	return forms
}

// lookAtProcess looks at what every user may see of a process, and for processes that it started.
func (m *machine) lookAtProcess(pid int) {
	m.Helper()
	proc := fmt.Sprintf("/proc/%d", pid)
	if cmdline := string(mustValue(os.ReadFile(proc + "/cmdline"))); m.leaks(cmdline) || !strings.Contains(cmdline, "hosts.yaml") {
		m.Errorf("the arguments are %q", cmdline)
	}
	for _, task := range mustValue(os.ReadDir(proc + "/task")) {
		// Not every kernel lists them.
		if children, err := os.ReadFile(filepath.Join(proc, "task", task.Name(), "children")); err == nil && len(children) > 0 {
			m.Errorf("it started %s", children)
		}
	}
}
