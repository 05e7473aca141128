//go:build unix

package cli

import (
	"os"

	"golang.org/x/sys/unix"
)

// hideInput makes a terminal show nothing of what is typed. Keys such as Ctrl-C still do what they do.
func hideInput(terminal *os.File) error {
	settings, err := unix.IoctlGetTermios(int(terminal.Fd()), getTermios)
	if err != nil {
		return err
	}
	settings.Lflag &^= unix.ECHO
	return unix.IoctlSetTermios(int(terminal.Fd()), setTermios, settings)
}
