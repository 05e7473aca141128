package main

import (
	"bytes"
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
			r := newRig(t)
			r.front.set("example.com", say(""))
			r.configure(map[string]string{"request_timeout": "1m"})
			r.env["GOTRACEBACK"] = trace
			dump := r.until(func() bool { return r.front.plays("example.com") == 1 }, syscall.SIGQUIT)
			if !strings.Contains(dump, "namecheap.(*Client).Update") {
				t.Errorf("the dump does not show the update:\n%s", dump)
			}
		})
		for moment, message := range map[string]string{
			"panic": "cannot dial", "panic-write": "cannot write", "panic-header": "cannot read the header", "panic-body": "cannot read the body",
		} {
			t.Run(message+", GOTRACEBACK="+trace, func(t *testing.T) {
				r := newRig(t)
				// Without TLS the connection sees what is sent, and when.
				r.configure(map[string]string{"endpoint": r.stand.Endpoint()})
				r.dials["127.0.0.1"] = moment
				r.env["GOTRACEBACK"] = trace
				dump := r.until(func() bool { return false }, 0)
				if !strings.Contains(dump, "panic: "+message) || !strings.Contains(dump, "namecheap.(*Client).Update") {
					t.Errorf("the panic does not show the update:\n%s", dump)
				}
			})
		}
	}
}

// until runs the program in an empty folder until something is so, sends it a signal, and returns all that it wrote.
// While it runs it has no children, and its arguments hold no password.
func (r *rig) until(so func() bool, signal syscall.Signal) string {
	r.Helper()
	cmd := r.command("--log-level", "trace")
	cmd.Dir = filepath.Join(r.dir, "empty")
	if err := os.Mkdir(cmd.Dir, 0o700); err != nil {
		r.Fatal(err)
	}
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		r.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for running := true; running; {
		select {
		case <-ended:
			running = false
		case <-tick.C:
			if !so() {
				continue
			}
			r.lookAtProcess(cmd.Process.Pid)
			if err := cmd.Process.Signal(signal); err != nil {
				r.Error(err)
			}
			<-ended
			running = false
		}
	}
	if r.leaks(out.String()) || r.leaks(fmt.Sprintf("%q", out.String())) {
		r.Errorf("a password is in:\n%s", out.String())
	}
	for _, numbers := range asNumbers(r.canaries) {
		if strings.Contains(out.String(), numbers) {
			r.Errorf("a password is, as %s, in:\n%s", numbers, out.String())
		}
	}
	if left := mustValue(os.ReadDir(cmd.Dir)); len(left) > 0 {
		r.Errorf("it left %v behind", left)
	}
	return out.String()
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
func (r *rig) lookAtProcess(pid int) {
	r.Helper()
	proc := fmt.Sprintf("/proc/%d", pid)
	if cmdline := string(mustValue(os.ReadFile(proc + "/cmdline"))); r.leaks(cmdline) || !strings.Contains(cmdline, "hosts.yaml") {
		r.Errorf("the arguments are %q", cmdline)
	}
	for _, task := range mustValue(os.ReadDir(proc + "/task")) {
		// Not every kernel lists them.
		if children, err := os.ReadFile(filepath.Join(proc, "task", task.Name(), "children")); err == nil && len(children) > 0 {
			r.Errorf("it started %s", children)
		}
	}
}
