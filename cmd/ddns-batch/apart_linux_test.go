package main

import (
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
)

// apartVariable holds the name of the one test that this process is for.
const apartVariable = "TEST_APART"

// apart runs a test again in a process of its own, where it may do what would disturb others, and reports whether this
// is that process. The other one has nothing more to do.
func apart(t *testing.T, attributes *syscall.SysProcAttr) bool {
	t.Helper()
	if os.Getenv(apartVariable) == t.Name() {
		return true
	}
	self := exec.Command("/proc/self/exe", "-test.run=^"+t.Name()+"$", "-test.v")
	if testing.Short() {
		self.Args = append(self.Args, "-test.short")
	}
	self.Env = append(os.Environ(), apartVariable+"="+t.Name())
	self.SysProcAttr = attributes
	out, err := self.CombinedOutput()
	switch {
	case self.Process == nil:
		t.Logf("the test cannot be run apart here: %v", err)
	case err != nil || !strings.Contains(string(out), "--- PASS: "+t.Name()):
		t.Errorf("%v\n%s", err, out)
	default:
		t.Logf("%s", out)
	}
	return false
}

// mounting is apart for a test that mounts file systems, which nobody else sees: in a namespace of its own an ordinary
// user may do that too, on most systems.
func mounting(t *testing.T) bool {
	t.Helper()
	const mayMount = 21 // CAP_SYS_ADMIN
	attributes := &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: os.Getuid(), HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: os.Getgid(), HostID: os.Getgid(), Size: 1}},
	}
	if os.Getuid() != 0 {
		attributes.AmbientCaps = []uintptr{mayMount}
	}
	return apart(t, attributes)
}

// mount mounts a file system at path until the test ends. false: that is not permitted here.
func mount(t *testing.T, source, path, kind string, flags uintptr, options string) bool {
	t.Helper()
	err := syscall.Mount(source, path, kind, flags, options)
	if err == syscall.EPERM || err == syscall.EACCES {
		t.Logf("nothing may be mounted here, so only package state tests this: %v", err)
		return false
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(path, 0); err != nil {
			t.Error(err)
		}
	})
	return true
}
