package program

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// status is one line of what the system says about a process; empty if there is none of this number.
func status(pid int, field string) string {
	all, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	for line := range strings.Lines(string(all)) {
		if value, ok := strings.CutPrefix(line, field+":"); ok {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// doomed reports whether a process has ended or is about to: whether it has been sent SIGKILL.
func doomed(pid int) bool {
	state := status(pid, "State")
	var pending, own uint64
	_, _ = fmt.Sscanf(status(pid, "ShdPnd"), "%x", &pending)
	_, _ = fmt.Sscanf(status(pid, "SigPnd"), "%x", &own)
	const kill = 1 << (syscall.SIGKILL - 1)
	return state == "" || strings.HasPrefix(state, "Z") || strings.HasPrefix(state, "X") || (pending|own)&kill != 0
}

func TestAKilledProcessTakesItsProgramsAlong(t *testing.T) {
	for what, processes := range map[string]int{"hang": 2, "hold without guard": 1} {
		t.Run(what, func(t *testing.T) {
			address, next := listen(t)
			all := played("run", what, address)
			runner := exec.Command(all[0], all[1:]...)
			if err := runner.Start(); err != nil {
				t.Fatal(err)
			}
			var held []holder
			for range processes {
				held = append(held, next())
			}
			if err := runner.Process.Kill(); err != nil {
				t.Error(err)
			}
			_ = runner.Wait()
			// By now the system has told them.
			for _, h := range held {
				if !doomed(h.pid) {
					t.Errorf("process %d, started by %d, is still running: %s", h.pid, h.parent, status(h.pid, "State"))
				}
			}
		})
	}
}

// A number that nobody has any more can be given to another process and to its group, and that would be killed.
func TestTheProgramsNumberIsHeldAsLongAsItsGroupMayBeKilled(t *testing.T) {
	address, next := listen(t)
	states := make(chan string, 1)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		h := next()
		state := status(h.parent, "State")
		for strings.HasPrefix(state, "R") || strings.HasPrefix(state, "S") {
			state = status(h.parent, "State")
		}
		// Were it not waited for any longer, it would be gone by the time another process was started and has ended.
		_ = exec.Command("/bin/true").Run()
		states <- status(h.parent, "State")
		cancel()
	}()
	_, err := run(ctx, limit, time.Hour, played("leave elsewhere", address))
	if err == nil {
		t.Error("no error")
	}
	if state := <-states; !strings.HasPrefix(state, "Z") {
		t.Errorf("while its output was waited for, the program was %q, not a zombie", state)
	}
}
