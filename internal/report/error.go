package report

import (
	"bufio"
	"bytes"
	"fmt"
	"io"

	"ddns-batch/internal/humanize"
	"ddns-batch/internal/sanitize"
	"ddns-batch/internal/shell"
)

// Error is what ends a run with status 2, 3 or 4, or what a run says before it goes on without some of its records.
type Error struct {
	Message string
	// Hint is the next step; empty if there is none.
	Hint string
	// Command is what to type for it, with the name of the program; nil if there is nothing to type.
	Command []string
	// Details are lines of their own, as they are to be shown.
	Details []string
}

// MarshalJSON gives {"message", "hint", "details": []}.
func (e Error) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	err := encode(&b, e.document())
	return b.Bytes(), err
}

// WriteError writes e as lines for stderr. prefix stands before every line: empty, or the machine's name as in "nas: ".
func WriteError(w io.Writer, prefix string, e Error) error { return write(w, prefix, "error", e) }

// WriteWarning writes e as WriteError does, as something that nothing fails for.
func WriteWarning(w io.Writer, prefix string, e Error) error { return write(w, prefix, "warning", e) }

func write(w io.Writer, prefix, severity string, e Error) error {
	out := bufio.NewWriter(w)
	prefix = sanitize.Text(prefix)
	fmt.Fprintf(out, "%sddns-batch: %s: %s\n", prefix, severity, sanitize.Text(e.Message))
	for _, d := range e.Details {
		fmt.Fprintf(out, "%s  %s\n", prefix, sanitize.Text(d))
	}
	if hint := e.HintText(); hint != "" {
		_ = WriteHint(out, prefix, hint)
	}
	return out.Flush()
}

// HintText is the hint with its command, in one line; empty if there is none.
func (e Error) HintText() string { return shell.Suggest(e.Hint, e.Command) }

// WriteHint writes a hint alone, as WriteError does below an error.
func WriteHint(w io.Writer, prefix, hint string) error {
	_, err := fmt.Fprintf(w, "%sddns-batch: hint: %s\n", prefix, sanitize.Text(hint))
	return err
}

// SourceDetails is what each source said, in columns, as Details of an Error.
func SourceDetails(sources []Source) []string {
	t := table{}
	for _, s := range sources {
		if s.Problem != "" {
			t.add(s.Name, s.Problem)
		} else {
			t.add(s.Name, fmt.Sprintf("%-*s", widestAddress, address(s.Address)), humanize.Took(s.Took))
		}
	}
	return t.lines()
}

const widestAddress = len("255.255.255.255")

// Missing is a password that is not there, for the records of one domain that need it.
type Missing struct {
	// Variable names it, or its file. Problem is "not set", "empty" and the like. Where is its place in the YAML file.
	Variable, Problem, Where string
	Domain                   string
	Records                  int
}

// MissingError says which of the passwords are missing and what that means for the records of the run, of which there
// are records in all.
func MissingError(missing []Missing, passwords, records int, hint string) Error {
	e, without := missingOf(missing, passwords, hint)
	switch left := records - without; {
	case left <= 0:
	case left == 1:
		e.Message += fmt.Sprintf("; %d of %d records %s held, the other goes on", without, records, is(without))
	default:
		e.Message += fmt.Sprintf("; %d of %d records %s held, the others go on", without, records, is(without))
	}
	return e
}

// MissingWarning says the same of a run that is not made here, of which some records have a password.
func MissingWarning(missing []Missing, passwords, records int, hint string) Error {
	e, without := missingOf(missing, passwords, hint)
	e.Message += fmt.Sprintf("; a run would hold %d of %d records", without, records)
	return e
}

// missingOf says which are missing; without counts the records that need them.
func missingOf(missing []Missing, passwords int, hint string) (e Error, without int) {
	t := table{}
	variables := map[string]bool{}
	for _, m := range missing {
		variables[m.Variable] = true
		without += m.Records
		t.add(m.Variable, m.Problem, m.Where, humanize.Count(m.Records, "record")+" of "+spelt(m.Domain))
	}
	e = Error{Hint: hint, Details: t.lines()}
	switch n := len(variables); {
	case n == passwords && n == 1:
		e.Message = "the password is missing"
	case n == passwords:
		e.Message = fmt.Sprintf("all %d passwords are missing", n)
	default:
		e.Message = fmt.Sprintf("%d of %d passwords %s missing", n, passwords, is(n))
	}
	return e, without
}

func is(n int) string {
	if n == 1 {
		return "is"
	}
	return "are"
}
