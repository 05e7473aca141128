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

// report is one run in which side matters went so.
func (c *cron) report(sides ...SideMatter) []string {
	c.t.Helper()
	lines, after := ReportSide(Run{Now: c.now, Machine: "nas", Quiet: c.quiet || c.trouble, OnlyTrouble: c.trouble}, c.state.Notices, sides)
	c.state.Notices = after
	c.now = c.now.Add(5 * time.Minute)
	return lines
}

func TestASideMatterIsSaidOnceADayAndSoIsItsEnd(t *testing.T) {
	c := newCron(t)
	c.says(c.report(whole))
	c.says(c.report(broken), "cannot write the report_file: /srv/ddns.html: permission denied")
	for end := c.now.Add(23 * time.Hour); c.now.Before(end); {
		c.says(c.report(broken))
	}
	c.now = c.now.Add(time.Hour)
	c.says(c.report(broken), "cannot write the report_file since 2026-11-23 03:05: /srv/ddns.html: permission denied")
	// Runs with flags of their own say nothing about it.
	c.says(c.report(SideMatter{Name: "the --ip-file /srv/ip"}))
	c.trouble = true
	c.says(c.report(whole), "the report_file /srv/ddns.html: working again")
	c.says(c.report(whole))
	if c.state.Notices != nil {
		t.Errorf("left: %v", c.state.Notices)
	}
}

func TestASideMatterThatOnlyLoudRunsMet(t *testing.T) {
	c := newCron(t)
	c.quiet = false
	c.says(c.report(broken))
	c.quiet = true
	c.says(c.report(broken), "cannot write the report_file since 03:00: /srv/ddns.html: permission denied")
	c.quiet = false
	c.says(c.report(whole))
	c.quiet = true
	c.says(c.report(whole), "the report_file /srv/ddns.html: working again")
}

func TestASideMatterIsLeftAloneByTheNewsOfRecords(t *testing.T) {
	c := settled(t, "git example.com")
	c.says(c.report(broken), "cannot write the report_file: /srv/ddns.html: permission denied")
	before := c.state.Notices
	c.silent(2 * time.Hour)
	if !Equal(c.state.Notices, before) {
		t.Errorf("%v became %v", before, c.state.Notices)
	}
}

// What did not get to its reader is said by the next run, and what was said before counts as said.
func TestWhatCouldNotBeDeliveredIsSaidAgain(t *testing.T) {
	page, file := broken, SideMatter{Name: "the --ip-file /srv/ip", Fault: "cannot write the --ip-file", Cause: "/srv/ip: is a directory"}
	c := newCron(t)
	c.report(page)
	c.report(page, file)
	in := Run{Now: c.now, Machine: "nas", Quiet: true}
	// The page works again and the file is due.
	c.state.Notices[1].ReportedAt = time.Time{}
	before := c.state.Notices
	lines, reported := ReportSide(in, before, []SideMatter{whole, file})
	if len(lines) != 2 {
		t.Fatalf("%q", lines)
	}
	in.Quiet = false
	_, unreported := ReportSide(in, before, []SideMatter{whole, file})
	other := state.Notice{Key: "endpoint", What: "blocked", Since: c.now, ReportedAt: c.now.Add(-time.Hour)}
	c.state.Notices = TakeBack(append(reported, other), c.now, unreported)
	if n := c.state.Notices; len(n) != 3 || !Equal(n[1:2], []state.Notice{other}) {
		t.Errorf("what another run remembers is gone: %v", n)
	}
	c.says(c.report(whole, file), "cannot write the --ip-file since 03:05: /srv/ip: is a directory", "the report_file /srv/ddns.html: working again")
	c.says(c.report(whole, file))
}

// What another run has said meanwhile stays said.
func TestWhatAnotherRunHasSaidIsNotTakenBack(t *testing.T) {
	c := newCron(t)
	in := Run{Now: c.now, Machine: "nas"}
	_, unreported := ReportSide(in, nil, []SideMatter{broken})
	in.Quiet, in.Now = true, c.now.Add(time.Minute)
	_, now := ReportSide(in, unreported, []SideMatter{broken})
	if after := TakeBack(now, c.now, unreported); !Equal(after, now) {
		t.Errorf("%v became %v", now, after)
	}
}
