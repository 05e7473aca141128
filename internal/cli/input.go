package cli

import (
	"bufio"
	"errors"
	"io"
	"os"
	"strings"
	"sync"

	"golang.org/x/term"
)

// Input is stdin. Its zero value is one from which nothing comes.
type Input struct {
	// Lines are read one at a time.
	Lines *bufio.Reader
	// Terminal is set if somebody may be there to answer.
	Terminal *Terminal
}

// Terminal is one that somebody types on.
type Terminal struct {
	file *os.File

	mu    sync.Mutex
	shown *term.State // what is to be restored while a password is typed; nil otherwise
}

// openInput is stdin with what a terminal needs, if it is one.
func openInput(f *os.File) Input {
	in := Input{Lines: bufio.NewReader(f)}
	if term.IsTerminal(int(f.Fd())) {
		in.Terminal = &Terminal{file: f}
	}
	return in
}

// line reads a line without its end. The error is io.EOF where there is none.
func (in Input) line() (string, error) {
	if in.Lines == nil {
		return "", io.EOF
	}
	text, err := in.Lines.ReadString('\n')
	if errors.Is(err, io.EOF) && text != "" {
		err = nil
	}
	return strings.TrimRight(text, "\r\n"), err
}

// secretLine asks for a line that is not shown, and reads it.
func (t *Terminal) secretLine(ask func()) (string, error) {
	shown, err := term.GetState(int(t.file.Fd()))
	if err != nil {
		return "", err
	}
	t.set(shown)
	defer t.set(nil)
	// Before the question: somebody may paste the answer at once.
	if err := hideInput(t.file); err != nil {
		return "", err
	}
	defer t.restore()
	ask()
	text, err := term.ReadPassword(int(t.file.Fd()))
	return string(text), err
}

func (t *Terminal) set(shown *term.State) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.shown = shown
}

// restore shows again what is typed, where the program ends while it waits for a password. It reports whether it did.
func (t *Terminal) restore() bool {
	if t == nil {
		return false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.shown != nil && term.Restore(int(t.file.Fd()), t.shown) == nil
}
