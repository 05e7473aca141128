//go:build unix

package cli

import (
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// abruptSignals are those at which the runtime prints what every goroutine is doing, and ends the program.
var abruptSignals = []os.Signal{syscall.SIGQUIT, syscall.SIGABRT, syscall.SIGTRAP, syscall.SIGSYS}

// hideInput makes a terminal show nothing of what is typed. It hands over whole lines, and keys such as Ctrl-C do what they always
// do.
func hideInput(terminal *os.File) error {
	settings, err := unix.IoctlGetTermios(int(terminal.Fd()), getTermios)
	if err != nil {
		return err
	}
	settings.Lflag &^= unix.ECHO
	settings.Lflag |= unix.ICANON | unix.ISIG
	settings.Iflag |= unix.ICRNL
	return unix.IoctlSetTermios(int(terminal.Fd()), setTermios, settings)
}

// hiddenLine is not term.ReadPassword's: that changes the terminal after the question, when it may have been restored already
// because of a signal.
func (in Input) hiddenLine() (string, error) { return in.line() }
