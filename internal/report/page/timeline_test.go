package page

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"
)

func TestTicks(t *testing.T) {
	cet := time.FixedZone("CET", 3600)
	const day = 24 * time.Hour
	for _, tt := range []struct {
		window time.Duration
		in     *time.Location
		want   string
	}{
		{time.Hour, time.UTC, "11:10|11:20|11:30|11:40|11:50"},
		{3 * time.Hour, time.UTC, "09:30|10:00|10:30|11:00|11:30"},
		{5 * time.Hour, time.UTC, "08:00|09:00|10:00|11:00"},
		{17 * time.Hour, time.UTC, "21:00|23 Nov|03:00|06:00|09:00"},
		{day, cet, "18:00|23 Nov|06:00|12:00"},
		{3 * day, time.UTC, "21 Nov|12:00|22 Nov|12:00|23 Nov"},
		{5 * day, cet, "19 Nov|20 Nov|21 Nov|22 Nov|23 Nov"},
		{12 * day, time.UTC, "13 Nov|15 Nov|17 Nov|19 Nov|21 Nov|23 Nov"},
		{40 * day, time.UTC, "19 Oct|26 Oct|2 Nov|9 Nov|16 Nov"},
		{80 * day, time.UTC, "14 Sep|28 Sep|12 Oct|26 Oct|9 Nov"},
		{170 * day, time.UTC, "Jul|Aug|Sep|Oct|Nov"},
		{300 * day, time.UTC, "Mar|May|Jul|Sep|Nov"},
		{365 * day, time.UTC, "2026|Apr|Jul|Oct"},
		{500 * day, time.UTC, "Oct|2026|Apr|Jul|Oct"},
		{1000 * day, time.UTC, "Jul|2025|Jul|2026|Jul"},
		{6 * 365 * day, time.UTC, "2022|2023|2024|2025|2026"},
		{20 * 365 * day, time.UTC, "2010|2015|2020|2025"},
		{longest, time.UTC, "1980|1990|2000|2010|2020"},
	} {
		a := axis{start: noon().Add(-tt.window), end: noon(), location: tt.in}
		var got []string
		for _, tick := range a.ticks() {
			got = append(got, tick.Label)
		}
		if got := strings.Join(got, "|"); got != tt.want {
			t.Errorf("%v: %s, want %s", tt.window, got, tt.want)
		}
	}
}

// bars are the widths of what is drawn of the record on top, by class, from the left, older shapes included.
func bars(t *testing.T, p Page) (list []string) {
	t.Helper()
	for _, n := range (document{read(t, p).all("details")[0]}).all("rect") {
		list = append(list, attribute(n, "class")+" "+attribute(n, "x")+"+"+attribute(n, "width"))
	}
	slices.Reverse(list)
	return list
}

func TestBarsLieWhereTheirTimesAre(t *testing.T) {
	p := household(1)
	p.Overall = nil
	p.Records[0].History = changes(1, 100, 2, 75, 0, 50, 1, 25, 91, 10)
	p.Records[0].Since = before(10)
	want := []string{"h2 0+500", "h3 500+500", "gap 1000+500", "h2 1500+300", "h0 1800+200"}
	if got := bars(t, p); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestShortStaysCanBeSeen(t *testing.T) {
	p := household(1)
	p.Overall = nil
	p.Records[0].History = changes(1, 1000, 91, 0)
	p.Records[0].History[1].At = noon().Add(-time.Second)
	want := []string{"h2 0+2000", "h0 1996+4"}
	if got := bars(t, p); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestAnAddressHasOneColour(t *testing.T) {
	for name, p := range map[string]Page{"few": troubled(), "many": crowd(50, 60)} {
		d := read(t, p)
		colour := map[string]string{}
		check := func(address, class string) {
			if !strings.HasPrefix(class, "h") && class != "gap" {
				t.Fatalf("%s: %s has the class %q", name, address, class)
			}
			if seen, ok := colour[address]; ok && seen != class {
				t.Errorf("%s: %s is %s and %s", name, address, seen, class)
			}
			colour[address] = class
		}
		for _, n := range d.all("rect") {
			address, _, _ := strings.Cut(text(n), " from ")
			check(address, attribute(n, "class"))
		}
		for _, n := range d.all("li") {
			if has(n, "class") {
				check(strings.TrimSpace(n.FirstChild.Data), attribute(n, "class"))
			}
		}
		for _, n := range d.all("") {
			if classes := strings.Fields(attribute(n, "class")); len(classes) == 2 && classes[0] == "address" {
				check(text(n), classes[1])
			}
		}
		if colour["203.0.113.91"] != "h0" || len(colour) < 9 {
			t.Errorf("%s: the colours are %v", name, colour)
		}
		for address, class := range colour {
			if class == "h0" && address != "203.0.113.91" {
				t.Errorf("%s: %s has the colour of the present address", name, address)
			}
		}
	}
}

func TestLongHistoriesAreShown(t *testing.T) {
	p := crowd(200, 100)
	d := read(t, p)
	for i, n := range d.all("details") {
		inside := document{n}
		shown, left := 0, 0
		for _, li := range inside.all("li") {
			if m := regexp.MustCompile(`^and (\d+) earlier$`).FindStringSubmatch(text(li)); m != nil {
				left, _ = strconv.Atoi(m[1])
			} else {
				shown++
			}
		}
		if shown < leastDetail || shown+left < 100 {
			t.Fatalf("history %d shows %d changes and leaves out %d, of 100", i, shown, left)
		}
		if i == 0 {
			continue // the list of the whole; its bars are beside it
		}
		older := 0
		for _, path := range inside.all("path") {
			older += strings.Count(attribute(path, "d"), "M")
		}
		if rects := len(inside.all("rect")); rects != shown || older != left {
			t.Fatalf("history %d draws %d bars and %d older ones, want %d and %d", i, rects, older, shown, left)
		}
	}
	// So few that all of it is shown.
	if all := text(read(t, crowd(20, 100)).root); strings.Contains(all, "earlier") {
		t.Error("something is left out of a page that has room for it")
	}
}

func TestSummaryOfADrawing(t *testing.T) {
	for _, tt := range []struct {
		name string
		knowledge
		want string
	}{
		{"one address", knowledge{address: number(1), since: before(48)}, "203.0.113.1 since 2026-11-21 12:00."},
		{"two", knowledge{history: changes(1, 48, 2, 24, 1, 12, 2, 1), address: number(2)},
			"203.0.113.2 since 2026-11-23 11:00. 2 addresses since 2026-11-21 12:00."},
		{"one that is gone", knowledge{history: changes(1, 48), until: before(24)},
			"not known since 2026-11-22 12:00. 1 address since 2026-11-21 12:00."},
	} {
		d := draftsman{axis: axis{location: time.UTC}}
		if got := d.summary(tt.spans(noon())); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestLabelsStandOnWideBarsOnly(t *testing.T) {
	p := household(1)
	p.Overall = changes(101, 1000, 102, 450, 103, 120, 91, 20)
	p.Records[0].History, p.Records[0].Since = p.Overall, before(20)
	labels := map[string]string{}
	for _, n := range read(t, p).all("text") {
		if class := attribute(n, "class"); class != "" {
			labels[text(n)] = class
		}
	}
	want := map[string]string{"203.0.113.101": "label always", "203.0.113.102": "label medium"}
	if fmt.Sprint(labels) != fmt.Sprint(want) {
		t.Errorf("labels are %v, want %v", labels, want)
	}
}

// legendOf is the legend of a page, each address behind the class of its colour.
func legendOf(t *testing.T, p Page) (list []string) {
	t.Helper()
	for _, ul := range read(t, p).all("ul") {
		for _, li := range (document{ul}).all("li") {
			list = append(list, strings.TrimSpace(attribute(li, "class")+" "+text(li)))
		}
	}
	return list
}

func TestTheLegendNamesTheColours(t *testing.T) {
	p := household(1)
	p.Overall = changes(101, 1000, 0, 500, 101, 400, 102, 120, 91, 20)
	want := []string{"h0 203.0.113.91", "h2 203.0.113.102", "h3 203.0.113.101", "gap not known"}
	if got := legendOf(t, p); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	// A record that came later was not known before.
	p = household(2)
	p.Records[1].History = p.Records[1].History[3:]
	if got := legendOf(t, p); len(got) != 10 || got[9] != "gap not known" {
		t.Errorf("of a record that came later: %q", got)
	}
	if got := legendOf(t, household(2)); len(got) != 9 {
		t.Errorf("where everything is known: %q", got)
	}
	p = household(1)
	p.Overall = moves(30, 91, 80*time.Hour)
	p.Records[0].History, p.Records[0].Since = p.Overall, p.Overall[29].At
	got := legendOf(t, p)
	if len(got) != hues+1 || !strings.HasPrefix(got[hues], "older ones (20) ") {
		t.Errorf("of 30 addresses: %q", got)
	}
	seen := map[string]bool{}
	for _, l := range got[:hues] {
		if class, _, _ := strings.Cut(l, " "); seen[class] {
			t.Errorf("two addresses of the legend are %s", class)
		} else {
			seen[class] = true
		}
	}
	if got := legendOf(t, Page{MadeAt: noon()}); got != nil {
		t.Errorf("of nothing: %q", got)
	}
}

func TestZonesOfAddressesAreText(t *testing.T) {
	p := household(1)
	p.Records[0].Address = netip.MustParseAddr("fe80::1%<b>\u202e")
	d := read(t, p)
	if n := slices.IndexFunc(d.all("b"), func(n *html.Node) bool { return text(n) != "example.com" }); n >= 0 {
		t.Error("the zone of an address became an element")
	}
	if strings.Contains(string(render(t, p)), "\u202e") {
		t.Error("the zone of an address turns the text around")
	}
}
