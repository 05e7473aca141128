package notices

import (
	"net/netip"
	"strconv"
	"testing"
	"time"

	"ddns-batch/internal/decide"
	"ddns-batch/internal/outcome"
	"ddns-batch/internal/plan"
	"ddns-batch/internal/provider"
	"ddns-batch/internal/state"
)

const day = 24 * time.Hour

func TestAnAddressChangeIsOneLine(t *testing.T) {
	twelve := []string{"@ example.com", "a example.com", "b example.com", "c example.com", "@ example.net", "a example.net", "b example.net",
		"c example.net", "@ example.org", "a example.org", "b example.org", "c example.org"}
	for name, c := range map[string]struct {
		names        []string
		first, moved string
	}{
		"one record":  {twelve[:1], "example.com set to 203.0.113.7 for the first time", "example.com moved from 203.0.113.7 to 203.0.113.91"},
		"two records": {twelve[1:3], "a.example.com and b.example.com set to 203.0.113.7 for the first time", "a.example.com and b.example.com moved from 203.0.113.7 to 203.0.113.91"},
		"twelve":      {twelve, "12 records set to 203.0.113.7 for the first time", "12 records moved from 203.0.113.7 to 203.0.113.91"},
	} {
		t.Run(name, func(t *testing.T) {
			cron := newCron(t, c.names...)
			cron.says(cron.run(), c.first)
			// The refresh on the second day is nothing new.
			cron.silent(2 * day)
			cron.address = newIP
			cron.says(cron.run(), c.moved)
			cron.silent(time.Hour)
		})
	}
}

func TestAddressesThatDifferedBeforeAreLinesOfTheirOwn(t *testing.T) {
	c := settled(t, "@ example.com", "a example.com", "b example.com")
	c.address = newIP
	c.runOver(c.names[0])
	c.names = append(c.names, named("new", "example.com"))
	c.address = netip.MustParseAddr("198.51.100.9")
	c.says(c.run(), "example.com moved from 203.0.113.91 to 198.51.100.9", "a.example.com and b.example.com moved from 203.0.113.7 to 198.51.100.9",
		"new.example.com set to 198.51.100.9 for the first time")
}

func TestChangesOfOtherRunsAreNotToldLater(t *testing.T) {
	c := settled(t, "@ example.com")
	c.address, c.quiet = newIP, false
	c.run()
	c.quiet = true
	c.silent(time.Hour)
	c.address, c.trouble = oldIP, true
	c.silent(time.Hour)
}

func TestALastingFailureIsSaidAtOnceAndOnceADay(t *testing.T) {
	c := settled(t, "@ example.com", "git example.com")
	c.address, c.answer = newIP, refuse(noRecord, "git.example.com")
	c.says(c.run(), "example.com moved from 203.0.113.7 to 203.0.113.91",
		`git.example.com failed: Namecheap: "No Records updated. A record not Found;"; next try 04:05`, "hint: do record for git.example.com")
	c.silent(day - 5*time.Minute)
	c.says(c.run(), `git.example.com failing since 2026-11-23 03:05: Namecheap: "No Records updated. A record not Found;"; next try 10:05`,
		"hint: do record for git.example.com")
	c.silent(day - 5*time.Minute)
	c.answer = refuse(nil)
	c.retry = true
	c.says(c.run(), "git.example.com moved from 203.0.113.7 to 203.0.113.91", "git.example.com: working again")
	c.silent(day)
}

func TestAPassingFailureIsSaidAfterAQuarterOfAnHour(t *testing.T) {
	for name, c := range map[string]struct {
		answer     *provider.Error
		said, over string
	}{
		"a failure":     {offline, "git.example.com failing since 03:05: no connection; next try 03:29", "git.example.com: working again"},
		"a time-out":    {timeout, "could not confirm git.example.com since 03:05: no answer in 30 s; next try 03:29", "git.example.com: working again"},
		"an endpoint":   {blocked, "blocked since 03:05, 1 record not updated: status 429; next try 03:50", "the endpoint: accepting updates again"},
		"a good domain": {noDomain, "", "example.com: accepted again"},
		"a certificate": {badCert, "git.example.com failing since 03:05: certificate expired; next try 03:29", "git.example.com: working again"},
	} {
		t.Run(name, func(t *testing.T) {
			cron := settled(t, "git example.com")
			cron.address, cron.answer = newIP, refuse(c.answer)
			if c.answer == noDomain {
				// The third refusal in a row is lasting, ten minutes after the first.
				cron.silent(10 * time.Minute)
				cron.says(cron.run(), `example.com refused since 03:05, 1 record not updated: Namecheap: "Domain name not found"; next try 04:15`, "hint: do domain for git.example.com")
			} else {
				cron.silent(15 * time.Minute)
				cron.says(cron.run(), c.said, "hint: do "+string(c.answer.Class)+" for git.example.com")
			}
			cron.silent(20 * time.Hour)
			cron.answer, cron.retry, cron.force = refuse(nil), true, true
			cron.says(cron.run(), "git.example.com moved from 203.0.113.7 to 203.0.113.91", c.over)
			cron.force = false
			cron.silent(2 * day)
		})
	}
}

func TestAPassingFailureThatPassesIsNoNews(t *testing.T) {
	c := settled(t, "git example.com")
	c.answer = refuse(timeout)
	c.address = newIP
	c.silent(10 * time.Minute)
	c.answer = refuse(nil)
	c.says(c.run(), "git.example.com moved from 203.0.113.7 to 203.0.113.91")
	// The next one counts from its own beginning.
	c.answer, c.address = refuse(timeout), oldIP
	c.silent(15 * time.Minute)
	if len(c.run()) == 0 {
		t.Error("silent after a quarter of an hour")
	}
}

func TestAFailureThatAnAddressTookBackIsOver(t *testing.T) {
	c := settled(t, "git example.com")
	c.address, c.answer = newIP, refuse(noRecord)
	c.run()
	c.address = oldIP
	c.says(c.run(), "git.example.com: working again")
	c.silent(20 * time.Hour)
}

func TestAWrongPasswordIsOneLineForItsDomain(t *testing.T) {
	c := newCron(t, "@ example.com", "@ example.net", "a example.net", "b example.net")
	c.answer = func(s plan.Step) *provider.Error {
		if s.Name.Domain == "example.net" && c.password["example.net"] != " right" {
			return badWord
		}
		return nil
	}
	const said = `: Namecheap: "Passwords do not match", password from EXAMPLE_PASSWORD; next try `
	c.says(c.run(), "example.com set to 203.0.113.7 for the first time",
		"password of example.net refused, 3 records not updated"+said+"04:00", "hint: do credentials for example.net")
	c.silent(day - 5*time.Minute)
	c.says(c.run(), "password of example.net refused since 2026-11-23 03:00, 3 records not updated"+said+"10:00", "hint: do credentials for example.net")
	c.silent(time.Hour)
	// With fewer records it is the same trouble, and about others nothing is known.
	c.says(c.runOver(c.names[2:]...))
	c.says(c.runOver(c.names[0]))
	// Another wrong one is another trouble, the right one the end of it.
	c.password["example.net"] = " wrong too"
	c.says(c.run(), "password of example.net refused, 3 records not updated"+said+"05:15", "hint: do credentials for example.net")
	c.password["example.net"] = " right"
	c.says(c.run(), "3 records set to 203.0.113.7 for the first time", "the password of example.net: working again")
	c.silent(day)
	if c.state.Notices != nil {
		t.Errorf("%v is left over", c.state.Notices)
	}
}

func TestAMissingPasswordIsOneLineForItsVariable(t *testing.T) {
	c := settled(t, "@ example.com", "@ example.net", "a example.net", "@ example.org")
	c.missing["example.net"], c.missing["example.org"] = "not set", "not set"
	c.says(c.run(), "3 records held: password missing: EXAMPLE_PASSWORD: not set", "hint: do password for example.net")
	c.silent(day - 5*time.Minute)
	c.says(c.run(), "3 records held since 2026-11-23 03:05: password missing: EXAMPLE_PASSWORD: not set", "hint: do password for example.net")
	// Where one domain needs it no more, the other still does.
	delete(c.missing, "example.net")
	c.silent(time.Hour)
	delete(c.missing, "example.org")
	c.says(c.run(), "the password of example.net: working again")
	c.silent(day)
	// There, but wrong: what is over is the old trouble, and the new one takes its place.
	c.missing["example.net"] = "not set"
	c.says(c.run(), "2 records of example.net held: password missing: EXAMPLE_PASSWORD: not set", "hint: do password for example.net")
	delete(c.missing, "example.net")
	c.password["example.net"], c.address, c.answer = " wrong", newIP, refuse(badWord, "example.net", "a.example.net")
	c.says(c.run(), "example.com and example.org moved from 203.0.113.7 to 203.0.113.91",
		`password of example.net refused, 2 records not updated: Namecheap: "Passwords do not match", password from EXAMPLE_PASSWORD; next try 05:20`,
		"hint: do credentials for example.net")
}

func TestARefusedAddressIsOneLineForAll(t *testing.T) {
	c := settled(t, "@ example.com", "@ example.net")
	c.address, c.answer = newIP, refuse(badIP)
	c.says(c.run(), `203.0.113.91 refused, 2 records not updated: Namecheap: "Invalid IP"; next try 04:05`, "hint: do address for example.com")
	c.silent(time.Hour - 5*time.Minute)
	c.address, c.answer = oldIP, refuse(nil)
	c.says(c.run(), "203.0.113.91: no longer a problem")
	c.silent(day)
}

func TestNoAddressIsSaidAfterAQuarterOfAnHour(t *testing.T) {
	c := settled(t, "@ example.com", "@ example.net")
	c.address, c.quiet = netip.Addr{}, false
	c.run()
	// Counted from the first run, quiet or not, and remembered without a save in every run after it.
	saved := c.state.Notices
	c.quiet = true
	c.silent(10 * time.Minute)
	if !Equal(c.state.Notices, saved) || saved == nil {
		t.Errorf("remembered %v, then %v", saved, c.state.Notices)
	}
	c.says(c.run(), "no address since 03:05: no source could be reached", "hint: is the line up?")
	c.silent(day - 5*time.Minute)
	c.says(c.run(), "no address since 2026-11-23 03:05: no source could be reached", "hint: is the line up?")
	// An address that is given proves nothing about the look-up, and the other YAML file's look-up is another.
	c.address, c.given = oldIP, true
	c.runOver()
	c.given, c.config = false, "/etc/other.yaml"
	c.says(c.run())
	c.config = ""
	c.says(c.run(), "address found again: 203.0.113.7")
	c.silent(day)
}

func TestANetworkThatIsDownIsOneLine(t *testing.T) {
	c := settled(t, "@ example.com", "a example.com", "@ example.net", "git example.net")
	c.address = newIP
	c.answer = func(s plan.Step) *provider.Error {
		if s.Name.Host == "git" {
			return noRecord
		}
		return offline
	}
	c.says(c.run(), `git.example.net failed: Namecheap: "No Records updated. A record not Found;"; next try 04:05`, "hint: do record for git.example.net")
	c.silent(10 * time.Minute)
	c.says(c.run(), "3 records failing since 03:05: no connection; next try 03:29", "hint: do transient for example.com")
	c.answer = refuse(nil)
	c.silent(5 * time.Minute)
	c.says(c.run(), "3 records moved from 203.0.113.7 to 203.0.113.91",
		"example.com, a.example.com and example.net: working again")
}

func TestTheHintIsForWhatSomebodyMustDo(t *testing.T) {
	c := settled(t, "@ example.com", "git example.net")
	c.address, c.answer = newIP, refuse(timeout, "example.com")
	c.missing["example.net"] = "empty"
	c.quiet = false
	c.silent(15 * time.Minute)
	c.quiet = true
	c.says(c.run(), "could not confirm example.com since 03:05: no answer in 30 s; next try 03:29",
		"1 record of example.net held since 03:05: password missing: EXAMPLE_PASSWORD: empty", "hint: do password for git.example.net")
}

func TestNothingPassesThatIsNotPrintable(t *testing.T) {
	c := settled(t, "git example.com")
	c.address, c.answer = newIP, refuse(&provider.Error{Class: provider.Record, Message: "a\x1b[2J\r\nb\u009b\u202ec", Unchanged: true})
	c.says(c.run(), "git.example.com failed: a [2J  b  c; next try 04:05", "hint: do record for git.example.com")
}

func TestWhatIsEqualIsLeftAsItIs(t *testing.T) {
	if lines, after := Report(Run{Quiet: true, Now: start}); lines != nil || after != nil {
		t.Errorf("of nothing it makes %v and %v", lines, after)
	}
	open := []state.Notice{{Key: "record git example.com", What: "record", Since: start, ReportedAt: start, Name: "git.example.com"}}
	if _, after := Report(Run{Quiet: true, Now: start.Add(time.Hour), Open: open}); !Equal(after, open) {
		t.Errorf("a run without records makes %v", after)
	}
}

// The worst: everything fails, differently, for two days of cron's rounds; then all is well.
func TestALongTroubleEndsWithNothingLeftOver(t *testing.T) {
	c := settled(t, "@ example.com", "git example.com", "@ example.net", "a example.net", "@ example.org")
	c.address, c.missing["example.org"] = newIP, "not set"
	c.answer = func(s plan.Step) *provider.Error {
		return map[string]*provider.Error{"example.com": timeout, "git.example.com": noRecord, "example.net": badWord, "a.example.net": badWord}[s.Name.String()]
	}
	lines := 0
	for end := c.now.Add(2 * day); c.now.Before(end); {
		lines += len(c.run())
	}
	// Three at once and one a little later, all again a day later; hints at each of the four times.
	if lines != 12 {
		t.Errorf("%d lines", lines)
	}
	c.answer, c.missing, c.password["example.net"], c.retry = refuse(nil), nil, " right", true
	c.says(c.run(), "5 records moved from 203.0.113.7 to 203.0.113.91", "example.com: working again", "git.example.com: working again",
		"the password of example.net: working again", "the password of example.org: working again")
	if c.state.Notices != nil {
		t.Errorf("%v is left over", c.state.Notices)
	}
}

func BenchmarkReport10000(b *testing.B) {
	in := Run{Now: start, Machine: "nas", Quiet: true, Address: newIP}
	p := plan.Plan{Address: newIP}
	var results []decide.Result
	for i := range 10_000 {
		n := named("h"+strconv.Itoa(i), "example.com")
		p.Steps = append(p.Steps, plan.Step{Target: plan.Target{Name: n}, Action: plan.Update, Reason: plan.Moved, From: oldIP, To: newIP})
		results = append(results, decide.Result{Outcome: decide.Failed, Err: noRecord})
		in.Open = append(in.Open, state.Notice{Key: "record " + pair(n), What: "record", Since: start.Add(-2 * day), ReportedAt: start.Add(-2 * day)})
	}
	in.After = decide.Learn(state.Snapshot{}, p, results)
	in.Records = outcome.Of(outcome.Input{Plan: p, Results: results, After: in.After})
	b.ReportAllocs()
	for b.Loop() {
		if lines, _ := Report(in); len(lines) != 10_000 {
			b.Fatal(len(lines))
		}
	}
}

// What is held is tried again when a run would do so. A new address ends a pause that began under another one, but not twice
// within an hour.
func TestTheNextTryIsThatOfTheNextRun(t *testing.T) {
	c := settled(t, "git example.com")
	c.quiet, c.force, c.answer = false, true, refuse(noRecord)
	c.run()
	c.force, c.address = false, newIP
	c.run()
	c.quiet, c.address = true, netip.MustParseAddr("198.51.100.9")
	c.says(c.run(), `git.example.com failing since 03:05: Namecheap: "No Records updated. A record not Found;"; next try 04:10`, "hint: do record for git.example.com")
	for _, at := range []struct {
		after    time.Duration
		attempts int
	}{{69 * time.Minute, 0}, {70 * time.Minute, 1}} {
		c.now = start.Add(at.after)
		if c.run(); c.results[0].Attempts != at.attempts {
			t.Errorf("%v later it is sent in %d attempts, want %d", at.after, c.results[0].Attempts, at.attempts)
		}
	}
}
