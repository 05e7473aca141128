package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Commands that only look at something end with the first signal.
func TestAReaderWhoDoesNotReadAndOtherCommands(t *testing.T) {
	t.Parallel()
	for _, command := range []string{"status", "status -o json", "explain *", "history", "validate", "version", "help", "completion bash", "report --html -"} {
		t.Run(command, func(t *testing.T) {
			t.Parallel()
			m := newMachine(t, numbered("example.com", 3))
			m.mustRun(statusOK)
			p := m.command(strings.Fields(command)...)
			p.Stdout = unread(t)
			ended := p.start().ending()
			m.await("the write that hangs", p.writesIntoPipe)
			m.must(p.Process.Signal(syscall.SIGTERM))
			if e := <-ended; e.status != statusTerminated || e.took > 30*time.Second {
				t.Errorf("status %d after %s\n%s", e.status, e.took, e.stderr)
			}
		})
	}
}

// writesIntoPipe reports whether one of the threads waits for the reader of a pipe.
func (p *process) writesIntoPipe() bool {
	threads, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/wchan", p.Process.Pid))
	for _, thread := range threads {
		if where, err := os.ReadFile(thread); err == nil && strings.Contains(string(where), "pipe_write") {
			return true
		}
	}
	return false
}
