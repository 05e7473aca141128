// Package program runs a program that the user names, for what it prints or for what it does. It uses no shell, passes on
// nothing of this process's environment, where passwords are, unless it is told to, and never leaves the program running
// when its time is over, nor what is in its process group then.
package program

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"ddns-batch/internal/humanize"
	"ddns-batch/internal/ownership"
	"ddns-batch/internal/shell"
)

// lingering is how long a program's output is waited for once the program itself has ended.
const lingering = 500 * time.Millisecond

var errHeld = errors.New("the program ended, but something that it started keeps its output open")

// Output runs the program arguments[0], a whole path, in the root folder and returns what it wrote to stdout; what it
// writes to stderr goes nowhere. It fails if the program does, or writes more than limit bytes.
//
// The program has a process group of its own. All that is in this group is killed when ctx ends, when it writes too
// much, or when something in it keeps stdout open after the program has ended. The same happens on Linux when this
// process is killed; on FreeBSD the program alone is killed then, and on macOS nothing. What has left the group, by
// setsid for instance, is never killed. On Windows, which has no such groups, the program alone is killed, and that not
// when this process is.
func Output(ctx context.Context, limit int, arguments []string) (string, error) {
	return run(ctx, limit, lingering, arguments)
}

func run(ctx context.Context, limit int, lingering time.Duration, arguments []string) (string, error) {
	if ctx.Err() != nil {
		return "", context.Cause(ctx)
	}
	// On Linux a program that is to be killed with its parent is killed with the thread that started it.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	p := newProcess(arguments, append(minimalEnvironment(), "LANG=C"))
	if err := p.refused(); err != nil {
		return "", err
	}
	stdout, err := p.StdoutPipe()
	if err != nil {
		return "", fmt.Errorf("the program cannot be started: %w", err)
	}
	if err := p.start(); err != nil {
		return "", notStarted(err)
	}
	defer p.release()
	text, err := p.read(ctx, stdout, limit, lingering)
	// Only now: as long as nobody has waited for the program, no other process or group can have its number.
	failed := p.Wait()
	if err != nil {
		return "", err
	}
	if failed != nil {
		return "", p.failure()
	}
	return text, nil
}

// Run runs the program arguments[0] as Output does, with environment beside what programs cannot do without and input as
// its stdin, of which it need not read anything. What it writes goes nowhere. It fails if the program does. The group is
// killed when ctx ends before the program; what the program leaves running when it ends goes on.
func Run(ctx context.Context, arguments, environment []string, input string) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	p := newProcess(arguments, append(minimalEnvironment(), environment...))
	p.Stdin = strings.NewReader(input)
	p.WaitDelay = lingering
	if err := p.refused(); err != nil {
		return err
	}
	if err := p.start(); err != nil {
		return notStarted(err)
	}
	defer p.release()
	ends := make(chan struct{})
	go func() {
		p.ended()
		close(ends)
	}()
	var late error
	select {
	case <-ends:
	case <-ctx.Done():
		late = context.Cause(ctx)
		p.kill()
		<-ends
	}
	switch err := p.Wait(); {
	case late != nil:
		return late
	case err != nil && !p.ProcessState.Success():
		return p.failure()
	}
	return nil
}

// Check reports why the program at path, a whole path, could not be started, or that others could change what is started.
func Check(path string) error {
	_, err := exec.LookPath(path)
	if err == nil {
		return exposed(path)
	}
	for inner := errors.Unwrap(err); inner != nil; inner = errors.Unwrap(err) {
		err = inner
	}
	return err
}

// newProcess is a program that is about to be started, in the root folder.
func newProcess(arguments, environment []string) *process {
	p := &process{Cmd: exec.Command(arguments[0], arguments[1:]...)}
	p.Env = environment
	p.Dir = filepath.VolumeName(arguments[0]) + string(filepath.Separator)
	return p
}

// refused is why root does not start it: whoever can change the program would become root.
func (p *process) refused() error {
	if err := exposed(p.Path); err != nil && ownership.Root() {
		return fmt.Errorf("root does not start the program: %w", err)
	}
	return nil
}

// exposed says who else could change what is started from path, and what to do about it.
func exposed(path string) error {
	e := ownership.Exposed(path)
	if e == nil {
		return nil
	}
	return fmt.Errorf("%w; %s", e, shell.Suggest(e.Remedy()))
}

// failure is how a program ended that failed.
func (p *process) failure() error { return fmt.Errorf("the program failed: %s", p.ProcessState) }

// process is a program that was started, and how it is ended. It has these methods for each system:
//
//	start()   starts it, in a group of its own that ends with this process
//	ended()   returns when it has ended, and leaves it to Wait
//	kill()    kills the group; not to be called after Wait
//	release() is called when the program needs no more ending
type process struct {
	*exec.Cmd
	guard guard
}

// output is what was read of a program's.
type output struct {
	text string
	err  error
}

// read returns when the program has ended and all its output is read, or when it was killed.
func (p *process) read(ctx context.Context, stdout io.ReadCloser, limit int, lingering time.Duration) (string, error) {
	outputs, ends := make(chan output, 1), make(chan struct{})
	go func() { outputs <- readAll(stdout, limit) }()
	go func() {
		p.ended()
		close(ends)
	}()
	var got *output
	var lingered <-chan time.Time
	exit := ends // nil once it was received from
	for got == nil || exit != nil {
		var failed error
		select {
		case o := <-outputs:
			got, failed = &o, o.err
		case <-exit:
			exit, lingered = nil, time.After(lingering)
		case <-lingered:
			failed = errHeld
		case <-ctx.Done():
			failed = context.Cause(ctx)
		}
		if failed != nil {
			p.kill()
			_ = stdout.Close() // somebody outside the group may still hold the other end
			<-ends
			if got == nil {
				<-outputs
			}
			return "", failed
		}
	}
	return got.text, nil
}

func readAll(stdout io.Reader, limit int) output {
	text, err := io.ReadAll(io.LimitReader(stdout, int64(limit)+1))
	if err == nil && len(text) > limit {
		err = fmt.Errorf("more than %d bytes of output", limit)
	}
	return output{string(text), err}
}

// notStarted leaves the path out of the error: the user knows it, and it may be long.
func notStarted(err error) error {
	err = humanize.WithoutPath(err)
	if found, ok := errors.AsType[*exec.Error](err); ok {
		err = found.Err
	}
	return fmt.Errorf("the program cannot be started: %w", err)
}
