package main

import (
	"math/rand/v2"
	"os"
	"syscall"
	"testing"
)

// A limit on the size of files (ulimit -f) is a full disk that any user can have, and that is met at an exact byte.
func TestSoakNoSpaceFromAnyByteOn(t *testing.T) {
	t.Parallel()
	if !apart(t, nil) {
		return
	}
	m := newMachine(t, numbered("example.com", 3))
	m.mustRun(statusOK)
	size := mustValue(os.Stat(m.state)).Size()
	seen := map[string]int{m.moveWithoutSpace(func() func() { return m.limit(0) }): 1}
	for rounds := newSoak(t, 2); rounds.more(); {
		// Up to a little more than it takes: a state that has seen more is longer.
		at := rand.Int64N(size + size/2)
		seen[m.moveWithoutSpace(func() func() { return m.limit(at) })]++
	}
	t.Logf("%v", seen)
	if seen[setAside] == 0 {
		t.Errorf("there was room every time: %v", seen)
	}
}

// limit lets no file of this process and of those that it starts grow beyond size, until enough is called.
func (m *machine) limit(size int64) (enough func()) {
	m.Helper()
	var before syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &before); err != nil {
		m.Fatal(err)
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: uint64(size), Max: before.Max}); err != nil {
		m.Fatal(err)
	}
	return func() {
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &before); err != nil {
			m.Fatal(err)
		}
	}
}
