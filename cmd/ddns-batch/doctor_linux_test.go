package main

import (
	"path/filepath"
	"syscall"
	"testing"

	"ddns-batch/internal/state"
)

// In the sandbox everything else is in order for doctor and for a run, and nobody outside is asked.

func TestDoctorOnAReadOnlyDisk(t *testing.T) {
	t.Parallel()
	m := onSmallDisk(t, numbered("example.com", 3))
	if m == nil {
		return
	}
	why := state.SandboxPath(m.state) + ": read-only file system"
	m.remount(syscall.MS_RDONLY)
	m.cannotSave(why)
	m.remount(0)
	m.mustRun(statusOK, "--sandbox")
	m.remount(syscall.MS_RDONLY)
	m.cannotSave(why)
	m.remount(0)
	m.canSave()
}

func TestDoctorOnAFullDisk(t *testing.T) {
	t.Parallel()
	m := onSmallDisk(t, numbered("example.com", 3))
	if m == nil {
		return
	}
	m.mustRun(statusOK, "--sandbox")
	for _, exhaust := range []func() func(){func() func() { return m.fill(0) }, m.exhaustNames} {
		enough := exhaust()
		m.cannotSave(state.SandboxPath(m.state) + ": no space left on device")
		enough()
		m.mustRun(statusOK, "--sandbox")
		m.canSave()
	}
}

func TestDoctorWithASingleFileThatIsMounted(t *testing.T) {
	t.Parallel()
	m := onSmallDisk(t, numbered("example.com", 3))
	if m == nil {
		return
	}
	m.mustRun(statusOK, "--sandbox")
	file, outside := state.SandboxPath(m.state), filepath.Join(m.dir, "outside.json")
	for _, content := range []string{m.content(file), ""} {
		m.write("outside.json", content)
		m.must(syscall.Mount(outside, file, "", syscall.MS_BIND, ""))
		m.cannotSave("is mounted as a single file, so it cannot be replaced; mount its folder instead")
		m.must(syscall.Unmount(file, 0))
	}
	m.canSave()
}
