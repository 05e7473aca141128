package program

import (
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// guard is a pipe by which the kernel kills the group when this process ends, however it ends. The program and what it
// starts hold the reading end, as file 3, and this process alone the writing one. When that is closed, the kernel sends
// the signal that was chosen to the owner of the reading end, which is the group. It keeps the group itself for that, and
// not its number.
//
// Pdeathsig kills the program alone, and is for what the guard leaves open: the moment before it is armed, a system that
// does not allow it, and a program that closes all files that it does not know.
type guard struct{ read, write *os.File }

func (p *process) start() error {
	p.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	var ends [2]int
	if err := unix.Pipe2(ends[:], unix.O_CLOEXEC); err != nil {
		return os.NewSyscallError("pipe", err)
	}
	p.guard = guard{os.NewFile(uintptr(ends[0]), "guard"), os.NewFile(uintptr(ends[1]), "guard")}
	p.ExtraFiles = []*os.File{p.guard.read}
	if err := p.Start(); err != nil {
		p.release()
		return err
	}
	p.guard.arm(p.Process.Pid)
	return nil
}

// arm makes the group the owner.
func (g guard) arm(group int) {
	end := g.read.Fd()
	if _, err := unix.FcntlInt(end, unix.F_SETOWN, -group); err != nil {
		return
	}
	if _, err := unix.FcntlInt(end, unix.F_SETSIG, int(unix.SIGKILL)); err != nil {
		return
	}
	_, _ = unix.FcntlInt(end, unix.F_SETFL, unix.O_ASYNC)
}

// release closes the guard without a signal: what the program has left running on purpose stays.
func (p *process) release() {
	_, _ = unix.FcntlInt(p.guard.read.Fd(), unix.F_SETFL, 0)
	_ = p.guard.read.Close()
	_ = p.guard.write.Close()
}

func (p *process) ended() {
	for unix.Waitid(unix.P_PID, p.Process.Pid, nil, unix.WEXITED|unix.WNOWAIT, nil) == unix.EINTR {
	}
}
