package report

import (
	"bytes"
	"net/netip"
	"strconv"
	"testing"
	"time"

	"ddns-batch/internal/plan"
	"ddns-batch/internal/state"
)

// lived is a record with a history: an address and how long before start it came, in turn.
func lived(host, domain string, changes ...any) state.Record {
	r := state.Record{Host: host, Domain: domain}
	for i := 0; i < len(changes); i += 2 {
		r.IP = netip.MustParseAddr(changes[i].(string))
		r.Since = start.Add(-changes[i+1].(time.Duration))
		r.History = append(r.History, state.Change{IP: r.IP, At: r.Since})
	}
	r.ConfirmedAt, r.AttemptedAt = start, start
	return r
}

const day = 24 * time.Hour

// house is a zone that moved twice; one record was late, one is lost, and one moved by itself.
func house() past {
	late := lived("late", "example.com", "203.0.113.7", 30*day, "203.0.113.91", 12*day-5*time.Minute)
	lost := lived("lost", "example.com", "203.0.113.7", 30*day-time.Second, "203.0.113.91", 12*day)
	lost.Previous, lost.IP, lost.Since, lost.ConfirmedAt, lost.Unknown = lost.IP, netip.Addr{}, time.Time{}, time.Time{}, true
	lost.AttemptedAt = start.Add(-2 * day)
	h := past{remembered: remembered{
		Status: Status{State: "state.json", Config: "hosts.yaml", Now: start},
		Snapshot: state.Snapshot{Records: []state.Record{
			lived("gone", "example.org", "198.51.100.4", 100*day),
			lived("@", "example.com", "203.0.113.7", 30*day, "203.0.113.91", 12*day), late, lost,
			lived("@", "example.net", "203.0.113.7", 30*day-time.Second, "203.0.113.91", 12*day-time.Second),
		}},
	}}
	for _, n := range []struct{ host, domain string }{
		{"@", "example.com"}, {"late", "example.com"}, {"lost", "example.com"}, {"@", "example.net"}, {"new", "example.net"},
	} {
		h.Records = append(h.Records, plan.Target{Name: named(n.host, n.domain)})
	}
	return h
}

// past is a history of what is remembered.
type past struct {
	remembered
	Together bool
}

func (p past) history() History { return History{Status: p.status(), Together: p.Together} }

func (p past) text(t *testing.T) string {
	t.Helper()
	return textOf(t, p.history(), TextOptions{Location: zone})
}

func TestTheHistoryOfEachRecordEndsWithItsNewestChange(t *testing.T) {
	same(t, house().text(t), `
record            since             address                      held
example.com       2026-10-24 14:05  -> 203.0.113.7               18 days
example.com       2026-11-11 14:05  203.0.113.7 -> 203.0.113.91  12 days so far
late.example.com  2026-10-24 14:05  -> 203.0.113.7               18 days
late.example.com  2026-11-11 14:10  203.0.113.7 -> 203.0.113.91  11 days so far
lost.example.com  2026-10-24 14:05  -> 203.0.113.7               17 days
lost.example.com  2026-11-11 14:05  203.0.113.7 -> 203.0.113.91  10 days, then not known
example.net       2026-10-24 14:05  -> 203.0.113.7               18 days
example.net       2026-11-11 14:05  203.0.113.7 -> 203.0.113.91  11 days so far
new.example.net   -                 -                            never confirmed
gone.example.org  2026-08-15 14:05  -> 198.51.100.4              100 days so far
`)
}

func TestRecordsThatChangedTogetherAreOneLine(t *testing.T) {
	h := house()
	h.Together = true
	same(t, h.text(t), `
since             address                      held                         records
2026-08-15 14:05  -> 198.51.100.4              100 days so far              gone.example.org
2026-10-24 14:05  -> 203.0.113.7               18 days                      4 records
2026-11-11 14:05  203.0.113.7 -> 203.0.113.91  10 to 12 days, 2 of 3 still  example.com, lost.example.com and example.net
2026-11-11 14:10  203.0.113.7 -> 203.0.113.91  11 days so far               late.example.com
`)
}

// zoneAt is n records of a domain that all made the same changes.
func zoneAt(domain string, n int, changes ...any) []state.Record {
	var records []state.Record
	for i := range n {
		records = append(records, lived("h"+strconv.Itoa(i), domain, changes...))
	}
	return records
}

func TestTheRecordsOfAChangeAreSummarised(t *testing.T) {
	net, com := zoneAt("example.net", 5, "203.0.113.7", day), zoneAt("example.com", 5, "203.0.113.7", day)
	other := zoneAt("example.com", 5, "203.0.113.91", 2*day)
	for name, c := range map[string]struct {
		records []state.Record
		want    string
	}{
		"one":                  {net[:1], "h0.example.net"},
		"all":                  {append(net[:2:2], com...), "all 7 records"},
		"all of a domain":      {append(net[:4:4], other...), "all 4 records of example.net"},
		"some of a domain":     {append(net[:4:4], lived("x", "example.net", "203.0.113.91", 2*day)), "4 records of example.net"},
		"few":                  {append(net[:2:2], lived("x", "example.net", "203.0.113.91", 2*day)), "h0.example.net and h1.example.net"},
		"some of many domains": {append(append(net[:2:2], com[:2]...), lived("x", "example.net", "203.0.113.91", 2*day)), "4 records"},
	} {
		h := past{remembered: remembered{Status: Status{Now: start}, Snapshot: state.Snapshot{Records: c.records}}}.history()
		ofDomain := map[string]int{}
		for _, r := range h.Records {
			ofDomain[r.Name.Domain]++
		}
		found := events(h.each())
		if got := found[len(found)-1].who(h.Records, ofDomain); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestARecordIsInAnEventOnce(t *testing.T) {
	flapping := lived("@", "example.com", "203.0.113.7", 3*time.Minute, "203.0.113.91", 150*time.Second, "203.0.113.7", 2*time.Minute, "203.0.113.91", time.Minute)
	h := past{Together: true, remembered: remembered{Status: Status{Now: start}, Snapshot: state.Snapshot{Records: []state.Record{flapping}}}}
	same(t, h.text(t), `
since             address                      held             records
2026-11-23 14:02  -> 203.0.113.7               under a minute   example.com
2026-11-23 14:02  203.0.113.7 -> 203.0.113.91  under a minute   example.com
2026-11-23 14:03  203.0.113.91 -> 203.0.113.7  1 minute         example.com
2026-11-23 14:04  203.0.113.7 -> 203.0.113.91  1 minute so far  example.com
`)
}

func TestHowLongAnAddressWasHeld(t *testing.T) {
	at := func(back, until time.Duration, lost bool) addressPeriod {
		p := addressPeriod{at: start.Add(-back), lost: lost}
		if until >= 0 {
			p.until = start.Add(-until)
		}
		return p
	}
	for name, c := range map[string]struct {
		periods []addressPeriod
		want    string
	}{
		"it still holds":                 {[]addressPeriod{at(day, -1, false)}, "1 day so far"},
		"it is over":                     {[]addressPeriod{at(3*day, day, false)}, "2 days"},
		"nobody knows what came then":    {[]addressPeriod{at(3*day, day, true)}, "2 days, then not known"},
		"of some nobody knows what came": {[]addressPeriod{at(3*day, day, true), at(3*day, 0, false)}, "2 to 3 days"},
		"some have moved on":             {[]addressPeriod{at(3*day, 2*day+23*time.Hour, false), at(3*day, -1, false)}, "1 hour to 3 days, 1 of 2 still"},
		"it begins in the future":        {[]addressPeriod{at(-day, -1, false)}, "not known, a clock was set back"},
		"one ended before it began":      {[]addressPeriod{at(day, -1, false), at(day, 2*day, false)}, "not known, a clock was set back"},
		"an address held for seconds":    {[]addressPeriod{at(time.Minute, 30*time.Second, false)}, "under a minute"},
		"one day and two":                {[]addressPeriod{at(3*day, 2*day, false), at(3*day, day, false)}, "1 to 2 days"},
		"seconds apart at midnight":      {[]addressPeriod{at(2*day, day, false), at(2*day-time.Second, day, false)}, "1 day"},
		"seconds and hours":              {[]addressPeriod{at(2*day, 2*day, false), at(2*day, 2*day-time.Hour, false)}, "under a minute to 1 hour"},
	} {
		if got := periodText(c.periods, start); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestWhatTheHistoryLacksIsTakenFromTheRecord(t *testing.T) {
	r := state.Record{Host: "@", Domain: "example.com", IP: oldIP, Since: start.Add(-day), AttemptedAt: start}
	if all := addressPeriods(0, r); len(all) != 1 || all[0].to != oldIP || all[0].at != r.Since {
		t.Errorf("without a history: %v", all)
	}
	r.History = append(make([]state.Change, 0, 2), state.Change{IP: newIP, At: start.Add(-2 * day)})
	if all := addressPeriods(0, r); len(all) != 2 || all[0].until != r.Since || all[1].from != newIP {
		t.Errorf("with an older history: %v", all)
	}
	if r.History[:2][1] != (state.Change{}) {
		t.Error("the history was written to")
	}
	r.IP, r.History[0].At = netip.Addr{}, start.Add(time.Second)
	if all := addressPeriods(0, r); len(all) != 1 || !all[0].lost || all[0].held(start) != 0 {
		t.Errorf("confirmed after its run began, then forgotten: %v", all)
	}
}

func TestTheHistoryOfNothing(t *testing.T) {
	same(t, past{remembered: remembered{Status: Status{NoFile: true}}}.text(t), "hint: no run has been recorded yet; ddns-batch --dry-run shows what the first one would do\n")
	h := past{Together: true, remembered: remembered{Records: []plan.Target{{Name: named("@", "example.com")}}}}
	same(t, h.text(t), "no change of address is remembered\n")
	var b bytes.Buffer
	if err := h.history().WriteJSON(&b); err != nil {
		t.Fatal(err)
	}
	same(t, b.String(), flat(t, `{"schema": 1, "state": "", "config": "",
 "records": [{"name": "example.com", "host": "@", "domain": "example.com", "configured": true, "changes": []}], "changes": []}`))
}

func TestTheHistoryAsJSON(t *testing.T) {
	h := house()
	h.Records = h.Records[:3]
	h.Snapshot.Records = h.Snapshot.Records[1:4]
	var b bytes.Buffer
	if err := h.history().WriteJSON(&b); err != nil {
		t.Fatal(err)
	}
	same(t, b.String(), flat(t, `
{"schema": 1, "state": "state.json", "config": "hosts.yaml",
 "records": [
  {"name": "example.com", "host": "@", "domain": "example.com", "configured": true, "ip": "203.0.113.91", "changes": [
   {"at": "2026-10-24T13:05:00Z", "to": "203.0.113.7", "until": "2026-11-11T13:05:00Z", "held_seconds": 1555200},
   {"at": "2026-11-11T13:05:00Z", "from": "203.0.113.7", "to": "203.0.113.91", "held_seconds": 1036800}]},
  {"name": "late.example.com", "host": "late", "domain": "example.com", "configured": true, "ip": "203.0.113.91", "changes": [
   {"at": "2026-10-24T13:05:00Z", "to": "203.0.113.7", "until": "2026-11-11T13:10:00Z", "held_seconds": 1555500},
   {"at": "2026-11-11T13:10:00Z", "from": "203.0.113.7", "to": "203.0.113.91", "held_seconds": 1036500}]},
  {"name": "lost.example.com", "host": "lost", "domain": "example.com", "configured": true, "changes": [
   {"at": "2026-10-24T13:05:01Z", "to": "203.0.113.7", "until": "2026-11-11T13:05:00Z", "held_seconds": 1555199},
   {"at": "2026-11-11T13:05:00Z", "from": "203.0.113.7", "to": "203.0.113.91", "until": "2026-11-21T13:05:00Z", "held_seconds": 864000}]}],
 "changes": [
  {"at": "2026-10-24T13:05:00Z", "to": "203.0.113.7", "records": ["example.com", "late.example.com", "lost.example.com"]},
  {"at": "2026-11-11T13:05:00Z", "from": "203.0.113.7", "to": "203.0.113.91", "records": ["example.com", "lost.example.com"]},
  {"at": "2026-11-11T13:10:00Z", "from": "203.0.113.7", "to": "203.0.113.91", "records": ["late.example.com"]}]}`))
}
