package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os/exec"
	"strings"
	"testing"
	"time"

	"ddns-batch/internal/provider"
)

// process is one run of the program as a process of its own. Whatever of its output is not led elsewhere is kept.
type process struct {
	*exec.Cmd
	tb             testing.TB
	network        *network
	began          time.Time
	stdout, stderr bytes.Buffer
}

// finished is how a run ended: what it wrote, and, with -o json, what that says.
type finished struct {
	status         int // -1 if a signal ended it
	stdout, stderr string
	took           time.Duration
	document       document
}

func newProcess(tb testing.TB, n *network, cmd *exec.Cmd) *process {
	p := &process{Cmd: cmd, tb: tb, network: n}
	if p.Stdout == nil {
		p.Stdout = &p.stdout
	}
	if p.Stderr == nil {
		p.Stderr = &p.stderr
	}
	return p
}

func (p *process) start() *process {
	p.tb.Helper()
	p.began = time.Now()
	if err := p.Start(); err != nil {
		p.tb.Fatal(err)
	}
	return p
}

// kill ends the run as kill -9 does. A run that has ended by itself is no error.
func (p *process) kill() finished {
	_ = p.Process.Kill()
	return p.end()
}

// end waits for the run to end, and looks through what it wrote.
func (p *process) end() finished {
	p.tb.Helper()
	err := p.Wait()
	e := finished{status: p.ProcessState.ExitCode(), stdout: p.stdout.String(), stderr: p.stderr.String(), took: time.Since(p.began)}
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		p.tb.Errorf("the program cannot be run: %v", err)
	}
	for _, sign := range []string{"panic:", "fatal error:", "DATA RACE"} {
		if strings.Contains(e.stderr, sign) {
			p.tb.Errorf("%q wrote:\n%s", p.Args, e.stderr)
		}
	}
	if p.network.leaks(e.stdout) || p.network.leaks(e.stderr) {
		p.tb.Errorf("a password is in what %q wrote:\n%s%s", p.Args, e.stdout, e.stderr)
	}
	if e.status >= 0 && p.Stdout == &p.stdout && strings.Contains(strings.Join(p.Args, " "), "-o json") && json.Unmarshal([]byte(e.stdout), &e.document) != nil {
		p.tb.Errorf("not one JSON document: %q; stderr %q", e.stdout, e.stderr)
	}
	return e
}

// document is a report in JSON.
type document struct {
	ExitStatus int    `json:"exit_status"`
	State      string `json:"state"`
	Sources    []struct{ Name, Address, Error string }
	Records    []recordDocument
	Error      struct {
		Message, Hint string
		Details       []string
	}
}

type recordDocument struct {
	Name, Action, Reason, Result string
	Attempts                     int
	Error                        struct {
		Class               provider.Class
		Message, Hint, Text string
	}
}

// of is the line about a record; the zero one if there is none.
func (d document) of(name string) recordDocument {
	for _, r := range d.Records {
		if r.Name == name {
			return r
		}
	}
	return recordDocument{}
}
