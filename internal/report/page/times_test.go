package page

import (
	"regexp"
	"strings"
	"testing"
	"time"
)

func TestPageTellsItsTimesInOneZone(t *testing.T) {
	p := troubled()
	p.Location = time.FixedZone("CET", 3600)
	d := read(t, p)
	all := text(d.root)
	for _, want := range []string{"2026-11-23 13:00 CET", "paused until 2026-11-23 16:00", "Times are in CET", "2026-10-28 13:00, until this page was made", "2026-09-29 15:40, 28 days"} {
		if !strings.Contains(all, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	for _, n := range d.all("time") {
		if at, err := time.Parse(time.RFC3339, attribute(n, "datetime")); err != nil || at.Format("2006-01-02 15:04") != text(n) {
			t.Errorf("<time datetime=%q> says %q", attribute(n, "datetime"), text(n))
		}
	}
}

func TestTilesTellTheRun(t *testing.T) {
	tiles := func(p Page) string {
		var words []string
		for _, n := range read(t, p).all("div") {
			if n.Parent.Data != "dl" {
				continue
			}
			for c := range n.ChildNodes() {
				words = append(words, text(c))
			}
		}
		return strings.Join(words, " ")
	}
	for _, tt := range []struct {
		name, want string
		change     func(*Page)
	}{
		{"a good run", "Address 203.0.113.91 since 2026-10-28 12:00 Records 44 44 up to date Last run 2026-11-23 11:58 everything up to date",
			func(*Page) {}},
		{"a bad one", "Last run 2026-11-23 11:58 no trustworthy address Last good run 2026-11-20 11:58", func(p *Page) {
			p.LastRun.Status, p.LastRun.SucceededAt = 3, p.LastRun.EndedAt.Add(-72*time.Hour)
		}},
		{"no good one so far", "not everything up to date Last good run none so far", func(p *Page) {
			p.LastRun.Status, p.LastRun.SucceededAt = 1, time.Time{}
		}},
		{"none recorded", "Last run none recorded", func(p *Page) { p.LastRun = LastRun{} }},
		{"one in the future", "Last run 2026-11-23 13:00 everything up to date", func(p *Page) {
			p.LastRun.EndedAt = noon().Add(time.Hour)
		}},
		{"an address that is not known", "Address not known since 2026-11-23 10:00", func(p *Page) {
			p.Address, p.LastRun.SucceededAt = p.Records[0].Previous, noon().Add(-2*time.Hour)
		}},
	} {
		p := household(44)
		tt.change(&p)
		if got := tiles(p); !strings.Contains(got, tt.want) {
			t.Errorf("%s: %q, want %q in it", tt.name, got, tt.want)
		}
	}
}

// What is read an hour later is still true: no text counts from when the page was made, or from now. The script does,
// when it is read.
func TestNoTimeIsRelative(t *testing.T) {
	relative := regexp.MustCompile(`just now| ago| so far|for \d+ (minute|hour|day)`)
	for name, p := range map[string]Page{"records": household(3), "trouble": troubled(), "many": crowd(20, 30)} {
		d := read(t, p)
		for _, part := range []string{"title", "header", "main", "footer"} {
			if found := relative.FindString(text(d.all(part)[0])); found != "" {
				t.Errorf("%s: its %s says %q", name, part, found)
			}
		}
		if said := text(d.all("header")[0]); !strings.Contains(said, "as of 2026-11-23 12:00 UTC") {
			t.Errorf("%s: of when it is: %q", name, said)
		}
		counted := 0
		for _, n := range d.all("span") {
			if at, err := time.Parse(time.RFC3339, attribute(n, "data-ago")); err == nil && has(n, "hidden") && text(n) == "" && !at.After(p.MadeAt) {
				counted++
			}
		}
		if counted == 0 {
			t.Errorf("%s: nothing is left for the script to count", name)
		}
	}
}
