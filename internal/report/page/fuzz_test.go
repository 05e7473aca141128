package page

import (
	"bytes"
	"net/netip"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"ddns-batch/internal/outcome"
	"ddns-batch/internal/record"
	"ddns-batch/internal/state"
)

// FuzzWrite: whatever the texts and times are, the page parses to the elements and attributes that harmless ones give,
// asks for nothing and runs nothing but its own script.
func FuzzWrite(f *testing.F) {
	for i, s := range hostile() {
		f.Add(s, s, s, s, s, s, s, i-1, int64(i)*1e9, int64(-i)*1e18)
		f.Add("nas", "www", "example.com", "held", s, s, "CET", i%4, int64(i)*3600e9, int64(0))
	}
	f.Fuzz(func(t *testing.T, machine, host, domain, stands, message, hint, zone string, level int, ago, until int64) {
		at := noon().Add(-time.Duration(ago))
		page := func(plain func(string, func(string) string) string) Page {
			one := func(s string) string { return oneLine(s, longestText) }
			r := Record{
				Name:    record.Name{Host: plain(host, one), Domain: plain(domain, one)},
				Address: address(level & 3), Since: at, ConfirmedAt: at.Add(time.Duration(until)), Level: outcome.Level(level),
				Status: plain(stands, one), Message: plain(message, lines), Hint: plain(hint, lines), Until: time.Unix(0, until),
				History: []state.Change{{IP: address(7), At: at.Add(-time.Hour)}, {At: at}, {IP: address(level & 3), At: time.Unix(0, until)}},
			}
			lost := r
			lost.Level, lost.Address, lost.Previous = outcome.Level(level)+1, netip.Addr{}, r.Address
			return Page{
				Machine: plain(machine, one), MadeAt: noon(), Location: time.FixedZone(plain(zone, one), level%50_000), Address: address(1),
				LastRun: LastRun{EndedAt: at, Status: level & 7}, Records: []Record{r, lost}, Overall: r.History,
			}
		}
		hostilePage := page(func(s string, _ func(string) string) string { return s })
		got := skeleton(t, hostilePage)
		want := skeleton(t, page(func(s string, shown func(string) string) string {
			switch {
			case s == "@", strings.EqualFold(shown(s), "OK"), strings.Contains(s, "xn--"):
				return s
			case shown(s) == "":
				return ""
			default:
				return "x"
			}
		}))
		if got != want {
			t.Errorf("the texts change the page:\n%s\nwant\n%s", got, want)
		}
		if !bytes.Equal(render(t, hostilePage), render(t, hostilePage)) {
			t.Error("two pages of the same differ")
		}
	})
}

// skeleton is the elements and attributes of a page, without its texts. It fails the test if they are not harmless.
func skeleton(t *testing.T, p Page) string {
	t.Helper()
	var b strings.Builder
	for _, n := range read(t, p).all("") {
		if why := leads(n); why != "" {
			t.Errorf("<%s> has %s", n.Data, why)
		}
		if n.Data == "script" && n.FirstChild.Data != strings.TrimSpace(script) {
			t.Errorf("a script %q", n.FirstChild.Data)
		}
		b.WriteString(n.Data)
		for _, a := range n.Attr {
			// What a data attribute holds is only ever read by name.
			if !strings.HasPrefix(a.Key, "data-") && strings.Contains(strings.ToLower(a.Val), "javascript:") {
				t.Errorf("%s=%q", a.Key, a.Val)
			}
			b.WriteString(" " + a.Key)
		}
		b.WriteString(depth(n))
	}
	return b.String()
}

// depth tells siblings from children.
func depth(n *html.Node) string {
	s := "\n"
	for p := n.Parent; p != nil; p = p.Parent {
		s += " "
	}
	return s
}
