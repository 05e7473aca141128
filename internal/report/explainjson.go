package report

import (
	"io"
	"net/netip"
	"time"

	"ddns-batch/internal/outcome"
	"ddns-batch/internal/sanitize"
)

type explanationDocument struct {
	Schema  int                       `json:"schema"`
	State   string                    `json:"state"`
	Config  string                    `json:"config"`
	Machine string                    `json:"machine,omitempty"`
	LastRun *lastRunDocument          `json:"last_run,omitempty"`
	Address *expectedDocument         `json:"expected_ip,omitempty"`
	Notes   []string                  `json:"notes"`
	Records []explainedRecordDocument `json:"records"`
}

// expectedDocument is the address that a run now is assumed to find.
type expectedDocument struct {
	Address netip.Addr     `json:"address"`
	From    outcome.Source `json:"from"`
	At      string         `json:"at"`
}

type explainedRecordDocument struct {
	nameDocument
	Configured bool     `json:"configured"`
	Covers     []string `json:"covers,omitempty"`
	stepDocument
	memoryDocument
	OldUntil string `json:"old_address_until,omitempty"`
	causeDocument
	// Sooner is the command that sends a held record before its time.
	Sooner    string   `json:"sooner,omitempty"`
	Sentences []string `json:"sentences"`
}

// WriteJSON writes the explanation as one JSON document on one line. Times in its sentences are in UTC.
func (e Explanation) WriteJSON(w io.Writer) error {
	x := explainer{e, statusText{e.Status, time.UTC}}
	d := explanationDocument{
		Schema: Schema, State: sanitize.Text(e.State), Config: sanitize.Text(e.Config), Machine: sanitize.Text(e.LastRun.Machine),
		LastRun: e.lastRunDocument(), Notes: []string{}, Records: []explainedRecordDocument{},
	}
	if now := e.Expected; now.From != outcome.NoSource {
		d.Address = &expectedDocument{now.Address, now.From, rfc3339(now.At)}
	}
	for _, s := range x.head() {
		d.Notes = append(d.Notes, sanitize.Text(s))
	}
	for _, r := range e.asked() {
		d.Records = append(d.Records, x.document(r))
	}
	return encode(w, d)
}

func (x explainer) document(r outcome.Record) explainedRecordDocument {
	d := explainedRecordDocument{
		nameDocument: nameOf(r.Name), Configured: r.Configured, stepDocument: stepOf(r), memoryDocument: memoryOf(r.Memory),
		OldUntil: rfc3339(r.OldUntil(x.Now)), causeDocument: causeOf(r, x.Program), Sentences: x.sentences(r),
	}
	for _, name := range x.Covered[r.Name] {
		d.Covers = append(d.Covers, sanitize.Text(name))
	}
	if r.Sooner != nil {
		d.Sooner = sanitize.Text(commandLine(x.Program, r.Sooner))
	}
	return d
}
