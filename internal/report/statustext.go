package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"time"

	"ddns-batch/internal/exitstatus"
	"ddns-batch/internal/humanize"
	"ddns-batch/internal/outcome"
	"ddns-batch/internal/sanitize"
)

// WriteText writes the status as a table: what is not up to date first, then the other records, then how many there are
// of each. Of o only Location counts.
func (s Status) WriteText(w io.Writer, o TextOptions) error {
	out := bufio.NewWriter(w)
	t := statusText{s, o.withDefaults().Location}
	for _, l := range t.head() {
		fmt.Fprintln(out, l)
	}
	t.rows(out)
	if s.NoFile {
		fmt.Fprintln(out, s.noRun())
	}
	return out.Flush()
}

// noRun is what to type where nothing is remembered.
func (s Status) noRun() string {
	return "hint: no run has been recorded yet; " + sanitize.Text(commandLine(s.Program, []string{"--dry-run"})) + " shows what the first one would do"
}

type statusText struct {
	Status
	location *time.Location
}

func (t statusText) head() []string {
	h := table{}
	path := t.State
	if t.NoFile {
		path += " (does not exist yet)"
	}
	h.add("state", path)
	if t.LastRun.Machine != "" {
		h.add("machine", t.LastRun.Machine)
	}
	h.add("last run", t.lastRun())
	if l := t.LastRun; l.Status != 0 {
		good := "none"
		if !l.SucceededAt.IsZero() {
			good = t.when(l.SucceededAt)
		}
		h.add("last with status 0", good)
	}
	if b := t.Blocked; !b.Over(t.Now) {
		h.add("blocked", "until "+t.clock(b.Until())+": "+humanize.Cause(b.Message, b.Quoted, t.Provider)+"; nothing is sent")
	}
	return h.lines()
}

func (t statusText) lastRun() string {
	l := t.LastRun
	if l.EndedAt.IsZero() {
		return "none recorded"
	}
	s := t.when(l.EndedAt) + ", " + exitstatus.Status(l.Status).Full()
	if l.Address.IsValid() {
		return s + ", " + l.Address.String()
	}
	return s + ", no address"
}

// when is a date, and how long ago that is unless a clock makes it the future.
func (t statusText) when(at time.Time) string {
	date := humanize.Date(at, t.location)
	if ago := t.Now.Sub(at); ago >= 0 {
		return date + " (" + humanize.Ago(ago) + ")"
	}
	return date
}

func (t statusText) clock(at time.Time) string { return humanize.Clock(at, t.Now, t.location) }

// rows are one table, though lines of words part it.
func (t statusText) rows(out io.Writer) {
	records := t.byUrgency()
	if len(records) == 0 {
		return
	}
	columns := table{}
	columns.add("record", "address", "since", "confirmed", "state")
	for _, r := range records {
		m := r.Memory
		columns.add(shown(r.Name), holds(r), t.date(m.Since), t.date(m.ConfirmedAt), t.words(r))
	}
	configured := 0
	for i, l := range columns.lines() {
		if i == 0 {
			fmt.Fprintln(out)
		} else if r := records[i-1]; r.Configured {
			configured++
		} else if t.Config != "" && configured == i-1 {
			fmt.Fprintf(out, "in the state, but not in %s:\n", sanitize.Text(t.Config))
		}
		fmt.Fprintln(out, l)
	}
	if configured, fine := t.upToDate(); configured > 0 {
		fmt.Fprintln(out, upToDate(fine, configured-fine))
	}
	for _, r := range refusals(t.Records) {
		fmt.Fprintln(out, "warning: "+sanitize.Text(r.words(t.Provider, t.Now, t.location)))
		if hint := HintText(r.first.Hint, t.Program); hint != "" {
			fmt.Fprintln(out, "hint: "+sanitize.Text(hint))
		}
	}
}

// upToDate counts the records that are, and those that are not.
func upToDate(are, not int) string {
	var parts []string
	if are > 0 {
		parts = append(parts, fmt.Sprintf("%d up to date", are))
	}
	if not > 0 {
		parts = append(parts, fmt.Sprintf("%d not up to date", not))
	}
	return strings.Join(parts, "; ")
}

// holds is the address that a record holds, or held when that was last known.
func holds(r outcome.Record) string {
	if !r.Memory.IP.IsValid() && r.Memory.Previous.IsValid() {
		return "was " + r.Memory.Previous.String()
	}
	return address(r.Memory.IP)
}

func (t statusText) date(at time.Time) string {
	if at.IsZero() {
		return "-"
	}
	return humanize.Date(at, t.location)
}

// words are how a record stands, and why.
func (t statusText) words(r outcome.Record) string {
	if r.State() == outcome.OK {
		return string(outcome.OK) // That its password was refused is said below, once.
	}
	words, why, _ := t.standing(r)
	if r.State() == outcome.OnHold && r.Cause != nil && !r.Cause.Until.IsZero() {
		words += " until " + t.clock(r.Cause.Until)
	}
	return joined(": ", words, why)
}
