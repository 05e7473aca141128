// Package exitstatus lists the exit statuses: each has its number, and its words, once.
package exitstatus

import (
	"fmt"
	"strconv"
	"strings"
)

// Status is how a run, or another command, ended.
type Status int

const (
	OK          Status = 0
	NotAsAsked  Status = 1
	Usage       Status = 2
	NoAddress   Status = 3
	State       Status = 4
	Pending     Status = 5
	HungUp      Status = 129 // 128 and the number of the signal, as for the two below
	Interrupted Status = 130
	Terminated  Status = 143
)

// status describes one exit status.
type status struct {
	Status
	// words are a few; summary says it of the last run, in a sentence without full stop.
	words, summary string
	// meaning is what --help and the README say; empty for one that is listed with the one before it.
	meaning string
}

var all = []status{
	{OK, "everything up to date", "The last run left everything up to date",
		"every selected record is up to date: nothing to do, or every update confirmed"},
	{NotAsAsked, "not everything up to date", "The last run left something undone",
		"at least one record is not up to date: failed, not confirmed, held, skipped, or its password is missing"},
	{Usage, "configuration error", "The last run stopped at its configuration",
		"usage or configuration error, or no selected record has a password; nothing was sent"},
	{NoAddress, "no trustworthy address", "The last run found no trustworthy address",
		"no trustworthy external address; nothing was sent"},
	{State, "state file unusable", "The last run could not use its state file",
		"the state cannot be read, written or locked"},
	{Pending, "updates pending", "The last run was a dry run",
		"--dry-run --detailed-exitcode: at least one record would be sent"},
	{Interrupted, interrupted, wasInterrupted, "interrupted (SIGINT), 143 (SIGTERM) or 129 (SIGHUP); what was confirmed is saved"},
	{Terminated, interrupted, wasInterrupted, ""},
	{HungUp, interrupted, wasInterrupted, ""},
}

const (
	interrupted    = "interrupted"
	wasInterrupted = "The last run was interrupted"
)

func (s Status) find() (status, bool) {
	for _, known := range all {
		if known.Status == s {
			return known, true
		}
	}
	return status{}, false
}

// Words are what s means, in a few words: "interrupted". One that is not listed is "status 7".
func (s Status) Words() string {
	if known, ok := s.find(); ok {
		return known.words
	}
	return "status " + strconv.Itoa(int(s))
}

// Full is the number with its words: "status 130 (interrupted)"; of one that is not listed the number.
func (s Status) Full() string {
	number := "status " + strconv.Itoa(int(s))
	if known, ok := s.find(); ok {
		return number + " (" + known.words + ")"
	}
	return number
}

// Summary says of the last run that it ended so.
func (s Status) Summary() string {
	if known, ok := s.find(); ok {
		return known.summary
	}
	return "The last run ended with " + s.Words()
}

// Interrupted reports whether a signal cut the run short.
func (s Status) Interrupted() bool { return s.Words() == interrupted }

// Help lists the statuses for --help.
func Help() string {
	var b strings.Builder
	b.WriteString("Exit status:\n")
	for _, s := range all {
		if s.meaning != "" {
			fmt.Fprintf(&b, "  %-4d %s\n", s.Status, s.meaning)
		}
	}
	return b.String()
}
