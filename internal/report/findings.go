package report

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"ddns-batch/internal/exitstatus"
	"ddns-batch/internal/humanize"
	"ddns-batch/internal/outcome"
	"ddns-batch/internal/provider"
	"ddns-batch/internal/sanitize"
)

// Findings are what doctor found.
type Findings []Finding

// Finding is one line of them.
type Finding struct {
	Topic string   `json:"topic"`
	Level Severity `json:"level"`
	Text  string   `json:"text"`
	// Hint is the next step; empty where there is none.
	Hint string `json:"hint,omitempty"`
}

// Severity is how bad a finding is.
type Severity string

const (
	Fine    Severity = "ok"
	Warning Severity = "warning"
	Problem Severity = "problem"
)

// ExitStatus is that of doctor: not OK if one finding is a problem.
func (f Findings) ExitStatus() exitstatus.Status {
	if f.count(Problem) > 0 {
		return exitstatus.NotAsAsked
	}
	return exitstatus.OK
}

func (f Findings) count(s Severity) int {
	n := 0
	for _, finding := range f {
		if finding.Level == s {
			n++
		}
	}
	return n
}

// WriteText writes the findings as a table. Of o nothing counts.
func (f Findings) WriteText(w io.Writer, _ TextOptions) error {
	t := table{}
	for _, finding := range f {
		t.add(string(finding.Level), finding.Topic, finding.Text)
		if finding.Hint != "" {
			t.add("", "", "hint: "+finding.Hint)
		}
	}
	lines := append(t.lines(), fmt.Sprintf("%d ok, %s, %s", f.count(Fine), humanize.Count(f.count(Warning), "warning"), humanize.Count(f.count(Problem), "problem")))
	_, err := io.WriteString(w, strings.Join(lines, "\n")+"\n")
	return err
}

// WriteJSON writes the findings as one JSON document on one line.
func (f Findings) WriteJSON(w io.Writer) error {
	safe := make([]Finding, 0, len(f))
	for _, finding := range f {
		safe = append(safe, Finding{finding.Topic, finding.Level, sanitize.Text(finding.Text), sanitize.Text(finding.Hint)})
	}
	return encode(w, struct {
		Schema     int               `json:"schema"`
		ExitStatus exitstatus.Status `json:"exit_status"`
		Findings   []Finding         `json:"findings"`
	}{Schema, f.ExitStatus(), safe})
}

// Pauses are what keeps configured records from being sent, one finding for each cause, and what would keep them from
// following a new address, which is only a warning. A pause that does neither is nobody's problem.
func (s Status) Pauses(l *time.Location) Findings {
	configured := slices.DeleteFunc(slices.Clone(s.Records), func(r outcome.Record) bool { return !r.Configured })
	a := arrange(configured, s.Provider, s.Now, l)
	var found Findings
	for _, g := range a.groups(func(r outcome.Record) bool { return r.End == outcome.Held && r.Cause.Class != provider.Password }) {
		first := g.records[0]
		who := shown(first.Name) + " is"
		if n := len(g.records); n > 1 {
			who = a.count(g.key, n, 0) + " are"
		}
		text := who + " not sent"
		if until := first.Cause.Until; !until.IsZero() {
			text += " until " + humanize.Date(until, l)
		}
		text += ": " + humanize.Cause(first.Cause.Message, first.Cause.Quoted, s.Provider)
		found = append(found, Finding{"pause", Problem, text, HintText(first.Hint, s.Program)})
	}
	for _, r := range refusals(configured) {
		found = append(found, Finding{"passwords", Warning, r.words(s.Provider, s.Now, l), HintText(r.first.Hint, s.Program)})
	}
	return found
}
