//go:build darwin || freebsd

package program

import "golang.org/x/sys/unix"

type guard struct{}

func (p *process) start() error {
	p.SysProcAttr = attributes()
	return p.Start()
}

func (p *process) release() {}

func (p *process) ended() {
	queue, err := unix.Kqueue()
	if err != nil {
		return
	}
	defer unix.Close(queue)
	events := make([]unix.Kevent_t, 1)
	unix.SetKevent(&events[0], p.Process.Pid, unix.EVFILT_PROC, unix.EV_ADD|unix.EV_ONESHOT)
	events[0].Fflags = unix.NOTE_EXIT
	for {
		// A process that has ended already is not found, which is an answer as well.
		if _, err := unix.Kevent(queue, events, events, nil); err != unix.EINTR {
			return
		}
	}
}
