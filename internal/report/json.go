package report

import (
	"encoding/json"
	"io"
	"net/netip"
	"time"

	"ddns-batch/internal/exitstatus"
	"ddns-batch/internal/outcome"
	"ddns-batch/internal/plan"
	"ddns-batch/internal/provider"
	"ddns-batch/internal/record"
	"ddns-batch/internal/sanitize"
)

// Schema is the version of the JSON documents. Keys may be added under one version, never changed or removed.
const Schema = 1

type document struct {
	Schema     int               `json:"schema"`
	DryRun     bool              `json:"dry_run"`
	Config     string            `json:"config"`
	State      string            `json:"state"`
	Address    netip.Addr        `json:"external_ip,omitzero"`
	Sources    []sourceDocument  `json:"sources"`
	StartedAt  string            `json:"started_at"`
	DurationMS int64             `json:"duration_ms"`
	ExitStatus exitstatus.Status `json:"exit_status"`
	Records    []recordDocument  `json:"records"`
	Summary    summaryDocument   `json:"summary"`
	Error      *Error            `json:"error,omitempty"`
}

type sourceDocument struct {
	Name       string     `json:"name"`
	Address    netip.Addr `json:"address,omitzero"`
	DurationMS int64      `json:"duration_ms"`
	Error      string     `json:"error,omitempty"`
}

type summaryDocument struct {
	Records     int `json:"records"`
	Kept        int `json:"kept"`
	Updated     int `json:"updated"`
	Refreshed   int `json:"refreshed"`
	Failed      int `json:"failed"`
	Unconfirmed int `json:"unconfirmed"`
	Held        int `json:"held"`
	Skipped     int `json:"skipped"`
	Pending     int `json:"pending"`
}

type recordDocument struct {
	nameDocument
	stepDocument
	Result     outcome.End        `json:"result,omitempty"`
	Attempts   *int               `json:"attempts,omitempty"`
	DurationMS *int64             `json:"duration_ms,omitempty"`
	Published  *publishedDocument `json:"published,omitempty"`
	Served     *servedDocument    `json:"served,omitempty"`
	causeDocument
}

// nameDocument is a record's name; Unicode is the full one as people read it, where that differs.
type nameDocument struct {
	Name    string `json:"name"`
	Unicode string `json:"unicode,omitempty"`
	Host    string `json:"host"`
	Domain  string `json:"domain"`
}

func nameOf(n record.Name) nameDocument {
	return nameDocument{sanitize.Text(n.String()), readable(n.String()), sanitize.Text(n.Host), sanitize.Text(n.Domain)}
}

// stepDocument is what a run does, or would do, with a record; all absent for one that is not in the YAML file.
type stepDocument struct {
	Action plan.Action `json:"action,omitempty"`
	Reason plan.Reason `json:"reason,omitempty"`
	From   netip.Addr  `json:"from,omitzero"`
	To     netip.Addr  `json:"to,omitzero"`
}

func stepOf(r outcome.Record) stepDocument {
	return stepDocument{r.Step.Action, r.Step.Reason, r.Step.From, r.Step.To}
}

// causeDocument is why a record is not up to date, and until when it is held; or why it would not follow a new address.
type causeDocument struct {
	Until   string           `json:"until,omitempty"`
	Error   *refusalDocument `json:"error,omitempty"`
	Refused *refusalDocument `json:"refused,omitempty"`
}

type refusalDocument struct {
	Class   provider.Class `json:"class"`
	Message string         `json:"message"`
	Hint    string         `json:"hint"`
}

func causeOf(r outcome.Record, program []string) causeDocument {
	document := func(c *outcome.Cause) *refusalDocument {
		return &refusalDocument{c.Class, sanitize.Text(c.Message), sanitize.Text(HintText(r.Hint, program))}
	}
	switch {
	case r.Cause != nil:
		return causeDocument{Until: rfc3339(r.Cause.Until), Error: document(r.Cause)}
	case r.Refused != nil:
		return causeDocument{Refused: document(r.Refused)}
	default:
		return causeDocument{}
	}
}

// publishedDocument is what the name servers said before anything was sent.
type publishedDocument struct {
	Address netip.Addr `json:"address,omitzero"`
	Words   string     `json:"words"`
	Certain bool       `json:"certain"`
}

// servedDocument is what came of waiting for the name servers.
type servedDocument struct {
	Served     bool                   `json:"served"`
	DurationMS int64                  `json:"duration_ms"`
	Words      string                 `json:"words"`
	Servers    []servedServerDocument `json:"servers"`
}

// servedServerDocument is one of the name servers that had to serve the address.
type servedServerDocument struct {
	Name   string `json:"name"`
	Served bool   `json:"served"`
	Words  string `json:"words"`
}

type errorDocument struct {
	Message string   `json:"message"`
	Hint    string   `json:"hint"`
	Details []string `json:"details"`
}

// WriteJSON writes the run as one JSON document on one line.
func (r Run) WriteJSON(w io.Writer) error {
	d := document{
		Schema: Schema, DryRun: r.DryRun, Config: sanitize.Text(r.Config), State: sanitize.Text(r.State), Address: r.Address,
		Sources: make([]sourceDocument, 0, len(r.Sources)), StartedAt: rfc3339(r.StartedAt),
		DurationMS: milliseconds(r.Took), ExitStatus: r.ExitStatus,
		Records: make([]recordDocument, 0, len(r.Records)), Summary: summaryDocument(outcome.Summarize(r.Records)), Error: r.Error,
	}
	for _, s := range r.Sources {
		d.Sources = append(d.Sources, sourceDocument{sanitize.Text(s.Name), s.Address, milliseconds(s.Took), sanitize.Text(s.Problem)})
	}
	for i := range r.Records {
		d.Records = append(d.Records, r.recordDocument(i))
	}
	return encode(w, d)
}

func (r Run) recordDocument(i int) recordDocument {
	record := r.Records[i]
	d := recordDocument{nameDocument: nameOf(record.Name), stepDocument: stepOf(record), causeDocument: causeOf(record, r.Program)}
	if o := record.Step.Observed; o != nil {
		d.Published = &publishedDocument{o.Published, sanitize.Text(o.Words), o.Certain}
	}
	if w, waited := r.Waited[i]; waited {
		d.Served = w.document()
	}
	switch record.End {
	case outcome.Kept, outcome.Pending, outcome.Held:
	default:
		took := milliseconds(record.Result.Took)
		d.Result, d.Attempts, d.DurationMS = record.End, &record.Result.Attempts, &took
	}
	return d
}

func (w Waited) document() *servedDocument {
	d := &servedDocument{w.Served, milliseconds(w.Took), sanitize.Text(w.Words), make([]servedServerDocument, 0, len(w.Servers))}
	for _, s := range w.Servers {
		d.Servers = append(d.Servers, servedServerDocument{sanitize.Text(s.Name), s.Served, sanitize.Text(s.Words)})
	}
	return d
}

func (e Error) document() errorDocument {
	d := errorDocument{sanitize.Text(e.Message), sanitize.Text(e.HintText()), make([]string, 0, len(e.Details))}
	for _, detail := range e.Details {
		d.Details = append(d.Details, sanitize.Text(detail))
	}
	return d
}

// encode: the hints are full of ">", which a reader of the document should not meet as \u003e.
func encode(w io.Writer, document any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e.Encode(document)
}

// rfc3339 in UTC; empty for no time.
func rfc3339(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

func milliseconds(d time.Duration) int64 { return d.Round(time.Millisecond).Milliseconds() }
