package page

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"ddns-batch/internal/outcome"
)

func must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

func render(tb testing.TB, p Page) []byte {
	tb.Helper()
	var b bytes.Buffer
	must(tb, Write(&b, p))
	return b.Bytes()
}

// document is a page as a browser reads it.
type document struct{ root *html.Node }

func read(tb testing.TB, p Page) document {
	tb.Helper()
	root, err := html.Parse(bytes.NewReader(render(tb, p)))
	must(tb, err)
	return document{root}
}

// all are the elements of that name, or all elements for "", in the order of the page.
func (d document) all(name string) []*html.Node {
	var list []*html.Node
	for n := range d.root.Descendants() {
		if n.Type == html.ElementNode && (name == "" || n.Data == name) {
			list = append(list, n)
		}
	}
	return list
}

func attribute(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, key string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == key })
}

// text is all that can be read below n, with single spaces.
func text(n *html.Node) string {
	var b strings.Builder
	for c := range n.Descendants() {
		if c.Type == html.TextNode {
			b.WriteString(c.Data)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// records are the names of the records, in the order of the page, each behind its level.
func (d document) records() []string {
	var names []string
	for _, n := range d.all("tr") {
		if has(n, "data-record") {
			names = append(names, text(document{n}.all("th")[0]))
		}
	}
	return names
}

func TestFailuresComeFirst(t *testing.T) {
	p := troubled()
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(p.Records), func(i, j int) {
		p.Records[i], p.Records[j] = p.Records[j], p.Records[i]
	})
	names := read(t, p).records()
	if len(names) != 44 {
		t.Fatalf("%d records, want 44", len(names))
	}
	for i, want := range map[int]string{
		0: "Failed: git.example.com", 1: "Failed: *.example.org", 14: "Failed: www.example.org",
		15: "Warning: vpn.example.net", 16: "OK: *.example.com", 43: "OK: www.example.net",
	} {
		if names[i] != want {
			t.Errorf("record %d is %q, want %q", i, names[i], want)
		}
	}
}

func TestRecordsWithTheSameTroubleAreOneGroup(t *testing.T) {
	d := read(t, troubled())
	cards := d.all("article")
	if len(cards) != 3 {
		t.Fatalf("%d cards, want 3", len(cards))
	}
	for i, want := range []struct {
		title string
		rows  int
		says  []string
	}{
		{"Failed: git.example.com", 1, []string{
			`held, paused until 2026-11-23 15:00`, `A record not Found;`, `ddns-batch --retry --only git.example.com`, "203.0.113.94",
		}},
		{"Failed: 14 records of example.org", 14, []string{"2026-11-23 13:00", `"Passwords do not match"`, "not the account password"}},
		{"Warning: vpn.example.net", 1, []string{"no answer in 30 s", "not known, was 203.0.113.91", "2026-11-03 12:00"}},
	} {
		card := document{cards[i]}
		if title := text(card.all("h3")[0]); title != want.title {
			t.Errorf("card %d is of %q, want %q", i, title, want.title)
		}
		if n := len(card.records()); n != want.rows {
			t.Errorf("%s: %d records, want %d", want.title, n, want.rows)
		}
		for _, s := range want.says {
			if n := strings.Count(text(cards[i]), s); n == 0 || n > 1 && want.rows > 1 && !strings.HasPrefix(s, "2") {
				t.Errorf("%s: says %q %d times", want.title, s, n)
			}
		}
	}
}

func TestDifferentTroublesAreSeparateGroups(t *testing.T) {
	for name, change := range map[string]func(*Record){
		"domain":  func(r *Record) { r.Name.Domain = "example.net" },
		"state":   func(r *Record) { r.Status = "never confirmed" },
		"message": func(r *Record) { r.Message = "no connection" },
		"hint":    func(r *Record) { r.Hint = "wait" },
		"until":   func(r *Record) { r.Until = noon().Add(time.Minute) },
		"level":   func(r *Record) { r.Level = outcome.Warning },
	} {
		p := household(4)
		p.Records = []Record{p.Records[0], p.Records[3]}
		for i := range p.Records {
			p.Records[i].Level, p.Records[i].Status, p.Records[i].Message, p.Records[i].Hint = outcome.Trouble, "held", "refused", "ask"
		}
		if n := len(read(t, p).all("article")); n != 1 {
			t.Fatalf("%d cards for one trouble", n)
		}
		change(&p.Records[1])
		if n := len(read(t, p).all("article")); n != 2 {
			t.Errorf("%d cards for two troubles that differ by %s", n, name)
		}
	}
}

func TestPageIsForEverybody(t *testing.T) {
	d := read(t, troubled())
	if lang := attribute(d.all("html")[0], "lang"); lang != "en" {
		t.Errorf("lang is %q", lang)
	}
	if n := len(d.all("h1")); n != 1 {
		t.Errorf("%d first headings", n)
	}
	level := 0
	ids := map[string]bool{}
	for _, n := range d.all("") {
		if id := attribute(n, "id"); id != "" {
			if ids[id] {
				t.Errorf("two elements have the id %s", id)
			}
			ids[id] = true
		}
		if len(n.Data) == 2 && n.Data[0] == 'h' && n.Data[1] >= '1' && n.Data[1] <= '6' {
			if next := int(n.Data[1] - '0'); next > level+1 {
				t.Errorf("heading %q is of level %d after one of level %d", text(n), next, level)
			} else {
				level = next
			}
		}
	}
	for _, n := range d.all("") {
		for _, key := range []string{"aria-labelledby", "for", "href"} {
			for id := range strings.FieldsSeq(attribute(n, key)) {
				if id = strings.TrimPrefix(id, "#"); !ids[id] && !strings.HasPrefix(id, "data:") {
					t.Errorf("<%s %s> leads to %q, which is not there", n.Data, key, id)
				}
			}
		}
	}
	for _, table := range d.all("table") {
		inside := document{table}
		if len(inside.all("caption")) != 1 {
			t.Error("a table has no caption")
		}
		// Some browsers forget what a table is once it is laid out as cards.
		for name, role := range map[string]string{"thead": "rowgroup", "tbody": "rowgroup", "tr": "row", "td": "cell"} {
			for _, n := range inside.all(name) {
				if attribute(n, "role") != role {
					t.Errorf("a <%s> has the role %q", name, attribute(n, "role"))
				}
			}
		}
		if attribute(table, "role") != "table" {
			t.Error("a table has no role")
		}
		for _, th := range inside.all("th") {
			if scope := attribute(th, "scope"); scope != "col" && scope != "row" || !strings.HasSuffix(attribute(th, "role"), "header") {
				t.Errorf("the header %q has no scope or role", text(th))
			}
		}
	}
	images := 0
	for _, svg := range d.all("svg") {
		inside := document{svg}
		switch {
		case attribute(svg, "role") == "img":
			images++
			if len(inside.all("title")) == 0 || len(inside.all("desc")) != 1 || text(inside.all("desc")[0]) == "" || attribute(svg, "aria-labelledby") == "" {
				t.Errorf("a drawing has no title or description: %q", text(svg))
			}
		case attribute(svg.Parent, "role") != "img" && attribute(svg, "aria-hidden") != "true":
			t.Error("a decoration is not hidden from screen readers")
		}
	}
	if images != 45 {
		t.Errorf("%d drawings, want one of the whole and one of each record", images)
	}
}

func TestFilterIsForManyRecords(t *testing.T) {
	for n, want := range map[int]int{0: 0, 11: 0, 12: 1, 44: 1} {
		if inputs := len(read(t, household(n)).all("input")); inputs != want {
			t.Errorf("%d filters for %d records, want %d", inputs, n, want)
		}
	}
}

func TestEqualPagesGiveEqualBytes(t *testing.T) {
	p := crowd(30, 40)
	p.Records = append(p.Records, troubled().Records...)
	before := reflect.ValueOf(slices.Clone(p.Records)).Interface()
	want := render(t, p)
	if !reflect.DeepEqual(before, p.Records) {
		t.Error("the caller's records were changed")
	}
	for seed := range uint64(5) {
		// Duplicates apart, the order in which records come does not matter.
		q := household(44)
		rand.New(rand.NewPCG(seed, 0)).Shuffle(44, func(i, j int) { q.Records[i], q.Records[j] = q.Records[j], q.Records[i] })
		if !bytes.Equal(render(t, q), render(t, household(44))) {
			t.Fatal("the order of the records shows")
		}
		if !bytes.Equal(render(t, p), want) {
			t.Fatal("the same page gave other bytes")
		}
	}
}

type brokenWriter struct{ calls int }

var errBroken = errors.New("broken")

func (w *brokenWriter) Write([]byte) (int, error) {
	w.calls++
	return 0, errBroken
}

func TestWriteReturnsTheWritersError(t *testing.T) {
	w := &brokenWriter{}
	if err := Write(w, household(100)); !errors.Is(err, errBroken) || w.calls != 1 {
		t.Errorf("error %v after %d calls, want %v after one", err, w.calls, errBroken)
	}
}
