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
	self.Env = append(os.Environ(), apartVariable+"="+t.Name(), "GORACE=atexit_sleep_ms=0")
	self.SysProcAttr = attributes
	out, err := self.CombinedOutput()
	switch {
	case self.Process == nil && attributes != nil:
		variable := mountsVariable
		if attributes.Cloneflags&syscall.CLONE_NEWNET != 0 {
			variable = namespacesVariable
		}
		lacking(t, variable, "the system gives no namespace: "+err.Error())
	case err == nil && strings.Contains(string(out), "--- SKIP: "+t.Name()):
		t.Skipf("%s", out)
	case err != nil || !strings.Contains(string(out), "--- PASS: "+t.Name()):
		t.Errorf("%v\n%s", err, out)
	default:
		t.Logf("%s", out)
	}
	return false
}

// Variables that a machine sets to "required" on which these tests have to be possible.
const (
	mountsVariable     = "DDNS_BATCH_MOUNTS"
	namespacesVariable = "DDNS_BATCH_NAMESPACES"
	tracingVariable    = "DDNS_BATCH_TRACING"
)

// lacking skips a test that is not possible here, unless it has to be.
func lacking(t *testing.T, variable, why string) {
	t.Helper()
	if os.Getenv(variable) == "required" {
		t.Fatal(variable+"=required, but", why)
	}
	t.Skip(why)
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

// mount mounts a file system at path until the test ends. Where that is not permitted the test is skipped.
func mount(t *testing.T, source, path, kind string, flags uintptr, options string) {
	t.Helper()
	err := syscall.Mount(source, path, kind, flags, options)
	if err == syscall.EPERM || err == syscall.EACCES {
		lacking(t, mountsVariable, "nothing may be mounted here: "+err.Error())
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(path, 0); err != nil {
			t.Error(err)
		}
	})
}
