package notices

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"ddns-batch/internal/plan"
	"ddns-batch/internal/provider"
)

func TestOnlyQuietRunsHaveSaidSomething(t *testing.T) {
	c := settled(t, "git example.com")
	c.address, c.answer, c.quiet = newIP, refuse(noRecord), false
	c.run()
	c.quiet = true
	c.says(c.run(), `git.example.com failing since 03:05: Namecheap: "No Records updated. A record not Found;"; next try 04:05`, "hint: do record for git.example.com")
	c.quiet, c.retry, c.answer = false, true, refuse(nil)
	c.run()
	c.run()
	c.quiet = true
	c.says(c.run(), "git.example.com: working again")
	c.silent(day)
	// What was never reported ends without a word.
	c.answer, c.address, c.quiet = refuse(noRecord), oldIP, false
	c.run()
	c.answer = refuse(nil)
	c.run()
	c.quiet = true
	c.silent(day)
}

func TestATroubleThatComesBackBeforeItsEndWasSaidIsNew(t *testing.T) {
	c := settled(t, "git example.com")
	c.missing["example.com"] = "not set"
	c.run()
	c.quiet = false
	delete(c.missing, "example.com")
	c.run()
	c.quiet, c.missing["example.com"] = true, "not set"
	c.says(c.run(), "1 record of example.com held: password missing: EXAMPLE_PASSWORD: not set", "hint: do password for git.example.com")
	c.silent(time.Hour)
	delete(c.missing, "example.com")
	c.says(c.run(), "the password of example.com: working again")
}

func TestOnlyWhatARunDealsWithIsTouched(t *testing.T) {
	c := settled(t, "@ example.com", "git example.com", "@ example.net")
	c.address = newIP
	c.answer = func(s plan.Step) *provider.Error {
		switch s.Name.String() {
		case "git.example.com":
			return noRecord
		case "example.net":
			return badWord
		}
		return nil
	}
	c.run()
	before := c.state.Notices
	c.now = c.now.Add(30 * day)
	c.says(c.runOver(c.names[0]))
	if !Equal(c.state.Notices, before) {
		t.Errorf("%v became %v", before, c.state.Notices)
	}
	// A year on nobody needs them any more.
	c.now = c.now.Add(400 * day)
	c.runOver(c.names[0])
	if c.state.Notices != nil {
		t.Errorf("%v is remembered for ever", c.state.Notices)
	}
}

func TestARunThatIsCutShortSaysNothingAboutWhatItLeftOut(t *testing.T) {
	c := settled(t, "@ example.com", "git example.com")
	c.address, c.answer = newIP, refuse(noRecord, "git.example.com")
	c.run()
	before := c.state.Notices
	c.now = c.now.Add(2 * day)
	c.address, c.answer = netip.MustParseAddr("198.51.100.9"), refuse(signal)
	c.says(c.run())
	if !Equal(c.state.Notices, before) {
		t.Errorf("%v became %v", before, c.state.Notices)
	}
}

func TestTroublesThatTakeTurnsAreNeitherHiddenNorRepeated(t *testing.T) {
	c := settled(t, "git example.com")
	c.address = newIP
	turn := 0
	c.answer = func(plan.Step) *provider.Error {
		turn++
		return []*provider.Error{offline, badCert}[turn%2]
	}
	said := 0
	for end := c.now.Add(2 * day); c.now.Before(end); {
		if len(c.run()) > 0 {
			said++
		}
	}
	if said != 2 {
		t.Errorf("said %d times in two days", said)
	}
}

func TestAnotherTroubleOfTheSameThingIsNews(t *testing.T) {
	c := settled(t, "git example.com")
	c.address, c.answer = newIP, refuse(offline)
	c.silent(15 * time.Minute)
	c.run()
	c.answer = refuse(badCert)
	var lines []string
	for range 8 {
		lines = append(lines, c.run()...)
	}
	c.says(lines, "git.example.com failing since 03:30: certificate expired; next try 03:59", "hint: do certificate for git.example.com")
	c.answer, c.retry = refuse(noRecord), true
	c.says(c.run(), `git.example.com failed: Namecheap: "No Records updated. A record not Found;"; next try 05:05`, "hint: do record for git.example.com")
}

func TestClocksThatJump(t *testing.T) {
	for name, jump := range map[string]time.Duration{"back a year": -365 * day, "back an hour": -time.Hour, "forward a year": 365 * day} {
		t.Run(name, func(t *testing.T) {
			c := settled(t, "git example.com", "@ example.net")
			c.address, c.answer = newIP, refuse(noRecord, "git.example.com")
			c.run()
			c.answer = func(s plan.Step) *provider.Error {
				return map[string]*provider.Error{"git": noRecord, "@": offline}[s.Name.Host]
			}
			c.address = netip.MustParseAddr("198.51.100.9")
			c.now = c.now.Add(jump)
			said := map[string]int{}
			for end := c.now.Add(4 * day); c.now.Before(end); {
				for _, line := range c.run() {
					name, _, _ := strings.Cut(line, " failing since")
					said[name]++
				}
			}
			// Once a day, and perhaps once more for the jump.
			for _, name := range []string{"nas: git.example.com", "nas: example.net"} {
				if n := said[name]; n < 3 || n > 5 {
					t.Errorf("in four days it says %d times that %s failed", n, name)
				}
			}
		})
	}
}

func TestRecordsThatAreMissingAreLinesOfTheirOwn(t *testing.T) {
	c := settled(t, "a example.com", "b example.com")
	c.address, c.answer = newIP, refuse(noRecord)
	c.says(c.run(), `a.example.com failed: Namecheap: "No Records updated. A record not Found;"; next try 04:05`,
		`b.example.com failed: Namecheap: "No Records updated. A record not Found;"; next try 04:05`, "hint: do record for a.example.com")
}

func TestALongPauseOfTheEndpointIsNotSaidAtOnceEither(t *testing.T) {
	c := settled(t, "a example.com", "b example.com")
	asked := *blocked
	asked.RetryAfter = 2 * time.Hour
	c.address, c.answer = newIP, refuse(&asked)
	c.silent(15 * time.Minute)
	c.says(c.run(), "blocked since 03:05, 2 records not updated: status 429; next try 05:05", "hint: do blocked for a.example.com")
	// That nothing had to be sent is no sign that something could be.
	c.address = oldIP
	c.silent(3 * time.Hour)
	c.address, c.answer = newIP, refuse(nil)
	c.says(c.run(), "a.example.com and b.example.com moved from 203.0.113.7 to 203.0.113.91", "the endpoint: accepting updates again")
}

func TestAnEndWaitsForARunThatDealsWithIt(t *testing.T) {
	c := settled(t, "@ example.com", "@ example.net")
	c.address, c.answer, c.quiet = newIP, refuse(noDomain, "example.net"), false
	c.silent(15 * time.Minute)
	c.quiet = true
	c.says(c.run(), `example.net refused since 03:05, 1 record not updated: Namecheap: "Domain name not found"; next try 04:15`, "hint: do domain for example.net")
	c.quiet, c.retry, c.answer = false, true, refuse(nil)
	c.run()
	c.quiet = true
	c.says(c.runOver(c.names[0]))
	c.says(c.run(), "example.net: accepted again")
}

// What only a run that was not quiet has met is said by the next quiet one, though the clock was set back behind what was
// said before.
func TestAClockThatIsSetBackHidesNoTrouble(t *testing.T) {
	c := settled(t, "@ example.com")
	c.address, c.missing["example.com"] = newIP, "not set"
	if lines := c.run(); len(lines) == 0 {
		t.Fatal("a missing password is not said")
	}
	delete(c.missing, "example.com")
	c.password["example.com"], c.quiet = "wrong", false
	c.answer = func(plan.Step) *provider.Error {
		return &provider.Error{Class: provider.Credentials, Message: "Passwords do not match", Quoted: true, Unchanged: true}
	}
	c.run()
	c.now, c.quiet = c.now.Add(-time.Hour), true
	if lines := c.run(); len(lines) == 0 || !strings.Contains(lines[0], "password of example.com refused") {
		t.Errorf("said %q", lines)
	}
}
