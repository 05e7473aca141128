package page

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"ddns-batch/internal/outcome"
	"ddns-batch/internal/record"
)

func TestInternationalNamesAreShownAsPeopleReadThem(t *testing.T) {
	p := troubled()
	for i := range p.Records {
		if n := &p.Records[i].Name; n.Domain != "example.com" {
			n.Domain = "xn--bcher-kva.example"
		} else if n.Host == "git" {
			n.Host = "xn--gre-6ka8i"
		}
	}
	p.Records = append(p.Records, Record{Name: record.Name{Host: "@", Domain: "xn--4dbrk0ce.example"}, Level: outcome.Fine})
	d := read(t, p)
	for _, want := range []struct{ element, says string }{
		{"h3", "Failed: größe.example.com (xn--gre-6ka8i.example.com)"},
		{"th", "Failed: größe.example.com (xn--gre-6ka8i.example.com)"},
		{"th", "OK: mail.bücher.example (mail.xn--bcher-kva.example)"},
		{"title", "Addresses of mail.bücher.example (mail.xn--bcher-kva.example)"},
	} {
		if !slices.ContainsFunc(d.all(want.element), func(n *html.Node) bool { return text(n) == want.says }) {
			t.Errorf("no <%s> says %q", want.element, want.says)
		}
	}
	if all := text(d.root); !strings.Contains(all, "14 records of bücher.example (xn--bcher-kva.example)") {
		t.Error("a trouble of a domain does not name it")
	}
	if !slices.Contains(d.records(), "OK: xn--4dbrk0ce.example") {
		t.Errorf("a name from right to left: %q", d.records())
	}
	marked := 0
	for _, n := range d.all("tr") {
		if name := attribute(n, "data-record"); strings.HasSuffix(name, ".xn--bcher-kva.example") {
			marked++
		}
	}
	if marked < 20 {
		t.Errorf("%d records are marked by their A-labels", marked)
	}
}
