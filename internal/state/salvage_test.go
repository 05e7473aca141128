package state

import (
	"bytes"
	"errors"
	"fmt"
	"net/netip"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"ddns-batch/internal/provider"
)

// Whatever one part of a state file holds that no run writes, it costs that part and no other.
func TestValidEntriesAreKept(t *testing.T) {
	noRecord := func(s *Snapshot) { s.Records = s.Records[1:] }
	noPause := func(s *Snapshot) { s.Records[1].Pause = nil }
	for _, c := range []struct {
		name, old, new, lost string
		change               func(*Snapshot)
	}{
		{"a record without a host", `"host": "@"`, `"host": ""`, "records[0]: no host", noRecord},
		{"a record without a domain", `"domain": "example.com"`, `"domain": ""`, "records[0]: no host or no domain", noRecord},
		{"a host that is no name", `"host": "@"`, `"host": "w\u001b[31mw"`, "records[0]: ", noRecord},
		{"a host that is a number", `"host": "@"`, `"host": 7`, "records[0]: ", noRecord},
		{"a null record", `"records": [`, `"records": [null,`, "records[0]: no host", nil},
		{"a record that is a word", `"records": [`, `"records": ["www",`, "records[0]: ", nil},
		{"an IPv6 address", `"ip": "203.0.113.91"`, `"ip": "2001:db8::1"`, "records[0] (example.com): ip: 2001:db8::1 is not an IPv4", noRecord},
		{"an IPv4 address in IPv6 clothes", `"ip": "203.0.113.91"`, `"ip": "::ffff:203.0.113.91"`, "not an IPv4", noRecord},
		{"an address with a zone", `"ip": "203.0.113.91"`, `"ip": "fe80::1%eth\u0085"`, "not an IPv4", noRecord},
		{"no address at all", `"ip": "203.0.113.91"`, `"ip": "203.0.113"`, "203.0.113", noRecord},
		{"an IPv6 previous address", `"previous": "203.0.113.7"`, `"previous": "2001:db8::1"`, "not an IPv4", func(s *Snapshot) { s.Records = s.Records[:1] }},
		{"both ip and previous", `"ip": "203.0.113.91"`, `"ip": "203.0.113.91", "previous": "203.0.113.7"`, "both ip and previous", noRecord},
		{"both ip and unknown", `"ip": "203.0.113.91"`, `"ip": "203.0.113.91", "unknown": true`, "both ip and unknown", noRecord},
		{"a time without a zone", `"since": "2026-11-23T03:05:00.123Z"`, `"since": "2026-11-23T03:05:00"`, "parsing time", noRecord},
		{"a time past the year 9999 in UTC", `"since": "2026-11-23T03:05:00.123Z"`, `"since": "9999-12-31T23:59:59-10:00"`, "year 10000", noRecord},
		{"a record twice, at two addresses", `"records": [`, `"records": [{"host": "@", "domain": "example.com", "ip": "203.0.113.5"},`, "it appears twice", func(s *Snapshot) {
			s.Records[0] = Record{Host: "@", Domain: "example.com", Previous: addr("203.0.113.5"), Unknown: true, Doubted: true}
		}},
		{"no address in a history", `"ip": "203.0.113.7"`, `"ip": ""`, "records[0] (example.com).history[0]: no IPv4", func(s *Snapshot) { s.Records[0].History = s.Records[0].History[1:] }},
		{"a history that is none", `"history": [`, `"history": "none", "was": [`, "history: ", func(s *Snapshot) { s.Records[0].History = nil }},
		{"failures in words", `"failed": true,
      "pause": {`, `"failed": true, "pause": {"failures": "two"}, "was": {`, "records[1] (*.example.net).pause: ", noPause},
		{"failures that no number holds", `"failed": true,
      "pause": {`, `"failed": true, "pause": {"failures": 1e99}, "was": {`, "pause: ", noPause},
		{"a pause under IPv6", `"failed": true,
      "pause": {`, `"failed": true, "pause": {"under": "2001:db8::1"}, "was": {`, "under: ", noPause},
		{"a drift to nowhere", `"host": "@",`, `"host": "@", "drift": {"ip": "2001:db8::1"},`, "drift: ", nil},
		{"a pause of the endpoint that is none", `"blocked": {`, `"blocked": [], "was": {`, "blocked: ", func(s *Snapshot) { s.Blocked = nil }},
		{"a domain without a name", `"domains": [`, `"domains": [{},`, `domains[0]: "" is not a name`, nil},
		{"a domain twice", `"domains": [`, `"domains": [{"domain": "example.net"},`, "domains[2] (example.net): it appears twice, so no password", func(s *Snapshot) {
			s.Domains = []Domain{{Domain: "example.net"}, s.Domains[0]}
		}},
		{"a domain twice, with passwords", `"domains": [`, `"domains": [{"domain": "example.net", "passwords": [{"fingerprint": "cd", "accepted_at": "2026-11-23T03:05:00Z"}]},`, "no password", func(s *Snapshot) {
			s.Domains = []Domain{{Domain: "example.net"}, s.Domains[0]}
		}},
		{"an empty fingerprint", `"fingerprint": "ab"`, `"fingerprint": ""`, "domains[0] (example.com).passwords[0]: no fingerprint", func(s *Snapshot) { s.Domains[0].Passwords = nil }},
		{"a fingerprint twice", `"fingerprint": "ef"`, `"fingerprint": "cd"`, "passwords[1]: the fingerprint appears twice", func(s *Snapshot) { s.Domains[1].Passwords = s.Domains[1].Passwords[:1] }},
		{"a refused address that is none", `"ip": "198.51.100.9"`, `"ip": ""`, "addresses[0]: no IPv4", func(s *Snapshot) { s.Addresses = nil }},
		{"a refused address without a pause", `"addresses": [`, `"addresses": [{"ip": "198.51.100.10"},`, "addresses[0]: no pause", nil},
		{"a refused address twice", `"addresses": [`, `"addresses": [{"ip": "198.51.100.9", "pause": {}},`, "addresses[1]: 198.51.100.9 appears twice", func(s *Snapshot) {
			s.Addresses[0].Pause = &Pause{Failures: 1}
		}},
		{"news without a key", `"key": "record www.example.com"`, `"key": ""`, "news[0]: no key", func(s *Snapshot) { s.Notices = nil }},
		{"a line for nobody", `"to": "on_news"`, `"to": ""`, "undelivered[0]: no recipient", func(s *Snapshot) { s.Undelivered = nil }},
		{"news that are no list", `"news": [`, `"news": {"a": {}, "b": [1]}, "was": [`, "news: not a list", func(s *Snapshot) { s.Notices = nil }},
		{"an endpoint that is a number", `"endpoint": "https://dynamicdns.example.com/update"`, `"endpoint": 7`, "endpoint: ", func(s *Snapshot) { s.Endpoint = "" }},
	} {
		t.Run(c.name, func(t *testing.T) {
			want := sample()
			if c.change != nil {
				c.change(&want)
			}
			got, err := parse(edit(t, c.old, c.new), nil)
			if err != nil || !reflect.DeepEqual(got.Snapshot, want) {
				t.Errorf("%v: kept %+v\nwant %+v", err, got.Snapshot, want)
			}
			if got.lost.count != 1 || !strings.Contains(got.lost.lines[0], c.lost) {
				t.Errorf("%d lost, %q, want %q", got.lost.count, got.lost.lines, c.lost)
			}
			if strings.ContainsAny(fmt.Sprint(got.lost.lines), "\u001b\u0085") {
				t.Errorf("not fit for a terminal: %q", got.lost.lines)
			}
		})
	}
}

func TestAKeyThatIsNoneCostsThePasswords(t *testing.T) {
	got, err := parse(edit(t, `"key": "`, `"key": 7, "was": "`), nil)
	want := sample()
	want.Domains[0].Passwords, want.Domains[1].Passwords, want.Key = nil, nil, got.Key
	if err != nil || !reflect.DeepEqual(got.Snapshot, want) || len(got.Key) != keySize || got.lost.count != 1 {
		t.Errorf("%v %+v %v", err, got.Snapshot, got.lost)
	}
}

// Numbers that are out of range are brought into it, and whatever was read can be saved after another failure.
func TestNumbersOutOfRange(t *testing.T) {
	for _, c := range []struct {
		old, new string
		failures int
		seconds  int64
	}{
		{`"failures": 2`, `"failures": 0`, 1, 7200},
		{`"failures": 2`, `"failures": -5`, 1, 7200},
		{`"failures": 2`, `"failures": 2147483647`, mostFailures, 7200},
		{`"seconds": 7200`, `"seconds": -1`, 2, 0},
		{`"seconds": 7200`, `"seconds": 9223372036854775807`, 2, 24 * 60 * 60},
	} {
		for _, more := range []string{"", `{"host": ""},`} {
			data := bytes.Replace(edit(t, c.old, c.new), []byte(`"records": [`), []byte(`"records": [`+more), 1)
			got, err := parse(data, nil)
			if err != nil || got.Blocked == nil || got.Blocked.Failures != c.failures || got.Blocked.Seconds != c.seconds || got.lost.count != min(len(more), 1) {
				t.Fatalf("%s%s: %v %+v %v", c.new, more, err, got.Blocked, got.lost)
			}
			got.Blocked.Failures++
			if _, err := encode(got.Snapshot); err != nil {
				t.Errorf("%s%s: %v", c.new, more, err)
			}
		}
	}
}

func TestTextOfAStateIsFitForATerminal(t *testing.T) {
	const evil = `a\u001b[31mb\u009bc\u202ed\n`
	for _, c := range []struct{ old, new string }{
		{`"message": "\"Passwords\" \u003cdo\u003e \u0026 don't match"`, `"message": "` + evil + strings.Repeat("long ", 100) + `"`},
		{`"class": "credentials"`, `"class": "` + evil + `"`},
		{`"key": "record www.example.com"`, `"key": "` + evil + `"`},
		{`"what": "record"`, `"what": "` + evil + `"`},
		{`"name": "www.example.com"`, `"name": "` + evil + `"`},
	} {
		got, err := parse(edit(t, c.old, c.new), nil)
		if err != nil || got.lost.count > 0 {
			t.Fatal(err, got.lost)
		}
		for _, text := range []string{got.Blocked.Message, string(got.Blocked.Class), got.Notices[0].Key, got.Notices[0].What, got.Notices[0].Name} {
			if strings.ContainsAny(text, "\u001b\u009b\u202e\n") || len(text) > messageLength {
				t.Errorf("%s: %q", c.new, text)
			}
		}
	}
	got, err := parse(edit(t, `"class": "credentials"`, `"class": "`+evil+`"`), nil)
	if err != nil || got.Blocked.Class != provider.Unconfirmed {
		t.Errorf("%v: the class is %q", err, got.Blocked.Class)
	}
	path := filepath.Join(t.TempDir(), "state.json")
	write(t, lastRunPath(path), `{"ended_at": "2026-11-23T03:05:00Z", "machine": "`+evil+`", "address": "fe80::1%`+evil+`"}`)
	if run, err := ReadLastRun(path); err != nil || run.Machine != "a [31mb c d" || run.Address != (netip.Addr{}) {
		t.Errorf("%v: %+v", err, run)
	}
}

func TestLossesAreReportedInAFewLines(t *testing.T) {
	data := edit(t, `"records": [`, `"records": [`+strings.Repeat(`{"host": "`+strings.Repeat("x", 300)+`"},`, 1000))
	got, err := parse(data, nil)
	if notes := got.lost.notes(); err != nil || len(got.Records) != 2 || len(notes) != 6 || notes[5] != "left out: 995 more" {
		t.Errorf("%v: %d records, %q", err, len(got.Records), notes)
	}
	for _, note := range got.lost.notes() {
		if len(note) > 250 {
			t.Errorf("a line of %d characters", len(note))
		}
	}
}

func TestADamagedStateIsKeptAsItWasAndMended(t *testing.T) {
	for _, file := range []string{"state.json", "state.json.full"} {
		dir := t.TempDir()
		path := filepath.Join(dir, "state.json")
		damaged := string(edit(t, `"host": "@"`, `"host": ""`))
		write(t, filepath.Join(dir, file), damaged)
		if _, notes, err := Read(path); err != nil || !strings.Contains(strings.Join(notes, "\n"), "left out: records[0]: no host") ||
			!slices.Equal(names(t, dir), []string{file}) {
			t.Errorf("%s: a look: %v %q, left %q", file, err, notes, names(t, dir))
		}
		aside := path + ".corrupt-20261123T030500Z"
		locked(t, path, func(l *Lock) {
			s, notes := load(t, l)
			if len(s.Records) != 1 || !l.Lost() || !strings.Contains(notes, "is kept as "+aside) || !strings.Contains(notes, "left out: records[0]: no host") {
				t.Errorf("%s: %d records, lost %v, %s", file, len(s.Records), l.Lost(), notes)
			}
			if content(t, aside) != damaged {
				t.Errorf("%s: the copy is another one", file)
			}
			if s2, notes := load(t, l); !reflect.DeepEqual(s, s2) || notes != "" || l.Lost() {
				t.Errorf("%s: a second time: %s, lost %v", file, notes, l.Lost())
			}
		})
		if got := names(t, dir); !slices.Equal(got, []string{"state.json", "state.json.corrupt-20261123T030500Z", "state.json.lock"}) {
			t.Errorf("%s: left %q", file, got)
		}
	}
}

// As long as there is no copy, the damaged file stays.
func TestADamagedStateThatCannotBeCopiedStays(t *testing.T) {
	_, path := saved(t)
	damaged := string(edit(t, `"host": "@"`, `"host": ""`))
	write(t, path, damaged)
	for _, failing := range []string{path + ".corrupt-20261123T030500Z", path + ".tmp"} {
		locked(t, path, func(l *Lock) {
			l.disk = watched(func(op, path string) error {
				if op == "write" && path == failing {
					return errors.New("the disk is on fire")
				}
				return nil
			})
			if s, notes := load(t, l); len(s.Records) != 1 || !strings.Contains(notes, "the disk is on fire") {
				t.Errorf("%s: %d records, %s", failing, len(s.Records), notes)
			}
		})
		if content(t, path) != damaged {
			t.Errorf("%s: the file is another one", failing)
		}
	}
}

func TestTimesAreSavedInUTC(t *testing.T) {
	want, err := encode(sample())
	if err != nil {
		t.Fatal(err)
	}
	s := sample()
	// What is not shared with anybody may be changed in place.
	east := time.FixedZone("", 2*60*60)
	eachTime(&s, func(at *time.Time) {
		if !at.IsZero() {
			*at = at.In(east)
		}
	})
	got, err := encode(s)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("%v: saved\n%s\nwant\n%s", err, got, want)
	}
	if s.Blocked.Began.Location() != east || s.Records[0].History[0].At.Location() != east || s.Records[0].Since.Location() != east {
		t.Error("what was given to be saved was changed")
	}
}

func TestALastRunInAYearThatCannotBeWritten(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.json")
	write(t, lastRunPath(path), `{"ended_at": "2026-11-23T03:05:00Z", "succeeded_at": "9999-12-31T23:59:59-10:00"}`)
	locked(t, path, func(l *Lock) {
		if _, err := l.WriteLastRun(LastRun{EndedAt: start, Status: 1}); err != nil {
			t.Error(err)
		}
	})
	if run, err := ReadLastRun(path); err != nil || run.EndedAt != start {
		t.Errorf("%+v %v", run, err)
	}
}
