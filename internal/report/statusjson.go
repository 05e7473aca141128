package report

import (
	"io"
	"net/netip"

	"ddns-batch/internal/outcome"
	"ddns-batch/internal/plan"
	"ddns-batch/internal/provider"
	"ddns-batch/internal/sanitize"
	"ddns-batch/internal/state"
)

type statusDocument struct {
	Schema   int                    `json:"schema"`
	State    string                 `json:"state"`
	Config   string                 `json:"config"`
	Endpoint string                 `json:"endpoint,omitempty"`
	Machine  string                 `json:"machine,omitempty"`
	LastRun  *lastRunDocument       `json:"last_run,omitempty"`
	Blocked  *failureDocument       `json:"blocked,omitempty"`
	Records  []statusRecordDocument `json:"records"`
	Summary  statusSummaryDocument  `json:"summary"`
	// Error is why nothing is known of any record.
	Error *Error `json:"error,omitempty"`
}

// statusSummaryDocument counts the configured records.
type statusSummaryDocument struct {
	Records     int `json:"records"`
	UpToDate    int `json:"up_to_date"`
	NotUpToDate int `json:"not_up_to_date"`
}

type lastRunDocument struct {
	EndedAt     string     `json:"ended_at"`
	ExitStatus  int        `json:"exit_status"`
	Address     netip.Addr `json:"external_ip,omitzero"`
	SucceededAt string     `json:"succeeded_at,omitempty"`
}

type statusRecordDocument struct {
	nameDocument
	Configured bool          `json:"configured"`
	State      outcome.State `json:"state"`
	// What a run now would do, and why, as in the report of a dry run.
	Action plan.Action `json:"action,omitempty"`
	Reason plan.Reason `json:"reason,omitempty"`
	memoryDocument
	causeDocument
	// LastFailure is the row of failures that the record is in, over or not.
	LastFailure *failureDocument `json:"last_failure,omitempty"`
}

// memoryDocument is what is remembered of a record.
type memoryDocument struct {
	IP          netip.Addr `json:"ip,omitzero"`
	Previous    netip.Addr `json:"previous,omitzero"`
	Since       string     `json:"since,omitempty"`
	ConfirmedAt string     `json:"confirmed_at,omitempty"`
	AttemptedAt string     `json:"attempted_at,omitempty"`
}

func memoryOf(r state.Record) memoryDocument {
	return memoryDocument{r.IP, r.Previous, rfc3339(r.Since), rfc3339(r.ConfirmedAt), rfc3339(r.AttemptedAt)}
}

// failureDocument is a row of failures. Until is absent where nothing is held because of it.
type failureDocument struct {
	Class    provider.Class `json:"class"`
	Message  string         `json:"message"`
	Failures int            `json:"failures,omitempty"`
	Since    string         `json:"since,omitempty"`
	Until    string         `json:"until,omitempty"`
}

// WriteJSON writes the status as one JSON document on one line.
func (s Status) WriteJSON(w io.Writer) error {
	d := statusDocument{
		Schema: Schema, State: sanitize.Text(s.State), Config: sanitize.Text(s.Config), Endpoint: sanitize.Text(s.Endpoint),
		Machine: sanitize.Text(s.LastRun.Machine), LastRun: s.lastRunDocument(), Blocked: failureOf(s.Blocked),
		Records: make([]statusRecordDocument, 0, len(s.Records)), Error: s.Unreadable,
	}
	if d.Blocked != nil && !s.Blocked.Over(s.Now) {
		d.Blocked.Until = rfc3339(s.Blocked.Until())
	}
	for _, r := range s.known() {
		d.Records = append(d.Records, statusRecordDocument{
			nameDocument: nameOf(r.Name), Configured: r.Configured, State: r.State(), Action: r.Step.Action, Reason: r.Step.Reason,
			memoryDocument: memoryOf(r.Memory), causeDocument: causeOf(r, s.Program), LastFailure: failureOf(failure(r)),
		})
	}
	d.Summary.Records, d.Summary.UpToDate = s.upToDate()
	d.Summary.NotUpToDate = d.Summary.Records - d.Summary.UpToDate
	return encode(w, d)
}

// lastRunDocument is nil where no run is recorded.
func (s Status) lastRunDocument() *lastRunDocument {
	l := s.LastRun
	if l.EndedAt.IsZero() {
		return nil
	}
	return &lastRunDocument{rfc3339(l.EndedAt), l.Status, l.Address, rfc3339(l.SucceededAt)}
}

func failureOf(p *state.Pause) *failureDocument {
	if p == nil {
		return nil
	}
	return &failureDocument{Class: class(p.Class), Message: sanitize.Text(p.Message), Failures: p.Failures, Since: rfc3339(p.Since)}
}

// class: the zero one claims nothing.
func class(c provider.Class) provider.Class {
	if c == "" {
		return provider.Unconfirmed
	}
	return c
}
