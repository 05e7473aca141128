// Package page writes what is known of all records as one self-contained HTML page, for people to read. It never reads a
// clock or a file, and the page it writes never asks anybody for anything.
package page

import (
	"bytes"
	"io"
	"net/netip"
	"time"

	"ddns-batch/internal/outcome"
	"ddns-batch/internal/plan"
	"ddns-batch/internal/record"
	"ddns-batch/internal/state"
)

// Page is what the page shows: a value, and only read. Every text in it may be hostile.
type Page struct {
	// Machine is the name of the machine that keeps the records; may be empty.
	Machine string
	// MadeAt is when all of this was known. Location is that of all times shown; nil is UTC.
	MadeAt   time.Time
	Location *time.Location
	// Address is the external address as the last run found it; invalid if it found none.
	Address netip.Addr
	LastRun LastRun
	// Records in any order: the page has those in trouble first, then goes by name.
	Records []Record
	// Overall lists the external addresses, oldest first, each from when it was first seen; an invalid one means that
	// it was not known from then on.
	Overall []state.Change
}

// LastRun is how the last run ended; the zero value if none is recorded.
type LastRun struct {
	EndedAt time.Time
	// Status is its exit status.
	Status int
	// SucceededAt is the end of the last run with status 0; zero if there was none.
	SucceededAt time.Time
}

// Record is one record as the page shows it.
type Record struct {
	Name record.Name
	// Address is the last address that was confirmed; invalid when it is not known what the record holds. Previous is
	// what it was before that, valid only while Address is not.
	Address, Previous netip.Addr
	// Since is when Address was first confirmed, ConfirmedAt when one was last confirmed; zero if never.
	Since, ConfirmedAt time.Time
	// Action is what a run now would do, State how the record stands, Level how much it needs somebody. Status says it
	// in a few words: "held", "never confirmed"; what Message and Until say need not be in it.
	Action plan.Action
	State  outcome.State
	Level  outcome.Level
	Status string
	// Message is why it is not up to date, and Hint what to do about it; either may be empty, or have several lines.
	Message, Hint string
	// Until is the time until which it is held; zero if it is not. Message, Hint and Until of a record
	// whose Level is Fine are not shown.
	Until time.Time
	// History lists its addresses, oldest first; an invalid one means that it was not known from then on. What Address,
	// Since and ConfirmedAt know better is added.
	History []state.Change
}

// class is a level's name in the style sheet.
func class(l outcome.Level) string {
	switch l {
	case outcome.Fine:
		return "ok"
	case outcome.Warning:
		return "warning"
	default:
		return "failed"
	}
}

// word is how the page calls a level.
func word(l outcome.Level) string {
	switch l {
	case outcome.Fine:
		return "OK"
	case outcome.Warning:
		return "Warning"
	default:
		return "Failed"
	}
}

// cautious takes a level that does not exist for the most cautious one.
func cautious(l outcome.Level) outcome.Level {
	if l != outcome.Warning && l != outcome.Fine {
		return outcome.Trouble
	}
	return l
}

// Write writes p as one HTML document in UTF-8, in one call, so that nothing is written unless all of it can be. Equal
// pages give equal bytes. The error is that of w.
func Write(w io.Writer, p Page) error {
	var b bytes.Buffer
	if err := parts().page.Execute(&b, newView(p)); err != nil {
		return err
	}
	_, err := w.Write(b.Bytes())
	return err
}
