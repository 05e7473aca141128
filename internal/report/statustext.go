package report

import (
	"bufio"
	"fmt"
	"io"
	"time"

	"ddns-batch/internal/printable"
	"ddns-batch/internal/report/phrase"
)

// WriteText writes the status as a table. Of o only Location counts.
func (s Status) WriteText(w io.Writer, o TextOptions) error {
	out := bufio.NewWriter(w)
	t := statusText{s, o.withDefaults().Location}
	rows := s.rows()
	for _, l := range t.head() {
		fmt.Fprintln(out, l)
	}
	if len(rows) > 0 {
		fmt.Fprintln(out)
	}
	// The columns are those of one table, though a line of words parts it.
	columns := table{}
	t.add(&columns, rows)
	lines := columns.lines()
	for i, l := range lines {
		if i > 0 && s.Config != "" && !rows[i-1].configured && (i == 1 || rows[i-2].configured) {
			fmt.Fprintf(out, "in the state, but not in %s:\n", printable.Text(s.Config))
		}
		fmt.Fprintln(out, l)
	}
	if s.NoFile {
		fmt.Fprintln(out, "hint: no run has been recorded yet; ddns-batch --dry-run shows what the first one would do")
	}
	return out.Flush()
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
	if b := t.Snapshot.Blocked; !b.Over(t.Now) {
		h.add("blocked", "until "+t.clock(b.Until())+": "+phrase.Cause(b.Message, b.Quoted)+"; nothing is sent")
	}
	return h.lines()
}

func (t statusText) lastRun() string {
	l := t.LastRun
	if l.EndedAt.IsZero() {
		return "none recorded"
	}
	s := fmt.Sprintf("%s, status %d", t.when(l.EndedAt), l.Status)
	if l.Address.IsValid() {
		return s + ", " + l.Address.String()
	}
	return s + ", no address"
}

// when is a date, and how long ago that is unless a clock makes it the future.
func (t statusText) when(at time.Time) string {
	date := phrase.Date(at, t.location)
	if ago := t.Now.Sub(at); ago >= 0 {
		return date + " (" + phrase.Ago(ago) + ")"
	}
	return date
}

func (t statusText) clock(at time.Time) string { return phrase.Clock(at, t.Now, t.location) }

func (t statusText) add(columns *table, rows []row) {
	if len(rows) == 0 {
		return
	}
	columns.add("record", "address", "since", "confirmed", "state")
	for _, r := range rows {
		columns.add(r.Name().String(), holds(r), t.date(r.Since), t.date(r.ConfirmedAt), t.words(r))
	}
}

// holds is the address that a record holds, or held when that was last known.
func holds(r row) string {
	if !r.IP.IsValid() && r.Previous.IsValid() {
		return "was " + r.Previous.String()
	}
	return address(r.IP)
}

func (t statusText) date(at time.Time) string {
	if at.IsZero() {
		return "-"
	}
	return phrase.Date(at, t.location)
}

func (t statusText) words(r row) string {
	why := ""
	if r.pause != nil {
		why = ": " + phrase.Cause(r.pause.Message, r.pause.Quoted)
	}
	switch {
	case r.missing != "":
		return "held: " + phrase.Missing("", r.missing)
	case r.standing == standsHeld:
		return "held until " + t.clock(r.pause.Until()) + why
	case r.standing == standsUnknown && why == "":
		return "not known: an earlier run never got an answer"
	case r.standing == standsUnknown:
		return "not known" + why
	case r.standing == standsNew:
		return "never confirmed" + why
	case r.standing == standsFailing:
		return "tried again in the next run" + why
	case r.standing == standsBehind:
		return "behind: the last run found " + t.LastRun.Address.String()
	default:
		return string(standsOK)
	}
}
