// Package report shows how records stand: after a run, and without one, as text for people and as JSON for programs. It
// is pure, values in and bytes out: it never reads a clock, a file or the environment, it decides nothing (package outcome
// does), and none of its types has room for a password. Whatever it is given, it emits no control characters.
package report

import (
	"net/netip"
	"time"

	"ddns-batch/internal/exitstatus"
	"ddns-batch/internal/outcome"
	"ddns-batch/internal/sanitize"
)

// Run is one run, as far as it came.
type Run struct {
	DryRun bool
	// Sandbox: a stand-in answered in place of the provider.
	Sandbox bool
	// Config and State are the files as read; empty where there is none.
	Config, State string
	// Address is invalid when none was found. Given: it was given by --ip.
	Address netip.Addr
	Given   bool
	// Sources are those that were asked, in their order.
	Sources    []Source
	StartedAt  time.Time
	Took       time.Duration
	ExitStatus exitstatus.Status
	// Records are empty if the run did not come so far.
	Records []outcome.Record
	// Waited says, by record, what came of waiting for the name servers; nil where nobody waited.
	Waited map[int]Waited
	// LastChange is when an address in the state changed last; zero if none did.
	LastChange time.Time
	// Error is what ended the run with status 2, 3 or 4.
	Error *Error
	// Program is how ddns-batch is called, for commands to type; nil is by its name. Provider is the name of the one that
	// is quoted.
	Program  []string
	Provider string
}

// Waited is what came of waiting until the name servers serve a new address.
type Waited struct {
	// Served: every name server of the domain serves it. Took is how long that took after the updates; 0 if they did not
	// serve it in time. Words then say what they do.
	Served bool
	Took   time.Duration
	Words  string
	// Servers are those that had to serve it, also those that could not be asked.
	Servers []WaitedServer
}

// WaitedServer is what one name server said last.
type WaitedServer struct {
	Name   string
	Served bool
	Words  string
}

// Source is what one source of the address said.
type Source struct {
	Name    string
	Address netip.Addr
	Took    time.Duration
	// Problem says why there is no address; empty when there is one.
	Problem string
}

// Summary is the run in one line: why it ended before its plan, or how many records are up to date now.
func (r Run) Summary() string {
	if r.Error != nil {
		return sanitize.Text(r.Error.Message)
	}
	are, not := 0, 0
	for _, record := range r.Records {
		switch {
		case !record.Configured:
		case record.End.AsAsked():
			are++
		default:
			not++
		}
	}
	return upToDate(are, not)
}
