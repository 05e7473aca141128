package namecheap

import (
	"bytes"
	"encoding/xml"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"ddns-batch/internal/provider"
)

// oracle reads a reply in another way than the code does: encoding/xml fills a struct, for which it skips what the code
// looks at, and a pattern goes over the bytes.
type oracle struct {
	XMLName  xml.Name
	ErrCount []string `xml:"ErrCount"`
	IP       []string `xml:"IP"`
	Done     []string `xml:"Done"`
	Errors   []struct {
		Inner string `xml:",innerxml"`
	} `xml:"errors"`
}

var (
	label     = regexp.MustCompile(`^<\?xml[^>]*\?>`)
	countTag  = regexp.MustCompile(`<ErrCount(\s[^>]*)?>`)
	countZero = regexp.MustCompile(`<ErrCount(\s[^>]*)?>\s*0\s*</ErrCount\s*>`)
)

func FuzzParseReply(f *testing.F) {
	files, err := filepath.Glob("testdata/replies/*.*")
	if err != nil || len(files) < 100 {
		f.Fatalf("%d seeds, %v", len(files), err)
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		if _, body, ok := bytes.Cut(content, []byte("\r\n\r\n")); ok {
			content = body
		}
		f.Add(content)
	}
	for _, encode := range encodings {
		f.Add([]byte("<interface-response><ErrCount>1</ErrCount><errors>" + encode(canary) + "</errors><Done>true</Done></interface-response>"))
	}
	want := netip.MustParseAddr("203.0.113.7")
	f.Fuzz(func(t *testing.T, body []byte) {
		e := judgeReply(body, want, redactor{[]string{canary}})
		if e == nil {
			mustProve(t, body)
			return
		}
		if utf8.RuneCountInString(e.Message) > 200 || e.Message == "" || strings.ContainsFunc(e.Message, func(r rune) bool { return !unicode.IsPrint(r) }) {
			t.Errorf("message %q", e.Message)
		}
		if strings.Contains(e.Message, canary) {
			t.Errorf("message with the password: %q", e.Message)
		}
		if e.Unsent || e.OutOfDate || e.RetryAfter != 0 || e.Class == provider.Blocked || e.Class == provider.Request {
			t.Errorf("a body alone cannot say %#v", e)
		}
		if e.Unchanged && bytes.HasPrefix(body, []byte("<")) && countZero.Match(body) && !bytes.Contains(body, []byte("<!")) {
			t.Errorf("a reply that counts no error is no proof that nothing changed: %#v", e)
		}
	})
}

// mustProve fails unless body is one reply that counts no error, names none, is done, and names the address once.
func mustProve(t *testing.T, body []byte) {
	if len(body) > 64<<10 {
		t.Fatalf("yes to %d bytes", len(body))
	}
	text := asText(body)
	if !wellFormed(text) {
		t.Fatalf("yes to what is not well-formed")
	}
	text = label.ReplaceAllString(text, "")
	var doc oracle
	if err := xml.Unmarshal([]byte(text), &doc); err != nil {
		t.Fatalf("yes to what is not XML: %v", err)
	}
	if doc.XMLName.Local != "interface-response" || doc.XMLName.Space != "" {
		t.Errorf("yes to the root %v", doc.XMLName)
	}
	if len(doc.ErrCount) != 1 || strings.TrimSpace(doc.ErrCount[0]) != "0" {
		t.Errorf("yes with ErrCount %q", doc.ErrCount)
	}
	if len(doc.IP) != 1 || strings.TrimSpace(doc.IP[0]) != "203.0.113.7" {
		t.Errorf("yes with IP %q", doc.IP)
	}
	if len(doc.Done) != 1 || strings.TrimSpace(doc.Done[0]) != "true" {
		t.Errorf("yes with Done %q", doc.Done)
	}
	if strings.Contains(text, "&") || strings.Contains(text, "<!") || strings.Contains(text, "<?") {
		return // the patterns below do not understand these
	}
	if len(countTag.FindAllString(text, -1)) != 1 || !countZero.MatchString(text) {
		t.Errorf("yes to %q", text)
	}
	for _, errors := range doc.Errors {
		if strings.TrimSpace(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(errors.Inner, "")) != "" {
			t.Errorf("yes with the error %q", errors.Inner)
		}
	}
	if end := strings.TrimSpace(text); !strings.HasSuffix(strings.TrimSpace(strings.TrimSuffix(end, ">")), "/interface-response") &&
		!strings.HasSuffix(end, "</interface-response>") {
		t.Errorf("yes with something after the root: %q", end)
	}
}
