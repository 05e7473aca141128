package testnet

import (
	"fmt"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"testing"
)

// IP runs one command of iproute2 in the network namespace of the calling thread.
func IP(tb testing.TB, line string) {
	tb.Helper()
	if output, err := exec.Command(IPProgram(), strings.Fields(line)...).CombinedOutput(); err != nil {
		tb.Fatalf("ip %s: %v: %s", line, err, output)
	}
}

// IPProgram is where iproute2 is, which is not on the path of every user.
func IPProgram() string {
	if path, err := exec.LookPath("ip"); err == nil {
		return path
	}
	return "/sbin/ip"
}

// Elsewhere is a further network namespace, at the other end of a line.
type Elsewhere struct{ tasks chan func() }

// NewElsewhere lays a line: an interface here, with an address, and one there, both called name.
func NewElsewhere(tb testing.TB, name, here, there string) *Elsewhere {
	tb.Helper()
	e := &Elsewhere{tasks: make(chan func())}
	ready := make(chan error)
	ended := make(chan struct{})
	go func() {
		// Never unlocked: the thread belongs to the other namespace and ends with the goroutine.
		runtime.LockOSThread()
		defer close(ended)
		ready <- syscall.Unshare(syscall.CLONE_NEWNET)
		for task := range e.tasks {
			task()
		}
	}()
	if err := <-ready; err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		close(e.tasks)
		<-ended
	})
	var thread int
	e.Run(func() { thread = syscall.Gettid() })
	IP(tb, fmt.Sprintf("link add %s type veth peer name far-end netns %d", name, thread))
	IP(tb, "addr add "+here+" dev "+name)
	IP(tb, "link set "+name+" up")
	e.Run(func() {
		IP(tb, "link set lo up")
		IP(tb, "link set far-end name "+name)
		IP(tb, "addr add "+there+" dev "+name)
		IP(tb, "link set "+name+" up")
	})
	return e
}

// Run does something in the other namespace; sockets that it opens stay there.
func (e *Elsewhere) Run(task func()) {
	done := make(chan struct{})
	e.tasks <- func() {
		defer close(done)
		task()
	}
	<-done
}
