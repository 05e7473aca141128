package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// What lies on a disk of its own that is full is no reason to update no records, and stderr says nothing but warnings.
func TestSideMattersOnAFullDisk(t *testing.T) {
	t.Parallel()
	if !mounting(t) {
		return
	}
	m := newMachine(t, numbered("example.com", 2))
	aside := filepath.Join(m.dir, "aside")
	m.must(os.Mkdir(aside, 0o700))
	mount(t, "tmpfs", aside, "tmpfs", 0, "size=64k,mode=700")
	ballast := mustValue(os.Create(filepath.Join(aside, "ballast")))
	for err := error(nil); !errors.Is(err, syscall.ENOSPC); _, err = ballast.Write(make([]byte, os.Getpagesize())) {
		m.must(err)
	}
	m.must(ballast.Close())

	var args []string
	matters := m.sideMatters(aside)
	m.configure(settingsOf(matters...))
	for _, file := range matters {
		args = append(args, file.args...)
	}
	e := m.at("0s", args...)
	for _, file := range matters {
		if want := "ddns-batch: warning: " + file.fault + ": " + file.path + ": no space left on device\n"; !strings.Contains(e.stderr, want) {
			t.Errorf("it does not say %q", want)
		}
	}
	if e.status != statusOK || strings.Count(e.stderr, "\n") != len(matters) {
		t.Errorf("status %d\n%s", e.status, e.stderr)
	}
	m.confirmed(homeAddress)
	if e := m.at("1h", append(args, "-q")...); e.status != statusOK || e.stderr != "" || strings.Count(e.stdout, "no space left on device\n") != len(matters) {
		t.Errorf("status %d, said %q %q", e.status, e.stdout, e.stderr)
	}
	if e := m.at("2h", append(args, "-q")...); e.status != statusOK || e.stdout+e.stderr != "" {
		t.Errorf("status %d, said again: %q %q", e.status, e.stdout, e.stderr)
	}
	m.must(os.Remove(filepath.Join(aside, "ballast")))
	if e := m.at("3h", append(args, "-q")...); e.status != statusOK || e.stderr != "" || strings.Count(e.stdout, ": working again\n") != len(matters) {
		t.Errorf("status %d, said %q %q", e.status, e.stdout, e.stderr)
	}
}
