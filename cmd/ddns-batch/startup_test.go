package main

import (
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// initialised is a line of GODEBUG=inittrace=1: a package, and what its variables and init functions cost at start.
var initialised = regexp.MustCompile(`(?m)^init (\S+) @\S+ ms, \S+ ms clock, (\d+) bytes, (\d+) allocs$`)

// Every run starts the whole program, also one that has nothing to do. What a package of ours needs only now and then (a
// regular expression, a table) it makes when it is first needed. Errors and tables of a few lines are less than the bound.
func TestNoPackageDoesMuchAtStart(t *testing.T) {
	t.Parallel()
	const mostBytes = 4 << 10
	c := exec.Command(os.Args[0], "-test.run=^$")
	c.Env = append(os.Environ(), "GODEBUG=inittrace=1")
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	seen := 0
	for _, m := range initialised.FindAllStringSubmatch(string(out), -1) {
		seen++
		if bytes, _ := strconv.Atoi(m[2]); strings.HasPrefix(m[1], "ddns-batch/internal/") && bytes > mostBytes {
			t.Errorf("%s allocates %d bytes, %s times, before main is called", m[1], bytes, m[3])
		}
	}
	if seen < 20 {
		t.Errorf("only %d packages are listed:\n%s", seen, out)
	}
}
