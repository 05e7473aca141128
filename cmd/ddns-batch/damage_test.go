package main

import (
	"regexp"
	"strings"
	"testing"

	"ddns-batch/internal/provider/namecheap/sandbox"
)

// damage replaces the first old in the state file.
func (m *machine) damage(old, new string) {
	m.Helper()
	before := m.content(m.state)
	after := strings.Replace(before, old, new, 1)
	if after == before {
		m.Fatalf("there is no %s in\n%s", old, before)
	}
	m.write("state/state.json", after)
}

// One record that is not sound costs that record, and nothing is lost or claimed.
func TestADamagedState(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ old, new, said string }{
		"a name":   {`"host": "h1"`, `"host": "H 1"`, "is not a name"},
		"a date":   {`"since": "`, `"since": "the `, "left out: records[0] (example.com): parsing time"},
		"a number": {`"ip": "203.0.113.7"`, `"ip": 7`, "left out: records[0] (example.com): ip: a number is not allowed there"},
		"a wrong claim, twice": {`"records": [`, `"records": [{"host": "@", "domain": "example.com", "ip": "198.51.100.9", "confirmed_at": "2099-01-01T00:00:00Z"},`,
			"left out: records[1] (example.com): it appears twice, so its address is not certain"},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMachine(t, numbered("example.com", 3))
			m.mustRun(statusOK)
			m.damage(c.old, c.new)
			damaged := m.content(m.state)
			if n := m.updatesDuring(func() {
				if e := m.mustRun(statusOK, "--dry-run"); !strings.Contains(e.stderr, c.said) || !strings.Contains(e.stderr, "the next run keeps a copy") {
					t.Errorf("a dry run says\n%s", e.stderr)
				}
			}); n != 0 || m.content(m.state) != damaged {
				t.Errorf("a dry run sent %d updates, or wrote", n)
			}
			if n := m.updatesDuring(func() {
				if e := m.mustRun(statusOK, "-q"); !strings.Contains(e.stdout, c.said) || !strings.Contains(e.stdout, "was damaged in part; the rest is used, and a copy of the damaged file is kept as ") {
					t.Errorf("cron hears\n%s", e.stdout)
				}
			}); n != 1 {
				t.Errorf("%d updates", n)
			}
			m.confirmed(homeAddress)
			if kept := m.besideState()[2]; !strings.HasPrefix(kept, "state.json.corrupt-") || m.content(strings.TrimSuffix(m.state, "state.json")+kept) != damaged {
				t.Errorf("left: %q", m.besideState())
			}
			if n := m.updatesDuring(func() { m.mustRun(statusOK) }); n != 0 {
				t.Errorf("%d updates in the next run", n)
			}
		})
	}
}

// A count that the next failure would carry past the largest number does not keep what is learnt from being saved.
func TestAStateWithTheLargestNumberOfFailures(t *testing.T) {
	t.Parallel()
	m := newMachine(t, numbered("example.com", 3))
	m.mustRun(statusOK)
	m.damage(`"domains": [`, `"blocked": {"class": "blocked", "message": "later", "failures": 9223372036854775807,
    "since": "2026-01-01T00:00:00Z", "began": "2026-01-01T00:00:00Z", "seconds": 60}, "domains": [`)
	m.server.SetAddress(awayAddress)
	for name := range m.server.Records() {
		m.server.SetFault(name, sandbox.Blocked)
	}
	m.mustRun(statusNotAsAsked)
	for name := range m.server.Records() {
		m.server.ClearFault(name)
	}
	m.mustRun(statusOK, "--force")
	m.confirmed(awayAddress)
}

// What somebody wrote into the state by hand moves no cursor and turns no line, in text or in JSON.
func TestTheTextsOfAStateAreShownAsText(t *testing.T) {
	t.Parallel()
	const evil = `x\u001b[31m\u009b2J\u202ey`
	m := newMachine(t, numbered("example.com", 3))
	m.mustRun(statusOK)
	m.damage(`"domains": [`, `"news": [{"key": "record `+evil+`", "what": "`+evil+`", "since": "2026-01-01T00:00:00Z", "said_at": "2026-01-01T00:00:00Z", "name": "`+evil+`"}],
    "blocked": {"class": "`+evil+`", "message": "`+evil+`", "failures": 1, "since": "2026-01-01T00:00:00Z", "began": "2099-01-01T00:00:00Z", "seconds": 60}, "domains": [`)
	for _, args := range [][]string{{"status"}, {"status", "-o", "json"}, {"explain", "example.com"}, {"explain", "example.com", "-o", "json"}, {"history"}, {"report", "--html", "-"}, {"doctor"}, {"--dry-run"}, {"-q"}} {
		e := m.start(args...).end()
		if strings.ContainsAny(e.stdout+e.stderr, "\u001b\u009b\u202e") {
			t.Errorf("%q: %q %q", args, e.stdout, e.stderr)
		}
	}
}

// Whatever zone the machine is in, what is written down is in UTC.
func TestWhatIsWrittenDownIsInUTC(t *testing.T) {
	t.Parallel()
	m := newMachine(t, numbered("example.com", 3))
	m.env["TZ"] = "Asia/Tokyo"
	m.mustRun(statusOK)
	m.server.SetAddress(awayAddress)
	m.mustRun(statusOK)
	zoned := regexp.MustCompile(`\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)"`)
	for _, path := range []string{m.state, strings.Replace(m.state, "state.json", "last-run.json", 1)} {
		times := zoned.FindAllStringSubmatch(m.content(path), -1)
		for _, at := range times {
			if at[2] != "Z" {
				t.Errorf("%s: %s", path, at[0])
			}
		}
		if len(times) == 0 {
			t.Errorf("%s: no times", path)
		}
	}
}
