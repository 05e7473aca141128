package main

import (
	"errors"

	"ddns-batch/internal/exitstatus"
	"ddns-batch/internal/report"
)

// Exit statuses.
const (
	statusOK          = int(exitstatus.OK)
	statusNotAsAsked  = int(exitstatus.NotAsAsked)
	statusUsage       = int(exitstatus.Usage)
	statusNoAddress   = int(exitstatus.NoAddress)
	statusState       = int(exitstatus.State)
	statusPending     = int(exitstatus.Pending)
	statusHungUp      = int(exitstatus.HungUp)
	statusInterrupted = int(exitstatus.Interrupted)
	statusTerminated  = int(exitstatus.Terminated)
)

// fatal ends a command before, or instead of, its report.
type fatal struct {
	status int
	report report.Error
	// live: another run holds the lock, which is not worth a mail.
	live bool
	// loud: it is said in a quiet run too.
	loud bool
	// unconfigured: there is no YAML file, and none was named.
	unconfigured bool
}

func (f *fatal) Error() string { return f.report.Message }

// ended is returned by a command that has said all there is to say.
type ended int

func (ended) Error() string { return "ended" }

// usage is an error of the command line or of the configuration.
func usage(message, hint string) *fatal {
	return &fatal{status: statusUsage, report: report.Error{Message: message, Hint: hint}}
}

// stateTrouble is an error of status 4.
func stateTrouble(err error) *fatal {
	return &fatal{status: statusState, report: report.Error{Message: err.Error()}}
}

// asFatal makes the way out uniform: what cobra says is a usage error too.
func asFatal(err error) *fatal {
	var f *fatal
	if errors.As(err, &f) {
		return f
	}
	return usage(err.Error(), "ddns-batch --help lists the commands and flags")
}
