package report

import (
	"io"
	"net/netip"

	"ddns-batch/internal/printable"
	"ddns-batch/internal/provider"
	"ddns-batch/internal/report/phrase"
	"ddns-batch/internal/state"
)

type statusDocument struct {
	Schema   int                    `json:"schema"`
	State    string                 `json:"state"`
	Config   string                 `json:"config"`
	Endpoint string                 `json:"endpoint,omitempty"`
	Machine  string                 `json:"machine,omitempty"`
	LastRun  *lastRunDocument       `json:"last_run,omitempty"`
	Blocked  *pauseDocument         `json:"blocked,omitempty"`
	Records  []statusRecordDocument `json:"records"`
}

type lastRunDocument struct {
	EndedAt     string     `json:"ended_at"`
	ExitStatus  int        `json:"exit_status"`
	Address     netip.Addr `json:"external_ip,omitzero"`
	SucceededAt string     `json:"succeeded_at,omitempty"`
}

type statusRecordDocument struct {
	Name        string         `json:"name"`
	Host        string         `json:"host"`
	Domain      string         `json:"domain"`
	Configured  bool           `json:"configured"`
	State       standing       `json:"state"`
	IP          netip.Addr     `json:"ip,omitzero"`
	Previous    netip.Addr     `json:"previous,omitzero"`
	Since       string         `json:"since,omitempty"`
	ConfirmedAt string         `json:"confirmed_at,omitempty"`
	AttemptedAt string         `json:"attempted_at,omitempty"`
	Error       *pauseDocument `json:"error,omitempty"`
}

// pauseDocument is a refusal. Until is absent when the next run tries again.
type pauseDocument struct {
	Class    provider.Class `json:"class"`
	Message  string         `json:"message"`
	Failures int            `json:"failures,omitempty"`
	Since    string         `json:"since,omitempty"`
	Until    string         `json:"until,omitempty"`
}

// WriteJSON writes the status as one JSON document on one line.
func (s Status) WriteJSON(w io.Writer) error {
	rows := s.rows()
	d := statusDocument{
		Schema: Schema, State: printable.Text(s.State), Config: printable.Text(s.Config), Endpoint: printable.Text(s.Snapshot.Endpoint),
		Machine: printable.Text(s.LastRun.Machine), LastRun: s.lastRunDocument(), Blocked: s.pauseDocument(s.Snapshot.Blocked),
		Records: make([]statusRecordDocument, 0, len(rows)),
	}
	for _, r := range rows {
		d.Records = append(d.Records, s.recordDocument(r))
	}
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

func (s Status) recordDocument(r row) statusRecordDocument {
	d := statusRecordDocument{
		Name: printable.Text(r.Name().String()), Host: printable.Text(r.Host), Domain: printable.Text(r.Domain),
		Configured: r.configured, State: r.standing, IP: r.IP, Previous: r.Previous, Since: rfc3339(r.Since),
		ConfirmedAt: rfc3339(r.ConfirmedAt), AttemptedAt: rfc3339(r.AttemptedAt), Error: s.pauseDocument(r.pause),
	}
	if r.missing != "" {
		d.Error = &pauseDocument{Class: provider.Password, Message: phrase.Missing("", r.missing)}
	}
	return d
}

func (s Status) pauseDocument(p *state.Pause) *pauseDocument {
	if p == nil {
		return nil
	}
	d := &pauseDocument{Class: class(p.Class), Message: printable.Text(p.Message), Failures: p.Failures, Since: rfc3339(p.Since)}
	if !p.Over(s.Now) {
		d.Until = rfc3339(p.Until())
	}
	return d
}
