package report

import (
	"bytes"
	"net/netip"
	"testing"
	"time"

	"ddns-batch/internal/outcome"
	"ddns-batch/internal/plan"
	"ddns-batch/internal/provider"
	"ddns-batch/internal/state"
)

// example has a record of every status.
func example() remembered {
	known := func(host, domain string, ip netip.Addr) state.Record {
		return state.Record{Host: host, Domain: domain, IP: ip, Since: start.AddDate(0, 0, -12), ConfirmedAt: start.Add(-5 * time.Minute)}
	}
	failing := known("failing", "example.com", newIP)
	failing.ConfirmedAt = start.Add(-2 * day)
	failing.Pause = pauseOf(provider.Transient, "no answer in 30 s", 0)
	failing.Pause.Quoted = false
	past := known("past", "example.com", newIP)
	past.Pause = pauseOf(provider.Record, "not found", time.Hour)
	past.Pause.Under = oldIP
	unknown := state.Record{Host: "unknown", Domain: "example.com", Previous: oldIP, Unknown: true}
	unsure := unknown
	unsure.Host, unsure.Pause = "unsure", failing.Pause
	return remembered{
		Status: Status{State: "/var/lib/ddns-batch/state.json", Config: "/etc/ddns-batch/hosts.yaml", Now: start.Add(2 * time.Minute),
			LastRun: state.LastRun{EndedAt: start, Status: 1, Address: newIP, Machine: "nas", SucceededAt: start.Add(-72 * time.Hour)}},
		RefreshAfter: day,
		Snapshot: state.Snapshot{
			Endpoint: "sandbox",
			Records: []state.Record{
				known("gone", "example.com", newIP), known("@", "example.com", newIP), known("behind", "example.com", oldIP),
				failing, past, unknown, unsure, known("@", "example.net", oldIP), known("old", "example.org", oldIP),
			},
			Domains: []state.Domain{{Domain: "example.net", Passwords: []state.Password{
				{Fingerprint: "used before", AcceptedAt: start},
				{Fingerprint: "used last", Pause: pauseOf(provider.Credentials, "Passwords do not match", time.Hour)},
			}}},
		},
		Records: []plan.Target{
			{Name: named("@", "example.com")}, {Name: named("behind", "example.com")}, {Name: named("failing", "example.com")},
			{Name: named("past", "example.com")}, {Name: named("unknown", "example.com")}, {Name: named("unsure", "example.com")},
			{Name: named("new", "example.com")}, {Name: named("@", "example.net")}, {Name: named("a", "example.net"), Missing: "not set"},
		},
	}
}

func (m remembered) text(t *testing.T) string {
	t.Helper()
	return textOf(t, m.status(), TextOptions{Location: zone})
}

func TestStatusAsATableHasFirstWhatIsNotUpToDate(t *testing.T) {
	same(t, example().text(t), `
state               /var/lib/ddns-batch/state.json
machine             nas
last run            2026-11-23 14:05 (2 minutes ago), status 1 (not everything up to date), 203.0.113.91
last with status 0  2026-11-20 14:05 (3 days ago)

record               address          since             confirmed         state
behind.example.com   203.0.113.7      2026-11-11 14:05  2026-11-23 14:00  behind: the last run found 203.0.113.91
failing.example.com  203.0.113.91     2026-11-11 14:05  2026-11-21 14:05  tried again in the next run: no answer in 30 s
unknown.example.com  was 203.0.113.7  -                 -                 not known: an earlier run ended before an answer came
unsure.example.com   was 203.0.113.7  -                 -                 not known: no answer in 30 s
new.example.com      -                -                 -                 never confirmed
example.net          203.0.113.7      2026-11-11 14:05  2026-11-23 14:00  held until 15:05: Namecheap: "Passwords do not match"
a.example.net        -                -                 -                 held: password missing: not set
example.com          203.0.113.91     2026-11-11 14:05  2026-11-23 14:00  ok
past.example.com     203.0.113.91     2026-11-11 14:05  2026-11-23 14:00  ok
in the state, but not in /etc/ddns-batch/hosts.yaml:
gone.example.com     203.0.113.91     2026-11-11 14:05  2026-11-23 14:00  ok
old.example.org      203.0.113.7      2026-11-11 14:05  2026-11-23 14:00  ok
2 up to date; 7 not up to date
`)
}

func TestAPausedEndpointHoldsRecordsThatAreNotUpToDate(t *testing.T) {
	s := example()
	s.Snapshot.Blocked = pauseOf(provider.Blocked, "status 429", time.Hour)
	s.Records, s.Snapshot.Records = s.Records[:2], s.Snapshot.Records[1:3]
	same(t, s.text(t), `
state               /var/lib/ddns-batch/state.json
machine             nas
last run            2026-11-23 14:05 (2 minutes ago), status 1 (not everything up to date), 203.0.113.91
last with status 0  2026-11-20 14:05 (3 days ago)
blocked             until 15:05: Namecheap: "status 429"; nothing is sent

record              address       since             confirmed         state
behind.example.com  203.0.113.7   2026-11-11 14:05  2026-11-23 14:00  held until 15:05: Namecheap: "status 429"
example.com         203.0.113.91  2026-11-11 14:05  2026-11-23 14:00  ok
1 up to date; 1 not up to date
`)
}

func TestStatusOfNothing(t *testing.T) {
	s := remembered{Status: Status{State: "/var/lib/ddns-batch/state.json", NoFile: true, Now: start}}
	same(t, s.text(t), `
state     /var/lib/ddns-batch/state.json (does not exist yet)
last run  none recorded
hint: no run has been recorded yet; ddns-batch --dry-run shows what the first one would do
`)
	var b bytes.Buffer
	if err := s.status().WriteJSON(&b); err != nil {
		t.Fatal(err)
	}
	same(t, b.String(), flat(t, `{"schema": 1, "state": "/var/lib/ddns-batch/state.json", "config": "", "records": [],
 "summary": {"records": 0, "up_to_date": 0, "not_up_to_date": 0}}`))
}

func TestStatusWithoutAYAMLFileListsTheState(t *testing.T) {
	s := example()
	s.Config, s.Records = "", nil
	s.Snapshot.Records = s.Snapshot.Records[:2]
	s.LastRun = state.LastRun{EndedAt: start.Add(time.Hour), Status: 0}
	same(t, s.text(t), `
state     /var/lib/ddns-batch/state.json
last run  2026-11-23 15:05, status 0 (everything up to date), no address

record            address       since             confirmed         state
gone.example.com  203.0.113.91  2026-11-11 14:05  2026-11-23 14:00  ok
example.com       203.0.113.91  2026-11-11 14:05  2026-11-23 14:00  ok
`)
}

func TestARefusedPasswordIsThatOfTheRecord(t *testing.T) {
	s := example()
	s.Records = []plan.Target{{Name: named("@", "example.net"), Fingerprint: "used before"}}
	if got := s.status().Records[0].State(); got != outcome.Behind {
		t.Errorf("with another password than the one refused it is %s", got)
	}
}

func TestAPauseThatHoldsCountsMoreThanAWiderOneThatIsOver(t *testing.T) {
	s := example()
	s.Records = s.Records[7:8]
	s.Snapshot.Domains[0].Passwords[1].Pause.Seconds = 0
	s.Snapshot.Records[7].Pause = pauseOf(provider.Record, "not found", time.Hour)
	if got := s.status().Records[0]; got.State() != outcome.OnHold || got.Cause.Class != provider.Record {
		t.Errorf("it is %s because of %v", got.State(), got.Cause)
	}
}

func TestStatusAsJSON(t *testing.T) {
	s := example()
	s.Records = s.Records[7:]
	s.Snapshot.Records = s.Snapshot.Records[5:8]
	var b bytes.Buffer
	if err := s.status().WriteJSON(&b); err != nil {
		t.Fatal(err)
	}
	same(t, b.String(), flat(t, `
{"schema": 1, "state": "/var/lib/ddns-batch/state.json", "config": "/etc/ddns-batch/hosts.yaml", "endpoint": "sandbox", "machine": "nas",
 "last_run": {"ended_at": "2026-11-23T13:05:00Z", "exit_status": 1, "external_ip": "203.0.113.91", "succeeded_at": "2026-11-20T13:05:00Z"},
 "records": [
  {"name": "example.net", "host": "@", "domain": "example.net", "configured": true, "state": "held", "action": "hold", "reason": "failing",
   "ip": "203.0.113.7", "since": "2026-11-11T13:05:00Z", "confirmed_at": "2026-11-23T13:00:00Z",
   "until": "2026-11-23T14:05:00Z", "error": {"class": "credentials", "message": "Passwords do not match", "hint": ""},
   "last_failure": {"class": "credentials", "message": "Passwords do not match", "failures": 1, "since": "2026-11-23T13:05:00Z"}},
  {"name": "a.example.net", "host": "a", "domain": "example.net", "configured": true, "state": "held", "action": "hold", "reason": "no-password",
   "error": {"class": "password", "message": "password missing: not set", "hint": ""}},
  {"name": "unknown.example.com", "host": "unknown", "domain": "example.com", "configured": false, "state": "unknown", "previous": "203.0.113.7"},
  {"name": "unsure.example.com", "host": "unsure", "domain": "example.com", "configured": false, "state": "unknown", "previous": "203.0.113.7",
   "last_failure": {"class": "transient", "message": "no answer in 30 s", "failures": 1, "since": "2026-11-23T13:05:00Z"}}],
 "summary": {"records": 2, "up_to_date": 0, "not_up_to_date": 2}}`))
}

// A state that cannot be read says nothing of any record, and the document says why.
func TestStatusAsJSONWhereTheStateCannotBeRead(t *testing.T) {
	s := example().status()
	s.Unreadable = &Error{Message: "the state was written by a newer version", Hint: "use the newer program"}
	var b bytes.Buffer
	if err := s.WriteJSON(&b); err != nil {
		t.Fatal(err)
	}
	same(t, b.String(), flat(t, `
{"schema": 1, "state": "/var/lib/ddns-batch/state.json", "config": "/etc/ddns-batch/hosts.yaml", "endpoint": "sandbox", "machine": "nas",
 "last_run": {"ended_at": "2026-11-23T13:05:00Z", "exit_status": 1, "external_ip": "203.0.113.91", "succeeded_at": "2026-11-20T13:05:00Z"},
 "records": [], "summary": {"records": 9, "up_to_date": 0, "not_up_to_date": 9},
 "error": {"message": "the state was written by a newer version", "hint": "use the newer program", "details": []}}`))
}
