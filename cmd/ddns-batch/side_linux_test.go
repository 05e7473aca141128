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
	s := newSite(t, t.TempDir(), 0, zone{"example.com", 2})
	aside := filepath.Join(s.dir, "aside")
	s.do(os.Mkdir(aside, 0o700))
	mount(t, "tmpfs", aside, "tmpfs", 0, "size=64k,mode=700")
	s.write("hosts.yaml", hostsFile(zone{"example.com", 2})+"report_file: aside/ddns.html\n")
	ballast := mustValue(os.Create(filepath.Join(aside, "ballast")))
	for err := error(nil); !errors.Is(err, syscall.ENOSPC); _, err = ballast.Write(make([]byte, os.Getpagesize())) {
		s.do(err)
	}
	s.do(ballast.Close())

	var args []string
	matters := s.sideMatters(aside)
	for _, m := range matters {
		args = append(args, m.args...)
	}
	e := s.at("0s", args...)
	for _, m := range matters {
		if want := "ddns-batch: warning: " + m.fault + ": " + m.path + ": no space left on device\n"; !strings.Contains(e.stderr, want) {
			t.Errorf("it does not say %q", want)
		}
	}
	if e.status != statusOK || strings.Count(e.stderr, "\n") != len(matters) {
		t.Errorf("status %d\n%s", e.status, e.stderr)
	}
	s.right(homeAddress)
	if e := s.at("1h", append(args, "-q")...); e.status != statusOK || e.stderr != "" || strings.Count(e.stdout, "no space left on device\n") != len(matters) {
		t.Errorf("status %d, said %q %q", e.status, e.stdout, e.stderr)
	}
	if e := s.at("2h", append(args, "-q")...); e.status != statusOK || e.stdout+e.stderr != "" {
		t.Errorf("status %d, said again: %q %q", e.status, e.stdout, e.stderr)
	}
	s.do(os.Remove(filepath.Join(aside, "ballast")))
	if e := s.at("3h", append(args, "-q")...); e.status != statusOK || e.stderr != "" || strings.Count(e.stdout, ": working again\n") != len(matters) {
		t.Errorf("status %d, said %q %q", e.status, e.stdout, e.stderr)
	}
}
