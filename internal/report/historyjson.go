package report

import (
	"io"
	"net/netip"

	"ddns-batch/internal/sanitize"
)

type historyDocument struct {
	Schema  int                     `json:"schema"`
	State   string                  `json:"state"`
	Config  string                  `json:"config"`
	Records []historyRecordDocument `json:"records"`
	Changes []eventDocument         `json:"changes"`
}

type historyRecordDocument struct {
	nameDocument
	Configured bool             `json:"configured"`
	IP         netip.Addr       `json:"ip,omitzero"`
	Changes    []periodDocument `json:"changes"`
}

// periodDocument is a change. Until is absent while the address is held; HeldSeconds is then counted up to now.
type periodDocument struct {
	At          string     `json:"at"`
	From        netip.Addr `json:"from,omitzero"`
	To          netip.Addr `json:"to"`
	Until       string     `json:"until,omitempty"`
	HeldSeconds int64      `json:"held_seconds"`
}

// eventDocument is a change that the records made together.
type eventDocument struct {
	At      string     `json:"at"`
	From    netip.Addr `json:"from,omitzero"`
	To      netip.Addr `json:"to"`
	Records []string   `json:"records"`
}

// WriteJSON writes the history as one JSON document on one line: each record's changes, and those of all of them
// together, both with the newest last.
func (h History) WriteJSON(w io.Writer) error {
	each := h.each()
	d := historyDocument{
		Schema: Schema, State: sanitize.Text(h.State), Config: sanitize.Text(h.Config),
		Records: make([]historyRecordDocument, 0, len(h.Records)), Changes: []eventDocument{},
	}
	for i, r := range h.Records {
		record := historyRecordDocument{
			nameDocument: nameOf(r.Name), Configured: r.Configured, IP: r.Memory.IP, Changes: make([]periodDocument, 0, len(each[i])),
		}
		for _, t := range each[i] {
			record.Changes = append(record.Changes, periodDocument{
				rfc3339(t.at), t.from, t.to, rfc3339(t.until), int64(max(t.held(h.Now), 0).Seconds()),
			})
		}
		d.Records = append(d.Records, record)
	}
	for _, e := range events(each) {
		change := eventDocument{rfc3339(e.at), e.from, e.to, make([]string, 0, len(e.periods))}
		for _, name := range e.names(h.Records) {
			change.Records = append(change.Records, sanitize.Text(name.String()))
		}
		d.Changes = append(d.Changes, change)
	}
	return encode(w, d)
}
