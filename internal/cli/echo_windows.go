package cli

import (
	"os"

	"golang.org/x/term"
)

// abruptSignals are none: nothing but Ctrl-C and Ctrl-Break can be sent to a program.
var abruptSignals []os.Signal

// hideInput leaves it to hiddenLine.
func hideInput(*os.File) error { return nil }

func (in Input) hiddenLine() (string, error) {
	text, err := term.ReadPassword(int(in.Terminal.file.Fd()))
	return string(text), err
}
