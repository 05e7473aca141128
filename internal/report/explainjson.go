package report

import (
	"io"
	"net/netip"
	"time"

	"ddns-batch/internal/plan"
	"ddns-batch/internal/printable"
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

// expectedDocument is the address that a run now is taken to find.
type expectedDocument struct {
	Address netip.Addr `json:"address"`
	From    foundBy    `json:"from"`
	At      string     `json:"at"`
}

type explainedRecordDocument struct {
	Name        string           `json:"name"`
	Host        string           `json:"host"`
	Domain      string           `json:"domain"`
	Configured  bool             `json:"configured"`
	Covers      []string         `json:"covers,omitempty"`
	Action      plan.Action      `json:"action,omitempty"`
	Reason      plan.Reason      `json:"reason,omitempty"`
	From        netip.Addr       `json:"from,omitzero"`
	To          netip.Addr       `json:"to,omitzero"`
	IP          netip.Addr       `json:"ip,omitzero"`
	Previous    netip.Addr       `json:"previous,omitzero"`
	Since       string           `json:"since,omitempty"`
	ConfirmedAt string           `json:"confirmed_at,omitempty"`
	AttemptedAt string           `json:"attempted_at,omitempty"`
	OldUntil    string           `json:"old_address_until,omitempty"`
	Until       string           `json:"until,omitempty"`
	Error       *troubleDocument `json:"error,omitempty"`
	Sentences   []string         `json:"sentences"`
}

// WriteJSON writes the explanation as one JSON document on one line. Times in its sentences are in UTC.
func (e Explanation) WriteJSON(w io.Writer) error {
	x := explainer{e, e.expected(), statusText{e.Status, time.UTC}}
	d := explanationDocument{
		Schema: Schema, State: printable.Text(e.State), Config: printable.Text(e.Config), Machine: printable.Text(e.LastRun.Machine),
		LastRun: e.lastRunDocument(), Notes: []string{}, Records: []explainedRecordDocument{},
	}
	if x.now.from != byNobody {
		d.Address = &expectedDocument{x.now.address, x.now.from, rfc3339(x.now.at)}
	}
	for _, s := range x.head() {
		d.Notes = append(d.Notes, printable.Text(s))
	}
	for _, a := range e.accounts() {
		d.Records = append(d.Records, x.document(a))
	}
	return encode(w, d)
}

func (x explainer) document(a account) explainedRecordDocument {
	d := explainedRecordDocument{
		Name: printable.Text(a.Name().String()), Host: printable.Text(a.Host), Domain: printable.Text(a.Domain), Configured: a.configured,
		IP: a.IP, Previous: a.Previous, Since: rfc3339(a.Since), ConfirmedAt: rfc3339(a.ConfirmedAt), AttemptedAt: rfc3339(a.AttemptedAt),
		OldUntil: rfc3339(x.old(a)), Sentences: x.sentences(a),
	}
	for _, name := range a.covers {
		d.Covers = append(d.Covers, printable.Text(name))
	}
	if s := a.step; s != nil {
		d.Action, d.Reason, d.From, d.To = s.Action, s.Reason, s.From, s.To
	}
	if t := a.trouble; t != nil {
		d.Until = rfc3339(t.until)
		d.Error = &troubleDocument{t.class, printable.Text(t.message), printable.Text(a.hint)}
	}
	return d
}
