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
	s := newSite(t, t.TempDir(), 0, zone{"example.com", 3})
	s.run(statusOK)
	size := mustValue(os.Stat(s.state)).Size()
	seen := map[string]int{s.moveWithoutSpace(func() func() { return s.limit(0) }): 1}
	for rounds := newSoak(t, 2, 10); rounds.more(); {
		// Up to a little more than it takes: a state that has seen more is longer.
		at := rand.Int64N(size + size/2)
		seen[s.moveWithoutSpace(func() func() { return s.limit(at) })]++
	}
	t.Logf("%v", seen)
	if seen[setAside] == 0 {
		t.Errorf("there was room every time: %v", seen)
	}
}

// limit lets no file of this process and of those that it starts grow beyond size, until enough is called.
func (s *site) limit(size int64) (enough func()) {
	s.Helper()
	var before syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &before); err != nil {
		s.Fatal(err)
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: uint64(size), Max: before.Max}); err != nil {
		s.Fatal(err)
	}
	return func() {
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &before); err != nil {
			s.Fatal(err)
		}
	}
}
