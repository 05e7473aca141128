package report

import (
	"bytes"
	"encoding/json"
	"net/netip"
	"strings"
	"testing"
	"time"

	"ddns-batch/internal/decide"
	"ddns-batch/internal/plan"
	"ddns-batch/internal/provider"
	"ddns-batch/internal/record"
)

// flat is a document on one line, from a literal that is broken for the reader.
func flat(t *testing.T, s string) string {
	t.Helper()
	var b bytes.Buffer
	if err := json.Compact(&b, []byte(s)); err != nil {
		t.Fatal(err)
	}
	return b.String() + "\n"
}

func TestTheDocumentOfARun(t *testing.T) {
	to := netip.MustParseAddr("198.51.100.9")
	steps := []plan.Step{moves("www", "example.com"), moves("@", "example.net")}
	steps[0].To, steps[1].To = to, to
	wrong := refused(decide.Failed, provider.Credentials, "Passwords do not match")
	r := run(steps, done(180*time.Millisecond), wrong)
	r.Address, r.Sources = to, []Source{{Name: "api.ipify.org", Address: to, Took: 81 * time.Millisecond}}
	r.StartedAt = time.Date(2026, 11, 23, 4, 5, 0, 999, zone)
	r.Took, r.ExitStatus = 312*time.Millisecond, 1
	r.Hint = func(provider.Class, record.Name) string { return "Domain List > Manage\nthen <again> & again" }
	same(t, r.json(t), flat(t, `
{"schema": 1, "dry_run": false, "config": "/etc/ddns-batch/hosts.yaml", "state": "/var/lib/ddns-batch/state.json",
 "external_ip": "198.51.100.9", "sources": [{"name": "api.ipify.org", "address": "198.51.100.9", "duration_ms": 81}],
 "started_at": "2026-11-23T03:05:00Z", "duration_ms": 312, "exit_status": 1,
 "records": [
  {"name": "www.example.com", "host": "www", "domain": "example.com", "action": "update", "reason": "moved", "from": "203.0.113.7", "to": "198.51.100.9",
   "result": "updated", "attempts": 1, "duration_ms": 180},
  {"name": "example.net", "host": "@", "domain": "example.net", "action": "update", "reason": "moved", "from": "203.0.113.7", "to": "198.51.100.9",
   "result": "failed", "attempts": 1, "duration_ms": 95,
   "error": {"class": "credentials", "message": "Passwords do not match", "hint": "Domain List > Manage then <again> & again"}}],
 "summary": {"records": 2, "kept": 0, "updated": 1, "refreshed": 0, "failed": 1, "unconfirmed": 0, "held": 0, "skipped": 0, "pending": 0}}`))
}

func TestTheDocumentOfARunThatEndedEarly(t *testing.T) {
	r := run(nil)
	r.Address, r.ExitStatus = netip.Addr{}, 3
	r.Sources = []Source{{Name: "api.ipify.org", Took: 5 * time.Second, Problem: "no answer in 5 s"}}
	r.Error = &Error{Message: "no two sources agree", Hint: "name your own ranges under ip.allow", Details: []string{"one", "two"}}
	same(t, r.json(t), flat(t, `
{"schema": 1, "dry_run": false, "config": "/etc/ddns-batch/hosts.yaml", "state": "/var/lib/ddns-batch/state.json",
 "sources": [{"name": "api.ipify.org", "duration_ms": 5000, "error": "no answer in 5 s"}],
 "started_at": "2026-11-23T13:05:00Z", "duration_ms": 1400, "exit_status": 3, "records": [],
 "summary": {"records": 0, "kept": 0, "updated": 0, "refreshed": 0, "failed": 0, "unconfirmed": 0, "held": 0, "skipped": 0, "pending": 0},
 "error": {"message": "no two sources agree", "hint": "name your own ranges under ip.allow", "details": ["one", "two"]}}`))
	same(t, jsonOf(t, Run{Error: &Error{Message: "no such file"}, ExitStatus: 2}), flat(t, `
{"schema": 1, "dry_run": false, "config": "", "state": "", "sources": [], "started_at": "", "duration_ms": 0, "exit_status": 2, "records": [],
 "summary": {"records": 0, "kept": 0, "updated": 0, "refreshed": 0, "failed": 0, "unconfirmed": 0, "held": 0, "skipped": 0, "pending": 0},
 "error": {"message": "no such file", "hint": "", "details": []}}`))
}

func TestTheDocumentOfARecord(t *testing.T) {
	fresh := moves("@", "example.com")
	fresh.Reason, fresh.From, fresh.Known = plan.New, netip.Addr{}, false
	blocked := pausedStep("@", "example.com", pauseOf(provider.Blocked, "status 429", time.Hour))
	blocked.Reason = plan.Blocked
	zero := refused(decide.Unconfirmed, "", "no proof")
	const name = `{"name": "example.com", "host": "@", "domain": "example.com", `
	for title, c := range map[string]struct {
		step   plan.Step
		dry    bool
		result decide.Result
		want   string
	}{
		"pending, of an address not known": {fresh, true, decide.Result{}, `"action": "update", "reason": "new", "to": "203.0.113.91"}`},
		"kept":                             {keeps("@", "example.com"), false, decide.Result{}, `"action": "keep", "reason": "current", "from": "203.0.113.91", "to": "203.0.113.91"}`},
		"held": {blocked, false, decide.Result{}, `"action": "hold", "reason": "blocked", "from": "203.0.113.7", "to": "203.0.113.91",
			"until": "2026-11-23T14:05:00Z", "error": {"class": "blocked", "message": "status 429", "hint": "do blocked"}}`},
		"held for want of a password": {lacks("@", "example.com", "empty"), false, decide.Result{}, `"action": "hold", "reason": "no-password", "from": "203.0.113.7", "to": "203.0.113.91",
			"error": {"class": "password", "message": "password missing: X, which is empty", "hint": "do password"}}`},
		"left out by the end of the run": {moves("@", "example.com"), false, cut("a signal came"), `"action": "update", "reason": "moved", "from": "203.0.113.7", "to": "203.0.113.91",
			"result": "skipped", "attempts": 0, "duration_ms": 0, "error": {"class": "transient", "message": "not sent: a signal came", "hint": ""}}`},
		"an error without a class": {moves("@", "example.com"), false, zero, `"action": "update", "reason": "moved", "from": "203.0.113.7", "to": "203.0.113.91",
			"result": "unconfirmed", "attempts": 1, "duration_ms": 95, "error": {"class": "unconfirmed", "message": "no proof", "hint": "do unconfirmed"}}`},
		"an outcome that is not known here": {moves("@", "example.com"), false, decide.Result{Outcome: "lost"}, `"action": "update", "reason": "moved", "from": "203.0.113.7", "to": "203.0.113.91",
			"result": "unconfirmed", "attempts": 0, "duration_ms": 0, "error": {"class": "unconfirmed", "message": "", "hint": "do unconfirmed"}}`},
	} {
		t.Run(title, func(t *testing.T) {
			r := run([]plan.Step{c.step}, c.result)
			r.DryRun = c.dry
			r.Hint = func(c provider.Class, _ record.Name) string { return "do " + string(c) }
			r.PasswordFrom = "X, which is empty"
			want := strings.TrimSpace(flat(t, name+c.want))
			if got := r.json(t); !strings.Contains(got, `"records":[`+want+`]`) {
				t.Errorf("%s\nlacks\n%s", got, want)
			}
		})
	}
}

// documented is the document as its readers know it.
type documented struct {
	Schema     int    `json:"schema"`
	DryRun     bool   `json:"dry_run"`
	Config     string `json:"config"`
	State      string `json:"state"`
	ExternalIP string `json:"external_ip"`
	Sources    []struct {
		Name       string `json:"name"`
		Address    string `json:"address"`
		DurationMS int    `json:"duration_ms"`
		Error      string `json:"error"`
	} `json:"sources"`
	StartedAt  time.Time `json:"started_at"`
	DurationMS int       `json:"duration_ms"`
	ExitStatus int       `json:"exit_status"`
	Records    []struct {
		Name       string    `json:"name"`
		Host       string    `json:"host"`
		Domain     string    `json:"domain"`
		Action     string    `json:"action"`
		Reason     string    `json:"reason"`
		From       string    `json:"from"`
		To         string    `json:"to"`
		Result     string    `json:"result"`
		Attempts   int       `json:"attempts"`
		DurationMS int       `json:"duration_ms"`
		Until      time.Time `json:"until"`
		Error      struct {
			Class   string `json:"class"`
			Message string `json:"message"`
			Hint    string `json:"hint"`
		} `json:"error"`
	} `json:"records"`
	Summary map[string]int `json:"summary"`
	Error   *struct {
		Message string   `json:"message"`
		Hint    string   `json:"hint"`
		Details []string `json:"details"`
	} `json:"error"`
}

func decodeDocument(t *testing.T, s string) documented {
	t.Helper()
	var d documented
	decoder := json.NewDecoder(strings.NewReader(s))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&d); err != nil {
		t.Fatalf("%v in %s", err, s)
	}
	if decoder.More() {
		t.Error("more than one document")
	}
	return d
}
