package page

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// raw is the content of the only element of that name.
func (d document) raw(t *testing.T, name string) string {
	t.Helper()
	list := d.all(name)
	if len(list) != 1 {
		t.Fatalf("%d elements <%s>, want 1", len(list), name)
	}
	return list[0].FirstChild.Data
}

func TestPolicyKnowsWhatIsInThePageOnly(t *testing.T) {
	d := read(t, troubled())
	hash := func(name string) string {
		sum := sha256.Sum256([]byte(d.raw(t, name)))
		return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	}
	want := []string{
		"default-src 'none'", "style-src " + hash("style"), "script-src " + hash("script"), "img-src data:", "base-uri 'none'",
		"form-action 'none'",
	}
	head := d.all("head")[0]
	for _, n := range (document{head}).all("") {
		switch {
		case n.Data == "meta" && attribute(n, "http-equiv") == "Content-Security-Policy":
			if got := strings.Split(attribute(n, "content"), "; "); !slices.Equal(got, want) {
				t.Errorf("the policy is %q, want %q", got, want)
			}
			return
		case n.Data == "meta" && has(n, "charset"):
		default:
			t.Fatalf("<%s> comes before the policy", n.Data)
		}
	}
	t.Error("there is no policy")
}

// leads is why a page that has n may ask for something, or run something; empty if it does not.
func leads(n *html.Node) string {
	for _, a := range n.Attr {
		value := strings.ToLower(strings.TrimSpace(a.Val))
		switch key := strings.ToLower(a.Key); {
		case strings.HasPrefix(key, "on"), key == "style", key == "srcdoc":
			return key
		case key == "href" || key == "src" || key == "action" || key == "data" || key == "poster" || key == "srcset" || key == "ping":
			if !strings.HasPrefix(value, "#") && !(n.Data == "link" && strings.HasPrefix(value, "data:image/svg+xml,")) {
				return key + "=" + value
			}
		}
	}
	switch n.Data {
	case "img", "iframe", "object", "embed", "form", "base", "audio", "video", "source", "template", "image", "foreignobject":
		return "<" + n.Data + ">"
	}
	return ""
}

func TestNothingIsAskedForElsewhere(t *testing.T) {
	for name, p := range map[string]Page{"records": troubled(), "hostile text": hostilePage(), "nothing": {}} {
		d := read(t, p)
		for _, n := range d.all("") {
			if why := leads(n); why != "" {
				t.Errorf("%s: <%s> has %s", name, n.Data, why)
			}
		}
		if css := d.raw(t, "style"); regexp.MustCompile(`(?i)url\(|@import|//|image-set|expression`).MatchString(css) {
			t.Errorf("%s: the style sheet refers to something", name)
		}
		if js := d.raw(t, "script"); regexp.MustCompile(`(?i)https?:|fetch|XMLHttp|import|WebSocket|EventSource|eval|innerHTML|location|open\(`).MatchString(js) {
			t.Errorf("%s: the script refers to something", name)
		}
	}
}

func TestHostileTextStaysText(t *testing.T) {
	d := read(t, hostilePage())
	all := text(d.root)
	for _, s := range hostile()[:6] {
		if !strings.Contains(all, strings.Join(strings.Fields(s), " ")) {
			t.Errorf("%q cannot be read", s)
		}
	}
	if n := len(d.all("script")); n != 1 {
		t.Errorf("%d scripts", n)
	}
	if n := len(d.all("h1")); n != 1 {
		t.Errorf("%d headlines", n)
	}
	page := string(render(t, hostilePage()))
	for _, r := range page {
		if r < ' ' && r != '\n' || r == '\u202e' || r == '\u2066' || r == '\u200f' || r == '\u2028' {
			t.Errorf("%q is in the page", r)
			break
		}
	}
	if longest := slices.MaxFunc(d.all("bdi"), func(a, b *html.Node) int { return len(text(a)) - len(text(b)) }); len(text(longest)) > 4*longestText {
		t.Errorf("a text of %d bytes is in the page", len(text(longest)))
	}
	if n := len(page); n > 512<<10 {
		t.Errorf("long texts make the page %d bytes long", n)
	}
}

// scheme reads the colours of one scheme from the style sheet.
func scheme(t *testing.T, block string) map[string][3]float64 {
	t.Helper()
	colours := map[string][3]float64{}
	for _, m := range regexp.MustCompile(`--([a-z0-9-]+): #([0-9a-f]{6});`).FindAllStringSubmatch(block, -1) {
		n, err := strconv.ParseUint(m[2], 16, 32)
		must(t, err)
		for i := range 3 {
			c := float64(n>>(16-8*i)&255) / 255
			rgb := colours[m[1]]
			if rgb[i] = c / 12.92; c > 0.04045 {
				rgb[i] = math.Pow((c+0.055)/1.055, 2.4)
			}
			colours[m[1]] = rgb
		}
	}
	if len(colours) < 20 {
		t.Fatalf("only %d colours found", len(colours))
	}
	return colours
}

// contrast is that of the Web Content Accessibility Guidelines.
func contrast(a, b [3]float64) float64 {
	light := func(c [3]float64) float64 { return 0.2126*c[0] + 0.7152*c[1] + 0.0722*c[2] + 0.05 }
	return max(light(a), light(b)) / min(light(a), light(b))
}

func TestContrastInBothSchemes(t *testing.T) {
	_, rest, _ := strings.Cut(style, ":root {")
	light, rest, _ := strings.Cut(rest, "}")
	_, rest, _ = strings.Cut(rest, ":root {")
	dark, _, _ := strings.Cut(rest, "}")
	for name, block := range map[string]string{"light": light, "dark": dark} {
		colours := scheme(t, block)
		check := func(front, back string, least float64) {
			f, ok := colours[front]
			b, okToo := colours[back]
			if c := contrast(f, b); !ok || !okToo || c < least {
				t.Errorf("%s: %s on %s has a contrast of %.2f, want %.1f", name, front, back, c, least)
			}
		}
		for _, back := range []string{"back", "card"} {
			for _, front := range []string{"ink", "soft", "warning", "failed"} {
				check(front, back, 4.5)
			}
			check("focus", back, 3)
		}
		for _, level := range []string{"ok", "warning", "failed"} {
			check(level, level+"-back", 4.5)
		}
		for i := range hues {
			hue := fmt.Sprintf("h%d", i)
			check("on-bar", hue, 4.5)
			check(hue, "card", 3)
			if !strings.Contains(style, "."+hue+" {") {
				t.Errorf("there is no class %s", hue)
			}
		}
	}
}

func TestStyleSheetHasEveryClass(t *testing.T) {
	known := map[string]bool{}
	for _, m := range regexp.MustCompile(`\.([a-z][a-z0-9]*)`).FindAllStringSubmatch(style, -1) {
		known[m[1]] = true
	}
	for _, p := range []Page{troubled(), crowd(200, 100), {}} {
		for _, n := range read(t, p).all("") {
			for class := range strings.FieldsSeq(attribute(n, "class")) {
				if !known[class] {
					t.Errorf("<%s class=%s> is not in the style sheet", n.Data, class)
				}
			}
		}
	}
}
