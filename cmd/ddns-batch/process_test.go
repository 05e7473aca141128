package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"strings"
	"time"

	"ddns-batch/internal/provider"
)

// process is one run of the program as a process of its own. Whatever of its output is not led elsewhere is kept.
type process struct {
	*exec.Cmd
	m              *machine
	began          time.Time
	late           *time.Timer
	stdout, stderr bytes.Buffer
}

// longest is after how long a run is killed that does not end by itself.
const longest = 90 * time.Second

// finished is how a run ended: what it wrote, and, with -o json, what that says.
type finished struct {
	status         int // -1 if a signal ended it
	stdout, stderr string
	took           time.Duration
	document       document
}

func (p *process) start() *process {
	p.m.Helper()
	p.began = time.Now()
	p.m.must(p.Start())
	p.late = time.AfterFunc(longest, func() { _ = p.Process.Kill() })
	return p
}

// run is start and end, and looks at what the run leaves behind in its process.
func (p *process) run() finished {
	p.m.Helper()
	notes := mustValue(os.CreateTemp(p.m.dir, "aftermath-"))
	// Whoever the run belongs to writes there.
	p.m.must(errors.Join(notes.Close(), os.Chmod(notes.Name(), 0o666)))
	p.Env = append(p.Env, aftermathVariable+"="+notes.Name())
	e := p.start().end()
	p.m.lookAt(notes.Name(), e)
	return e
}

// kill ends the run as kill -9 does. A run that has ended by itself is no error.
func (p *process) kill() finished {
	p.m.Helper()
	_ = p.Process.Kill()
	return p.end()
}

// ending is end for a test that has something to do meanwhile.
func (p *process) ending() <-chan finished {
	ended := make(chan finished, 1)
	go func() { ended <- p.end() }()
	return ended
}

// end waits for the run to end, and looks through what it wrote.
func (p *process) end() finished {
	p.m.Helper()
	err := p.Wait()
	p.late.Stop()
	e := finished{status: p.ProcessState.ExitCode(), stdout: p.stdout.String(), stderr: p.stderr.String(), took: time.Since(p.began)}
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		p.m.Errorf("the program cannot be run: %v", err)
	}
	if e.status < 0 || p.Stdout != &p.stdout {
		return p.m.examineText(p.Args, e)
	}
	return p.m.examine(p.Args, e)
}

// examine looks through all that a run wrote, and reads it if it is a document.
func (m *machine) examine(args []string, e finished) finished {
	m.Helper()
	if strings.Contains(strings.Join(args, " "), "-o json") && json.Unmarshal([]byte(e.stdout), &e.document) != nil {
		m.Errorf("not one JSON document: %q; stderr %q", e.stdout, e.stderr)
	}
	return m.examineText(args, e)
}

// examineText fails if a run broke down or wrote a password.
func (m *machine) examineText(args []string, e finished) finished {
	m.Helper()
	for _, sign := range []string{"panic:", "fatal error:", "DATA RACE"} {
		if strings.Contains(e.stderr, sign) {
			m.Errorf("%q wrote:\n%s", args, e.stderr)
		}
	}
	if m.leaks(e.stdout) || m.leaks(e.stderr) {
		m.Errorf("a password is in what %q wrote:\n%s%s", args, e.stdout, e.stderr)
	}
	return e
}

// lookAt reads the aftermath of a run that has ended by itself.
func (m *machine) lookAt(notes string, e finished) {
	m.Helper()
	var a aftermath
	content, err := os.ReadFile(notes)
	m.must(os.Remove(notes))
	if err != nil || json.Unmarshal(content, &a) != nil {
		m.Errorf("the run did not come to its end: status %d\n%s%s", e.status, e.stdout, e.stderr)
		return
	}
	if a.Goroutines != "" {
		m.Errorf("goroutines are left: %s", a.Goroutines)
	}
	if a.PeakKiB > mostKiB() {
		m.Errorf("it took %d KiB of memory", a.PeakKiB)
	}
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
