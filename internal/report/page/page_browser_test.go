//go:build !windows

package page

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"ddns-batch/internal/outcome"
)

// save writes p as a file and returns its path.
func save(t *testing.T, p Page) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "report.html")
	must(t, os.WriteFile(path, render(t, p), 0o600))
	return path
}

// quiet fails the test if the page said, or asked for, anything.
func (b *browser) quiet(t *testing.T) {
	t.Helper()
	if c := b.complaints(); len(c) > 0 {
		t.Errorf("the page is not quiet:\n%s", strings.Join(c, "\n"))
	}
	if a := b.abroad(); len(a) > 0 {
		t.Errorf("the network was asked for %q", a)
	}
}

// tooWide is what sticks out of a window of that width, or of what is around it.
func (b *browser) tooWide(width int) []string {
	var page int
	b.eval("document.documentElement.scrollWidth", &page)
	var list []string
	b.eval(`[...new Set([...document.querySelectorAll(".card, .tiles > div, summary, header")].filter(e => e.scrollWidth > e.clientWidth + 1)
		.map(e => "what is in " + e.tagName + " " + (e.getAttribute("class") || "")))]`, &list)
	if page > width {
		list = append(list, "the page itself")
	}
	return list
}

func TestInABrowser(t *testing.T) {
	b := startBrowser(t)
	for _, tt := range []struct {
		name string
		test func(*testing.T, *browser)
	}{
		{"pages at all widths", seenAtAllWidths},
		{"what is wrong is noticed", seenWhatIsWrong},
		{"light and dark", seenInBothSchemes},
		{"as a screen reader meets it", seenByAScreenReader},
		{"by keyboard", usedByKeyboard},
		{"the filter", filtered},
		{"an old copy says so", agedCopy},
		{"without scripts", seenWithoutScripts},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b.tb = t
			tt.test(t, b)
		})
	}
	b.tb = t
}

func seenAtAllWidths(t *testing.T, b *browser) {
	for _, page := range []struct {
		name string
		Page
		first string // the record on top
	}{
		{"records in trouble", troubled(), "git.example.com"},
		{"all as asked", household(44), "*.example.com"},
		{"one record", household(1), "example.com"},
		{"hostile text", hostilePage(), ""},
		{"nothing known", Page{MadeAt: noon()}, ""},
		{"many records with many changes", crowd(200, 100), "*.example.com"},
	} {
		path := save(t, page.Page)
		widths := []int{320, 390, 1000, 1280}
		if len(page.Records) > 100 {
			widths = []int{390, 1280}
		}
		for _, width := range widths {
			b.open(path, width, "light")
			b.quiet(t)
			if wide := b.tooWide(width); len(wide) > 0 {
				t.Errorf("%s, %d px: too wide: %v", page.name, width, wide)
			}
			var seen struct {
				Title, Headline string
				Scripts, Images int
				Rows            int
				Hidden          int
				First, Level    string
			}
			b.eval(`(() => {
				const rows = [...document.querySelectorAll("[data-record]")];
				const top = rows.toSorted((a, b) => a.getBoundingClientRect().top - b.getBoundingClientRect().top)[0];
				return {
					Title: document.title, Headline: document.querySelector("h1").textContent,
					Scripts: document.scripts.length, Images: document.images.length, Rows: rows.length,
					Hidden: rows.filter(r => r.getBoundingClientRect().height < 10).length,
					First: top ? top.querySelector("bdi").textContent : "",
					Level: top ? top.querySelector("th").className : "",
				};
			})()`, &seen)
			h := newHeadline(page.Page)
			if !strings.HasPrefix(seen.Title, h.sentence) || seen.Headline != h.sentence {
				t.Errorf("%s: title %.200q, headline %.200q, want %q", page.name, seen.Title, seen.Headline, h.sentence)
			}
			if seen.Scripts != 1 || seen.Images != 0 {
				t.Errorf("%s: %d scripts and %d images, want one script", page.name, seen.Scripts, seen.Images)
			}
			if seen.Rows != len(page.Records) || seen.Hidden > 0 {
				t.Errorf("%s: %d of %d records are there, %d of them cannot be seen", page.name, seen.Rows, len(page.Records), seen.Hidden)
			}
			if page.first != "" && seen.First != page.first {
				t.Errorf("%s, %d px: on top is %q, want %q", page.name, width, seen.First, page.first)
			}
			if h.tone == outcome.Trouble && seen.Level != "failed" {
				t.Errorf("%s, %d px: on top is a record that is %s", page.name, width, seen.Level)
			}
		}
	}
}

// seenWhatIsWrong shows that the checks of the other tests can fail.
func seenWhatIsWrong(t *testing.T, b *browser) {
	good := string(render(t, troubled()))
	policy := string(parts().policy)
	const unknown = "Content Security Policy"
	for _, tt := range []struct {
		name, old, new string
		seen           func() bool
	}{
		{"a word on the console", "", "", func() bool {
			b.eval(`console.error("a wrong word")`, nil)
			return b.complainsOf("a wrong word")
		}},
		{"an exception", "", "", func() bool {
			b.eval(`new Promise(done => setTimeout(() => { done(); absent(); }))`, nil)
			return b.complainsOf("absent is not defined")
		}},
		{"a script that the policy does not know", "</body>", "<script>document.title = 'gone'</script></body>", func() bool {
			return b.complainsOf(unknown)
		}},
		{"an attribute with a style", "<h1>", `<h1 style="color: red">`, func() bool { return b.complainsOf(unknown) }},
		{"a changed script", "const filter", "const  filter", func() bool { return b.complainsOf(unknown) }},
		{"an image from elsewhere that the policy forbids", "</body>", `<img src="http://www.example.net/x.png"></body>`, func() bool {
			return b.complainsOf(unknown)
		}},
		{"an image from elsewhere", policy, `<img src="http://www.example.net/x.png">`, func() bool {
			return b.complainsOf("www.example.net") && strings.Contains(strings.Join(b.abroad(), " "), "www.example.net")
		}},
		{"a wide headline", policy, "<style>h1 { width: 2000px }</style>", func() bool {
			return strings.Contains(strings.Join(b.tooWide(390), " "), "the page itself")
		}},
		{"something that sticks out of its card", policy, "<style>td .bars { min-width: 100% !important }</style>", func() bool {
			return len(b.tooWide(390)) > 0
		}},
	} {
		bad := good
		if tt.old != "" {
			if bad = strings.Replace(good, tt.old, tt.new, 1); bad == good {
				t.Fatalf("%s: %q is not in the page", tt.name, tt.old)
			}
		}
		path := filepath.Join(t.TempDir(), "bad.html")
		must(t, os.WriteFile(path, []byte(bad), 0o600))
		b.open(path, 390, "light")
		if !tt.seen() {
			t.Errorf("%s: not noticed; complaints are %q", tt.name, b.complaints())
		}
	}
	b.forget()
}

func (b *browser) complainsOf(about string) bool {
	return strings.Contains(strings.Join(b.complaints(), "\n"), about)
}

func seenInBothSchemes(t *testing.T, b *browser) {
	path := save(t, troubled())
	var back [2]string
	for i, scheme := range []string{"light", "dark"} {
		b.open(path, 1280, scheme)
		b.quiet(t)
		b.eval("getComputedStyle(document.body).backgroundColor", &back[i])
	}
	if back[0] != "rgb(244, 246, 248)" || back[1] != "rgb(16, 20, 26)" {
		t.Errorf("the background is %s in light and %s in dark", back[0], back[1])
	}
}

// accessible is a node as a screen reader meets it.
type accessible struct {
	Ignored    bool
	Role, Name struct{ Value any }
}

func seenByAScreenReader(t *testing.T, b *browser) {
	path := save(t, troubled())
	for _, width := range []int{390, 1280} {
		b.open(path, width, "light")
		var tree struct{ Nodes []accessible }
		b.call("Accessibility.getFullAXTree", nil, &tree)
		count := map[string]int{}
		var headings []string
		for _, n := range tree.Nodes {
			role, _ := n.Role.Value.(string)
			name, _ := n.Name.Value.(string)
			if n.Ignored {
				continue
			}
			count[role]++
			if role == "heading" {
				headings = append(headings, name)
			}
			if (role == "image" || role == "DisclosureTriangle" || role == "searchbox" || role == "table") && name == "" {
				t.Errorf("%d px: a %s has no name", width, role)
			}
		}
		for role, want := range map[string]int{"table": 4, "rowheader": 44, "image": 45, "searchbox": 1, "banner": 1, "main": 1} {
			if count[role] != want {
				t.Errorf("%d px: %d of role %s, want %d", width, count[role], role, want)
			}
		}
		// The tree comes level by level.
		want := []string{
			"15 of 44 records need you", "15 records need you", "1 record worth a look", "The address over time", "28 records up to date",
			"Failed: git.example.com", "Failed: 14 records of example.org", "Warning: vpn.example.net",
		}
		if !slices.Equal(headings, want) {
			t.Errorf("%d px: headings %q, want %q", width, headings, want)
		}
	}
}

// press is a key, as a keyboard sends it.
func (b *browser) press(key string, code int, text string) {
	b.tb.Helper()
	for _, kind := range []string{"keyDown", "keyUp"} {
		params := map[string]any{"type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code}
		if kind == "keyDown" && text != "" {
			params["text"] = text
		}
		b.call("Input.dispatchKeyEvent", params, nil)
	}
}

func usedByKeyboard(t *testing.T, b *browser) {
	b.open(save(t, troubled()), 1280, "light")
	focus := func() string {
		var s string
		b.eval("document.activeElement.id || document.activeElement.className || document.activeElement.tagName", &s)
		return s
	}
	b.press("Tab", 9, "")
	if f := focus(); f != "skip" {
		t.Fatalf("the first stop is %q, want the skip link", f)
	}
	var top float64
	b.eval(`document.querySelector(".skip").getBoundingClientRect().top`, &top)
	if top < 0 {
		t.Error("the skip link cannot be seen though it has the focus")
	}
	b.press("Enter", 13, "\r")
	b.press("Tab", 9, "")
	if f := focus(); f != "SUMMARY" {
		t.Fatalf("after skipping, the next stop is %q, want the first history", f)
	}
	var outline string
	b.eval("getComputedStyle(document.activeElement).outlineStyle", &outline)
	if outline != "solid" {
		t.Errorf("the focus is not shown: outline %s", outline)
	}
	b.press("Enter", 13, "\r")
	var open bool
	b.eval("document.activeElement.parentElement.open", &open)
	if !open {
		t.Error("Enter does not open the history")
	}
	b.quiet(t)
}

func filtered(t *testing.T, b *browser) {
	b.open(save(t, troubled()), 1280, "light")
	type shown struct {
		Names []string
		Says  string
		Cards int
	}
	look := func(text string) (s shown) {
		quoted, err := json.Marshal(text)
		must(t, err)
		b.eval(`(() => {
			const box = document.getElementById("wanted");
			box.value = `+string(quoted)+`;
			box.dispatchEvent(new Event("input"));
			const there = e => e.getClientRects().length > 0;
			return {
				Names: [...document.querySelectorAll("[data-record]")].filter(there).map(r => r.querySelector("bdi").textContent),
				Says: document.getElementById("shown").textContent,
				Cards: [...document.querySelectorAll("#records .card:not(figure)")].filter(there).length,
			};
		})()`, &s)
		return s
	}
	s := look(" GIT.")
	if !slices.Equal(s.Names, []string{"git.example.com", "git.example.org", "git.example.net"}) || s.Cards != 3 {
		t.Errorf("looking for git shows %q in %d cards", s.Names, s.Cards)
	}
	if s.Says != "3 of 44 shown" {
		t.Errorf("the filter says %q", s.Says)
	}
	if s := look(""); len(s.Names) != 44 || s.Says != "" || s.Cards != 4 {
		t.Errorf("an empty filter shows %d records in %d cards and says %q", len(s.Names), s.Cards, s.Says)
	}
	b.quiet(t)
}

func agedCopy(t *testing.T, b *browser) {
	for _, tt := range []struct {
		name string
		age  time.Duration
		want string
	}{
		{"a fresh one says nothing", time.Minute, ""},
		{"one from a clock ahead says nothing", -time.Hour, ""},
		{"one of an hour", 90 * time.Minute, "This copy is 1 hour old. Things may have changed since."},
		{"one of some days", 80 * time.Hour, "This copy is 3 days old. Things may have changed since."},
	} {
		p := household(1)
		p.MadeAt = time.Now().Add(-tt.age)
		b.open(save(t, p), 390, "light")
		var says string
		b.eval(`(e => e.getClientRects().length ? e.textContent : "")(document.getElementById("age"))`, &says)
		if says != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, says, tt.want)
		}
	}
}

func seenWithoutScripts(t *testing.T, b *browser) {
	b.call("Emulation.setScriptExecutionDisabled", map[string]any{"value": true}, nil)
	defer b.call("Emulation.setScriptExecutionDisabled", map[string]any{"value": false}, nil)
	b.open(save(t, troubled()), 390, "light")
	b.quiet(t)
	var rows, filters int
	b.eval(`[...document.querySelectorAll("[data-record]")].filter(r => r.getClientRects().length > 0).length`, &rows)
	b.eval(`document.getElementById("filter").getClientRects().length`, &filters)
	if rows != 44 || filters != 0 {
		t.Errorf("without scripts there are %d records and %d filters, want 44 and none", rows, filters)
	}
}
