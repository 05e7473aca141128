package page

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"ddns-batch/internal/outcome"
)

// One browser for all tests, and one tab for those that leave it as it was: each tab costs the machine a process.
func TestInABrowser(t *testing.T) {
	browser := startBrowser(t)
	shared := newProfile(t, browser)
	b := newTab(t, shared)
	inTab := func(name string, test func(*testing.T, *tab)) {
		t.Run(name, func(t *testing.T) {
			b.TB = t
			test(t, b)
		})
	}
	for _, p := range []shownPage{
		{"records in trouble", troubled(), "git.example.com"},
		{"all up to date", household(44), "*.example.com"},
		{"one record", household(1), "example.com"},
		{"hostile text", hostilePage(), ""},
		{"nothing known", Page{MadeAt: noon()}, ""},
		{"many records with many changes", crowd(200, 100), "*.example.com"},
	} {
		inTab(p.name, p.seenAtAllWidths)
	}
	inTab("light and dark", seenInBothSchemes)
	inTab("as a screen reader meets it", seenByAScreenReader)
	inTab("the filter", filtered)
	inTab("an old copy says so", agedCopy)
	inTab("a list on a telephone", listedOnATelephone)
	inTab("by keyboard", usedByKeyboard)
	t.Run("without scripts", func(t *testing.T) {
		t.Parallel()
		seenWithoutScripts(t, newTab(t, shared))
	})
	t.Run("what is wrong is noticed", func(t *testing.T) {
		t.Parallel()
		seenWhatIsWrong(t, newTab(t, newProfile(t, browser)))
	})
}

// save writes p as a file and returns its path.
func save(t *testing.T, p Page) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "report.html")
	must(t, os.WriteFile(path, render(t, p), 0o600))
	return path
}

// tooWide is what sticks out of a window of that width, or of what is around it.
func (b *tab) tooWide(width int) []string {
	b.Helper()
	list := evaluate[[]string](b, `[...new Set([...document.querySelectorAll(".card, .tiles > div, summary, header")].filter(e => e.scrollWidth > e.clientWidth + 1)
		.map(e => "what is in " + e.tagName + " " + (e.getAttribute("class") || "")))]`)
	if evaluate[int](b, "document.documentElement.scrollWidth") > width {
		list = append(list, "the page itself")
	}
	return list
}

// shownPage is a page and the record on top of it.
type shownPage struct {
	name string
	Page
	first string
}

func (p shownPage) seenAtAllWidths(t *testing.T, b *tab) {
	h := newHeadline(p.Page)
	widths := []int{320, 390, 1000, 1280}
	if len(p.Records) > 100 {
		widths = []int{390, 1280}
	}
	b.open(save(t, p.Page), widths[0], "light")
	for _, width := range widths {
		b.resize(width)
		b.quiet()
		if wide := b.tooWide(width); len(wide) > 0 {
			t.Errorf("%d px: too wide: %v", width, wide)
		}
		type look struct {
			Title, Headline string
			Scripts, Images int
			Rows            int
			Hidden          int
			First, Level    string
		}
		seen := evaluate[look](b, `(() => {
			const rows = [...document.querySelectorAll("[data-record]")];
			const top = rows.toSorted((a, b) => a.getBoundingClientRect().top - b.getBoundingClientRect().top)[0];
			return {
				Title: document.title, Headline: document.querySelector("h1").textContent,
				Scripts: document.scripts.length, Images: document.images.length, Rows: rows.length,
				Hidden: rows.filter(r => r.getBoundingClientRect().height < 10).length,
				First: top ? top.querySelector("bdi").textContent : "",
				Level: top ? top.querySelector("th").className : "",
			};
		})()`)
		if !strings.HasPrefix(seen.Title, h.sentence) || seen.Headline != h.sentence {
			t.Errorf("%d px: title %.200q, headline %.200q, want %q", width, seen.Title, seen.Headline, h.sentence)
		}
		if seen.Scripts != 1 || seen.Images != 0 {
			t.Errorf("%d px: %d scripts and %d images, want one script", width, seen.Scripts, seen.Images)
		}
		if seen.Rows != len(p.Records) || seen.Hidden > 0 {
			t.Errorf("%d px: %d of %d records are there, %d of them cannot be seen", width, seen.Rows, len(p.Records), seen.Hidden)
		}
		if p.first != "" && seen.First != p.first {
			t.Errorf("%d px: on top is %q, want %q", width, seen.First, p.first)
		}
		if h.tone == outcome.Trouble && seen.Level != "failed" {
			t.Errorf("%d px: on top is a record that is %s", width, seen.Level)
		}
	}
}

// seenWhatIsWrong shows that the checks of the other tests can fail.
func seenWhatIsWrong(t *testing.T, b *tab) {
	good := string(render(t, troubled()))
	policy := string(parts().policy)
	const unknown = "Content Security Policy"
	for _, tt := range []struct {
		name, old, new string
		seen           func() bool
	}{
		{"a word on the console", "", "", func() bool {
			evaluate[any](b, `console.error("a wrong word")`)
			return b.complainsOf("a wrong word")
		}},
		{"an exception", "", "", func() bool {
			evaluate[any](b, `new Promise(done => setTimeout(() => { done(); absent(); }))`)
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
			return b.complainsOf("www.example.net") && strings.Contains(strings.Join(b.asked(), " "), "www.example.net")
		}},
		{"a wide headline", policy, "<style>h1 { width: 2000px }</style>", func() bool {
			return slices.Contains(b.tooWide(390), "the page itself")
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
}

func seenInBothSchemes(t *testing.T, b *tab) {
	path := save(t, troubled())
	for scheme, want := range map[string]string{"light": "rgb(244, 246, 248)", "dark": "rgb(16, 20, 26)"} {
		b.open(path, 1280, scheme)
		b.quiet()
		if back := evaluate[string](b, "getComputedStyle(document.body).backgroundColor"); back != want {
			t.Errorf("the background is %s in %s, want %s", back, scheme, want)
		}
	}
}

func seenByAScreenReader(t *testing.T, b *tab) {
	path := save(t, troubled())
	text := func(v *accessibility.Value) string {
		var s string
		if v != nil {
			_ = json.Unmarshal(v.Value, &s) // some values are no text
		}
		return s
	}
	for _, width := range []int{390, 1280} {
		b.open(path, width, "light")
		count := map[string]int{}
		var headings []string
		for _, n := range send(b, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{}).Nodes {
			if n.Ignored {
				continue
			}
			role, name := text(n.Role), text(n.Name)
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

func usedByKeyboard(t *testing.T, b *tab) {
	// Only one tab of a browser has the focus; the others are made to believe it.
	send(b, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
	b.open(save(t, troubled()), 1280, "light")
	press := func(key string) { must(t, chromedp.Do(b.ctx, chromedp.KeyEvent(key))) }
	focus := func() string {
		return evaluate[string](b, "document.activeElement.id || document.activeElement.className || document.activeElement.tagName")
	}
	press(kb.Tab)
	if f := focus(); f != "skip" {
		t.Fatalf("the first stop is %q, want the skip link", f)
	}
	if evaluate[float64](b, `document.querySelector(".skip").getBoundingClientRect().top`) < 0 {
		t.Error("the skip link cannot be seen though it has the focus")
	}
	press(kb.Enter)
	press(kb.Tab)
	if f := focus(); f != "SUMMARY" {
		t.Fatalf("after skipping, the next stop is %q, want the first history", f)
	}
	if outline := evaluate[string](b, "getComputedStyle(document.activeElement).outlineStyle"); outline != "solid" {
		t.Errorf("the focus is not shown: outline %s", outline)
	}
	press(kb.Enter)
	if !evaluate[bool](b, "document.activeElement.parentElement.open") {
		t.Error("Enter does not open the history")
	}
	b.quiet()
}

func filtered(t *testing.T, b *tab) {
	b.open(save(t, troubled()), 1280, "light")
	type shown struct {
		Names []string
		Says  string
		Cards int
	}
	look := func(text string) shown {
		quoted, err := json.Marshal(text)
		must(t, err)
		return evaluate[shown](b, `(() => {
			const box = document.getElementById("wanted");
			box.value = `+string(quoted)+`;
			box.dispatchEvent(new Event("input"));
			const there = e => e.getClientRects().length > 0;
			return {
				Names: [...document.querySelectorAll("[data-record]")].filter(there).map(r => r.querySelector("bdi").textContent),
				Says: document.getElementById("shown").textContent,
				Cards: [...document.querySelectorAll("#records .card:not(figure)")].filter(there).length,
			};
		})()`)
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
	b.quiet()
}

func agedCopy(t *testing.T, b *tab) {
	for _, tt := range []struct {
		name      string
		age       time.Duration
		want, ran string
	}{
		{"a fresh one says nothing", time.Minute, "", "3 minutes ago, "},
		{"one from a clock ahead says nothing", -time.Hour, "", ""},
		{"one of an hour", 90 * time.Minute, "This copy is 1 hour old. Things may have changed since.", "1 hour ago, "},
		{"one of some days", 80 * time.Hour, "This copy is 3 days old. Things may have changed since.", "3 days ago, "},
	} {
		p := household(1)
		p.MadeAt = time.Now().Add(-tt.age)
		p.LastRun.EndedAt = p.MadeAt.Add(-2*time.Minute - time.Second)
		b.open(save(t, p), 390, "light")
		says := evaluate[[]string](b, `["#age", "[data-ago]"].map(s => document.querySelector(s)).map(e => e.getClientRects().length ? e.textContent : "")`)
		if says[0] != tt.want || says[1] != tt.ran {
			t.Errorf("%s: %q, want %q and %q", tt.name, says, tt.want, tt.ran)
		}
	}
}

func seenWithoutScripts(t *testing.T, b *tab) {
	send(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	b.open(save(t, troubled()), 390, "light")
	b.quiet()
	rows := evaluate[int](b, `[...document.querySelectorAll("[data-record]")].filter(r => r.getClientRects().length > 0).length`)
	filters := evaluate[int](b, `document.getElementById("filter").getClientRects().length`)
	if rows != 44 || filters != 0 {
		t.Errorf("without scripts there are %d records and %d filters, want 44 and none", rows, filters)
	}
}

// listedOnATelephone: records that have nothing of their own to say take a line each, which opens where it is touched.
func listedOnATelephone(t *testing.T, b *tab) {
	b.open(save(t, household(40)), 390, "light")
	tall := evaluate[[]string](b, `[...document.querySelectorAll("[data-record]")].filter(r => r.getBoundingClientRect().height > 60).map(r => r.dataset.record)`)
	if len(tall) > 0 {
		t.Errorf("more than a line each: %q", tall)
	}
	type row struct {
		Closed, Open []string
		Bar          float64
	}
	seen := evaluate[row](b, `(() => {
		const row = document.querySelectorAll("[data-record]")[3];
		const there = () => [...row.querySelectorAll("td")].filter(e => e.getBoundingClientRect().height > 10).map(e => e.innerText.split("\n")[0]);
		row.scrollIntoView();
		const closed = there(), name = row.querySelector("bdi").getBoundingClientRect();
		document.elementFromPoint(name.left + 5, name.top + 5).click();
		return { Closed: closed, Open: there(), Bar: row.querySelector(".bars").getBoundingClientRect().width };
	})()`)
	if !slices.Equal(seen.Closed, []string{"203.0.113.91"}) || len(seen.Open) != 4 || seen.Bar < 200 {
		t.Errorf("it shows %q, once open %q and a history %g px wide", seen.Closed, seen.Open, seen.Bar)
	}
	b.quiet()
}
