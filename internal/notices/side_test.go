package notices

import (
	"testing"
	"time"

	"ddns-batch/internal/state"
)

// broken is a page that cannot be written, and whole the same page once it can.
var (
	broken = SideMatter{Name: "the report_file /srv/ddns.html", Fault: "cannot write the report_file", Cause: "/srv/ddns.html: permission denied"}
	whole  = SideMatter{Name: broken.Name}
)

// tell is one run in which side matters went so.
func (c *cron) tell(sides ...SideMatter) []string {
	c.t.Helper()
	lines, after := ReportSide(Run{Now: c.now, Machine: "nas", Quiet: c.quiet || c.trouble, OnlyTrouble: c.trouble}, c.state.News, sides)
	c.state.News = after
	c.now = c.now.Add(5 * time.Minute)
	return lines
}

func TestASideMatterIsSaidOnceADayAndSoIsItsEnd(t *testing.T) {
	c := newCron(t)
	c.says(c.tell(whole))
	c.says(c.tell(broken), "cannot write the report_file: /srv/ddns.html: permission denied")
	for end := c.now.Add(23 * time.Hour); c.now.Before(end); {
		c.says(c.tell(broken))
	}
	c.now = c.now.Add(time.Hour)
	c.says(c.tell(broken), "cannot write the report_file since 2026-11-23 03:05: /srv/ddns.html: permission denied")
	// Runs with flags of their own say nothing about it.
	c.says(c.tell(SideMatter{Name: "the --ip-file /srv/ip"}))
	c.trouble = true
	c.says(c.tell(whole), "the report_file /srv/ddns.html: working again")
	c.says(c.tell(whole))
	if c.state.News != nil {
		t.Errorf("left: %v", c.state.News)
	}
}

func TestASideMatterThatOnlyLoudRunsMet(t *testing.T) {
	c := newCron(t)
	c.quiet = false
	c.says(c.tell(broken))
	c.quiet = true
	c.says(c.tell(broken), "cannot write the report_file since 03:00: /srv/ddns.html: permission denied")
	c.quiet = false
	c.says(c.tell(whole))
	c.quiet = true
	c.says(c.tell(whole), "the report_file /srv/ddns.html: working again")
}

func TestASideMatterIsLeftAloneByTheNewsOfRecords(t *testing.T) {
	c := settled(t, "git example.com")
	c.says(c.tell(broken), "cannot write the report_file: /srv/ddns.html: permission denied")
	before := c.state.News
	c.silent(2 * time.Hour)
	if !Equal(c.state.News, before) {
		t.Errorf("%v became %v", before, c.state.News)
	}
}

// What did not get to its reader is said by the next run, and what was said before counts as said.
func TestWhatCouldNotBeDeliveredIsSaidAgain(t *testing.T) {
	page, file := broken, SideMatter{Name: "the --ip-file /srv/ip", Fault: "cannot write the --ip-file", Cause: "/srv/ip: is a directory"}
	c := newCron(t)
	c.tell(page)
	c.tell(page, file)
	in := Run{Now: c.now, Machine: "nas", Quiet: true}
	// The page works again and the file is due.
	c.state.News[1].SaidAt = time.Time{}
	before := c.state.News
	lines, told := ReportSide(in, before, []SideMatter{whole, file})
	if len(lines) != 2 {
		t.Fatalf("%q", lines)
	}
	in.Quiet = false
	_, unsaid := ReportSide(in, before, []SideMatter{whole, file})
	other := state.News{Key: "endpoint", What: "blocked", Since: c.now, SaidAt: c.now.Add(-time.Hour)}
	c.state.News = TakeBack(append(told, other), c.now, unsaid)
	if n := c.state.News; len(n) != 3 || !Equal(n[1:2], []state.News{other}) {
		t.Errorf("what another run remembers is gone: %v", n)
	}
	c.says(c.tell(whole, file), "cannot write the --ip-file since 03:05: /srv/ip: is a directory", "the report_file /srv/ddns.html: working again")
	c.says(c.tell(whole, file))
}

// What another run has said meanwhile stays said.
func TestWhatAnotherRunHasSaidIsNotTakenBack(t *testing.T) {
	c := newCron(t)
	in := Run{Now: c.now, Machine: "nas"}
	_, unsaid := ReportSide(in, nil, []SideMatter{broken})
	in.Quiet, in.Now = true, c.now.Add(time.Minute)
	_, now := ReportSide(in, unsaid, []SideMatter{broken})
	if after := TakeBack(now, c.now, unsaid); !Equal(after, now) {
		t.Errorf("%v became %v", now, after)
	}
}
