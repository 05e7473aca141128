// Package cli is the command line: each command reads its flags, calls the inner packages, prints what they return, and
// turns that into an exit status. It is the only package that prints, logs or ends the program, and it holds no rule about
// records.
package cli

import (
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"time"

	"ddns-batch/internal/exitstatus"
	"ddns-batch/internal/outcome"
	"ddns-batch/internal/provider"
	"ddns-batch/internal/provider/namecheap"
	"ddns-batch/internal/record"
	"ddns-batch/internal/report"
	"ddns-batch/internal/roots"
	"ddns-batch/internal/run"
)

// app is one call of the program.
type app struct {
	System
	commonOptions
	stop *run.Shutdown
	// trusted is set by authorities.
	trusted *roots.Authorities
	// prefix stands before each line on stderr: the machine's name in a quiet run. dated: before that the time, and before
	// the lines on stdout as well.
	prefix string
	dated  bool
	// started is when the program was, and timeLimit what --timeout says; 0 where it is not given.
	started   time.Time
	timeLimit time.Duration
	// changed tells a flag that was given from one that has its default.
	changed func(flag string) bool
}

// Garbage is collected late, since most runs are over before it would pay, and often where a run needs much memory: what is
// in use grows with the number of updates under way, and all of it must stay below 64 MiB.
const (
	gcPercent   = 400
	memoryLimit = 40 << 20
)

// Main runs the command line and returns the exit status. Where a signal says that it has to end at once, the command is
// left where it is: what hangs then ends with the process.
func Main(s System) int {
	defer debug.SetGCPercent(debug.SetGCPercent(gcPercent))
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(memoryLimit))
	a := &app{System: s, stop: run.NewShutdown(s.Signals), started: s.Now()}
	a.Stdout = s.Stdout.limited(0, a.stop.Printing)
	a.Stderr = s.Stderr.limited(lastMoment, a.stop.Printing)
	status := make(chan exitstatus.Status, 1)
	go func() { status <- a.execute() }()
	select {
	case status := <-status:
		a.stop.Close()
		return int(status)
	case <-a.stop.Abandoned.Done():
		if a.Stdin.Terminal.restore() {
			_, _ = io.WriteString(a.Stderr, "\n")
		}
		return int(a.stop.Status())
	}
}

func (a *app) execute() exitstatus.Status {
	defer func() { _ = a.Stderr.flush() }()
	root := a.command()
	root.SetArgs(a.Args)
	root.SetOut(a.Stdout)
	root.SetErr(a.Stderr)
	err := root.Execute()
	var status exitStatus
	switch {
	case err == nil:
		return exitstatus.OK
	case errors.As(err, &status):
		return exitstatus.Status(status)
	}
	f := asFailure(err)
	a.printError(f.Report)
	return f.Status
}

// exitStatus is returned by a command that has printed all there is to print, and ends with that status.
type exitStatus exitstatus.Status

func (s exitStatus) Error() string { return exitstatus.Status(s).Words() }

// usage is an error of the command line or of the configuration.
func usage(message, hint string) *run.Failure {
	return &run.Failure{Status: exitstatus.Usage, Report: report.Error{Message: message, Hint: hint}, AlwaysPrint: true}
}

// asFailure makes the way out uniform: what cobra says is a usage error too.
func asFailure(err error) *run.Failure {
	var f *run.Failure
	if errors.As(err, &f) {
		return f
	}
	return usage(err.Error(), "ddns-batch --help lists the commands and flags")
}

// printError writes an error to stderr. If stderr itself fails, there is nowhere to report that.
func (a *app) printError(e report.Error) { _ = report.WriteError(a.Stderr, a.date()+a.prefix, e) }

// warn writes something to stderr that nothing fails for.
func (a *app) warn(e report.Error) { _ = report.WriteWarning(a.Stderr, a.date()+a.prefix, e) }

// hint writes the next step to stderr. Its command, if it has one, gets none of the flags of this one.
func (a *app) hint(h outcome.Hint) {
	_ = report.WriteHint(a.Stderr, a.date()+a.prefix, report.HintText(h, nil))
}

// date is what stands before a line that is written now.
func (a *app) date() string {
	if !a.dated {
		return ""
	}
	return a.Now().In(a.Local).Format(time.DateTime) + " "
}

// writeLines writes what a quiet run has to say.
func (a *app) writeLines(w io.Writer, lines []string) error {
	for _, line := range lines {
		if _, err := fmt.Fprintln(w, a.date()+line); err != nil {
			return err
		}
	}
	return nil
}

// answer is what a command has to say.
type answer interface {
	WriteText(io.Writer, report.TextOptions) error
	WriteJSON(io.Writer) error
}

// print writes it to stdout in the form that is asked for.
func (a *app) print(said answer) error {
	var err error
	if a.output == outputJSON {
		err = said.WriteJSON(a.Stdout)
	} else {
		err = said.WriteText(a.Stdout, report.TextOptions{Location: a.Local, Width: a.Stdout.Width})
	}
	if err != nil {
		return usage("cannot write the output: "+err.Error(), "")
	}
	return nil
}

// wrongClock is a hint if this machine's clock is surely wrong, otherwise empty.
func (a *app) wrongClock() string {
	built := builtAt()
	if !a.Now().Before(built) {
		return ""
	}
	return fmt.Sprintf("this machine's clock says %s, but this program was built on %s: set the clock",
		a.Now().In(a.Local).Format(time.DateOnly), built.In(a.Local).Format(time.DateOnly))
}

// guide says what to do about a refusal, and whether the record is to be sent again then.
func (a *app) guide(class provider.Class, name record.Name) (text string, retry bool) {
	if clock := a.wrongClock(); class == provider.Certificate && clock != "" {
		return clock, false
	}
	return namecheap.Guide(class, name)
}
