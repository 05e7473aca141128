package main

import (
	"syscall"
	"testing"
)

// A service may write to its state folder and to nothing else.
func TestAReadOnlyRoot(t *testing.T) {
	t.Parallel()
	if !mounting(t) {
		return
	}
	r := newRig(t)
	r.configure(map[string]string{"state": ""})
	r.systemd("a")
	mount(t, r.dir, r.dir, "", syscall.MS_BIND, "")
	root := func(flags uintptr) {
		var now syscall.Statfs_t
		if err := syscall.Statfs("/", &now); err != nil {
			t.Fatal(err)
		}
		// What an ordinary user may not change has to stay as it is.
		const kept = syscall.MS_NOSUID | syscall.MS_NODEV | syscall.MS_NOEXEC | syscall.MS_NOATIME | syscall.MS_NODIRATIME
		if err := syscall.Mount("", "/", "", syscall.MS_REMOUNT|syscall.MS_BIND|uintptr(now.Flags)&kept|flags, ""); err != nil {
			t.Fatal(err)
		}
	}
	root(syscall.MS_RDONLY)
	t.Cleanup(func() { root(0) })
	for range 2 {
		if e := r.run("--log-level", "info"); e.status != 0 {
			t.Errorf("status %d\n%s%s", e.status, e.stdout, e.stderr)
		}
	}
	r.holds("203.0.113.7")
}
