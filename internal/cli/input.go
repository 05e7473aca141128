package cli

import (
	"bufio"
	"errors"
	"io"
	"os"
	"os/signal"
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
	// signals is where signals go that ask for an end.
	signals chan<- os.Signal

	mu    sync.Mutex
	shown *term.State // what is to be restored while a password is typed; nil otherwise
	over  bool        // the program ends: nothing is hidden any more
}

// openInput is stdin with what a terminal needs, if it is one.
func openInput(f *os.File, signals chan<- os.Signal) Input {
	in := Input{Lines: bufio.NewReader(f)}
	if term.IsTerminal(int(f.Fd())) {
		in.Terminal = &Terminal{file: f, signals: signals}
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

// secretLine asks for a line that is not shown, and reads it. Meanwhile abruptSignals ask for an end as Ctrl-C does, so that the
// terminal is restored first.
func (in Input) secretLine(ask func()) (string, error) {
	t := in.Terminal
	for _, s := range abruptSignals {
		if !signal.Ignored(s) {
			signal.Notify(t.signals, s)
			defer signal.Reset(s)
		}
	}
	// Before the question: somebody may paste the answer at once.
	if err := t.hide(); err != nil {
		return "", err
	}
	defer t.show()
	ask()
	return in.hiddenLine()
}

// hide makes the terminal show nothing of what is typed, until show.
func (t *Terminal) hide() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.over {
		return io.EOF
	}
	shown, err := term.GetState(int(t.file.Fd()))
	if err != nil {
		return err
	}
	t.shown = shown
	return hideInput(t.file)
}

func (t *Terminal) show() (was bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	was = t.shown != nil && term.Restore(int(t.file.Fd()), t.shown) == nil
	t.shown = nil
	return was
}

// restore shows again what is typed, where the program ends while it waits for a password, and for good. It reports whether that
// was hidden.
func (t *Terminal) restore() bool {
	if t == nil {
		return false
	}
	t.mu.Lock()
	t.over = true
	t.mu.Unlock()
	return t.show()
}
