package report

import (
	"bytes"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"ddns-batch/internal/plan"
	"ddns-batch/internal/provider"
	"ddns-batch/internal/record"
	"ddns-batch/internal/state"
)

const endpoint = "https://ddns.example.net/update"

// question is what explain is asked about what is remembered.
type question struct {
	remembered
	Asked   []record.Name
	Covered map[record.Name][]string
	Verify  bool
}

func (q question) explanation() Explanation {
	return Explanation{
		Status: q.status(), Asked: q.Asked, Covered: q.Covered, RunEndpoint: q.RunEndpoint, RefreshAfter: q.RefreshAfter, Verify: q.Verify,
	}
}

// explained is about one record, www.example.com, that is up to date.
func explained() question {
	r := lived("www", "example.com", "203.0.113.7", 30*day, "203.0.113.91", 12*day)
	r.ConfirmedAt, r.AttemptedAt = start.Add(-5*time.Minute), start.Add(-5*time.Minute)
	return question{
		remembered: remembered{
			Status: Status{
				State: "state.json", Config: "hosts.yaml", Now: start,
				LastRun: state.LastRun{EndedAt: start.Add(-2 * time.Minute), Status: 0, Address: newIP, Machine: "nas"},
			},
			Snapshot: state.Snapshot{Endpoint: endpoint, Records: []state.Record{r}, Domains: []state.Domain{
				{Domain: "example.com", Passwords: []state.Password{{Fingerprint: "fp", AcceptedAt: start.Add(-30 * day)}}},
			}},
			Records:     []plan.Target{{Name: named("www", "example.com"), Fingerprint: "fp"}},
			RunEndpoint: endpoint, RefreshAfter: day, PasswordFrom: "EXAMPLE_COM, hosts.env:3",
			Hint: func(c provider.Class, n record.Name) string { return "about " + string(c) },
		},
		Asked: []record.Name{named("www", "example.com")},
	}
}

func TestARecordIsExplained(t *testing.T) {
	www := named("www", "example.com")
	pause := func(class provider.Class, message string) *state.Pause {
		p := pauseOf(class, message, time.Hour)
		p.Began, p.Since = start.Add(-5*time.Minute), start.Add(-5*time.Minute)
		return p
	}
	for name, c := range map[string]struct {
		change func(*question, *state.Record)
		want   []string
		never  string
	}{
		"it is up to date": {
			func(*question, *state.Record) {},
			[]string{
				"The last run ended 2026-11-23 14:03 (2 minutes ago) with status 0 (everything up to date) and found 203.0.113.91. What a run now would do, assuming the address is still 203.0.113.91:\n\nwww.example.com\n" +
					"  It is up to date: a run now would send nothing. From 2026-11-24 14:00 on it is sent again, though nothing has changed (refresh_after).\n" +
					"  It was last confirmed at 203.0.113.91, on 2026-11-23 14:00 (5 minutes ago). It has had that address since 2026-11-11 14:05 (12 days), and had 203.0.113.7 before that.\n",
			}, "hint",
		},
		"it is never refreshed": {
			func(e *question, r *state.Record) { e.RefreshAfter, r.ConfirmedAt = 0, start.Add(-9*day) },
			[]string{"would send nothing.\n"}, "refresh_after",
		},
		"it was confirmed too long ago": {
			func(_ *question, r *state.Record) { r.ConfirmedAt = start.Add(-2 * day) },
			[]string{"A run now would send it: it was confirmed 2 days ago, longer ago than refresh_after (24 h)."}, "up to date:",
		},
		"it was confirmed in the future": {
			func(_ *question, r *state.Record) { r.ConfirmedAt = start.Add(day) },
			[]string{"A run now would send it: its confirmation is dated in the future, so a clock was wrong.", "on 2026-11-24 14:05."}, "up to date:",
		},
		"the address has moved on": {
			func(e *question, _ *state.Record) { e.LastRun.Address = netip.MustParseAddr("198.51.100.9") },
			[]string{"found 198.51.100.9.", "A run now would send it: it was last confirmed at 203.0.113.91, and the address is 198.51.100.9 now."}, "hint",
		},
		"it was never confirmed": {
			func(e *question, _ *state.Record) { e.Snapshot.Records = nil },
			[]string{"A run now would send it: never confirmed.\n  It was never sent.\n"}, "It was last confirmed",
		},
		"it is not known what it holds": {
			func(_ *question, r *state.Record) {
				r.Previous, r.IP, r.Unknown = r.IP, netip.Addr{}, true
			},
			[]string{
				"A run now would send it: it is not known what it holds: an earlier run ended before an answer came.",
				"It held 203.0.113.91 when that was last known.\n  It was last sent on 2026-11-23 14:00 (5 minutes ago), and the run ended before an answer came.",
			}, "It was last confirmed",
		},
		"its last answer was no proof": {
			func(_ *question, r *state.Record) {
				r.Previous, r.IP, r.Unknown, r.Failed = r.IP, netip.Addr{}, true, true
				r.Pause = pauseOf(provider.Transient, "no answer in 30 s", 0)
				r.Pause.Quoted = false
			},
			[]string{"A run now would send it: it is not known", "on 2026-11-23 14:00 (5 minutes ago), and was not confirmed: no answer in 30 s."}, "hint",
		},
		"the record was refused": {
			func(_ *question, r *state.Record) {
				r.IP, r.Failed, r.Pause = oldIP, true, pause(provider.Record, "A record not Found")
			},
			[]string{
				"A run now would not send it: it is held until 15:00 (in 55 minutes).\n" +
					"  The record was refused at 14:00: Namecheap: \"A record not Found\". A new address is tried sooner.\n",
				"It was last sent on 2026-11-23 14:00 (5 minutes ago), and that failed.\n",
				"  hint: about record\n        to send it before that time: ddns-batch --retry --only www.example.com\n",
			}, "password",
		},
		"it was refused under another address, and that was tried": {
			func(_ *question, r *state.Record) {
				r.IP, r.Pause = oldIP, pause(provider.Refused, "no")
				r.Pause.Under, r.Pause.Lifted = oldIP, start.Add(-time.Minute)
			},
			[]string{"it is held until 15:00", "The record was refused at 14:00: Namecheap: \"no\".\n"}, "sooner",
		},
		"it failed again and again": {
			func(_ *question, r *state.Record) {
				r.IP, r.Pause = oldIP, pause(provider.Transient, "no answer")
				r.Pause.Failures, r.Pause.Since = 4, start.Add(-day)
			},
			[]string{"It failed 4 times in a row, first at 2026-11-22 14:05: Namecheap: \"no answer\"."}, "refused",
		},
		"its password was refused": {
			func(e *question, r *state.Record) {
				r.IP = oldIP
				e.Snapshot.Domains[0].Passwords[0].Pause = pause(provider.Credentials, "Passwords do not match")
			},
			[]string{
				"The password of example.com was refused at 14:00: Namecheap: \"Passwords do not match\". A changed password is tried at once.",
				"hint: about credentials\n        then ddns-batch --only www.example.com\n",
			}, "--retry",
		},
		"its domain was refused": {
			func(e *question, r *state.Record) {
				r.IP, e.Snapshot.Domains[0].Pause = oldIP, pause(provider.Domain, "Domain name not found")
			},
			[]string{"The domain example.com was refused at 14:00: Namecheap: \"Domain name not found\". A new address is tried sooner."}, "record was",
		},
		"the address was refused": {
			func(e *question, r *state.Record) {
				r.IP, e.Snapshot.Addresses = oldIP, []state.Address{{IP: newIP, Pause: pause(provider.Address, "Invalid IP")}}
			},
			[]string{"The address 203.0.113.91 was refused at 14:00: Namecheap: \"Invalid IP\". A new address is tried sooner."}, "record was",
		},
		"the endpoint blocks updates": {
			func(e *question, r *state.Record) {
				r.IP, e.Snapshot.Blocked = oldIP, pause(provider.Blocked, "429 Too Many Requests")
			},
			[]string{
				"is held until 15:00 (in 55 minutes).\n  The endpoint blocked updates at 14:00: Namecheap: \"429 Too Many Requests\".\n",
				"to send it anyway: ddns-batch --force --only www.example.com\n",
			}, "sooner",
		},
		"its password was changed after it was refused": {
			func(e *question, r *state.Record) {
				r.IP = oldIP
				e.Snapshot.Domains[0].Passwords[0].Pause = pause(provider.Credentials, "Passwords do not match")
				e.Records[0].Fingerprint = "another"
			},
			[]string{
				"A run now would send it: it was last confirmed at 203.0.113.7",
				"Its password has not been accepted for example.com yet, so one record of the domain is tried first.",
			}, "held",
		},
		"its password was changed, and nothing else": {
			func(e *question, _ *state.Record) { e.Records[0].Fingerprint = "another" },
			[]string{"A run now would send it: it holds the right address, but its password has not been accepted for example.com yet, and is tried on this record."},
			"one record of the domain is tried first",
		},
		"its password was refused after it had been accepted": {
			func(e *question, r *state.Record) {
				r.IP, e.Snapshot.Domains[0].Passwords[0].AcceptedAt = oldIP, time.Time{}
			},
			[]string{"A run now would send it", "Its password has not been accepted for example.com yet"}, "held",
		},
		"its password cannot be read here, but was used before": {
			func(e *question, _ *state.Record) { e.Records[0].Fingerprint, e.Unread = "", []string{"not set"} },
			[]string{"It is up to date", "Its password cannot be read here (EXAMPLE_COM, hosts.env:3: not set). A run that cannot read it either would hold the record."},
			"hint",
		},
		"its password cannot be read, and never was": {
			func(e *question, r *state.Record) {
				e.Records[0].Fingerprint, e.Unread, e.Snapshot.Domains, r.IP = "", []string{"not set"}, nil, oldIP
			},
			[]string{
				"  A run now would send it: it was last confirmed at 203.0.113.7",
				"Its password cannot be read here (EXAMPLE_COM, hosts.env:3: not set). A run that cannot read it either would hold the record.",
			}, "hint",
		},
		"its password is missing, and a run would know": {
			func(e *question, r *state.Record) { e.Records[0].Fingerprint, e.Records[0].Missing = "", "not set" },
			[]string{
				"  A run now would hold it: password missing: EXAMPLE_COM, hosts.env:3: not set.\n",
				"hint: about password\n        then ddns-batch --only www.example.com\n",
			}, "cannot be read here",
		},
		"the address changed a moment ago": {
			func(_ *question, r *state.Record) {
				r.Since = start.Add(-10 * time.Minute)
				r.History[1].At = r.Since
			},
			[]string{"since 2026-11-23 13:55 (10 minutes), and had 203.0.113.7 before that. Resolvers may show 203.0.113.7 until about 14:25, when its TTL (about 30 min) is over."},
			"hint",
		},
		"it got its first address a moment ago": {
			func(_ *question, r *state.Record) {
				r.Since, r.History = start, []state.Change{{IP: newIP, At: start}}
			},
			[]string{"since 2026-11-23 14:05. Resolvers may show what it held before until about 14:35"}, "before that",
		},
		"half an hour after a change": {
			func(_ *question, r *state.Record) {
				r.Since = start.Add(-30 * time.Minute)
				r.History[1].At = r.Since
			},
			[]string{"(30 minutes)"}, "Resolvers",
		},
		"it drifted": {
			func(_ *question, r *state.Record) {
				r.Drift = state.Change{IP: netip.MustParseAddr("198.51.100.9"), At: start.Add(-time.Hour)}
			},
			[]string{
				"On 2026-11-23 13:05 (1 hour ago) the name servers published 198.51.100.9 instead, and a run corrected that. " +
					"If a run finds that again before 2026-11-24 13:05, another machine updates the record, and it is held as contested.",
			}, "hint",
		},
		"it drifted long ago": {
			func(_ *question, r *state.Record) {
				r.Drift = state.Change{IP: netip.MustParseAddr("198.51.100.9"), At: start.Add(-day)}
			},
			[]string{"up to date"}, "published",
		},
		"it is not in the YAML file": {
			func(e *question, _ *state.Record) { e.Records = nil },
			[]string{"  It is not in hosts.yaml, so runs leave it alone. The state forgets it a year after it was last sent.\n  It was last confirmed at 203.0.113.91"}, "A run now would",
		},
		"there is no YAML file": {
			func(e *question, _ *state.Record) { e.Records, e.Config, e.RunEndpoint = nil, "", "" },
			[]string{"No YAML file was read, so it is not known whether a run would send it."}, "leave it alone",
		},
		"another endpoint confirmed it": {
			func(e *question, _ *state.Record) { e.RunEndpoint = "https://other.example.net/update" },
			[]string{
				"The state was written for the endpoint https://ddns.example.net/update. For https://other.example.net/update nothing counts as confirmed.\n",
				"A run now would send it: it was never confirmed by this endpoint.", "It was last confirmed at 203.0.113.91",
			}, "up to date:",
		},
		"the run also asks name servers": {
			func(e *question, _ *state.Record) { e.Verify = true },
			[]string{"A run also asks the name servers (verify). Their answers are not known here, and may change what it does.\n"}, "hint",
		},
		"no run is recorded": {
			func(e *question, _ *state.Record) { e.LastRun, e.Snapshot = state.LastRun{}, state.Snapshot{} },
			[]string{"No run is recorded. No run has found an address yet.\n", "A run now would send it: never confirmed."}, "assuming",
		},
		"no run is recorded, but something is known": {
			func(e *question, _ *state.Record) { e.LastRun = state.LastRun{} },
			[]string{"No run is recorded. What a run now would do, assuming the address is still 203.0.113.91, the last one that the state knows:\n", "It is up to date"}, "yet",
		},
		"the last run found no address": {
			func(e *question, _ *state.Record) { e.LastRun.Address, e.LastRun.Status = netip.Addr{}, 3 },
			[]string{"(2 minutes ago) with status 3 (no trustworthy address). What a run now would do, assuming the address is still 203.0.113.91, the last one that the state knows:\n", "It is up to date"}, "yet",
		},
		"no run ever found an address": {
			func(e *question, _ *state.Record) {
				e.LastRun.Address, e.LastRun.Status, e.Snapshot = netip.Addr{}, 3, state.Snapshot{}
			},
			[]string{"with status 3 (no trustworthy address). No run has found an address yet.\n"}, "assuming",
		},
		"it was refused, and no address was ever confirmed": {
			func(e *question, r *state.Record) {
				*r = state.Record{Host: "www", Domain: "example.com", Failed: true, AttemptedAt: start, Pause: pause(provider.Record, "not Found")}
				e.LastRun.Address = netip.Addr{}
			},
			[]string{"assuming the address is still 203.0.113.91,", "it is held until 15:00"}, "would send it",
		},
		"a name is only covered by it": {
			func(e *question, r *state.Record) {
				r.Host, e.Records[0].Name.Host, e.Asked[0].Host = "*", "*", "*"
				r.IP, r.Pause = oldIP, pause(provider.Record, "not Found")
				e.Covered = map[record.Name][]string{e.Asked[0]: {"foo.example.com"}}
			},
			[]string{
				"\n*.example.com\n  foo.example.com is not in hosts.yaml. If Namecheap has no record of that name either, this wildcard answers for it.\n  A run now would not send it",
				`ddns-batch --retry --only '\*.example.com'`,
			}, "leave it alone",
		},
	} {
		t.Run(name, func(t *testing.T) {
			e := explained()
			e.Asked = []record.Name{www}
			c.change(&e, &e.Snapshot.Records[0])
			got := textOf(t, e.explanation(), TextOptions{Location: zone, Width: 1000})
			for _, want := range c.want {
				if !strings.Contains(got, want) {
					t.Errorf("%q is not in\n%s", want, got)
				}
			}
			if strings.Contains(got, c.never) {
				t.Errorf("%q is in\n%s", c.never, got)
			}
		})
	}
}

func TestOnlyWhatIsAskedIsExplainedInTheOrderOfTheFile(t *testing.T) {
	e := explained()
	e.Records = append([]plan.Target{{Name: named("first", "example.com"), Fingerprint: "fp"}, {Name: named("second", "example.com"), Fingerprint: "fp"}}, e.Records...)
	e.Snapshot.Records = append(e.Snapshot.Records, lived("gone", "example.org", "203.0.113.7", day))
	e.Asked = []record.Name{named("gone", "example.org"), named("www", "example.com"), named("first", "example.com"), named("www", "example.com")}
	var names []string
	for _, r := range e.explanation().asked() {
		names = append(names, r.Name.String())
	}
	if want := []string{"first.example.com", "www.example.com", "gone.example.org"}; !slices.Equal(names, want) {
		t.Errorf("%q, want %q", names, want)
	}
	if r := e.explanation().asked()[1]; r.Step.Name != r.Name {
		t.Errorf("%s has the plan of %s", r.Name, r.Step.Name)
	}
}

func TestTheExplanationIsBrokenAtTheWidth(t *testing.T) {
	e := explained()
	var b bytes.Buffer
	if err := e.explanation().WriteText(&b, TextOptions{Width: 60}); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(b.String()) {
		if len(line) > 61 {
			t.Errorf("%d columns: %s", len(line)-1, line)
		}
	}
}

func TestTheExplanationAsJSON(t *testing.T) {
	e := explained()
	r := &e.Snapshot.Records[0]
	r.IP, r.Since, r.History = oldIP, start.Add(-30*day), r.History[:1]
	r.Failed, r.Pause = true, pauseOf(provider.Record, "A record not Found", time.Hour)
	e.Covered = map[record.Name][]string{e.Asked[0]: {"foo.example.com"}}
	var b bytes.Buffer
	if err := e.explanation().WriteJSON(&b); err != nil {
		t.Fatal(err)
	}
	same(t, b.String(), flat(t, `
{"schema": 1, "state": "state.json", "config": "hosts.yaml", "machine": "nas",
 "last_run": {"ended_at": "2026-11-23T13:03:00Z", "exit_status": 0, "external_ip": "203.0.113.91"},
 "expected_ip": {"address": "203.0.113.91", "from": "last-run", "at": "2026-11-23T13:03:00Z"},
 "notes": ["The last run ended 2026-11-23 13:03 (2 minutes ago) with status 0 (everything up to date) and found 203.0.113.91. What a run now would do, assuming the address is still 203.0.113.91:"],
 "records": [
  {"name": "www.example.com", "host": "www", "domain": "example.com", "configured": true, "covers": ["foo.example.com"],
   "action": "hold", "reason": "failing", "from": "203.0.113.7", "to": "203.0.113.91",
   "ip": "203.0.113.7", "since": "2026-10-24T13:05:00Z", "confirmed_at": "2026-11-23T13:00:00Z", "attempted_at": "2026-11-23T13:00:00Z",
   "until": "2026-11-23T14:05:00Z",
   "error": {"class": "record", "message": "A record not Found", "hint": "about record"}, "sooner": "ddns-batch --retry --only www.example.com",
   "sentences": [
    "foo.example.com is not in hosts.yaml. If Namecheap has no record of that name either, this wildcard answers for it.",
    "A run now would not send it: it is held until 14:05 (in 1 hour).",
    "The record was refused at 13:05: Namecheap: \"A record not Found\". A new address is tried sooner.",
    "It was last confirmed at 203.0.113.7, on 2026-11-23 13:00 (5 minutes ago). It has had that address since 2026-10-24 13:05 (30 days).",
    "It was last sent on 2026-11-23 13:00 (5 minutes ago), and that failed."]}]}`))
	e.Snapshot.Records[0].Since, e.Records = start, nil
	b.Reset()
	if err := e.explanation().WriteJSON(&b); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"configured":false`, `"old_address_until":"2026-11-23T13:35:00Z"`} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%s is not in %s", want, b.String())
		}
	}
	if strings.Contains(b.String(), `"action"`) {
		t.Errorf("what runs leave alone has an action: %s", b.String())
	}
}

// What nobody sees is held though it is confirmed, for every command that shows it.
func TestAConfirmedRecordThatIsNotPublished(t *testing.T) {
	unseen := func(class provider.Class, message string, length time.Duration) *state.Pause {
		p := pauseOf(class, message, length)
		p.Began, p.Since = start.Add(-5*time.Minute), start.Add(-5*time.Minute)
		p.Quoted, p.Unseen = false, true
		return p
	}
	const foreign, alias = "example.com is served by other name servers (ns1.example.org)", "the name servers publish CNAME a.example.org instead of one address"
	for name, c := range map[string]struct {
		change  func(*question, *state.Record)
		message string
		over    bool
	}{
		"its domain is elsewhere": {func(e *question, _ *state.Record) {
			e.Snapshot.Domains[0].Pause = unseen(provider.Domain, foreign, time.Hour)
		}, foreign, false},
		"it is an alias":    {func(_ *question, r *state.Record) { r.Pause = unseen(provider.Record, alias, time.Hour) }, alias, false},
		"the pause is over": {func(_ *question, r *state.Record) { r.Pause = unseen(provider.Record, alias, time.Minute) }, alias, true},
	} {
		t.Run(name, func(t *testing.T) {
			e := explained()
			c.change(&e, &e.Snapshot.Records[0])
			var b bytes.Buffer
			if err := e.explanation().WriteText(&b, TextOptions{Location: zone, Width: 1000}); err != nil {
				t.Fatal(err)
			}
			text, status, document := b.String(), e.remembered.text(t), jsonOf(t, e.explanation())
			want := []string{
				"A run now would not send it: it is held until 15:00 (in 55 minutes).",
				"Namecheap confirmed it, but the name servers did not publish it at 14:00: " + c.message + ". The pause ends as soon as a run with verify finds it published.",
			}
			wantStatus, wantDocument := "held until 15:00: "+c.message, `"action":"hold","reason":"failing"`
			if c.over {
				want = []string{"A run now would send it: confirmed, but not published at the last check."}
				wantStatus, wantDocument = "tried again in the next run: "+c.message, `"action":"update","reason":"unseen"`
			}
			for _, w := range want {
				if !strings.Contains(text, w) {
					t.Errorf("explained as\n%s\nwithout %q", text, w)
				}
			}
			if !strings.Contains(status, wantStatus) {
				t.Errorf("the status is\n%s\nwithout %q", status, wantStatus)
			}
			if !strings.Contains(document, wantDocument) {
				t.Errorf("the document is\n%s\nwithout %q", document, wantDocument)
			}
		})
	}
}
