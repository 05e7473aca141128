package main

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// A power cut finds the old state or the new one, whole, and never after the first update the one from before: the
// kernel is asked for exactly these things, in this order. Package state tests the same without a kernel, for every
// operation at which the power may go.
func TestTheSystemCallsOfASave(t *testing.T) {
	t.Parallel()
	strace, err := exec.LookPath("strace")
	if err != nil {
		lacking(t, tracingVariable, "strace is not installed")
	}
	m := setup{dir: mustValue(filepath.EvalSymlinks(t.TempDir()))}.machine(t, numbered("example.com", 1))
	if out, err := exec.Command(strace, "-o", filepath.Join(m.dir, "trace"), "true").CombinedOutput(); err != nil {
		lacking(t, tracingVariable, fmt.Sprintf("strace may not trace here: %v %s", err, out))
	}
	// The address is given, so that the only connection is the one to the endpoint.
	calls := m.trace(strace, "--ip", homeAddress.String())
	save := []string{"create state.json.tmp", "write state.json.tmp", "sync state.json.tmp", "rename state.json.tmp state.json", "sync state"}
	want := slices.Concat(save, []string{"connect"}, save,
		// How the run ended may be lost.
		[]string{"create last-run.json.tmp", "write last-run.json.tmp", "rename last-run.json.tmp last-run.json"})
	var got []string
	for i, c := range calls {
		got = append(got, c.what)
		if c.result == "-1" && c.what != "connect" {
			t.Errorf("%s failed", c.what)
		}
		if i > 0 && c.began < calls[i-1].ended {
			t.Errorf("%q began before %q had ended", c.what, calls[i-1].what)
		}
		if flags := "O_WRONLY|O_CREAT|O_EXCL|O_NOFOLLOW|O_CLOEXEC, 0600"; strings.HasPrefix(c.what, "create ") && !strings.Contains(c.line, flags) {
			t.Errorf("%s: not with %s", c.line, flags)
		}
	}
	// A long file is written in several parts.
	if got = slices.Compact(got); !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

// call is a system call that changes something on the disk, or that connects.
type call struct {
	what, line   string
	result       string
	began, ended int // lines of the trace
}

// trace runs the program under strace, and lists what it does to the folder of the state. The lock is not part of it.
func (m *machine) trace(strace string, args ...string) []call {
	m.Helper()
	to := filepath.Join(m.dir, "trace")
	p := m.command(args...)
	p.Args = append([]string{strace, "-f", "-y", "-s", "10000", "-o", to, "-e", "trace=" + traced, p.Path}, p.Args[1:]...)
	p.Path = strace
	if e := p.start().end(); e.status != statusOK {
		m.Fatalf("status %d\n%s%s", e.status, e.stdout, e.stderr)
	}
	return m.readTrace(to)
}

const traced = "open,openat,creat,write,pwrite64,writev,ftruncate,truncate,fsync,fdatasync,rename,renameat,renameat2,link,linkat,unlink,unlinkat,connect"

var (
	traceLine    = regexp.MustCompile(`^(\d+) +(\w+)\((.*)$`)
	resumedLine  = regexp.MustCompile(`^(\d+) +<\.\.\. \w+ resumed>(.*)$`)
	tracedPath   = regexp.MustCompile(`["<](/[^">]*)[">]`)
	tracedResult = regexp.MustCompile(`^.*\) += (-?\w+)`)
)

// readTrace reads what strace wrote. A call of one thread during which another one made one is written in two halves.
func (m *machine) readTrace(file string) []call {
	m.Helper()
	in := mustValue(os.Open(file))
	defer in.Close()
	var calls []call
	open := map[string]int{}
	lines := bufio.NewScanner(in)
	for n := 0; lines.Scan(); n++ {
		if match := resumedLine.FindStringSubmatch(lines.Text()); match != nil {
			if i, ok := open[match[1]]; ok {
				calls[i].finish(match[2], n)
				delete(open, match[1])
			}
			continue
		}
		match := traceLine.FindStringSubmatch(lines.Text())
		if match == nil {
			continue
		}
		what := m.phrase(match[2], match[3])
		if what == "" {
			continue
		}
		calls = append(calls, call{what: what, line: lines.Text(), began: n})
		if strings.HasSuffix(match[3], "<unfinished ...>") {
			open[match[1]] = len(calls) - 1
		} else {
			calls[len(calls)-1].finish(match[3], n)
		}
	}
	return slices.DeleteFunc(calls, func(c call) bool { return strings.HasPrefix(c.what, "remove ") && c.result == "-1" })
}

func (c *call) finish(rest string, line int) {
	c.ended = line
	if match := tracedResult.FindStringSubmatch(rest); match != nil {
		c.result = match[1]
	}
}

// phrase says in words what a call does; nothing if it is none of those that count.
func (m *machine) phrase(name, args string) string {
	if name == "connect" {
		if strings.Contains(args, "AF_INET") {
			return "connect"
		}
		return ""
	}
	var paths []string
	for _, match := range tracedPath.FindAllStringSubmatch(args, -1) {
		if dir := filepath.Dir(m.state); match[1] == dir || filepath.Dir(match[1]) == dir {
			paths = append(paths, filepath.Base(match[1]))
		}
	}
	if len(paths) == 0 || strings.HasSuffix(paths[0], ".lock") {
		return ""
	}
	switch name {
	case "open", "openat", "creat":
		if strings.Contains(args, "O_CREAT") || name == "creat" {
			return "create " + paths[0]
		}
		return ""
	case "fsync", "fdatasync":
		return "sync " + paths[0]
	case "rename", "renameat", "renameat2":
		return "rename " + strings.Join(paths, " ")
	case "unlink", "unlinkat":
		return "remove " + paths[0]
	default:
		return "write " + paths[0]
	}
}
