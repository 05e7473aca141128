package namecheap

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"html"
	"net/url"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"ddns-batch/internal/provider"
)

// encodings are the ways in which a server may echo a password that are tried on it.
var encodings = map[string]func(string) string{
	"plain":               func(s string) string { return s },
	"upper case":          strings.ToUpper,
	"query":               url.QueryEscape,
	"query with %20":      escape,
	"lower-case percents": func(s string) string { return lowerPercents(escape(s)) },
	"path":                url.PathEscape,
	"every byte": func(s string) string {
		var b strings.Builder
		for i := range len(s) {
			fmt.Fprintf(&b, "%%%02x", s[i])
		}
		return b.String()
	},
	"percents twice": func(s string) string { return url.QueryEscape(url.QueryEscape(s)) },
	"html":           html.EscapeString,
	"html, decimal": func(s string) string {
		var b strings.Builder
		for _, r := range s {
			fmt.Fprintf(&b, "&#%d;", r)
		}
		return b.String()
	},
	"html, hexadecimal": func(s string) string {
		var b strings.Builder
		for _, r := range s {
			fmt.Fprintf(&b, "&#x%X;", r)
		}
		return b.String()
	},
	"xml": func(s string) string {
		var b bytes.Buffer
		_ = xml.EscapeText(&b, []byte(s))
		return b.String()
	},
	"json": jsonString,
	"json, ascii only": func(s string) string {
		var b strings.Builder
		for _, r := range s {
			if r > 0xFFFF {
				fmt.Fprintf(&b, `\u%04x\u%04x`, 0xD800+(r-0x10000)>>10, 0xDC00+(r-0x10000)&0x3FF)
			} else {
				fmt.Fprintf(&b, `\u%04x`, r)
			}
		}
		return b.String()
	},
	"json with \\/":      func(s string) string { return strings.ReplaceAll(jsonString(s), "/", `\/`) },
	"go":                 func(s string) string { return strings.Trim(strconv.Quote(s), `"`) },
	"html over query":    func(s string) string { return html.EscapeString(url.QueryEscape(s)) },
	"query over html":    func(s string) string { return url.QueryEscape(html.EscapeString(s)) },
	"json over html":     func(s string) string { return jsonString(html.EscapeString(s)) },
	"base64":             func(s string) string { return strings.TrimRight(base64.StdEncoding.EncodeToString([]byte(s)), "=") },
	"base64 for URLs":    func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) },
	"hexadecimal":        func(s string) string { return hex.EncodeToString([]byte(s)) },
	"upper hexadecimal":  func(s string) string { return strings.ToUpper(hex.EncodeToString([]byte(s))) },
	"half plain, half %": func(s string) string { return s[:3] + url.QueryEscape(s[3:]) },
}

func jsonString(s string) string {
	b, _ := json.Marshal(s)
	return string(b[1 : len(b)-1])
}

func lowerPercents(s string) string {
	b := []byte(s)
	for i := range b {
		if b[i] == '%' {
			copy(b[i:], strings.ToLower(string(b[i:i+3])))
		}
	}
	return string(b)
}

var passwords = map[string]string{
	"canary":                canary,
	"like a real one":       "0123456789abcdef0123456789ABCDEF",
	"beyond the 16 bits":    "p𝄞ss wörd",
	"looks like percents":   "%41%2541%zz",
	"looks like HTML":       "&amp;amp;&#65;x",
	"looks like escapes":    `\u0041\\n\x`,
	"with a tab":            "one\ttwo",
	"part of the mark":      "hidden",
	"one that folds":        "Straße-K",
	"longer than a message": strings.Repeat("long password ", 30),
}

// mustHide fails if the error, printed in any way, or anything it wraps shows canary.
func mustHide(t *testing.T, err error) {
	t.Helper()
	for ; err != nil; err = errors.Unwrap(err) {
		for _, verb := range []string{"%s", "%v", "%+v", "%#v", "%q"} {
			if shown := fmt.Sprintf(verb, err); leaks(shown) {
				t.Errorf("%s shows the password: %s", verb, shown)
			}
		}
	}
}

// leaks looks for canary, and for a good part of it, in every encoding.
func leaks(text string) bool {
	for _, encode := range encodings {
		for _, part := range []string{canary, canary[:12]} {
			if strings.Contains(strings.ToLower(text), strings.ToLower(encode(part))) {
				return true
			}
		}
	}
	return false
}

func TestAPasswordThatIsEchoedIsHidden(t *testing.T) {
	for _, password := range passwords {
		for how, encode := range encodings {
			echo := encode(password)
			for _, where := range []string{"%s", "invalid: host=www&password=%s&ip=1.2.3.4", "twice %[1]s and %[1]s"} {
				got := wording{password}.line(fmt.Sprintf(where, echo))
				if !strings.Contains(got, hidden) {
					t.Errorf("%q as %s came out as %q", password, how, got)
				}
				rest := strings.ToLower(strings.ReplaceAll(got, hidden, ""))
				if strings.Contains(rest, strings.ToLower(password)) || strings.Contains(rest, strings.ToLower(echo)) {
					t.Errorf("%q as %s came out as %q", password, how, got)
				}
			}
		}
	}
}

func TestACutLeavesNoPartOfThePassword(t *testing.T) {
	for before := 150; before <= 210; before += 3 {
		for how, encode := range encodings {
			got := wording{canary}.line(strings.Repeat("x", before) + encode(canary) + strings.Repeat("y", 100))
			if utf8.RuneCountInString(got) > maxMessage {
				t.Fatalf("%d characters", utf8.RuneCountInString(got))
			}
			if i := strings.IndexFunc(got, func(r rune) bool { return r != 'x' }); i >= 0 && !strings.HasPrefix(hidden, strings.TrimRight(got[i:], "…y")) {
				t.Fatalf("%s after %d: %q", how, before, got[i:])
			}
		}
	}
}

func TestAMessageIsOnePrintableLine(t *testing.T) {
	for text, want := range map[string]string{
		" a\r\nb\tc\x00\x1b[31md ":     "a  b c  [31md",
		"\u202eevil\u200b\u00a0\u2028": "evil",
		"grüße, 世界":                    "grüße, 世界",
		"bad \xff\xfe byte":            "bad \uFFFD\uFFFD byte",
		strings.Repeat("é", 200):       strings.Repeat("é", 200),
		strings.Repeat("é", 201):       strings.Repeat("é", 199) + "…",
		"100% of \\ & <b>":             "100% of \\ & <b>",
		"tab\tinside":                  "tab inside",
		"":                             "",
	} {
		if got := (wording{"other"}).line(text); got != want {
			t.Errorf("%q became %q", text, got)
		}
	}
	if got := (wording{"one two"}).line("one\ttwo"); got != hidden {
		t.Errorf("completed by cleaning: %q", got)
	}
	if got := (wording{"d"}).line("bad idea"); got != "ba[hidden] i[hidden]ea" {
		t.Errorf("hidden more than once: %q", got)
	}
}

// The server echoes the password, in every encoding and in every place that a message is made from.
func TestAnEchoingServerFindsNoWayIntoTheError(t *testing.T) {
	for how, encode := range encodings {
		t.Run(how, func(t *testing.T) {
			var echo bytes.Buffer
			if err := xml.EscapeText(&echo, []byte(encode(canary))); err != nil {
				t.Fatal(err)
			}
			e := echo.String()
			const ok = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"
			for _, answer := range []string{
				ok + "<interface-response><ErrCount>1</ErrCount><errors><Err1>no " + e + "</Err1></errors><Done>true</Done></interface-response>",
				ok + "<interface-response><ErrCount>1</ErrCount><responses><ResponseString>" + e + "</ResponseString></responses><Done>true</Done></interface-response>",
				ok + "<interface-response><ErrCount>0</ErrCount><IP>" + e + "</IP><Done>true</Done></interface-response>",
				ok + "<interface-response><ErrCount>" + e + "</ErrCount><Done>true</Done></interface-response>",
				ok + "<html>" + e, ok + "<" + e, ok + e,
				"HTTP/1.1 403 " + encode(canary) + "\r\nConnection: close\r\n\r\n",
				"HTTP/1.1 302 Found\r\nLocation: //" + encode(canary) + "/\r\nConnection: close\r\n\r\n",
				encode(canary) + "\r\n\r\n",
			} {
				err := updateAgainst(t, []byte(answer))
				if _, ok := err.(*provider.Error); !ok {
					t.Fatalf("%T", err)
				}
				mustHide(t, err)
			}
		})
	}
}

func TestAGzipBombIsJustNotAReply(t *testing.T) {
	var bomb bytes.Buffer
	z := gzip.NewWriter(&bomb)
	_, _ = z.Write(make([]byte, 4<<20))
	_ = z.Close()
	err := updateAgainst(t, append([]byte("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n"), bomb.Bytes()...))
	if e, ok := err.(*provider.Error); !ok || e.Class != provider.Transient {
		t.Errorf("got %#v", err)
	}
}

func FuzzWording(f *testing.F) {
	for _, encode := range encodings {
		f.Add("said "+encode(canary), canary)
	}
	for _, password := range passwords {
		f.Add(url.QueryEscape(password)+html.EscapeString(password), password)
	}
	f.Fuzz(func(t *testing.T, text, password string) {
		got := wording{password}.line(text)
		if utf8.RuneCountInString(got) > maxMessage {
			t.Errorf("%d characters", utf8.RuneCountInString(got))
		}
		for _, r := range got {
			if !unicode.IsPrint(r) {
				t.Errorf("%q is not printable", r)
			}
		}
		if len(password) > len(hidden) && !strings.Contains(password, "hidden") && strings.Contains(got, password) {
			t.Errorf("%q shows %q", got, password)
		}
		for _, shown := range strings.Split(got, hidden) {
			view, _ := seen(shown)
			for part := range partsOf(password) {
				if strings.Contains(string(view), part) {
					t.Errorf("%q shows %q", got, part)
				}
			}
		}
		if password != "" && utf8.ValidString(password) && !strings.Contains((wording{password}).line(password), hidden[:1]) {
			t.Errorf("%q is not hidden", password)
		}
	})
}

// breakdown is a context that breaks down as soon as it is asked for anything, which is when the request is built.
type breakdown struct{ context.Context }

func (breakdown) Value(any) any { panic("broken down") }

// Whoever catches a panic on the way has a text and a stack to print. Neither holds the password.
func TestAPanicWhileTheRequestIsBuiltHidesThePassword(t *testing.T) {
	client := newClient(t, Options{Endpoint: "http://127.0.0.1/update"})
	defer func() {
		text := fmt.Sprint(recover())
		stack := string(debug.Stack())
		if text != "broken down" || !strings.Contains(stack, "namecheap.(*session).Send") {
			t.Errorf("%s\n%s", text, stack)
		}
		start := []byte(canary[:4])
		numbers := fmt.Sprintf("0x%x, 0x%x, 0x%x, 0x%x", start[0], start[1], start[2], start[3])
		slices.Reverse(start)
		for _, form := range []string{numbers, hex.EncodeToString(start)} {
			if strings.Contains(stack, form) {
				t.Errorf("the password is, as %s, in\n%s", form, stack)
			}
		}
		if leaks(stack) {
			t.Errorf("the password is in\n%s", stack)
		}
	}()
	_ = client.Update(breakdown{t.Context()}, update())
}
