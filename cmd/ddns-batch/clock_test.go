package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"ddns-batch/internal/provider/namecheap/sandbox"
	"ddns-batch/internal/record"
	"ddns-batch/internal/state"
)

// crontab runs the program in this process, by a clock that can be set, on a machine whose network is plain.
type crontab struct {
	*machine
	now time.Time
	// step, if set, is what becomes of the clock when the first update has come since the last count.
	step    func(time.Time) time.Time
	address string
	heard   int
	// said is what the quiet runs wrote.
	said string
}

const every = 5 * time.Minute

var clockHosts = []string{"@", "www", "*", "missing", "flaky"}

func newCrontab(t *testing.T) *crontab {
	t.Helper()
	m := setup{plain: true}.machine(t, zone{"example.com", clockHosts}, zone{"example.net", []string{"@"}})
	m.settings["retries"] = "0"
	m.write("hosts.yaml", m.yaml(m.zones[:1], nil))
	m.write("other.yaml", m.yaml(m.zones[1:], nil))
	return &crontab{machine: m, now: time.Date(2026, 11, 23, 3, 5, 0, 0, time.UTC), address: homeAddress.String()}
}

// inProcess is one run of hosts.yaml, or of the file that is named.
func (c *crontab) inProcess(args ...string) (status int, stdout string) {
	c.Helper()
	e := c.machine.inProcess(c.clock, append([]string{"--ip", c.address}, args...)...)
	if e.status != 0 && e.status != 1 || e.stderr != "" {
		c.Errorf("at %s: status %d\n%s", c.now.Format(time.DateTime), e.status, e.stderr)
	}
	return e.status, e.stdout
}

// clock is what the runs go by. It has no monotonic reading, so that every difference between two times is as wrong as the
// clock is.
func (c *crontab) clock() time.Time {
	if c.step != nil && len(c.server.Heard()) > c.heard {
		return c.step(c.now)
	}
	return c.now
}

// lasting runs quietly every five minutes for so long, and counts what came for each host.
func (c *crontab) lasting(d time.Duration) map[string]int {
	c.Helper()
	for end := c.now.Add(d); c.now.Before(end); c.now = c.now.Add(every) {
		_, out := c.inProcess("-q")
		c.said += out
	}
	return c.count()
}

// count is how often each host was sent since it was last called.
func (c *crontab) count() map[string]int {
	all := c.server.Heard()
	sent := map[string]int{}
	for _, r := range all[c.heard:] {
		sent[r.Name.Host]++
	}
	c.heard = len(all)
	return sent
}

func (c *crontab) holds(host, address string) {
	c.Helper()
	if got := c.server.Records()[record.Name{Host: host, Domain: "example.com"}]; got != netip.MustParseAddr(address) {
		c.Errorf("%s is at %v, not at %s", host, got, address)
	}
}

func (c *crontab) fault(host string, f sandbox.Fault) {
	c.server.SetFault(record.Name{Host: host, Domain: "example.com"}, f)
}

func (c *crontab) mend(hosts ...string) {
	for _, host := range hosts {
		c.server.ClearFault(record.Name{Host: host, Domain: "example.com"})
	}
}

// copied is another crontab at the same point.
func (c *crontab) copied(t *testing.T) *crontab {
	t.Helper()
	d := newCrontab(t)
	d.now, d.address = c.now, c.address
	// The state knows the endpoint by its address.
	content := mustValue(os.ReadFile(c.state))
	content = bytes.ReplaceAll(content, []byte(c.server.Endpoint()), []byte(d.server.Endpoint()))
	d.write("state/state.json", string(content))
	return d
}

// day is a little more than one, of which the first three hours have a record that fails in passing.
func (c *crontab) day() map[string]int {
	c.Helper()
	c.fault("flaky", sandbox.Unavailable)
	sent := c.lasting(3 * time.Hour)
	c.mend("flaky")
	for host, n := range c.lasting(22 * time.Hour) {
		sent[host] += n
	}
	return sent
}

// A clock that jumps between two runs costs at most one refresh. Nothing is forgotten, and no pause lasts longer than
// it would have.
func TestClocksThatJumpBetweenRuns(t *testing.T) {
	t.Parallel()
	before := newCrontab(t)
	before.inProcess("-q")
	before.fault("missing", sandbox.NoRecord)
	before.fault("flaky", sandbox.Unavailable)
	before.address = "203.0.113.91"
	before.lasting(6 * time.Hour)
	usual := before.day()
	for _, host := range clockHosts[:3] {
		if usual[host] > 2 {
			t.Fatalf("%s is sent %d times a day", host, usual[host])
		}
	}
	if usual["missing"] < 2 || usual["flaky"] < 10 {
		t.Fatalf("hardly sent what fails: %v", usual)
	}

	for name, jump := range map[string]func(time.Time) time.Time{
		"back an hour":      func(t time.Time) time.Time { return t.Add(-time.Hour) },
		"back a year":       func(t time.Time) time.Time { return t.AddDate(-1, 0, 0) },
		"forward ten years": func(t time.Time) time.Time { return t.AddDate(10, 0, 0) },
		"to 1970":           func(time.Time) time.Time { return time.Unix(17, 0).UTC() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := before.copied(t)
			c.fault("missing", sandbox.NoRecord)
			c.fault("flaky", sandbox.Unavailable)
			right := c.now
			c.now = jump(c.now)
			wrong := c.now

			// A change of address counts at once, whatever the clock says.
			c.address = "203.0.113.7"
			c.lasting(every)
			for _, host := range clockHosts[:3] {
				c.holds(host, "203.0.113.7")
			}
			sent := c.day()
			for _, host := range clockHosts {
				if sent[host] > usual[host]+2 {
					t.Errorf("with the wrong clock %s was sent %d times in a day, before that %d times", host, sent[host], usual[host])
				}
			}
			// What was refused is tried again, and said, as it would have been.
			if sent["missing"] < 1 {
				t.Errorf("with the wrong clock a pause did not end: %v", sent)
			}
			if n := strings.Count(c.said, "nas: missing.example.com"); n < 1 || n > 3 {
				t.Errorf("the lasting failure was said %d times in a day:\n%s", n, c.said)
			}

			// Then the clock is set right.
			c.now = right.Add(c.now.Sub(wrong))
			sent = c.lasting(time.Hour)
			for _, host := range clockHosts[:3] {
				if sent[host] > 1 {
					t.Errorf("with the clock right again %s was sent %d times in an hour", host, sent[host])
				}
			}
			c.mend("missing")
			for end := c.now.Add(25 * time.Hour); ; c.now = c.now.Add(every) {
				if status, _ := c.inProcess(); status == 0 {
					break
				}
				if c.now.After(end) {
					t.Fatal("a pause has not ended after a day")
				}
			}
			for _, host := range clockHosts {
				c.holds(host, "203.0.113.7")
			}
		})
	}
}

// A pause holds what was refused for its time, and not for the time by which a clock was wrong: one that begins in the
// future, or ended long ago, is over.
func TestPausesAndAClockThatJumps(t *testing.T) {
	t.Parallel()
	jumps := map[string]func(c *crontab){
		"stays as it is":    func(*crontab) {},
		"goes back a year":  func(c *crontab) { c.now = c.now.AddDate(-1, 0, 0) },
		"goes back to 1970": func(c *crontab) { c.now = time.Unix(17, 0).UTC() },
		"is ten years ahead for a while": func(c *crontab) {
			right := c.now
			c.now = c.now.AddDate(10, 0, 0)
			c.untilHeld()
			c.now = right.Add(c.now.Sub(right.AddDate(10, 0, 0)))
		},
		"goes forward ten years": func(c *crontab) { c.now = c.now.AddDate(10, 0, 0) },
	}
	for _, f := range []struct {
		fault   sandbox.Fault
		longest time.Duration
	}{
		{sandbox.Blocked, 10 * time.Minute}, // which is what the stand-in asks for
		{sandbox.BadPassword, 24 * time.Hour},
		{sandbox.NoDomain, 6 * time.Hour},
		{sandbox.BadIP, 24 * time.Hour},
		{sandbox.NoRecord, 24 * time.Hour},
	} {
		for name, jump := range jumps {
			t.Run(fmt.Sprintf("%s, and the clock %s", f.fault, name), func(t *testing.T) {
				t.Parallel()
				c := newCrontab(t)
				c.inProcess()
				c.address = "203.0.113.91"
				for _, host := range clockHosts {
					c.fault(host, f.fault)
				}
				c.lasting(2 * time.Hour)
				c.untilHeld()
				jump(c)
				c.mend(clockHosts...)
				wait := time.Duration(0)
				if name == "stays as it is" {
					wait = f.longest
				}
				for end := c.now.Add(wait); ; c.now = c.now.Add(every) {
					if status, _ := c.inProcess(); status == 0 {
						break
					}
					if !c.now.Before(end) {
						t.Fatalf("held for more than %s", wait)
					}
				}
				for _, host := range clockHosts {
					c.holds(host, "203.0.113.91")
				}
			})
		}
	}
}

// untilHeld runs every five minutes until a run sends nothing, because of a pause that still has some time to go.
func (c *crontab) untilHeld() {
	c.Helper()
	c.count()
	for end := c.now.Add(time.Hour); ; c.now = c.now.Add(every) {
		if status, _ := c.inProcess(); status == 1 && len(c.count()) == 0 {
			return
		}
		if c.now.After(end) {
			c.Fatal("nothing pauses")
		}
	}
}

// The clock is set while a run is under way. The run goes on, its own time is what it was, and what it writes down is
// neither lost nor believed for longer than it is true.
func TestAClockThatIsSetDuringARun(t *testing.T) {
	t.Parallel()
	for name, step := range map[string]func(time.Time) time.Time{
		"back a year":       func(t time.Time) time.Time { return t.AddDate(-1, 0, 0) },
		"forward ten years": func(t time.Time) time.Time { return t.AddDate(10, 0, 0) },
		"to 1970":           func(time.Time) time.Time { return time.Unix(17, 0).UTC() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCrontab(t)
			c.inProcess()
			c.address = "203.0.113.91"
			c.during(step, 0, nil)
			c.now = c.now.Add(every)
			c.settles()

			// One record is not answered before the run reached its timeout.
			c.address = "203.0.113.7"
			c.fault("flaky", sandbox.Hang)
			c.during(step, 1, []string{"flaky"}, "--timeout", "500ms")
			c.mend("flaky")
			c.now = c.now.Add(every)
			c.settles()

			if sent := c.lasting(2 * time.Hour); len(sent) > 0 {
				t.Errorf("sent for nothing: %v", sent)
			}
			// A date in the future keeps no record from being refreshed for as long.
			c.now = c.now.Add(25 * time.Hour)
			c.inProcess()
			if sent := c.count(); len(sent) != len(clockHosts) {
				t.Errorf("after a day only this was refreshed: %v", sent)
			}
		})
	}
}

// during is a run in which the clock steps. It sends every record once, and afterwards the state claims nothing of those
// that were not answered, and nothing that is not so.
func (c *crontab) during(step func(time.Time) time.Time, want int, unanswered []string, args ...string) {
	c.Helper()
	c.count()
	c.step = step
	began := time.Now()
	status, out := c.inProcess(args...)
	c.step = nil
	if took := time.Since(began); took > 10*time.Second {
		c.Errorf("the run took %s", took)
	}
	sent := c.count()
	for _, host := range clockHosts {
		if sent[host] != 1 {
			c.Errorf("%s was sent %d times", host, sent[host])
		}
	}
	if status != want {
		c.Errorf("status %d\n%s", status, out)
	}
	snapshot, notes, err := state.Read(c.state)
	if err != nil || len(notes) > 0 || len(snapshot.Records) != len(clockHosts) {
		c.Fatalf("the state has %d records: %v %q", len(snapshot.Records), err, notes)
	}
	claims, held := claimed(snapshot), c.server.Records()
	for _, host := range clockHosts {
		name := record.Name{Host: host, Domain: "example.com"}
		if claim, ok := claims[name]; ok == slices.Contains(unanswered, host) || ok && claim != held[name] {
			c.Errorf("the state says that %s is at %v, and it is at %v", host, claim, held[name])
		}
	}
}

// settles fails unless the next run puts everything right, sends nothing twice, and leaves the one after it nothing to do.
func (c *crontab) settles() {
	c.Helper()
	c.count()
	if status, out := c.inProcess(); status != 0 {
		c.Errorf("status %d\n%s", status, out)
	}
	for host, n := range c.count() {
		if n > 1 {
			c.Errorf("%s was sent %d times", host, n)
		}
	}
	for _, host := range clockHosts {
		c.holds(host, c.address)
	}
	c.inProcess()
	if sent := c.count(); len(sent) > 0 {
		c.Errorf("sent for nothing: %v", sent)
	}
}

// A machine without a clock of its own is in 1970 until it has asked for the time.
func TestAClockThatIsSetAfterTheFirstRun(t *testing.T) {
	t.Parallel()
	c := newCrontab(t)
	right := c.now
	c.now = time.Unix(42, 0).UTC()
	if status, out := c.inProcess(); status != 0 {
		t.Errorf("in 1970: status %d\n%s", status, out)
	}
	c.now = right
	c.address = "203.0.113.91"
	if status, out := c.inProcess(); status != 0 {
		t.Errorf("with the clock set: status %d\n%s", status, out)
	}
	c.count()
	if sent := c.lasting(2 * time.Hour); len(sent) != 0 {
		t.Errorf("sent for nothing: %v", sent)
	}
	for _, host := range clockHosts {
		c.holds(host, "203.0.113.91")
	}
}

// Two files share a state. After a year and more without a run the first of them to run finds all of it old: that is no
// reason to drop what only the other one asks for.
func TestARunAfterALongTimeLeavesWhatOthersAskFor(t *testing.T) {
	t.Parallel()
	c := newCrontab(t)
	c.inProcess()
	c.inProcess("--config", filepath.Join(c.dir, "other.yaml"))
	c.now = c.now.AddDate(10, 0, 0)
	c.inProcess()
	_, out := c.inProcess("--config", filepath.Join(c.dir, "other.yaml"), "-o", "json")
	var read document
	if err := json.Unmarshal([]byte(out), &read); err != nil {
		t.Fatal(err)
	}
	if got := read.of("example.net"); got.Reason != "stale" {
		t.Errorf("%+v", got)
	}
}

// Two files share a state, and the clock is wrong for one run of one of them. No record of the other is forgotten.
func TestAClockThatIsWrongOnceLeavesWhatOthersAskFor(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		wrong func(time.Time) time.Time
		file  string
	}{
		"ten years ahead, the first file":  {func(t time.Time) time.Time { return t.AddDate(10, 0, 0) }, "hosts.yaml"},
		"ten years ahead, the second file": {func(t time.Time) time.Time { return t.AddDate(10, 0, 0) }, "other.yaml"},
		"1970, the second file":            {func(time.Time) time.Time { return time.Unix(17, 0).UTC() }, "other.yaml"},
		"a year back, the second file":     {func(t time.Time) time.Time { return t.AddDate(-1, 0, -3) }, "other.yaml"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			crontab := newCrontab(t)
			crontab.now = crontab.now.AddDate(5, 0, 0)
			crontab.inProcess()
			crontab.inProcess("--config", filepath.Join(crontab.dir, "other.yaml"))
			right := crontab.now
			crontab.now = c.wrong(right)
			crontab.inProcess("--config", filepath.Join(crontab.dir, c.file))
			for i, address := range []string{"203.0.113.91", "203.0.113.7"} {
				crontab.now, crontab.address = right.Add(time.Duration(i+1)*every), address
				crontab.inProcess()
			}
			_, out := crontab.inProcess("--config", filepath.Join(crontab.dir, "other.yaml"), "-o", "json", "--dry-run")
			var read document
			if err := json.Unmarshal([]byte(out), &read); err != nil {
				t.Fatal(err)
			}
			if got := read.of("example.net"); got.Reason == "new" {
				t.Errorf("forgotten: %+v", got)
			}
		})
	}
}

// A good run that lies in the future is none: a monitor that believed it would be silent until then.
func TestAGoodRunInTheFutureIsTooLongAgo(t *testing.T) {
	t.Parallel()
	c := newCrontab(t)
	c.inProcess()
	for offset, want := range map[time.Duration]int{0: 0, 14 * time.Minute: 0, 16 * time.Minute: 1, -time.Minute: 0, -16 * time.Minute: 1, -24 * 365 * time.Hour: 1} {
		now := c.now
		c.now = c.now.Add(offset)
		e := inside{
			args: []string{"status", "--config", filepath.Join(c.dir, "hosts.yaml"), "--max-age", "15m"},
			now:  func() time.Time { return c.now },
		}.run()
		if e.status != want {
			t.Errorf("%s after a good run: status %d\n%s%s", offset, e.status, e.stdout, e.stderr)
		}
		c.now = now
	}
}

// A certificate is not valid yet by a clock that stands still in the past. That looks like an attack, and is none.
func TestACertificateAndAClockBeforeThisBuild(t *testing.T) {
	t.Parallel()
	const advice = "this machine's clock says "
	behind := "-" + time.Since(time.Date(1976, 11, 23, 0, 0, 0, 0, time.UTC)).Round(time.Hour).String()
	m := twoDomains(t)
	for _, c := range []struct {
		name, host string
		proof      proof
		clock      string
		said       bool
	}{
		{"of the endpoint", endpointHost, coming, behind, true},
		{"of the endpoint, with a clock that may be right", endpointHost, coming, "0s", false},
		{"of the sources", sourceHosts[0], coming, behind, true},
		{"of the sources, with a clock that may be right", sourceHosts[0], coming, "0s", false},
		{"of a stranger, whatever the clock", sourceHosts[0], stranger, behind, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			m.T = t
			m.env[clockVariable] = c.clock
			status, hosts := 1, []string{c.host}
			if c.host != endpointHost {
				status, hosts = 3, sourceHosts
			}
			for _, host := range hosts {
				m.show(host, c.proof)
				defer m.show(host, good)
			}
			e := m.run("--retry", "-o", "json")
			hint := e.document.Error.Hint + e.document.of("example.com").Error.Hint
			if e.status != status || strings.Contains(hint, advice) != c.said {
				t.Errorf("status %d, hint %q", e.status, hint)
			}
			e = m.run("--retry")
			if e.status != status || strings.Contains(e.stdout+e.stderr, advice) != c.said {
				t.Errorf("status %d\n%s%s", e.status, e.stdout, e.stderr)
			}
		})
	}
	m.T = t
}
