package publicip

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// lingering is how long a program's output is waited for once the program itself has ended.
const lingering = 500 * time.Millisecond

// command is a source that runs a program. Its whole output is the address; what it writes to stderr goes nowhere.
type command struct{ arguments []string }

func (c command) ask(ctx context.Context) (netip.Addr, Egress, error) {
	output, err := c.run(ctx)
	if err != nil {
		return netip.Addr{}, Egress{}, local{err}
	}
	address, err := parseBody(output, false)
	// A program may repeat its arguments, and they may hold a token.
	if bad, ok := errors.AsType[*notAnAnswer](err); ok && len(c.arguments) > 1 {
		bad.said = ""
	}
	if err != nil {
		return netip.Addr{}, Egress{}, local{err}
	}
	return address, Egress{}, nil
}

// run starts the program without a shell, with an environment that holds no password, in the root folder, and ends it
// with everything that it started in its process group when ctx ends or when it writes too much.
func (c command) run(ctx context.Context) (string, error) {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	program := exec.CommandContext(ctx, c.arguments[0], c.arguments[1:]...)
	program.Env = append(minimalEnvironment(), "LANG=C")
	program.Dir = filepath.VolumeName(c.arguments[0]) + string(filepath.Separator)
	output := &limited{full: func() { stop(errTooMuch) }}
	program.Stdout = output
	program.WaitDelay = lingering
	inGroup(program)

	err := program.Run()
	if program.Process != nil && (ctx.Err() != nil || errors.Is(err, exec.ErrWaitDelay)) {
		endGroup(program)
	}
	if ctx.Err() != nil {
		return "", context.Cause(ctx)
	}
	if err != nil {
		return "", commandProblem(err)
	}
	return output.text.String(), nil
}

var errTooMuch = errors.New("more than 4 KiB of output")

func commandProblem(err error) error {
	if ended, ok := errors.AsType[*exec.ExitError](err); ok {
		return fmt.Errorf("the program failed: %s", ended.ProcessState)
	}
	if errors.Is(err, exec.ErrWaitDelay) {
		return errors.New("the program ended, but something that it started still holds its output")
	}
	if path, ok := errors.AsType[*fs.PathError](err); ok {
		err = path.Err
	}
	if found, ok := errors.AsType[*exec.Error](err); ok {
		err = found.Err
	}
	return fmt.Errorf("the program cannot be started: %w", err)
}

// limited keeps the first maxBody bytes and calls full when there are more.
type limited struct {
	text strings.Builder
	full func()
}

func (l *limited) Write(p []byte) (int, error) {
	if l.text.Len()+len(p) > maxBody {
		l.full()
		return 0, errTooMuch
	}
	return l.text.Write(p)
}
