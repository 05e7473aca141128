//go:build unix

package publicip

import (
	"os/exec"
	"syscall"
)

// minimalEnvironment is the same under cron, systemd and a shell.
func minimalEnvironment() []string {
	return []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
}

// inGroup gives the program a process group of its own, which is what is killed.
func inGroup(program *exec.Cmd) {
	program.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	program.Cancel = func() error { return syscall.Kill(-program.Process.Pid, syscall.SIGKILL) }
}

// endGroup kills what the program has left behind in its group. As long as there is something, no other group can have
// the same number.
func endGroup(program *exec.Cmd) { _ = syscall.Kill(-program.Process.Pid, syscall.SIGKILL) }
