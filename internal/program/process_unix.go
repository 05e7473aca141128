//go:build unix

package program

import "syscall"

// minimalEnvironment is the same under cron, systemd and a shell.
func minimalEnvironment() []string {
	return []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
}

func (p *process) kill() { _ = syscall.Kill(-p.Process.Pid, syscall.SIGKILL) }
