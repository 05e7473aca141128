package namecheap

import (
	"bytes"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"math/rand/v2"
	"mime/quotedprintable"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// encodings are ways in which a server may repeat a password. The program knows none of them.
var encodings = map[string]func(string) string{
	"plain":                 func(s string) string { return s },
	"upper case":            strings.ToUpper,
	"reversed":              reverse,
	"query":                 url.QueryEscape,
	"query with %20":        escape,
	"lower-case percents":   func(s string) string { return lowerPercents(escape(s)) },
	"path":                  url.PathEscape,
	"every byte":            func(s string) string { return eachByte(s, "%%%02x") },
	"percents twice":        func(s string) string { return url.QueryEscape(url.QueryEscape(s)) },
	"%u":                    func(s string) string { return eachRune(s, "%%u%04X") },
	"html":                  html.EscapeString,
	"html, decimal":         func(s string) string { return eachRune(s, "&#%d;") },
	"html, hexadecimal":     func(s string) string { return eachRune(s, "&#x%X;") },
	"json":                  jsonString,
	"json, ascii only":      func(s string) string { return eachRune(s, `\u%04x`) },
	"json with \\/":         func(s string) string { return strings.ReplaceAll(jsonString(s), "/", `\/`) },
	"go":                    func(s string) string { return strings.Trim(strconv.Quote(s), `"`) },
	"html over query":       func(s string) string { return html.EscapeString(url.QueryEscape(s)) },
	"query over html":       func(s string) string { return url.QueryEscape(html.EscapeString(s)) },
	"json over html":        func(s string) string { return jsonString(html.EscapeString(s)) },
	"half plain, half %":    func(s string) string { return s[:3] + url.QueryEscape(s[3:]) },
	"octal":                 func(s string) string { return eachByte(s, `\%03o`) },
	"decimal bytes":         func(s string) string { return eachByte(s, "%d ") },
	"hexadecimal bytes":     func(s string) string { return eachByte(s, "%02x ") },
	"binary":                func(s string) string { return eachByte(s, "%08b ") },
	"hexadecimal":           inHex,
	"upper hexadecimal":     func(s string) string { return strings.ToUpper(inHex(s)) },
	"hexadecimal twice":     func(s string) string { return inHex(inHex(s)) },
	"hexadecimal in groups": func(s string) string { return grouped(inHex(s), 4, " ") },
	"base64":                inBase64,
	"base64 for URLs":       func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) },
	"base64 at offset 1":    func(s string) string { return inBase64("x" + s) },
	"base64 at offset 2":    func(s string) string { return inBase64("me" + s) },
	"base64 of user:pass":   func(s string) string { return inBase64("user:" + s + "@example") },
	"base64 twice":          func(s string) string { return inBase64(inBase64(s)) },
	"base64 of hexadecimal": func(s string) string { return inBase64(inHex(s)) },
	"base64 in lines":       func(s string) string { return grouped(inBase64(s), 20, "\n") },
	"base64 in quads":       func(s string) string { return grouped(inBase64(s), 4, " ") },
	"base32":                inBase32,
	"base32, lower case":    func(s string) string { return strings.ToLower(inBase32(s)) },
	"base32 in groups":      func(s string) string { return grouped(inBase32(s), 4, " ") },
	"base32, lower groups":  func(s string) string { return grouped(strings.ToLower(inBase32(s)), 4, " ") },
	"base32 in eights":      func(s string) string { return grouped(inBase32(s), 8, "-") },
	"base32 by eights":      func(s string) string { return grouped(strings.ToLower(inBase32(s)), 8, " ") },
	"quoted-printable":      quotedPrintable,
	"quoted-printable, all": func(s string) string { return eachByte(s, "=%02X") },
	"groups with dashes":    func(s string) string { return grouped(s, 4, "-") },
	"groups with colons":    func(s string) string { return grouped(s, 2, ":") },
	"groups with blanks":    func(s string) string { return grouped(s, 4, " ") },
	"groups of two":         func(s string) string { return grouped(s, 2, " ") },
	"groups of seven":       func(s string) string { return grouped(s, 7, " ") },
	"groups with dots":      func(s string) string { return grouped(s, 5, ".") },
	"upper-case groups":     func(s string) string { return grouped(strings.ToUpper(s), 4, "-") },
	"reversed groups":       func(s string) string { return grouped(reverse(s), 4, " ") },
	"over lines":            func(s string) string { return grouped(s, 9, "\r\n") },
	"spaced out":            func(s string) string { return grouped(s, 1, " ") },
	"with commas":           func(s string) string { return grouped(s, 1, ", ") },
	"with dots":             func(s string) string { return grouped(s, 1, ".") },
	"with what is not seen": func(s string) string { return grouped(s, 1, "\u00ad\u200b") },
	"without its end":       func(s string) string { return s[:len(s)-1] },
	"without its beginning": func(s string) string { return s[1:] },
}

// passwordKinds make a password of a kind.
var passwordKinds = map[string]func(*rand.Rand) string{
	"like a real one": func(r *rand.Rand) string { return from(r, "0123456789abcdef", 32) },
	"like base64": func(r *rand.Rand) string {
		return from(r, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", 20+r.IntN(24))
	},
	"letters": func(r *rand.Rand) string { return from(r, "abcdefghijklmnopqrstuvwxyz", 12+r.IntN(20)) },
	"a passphrase": func(r *rand.Rand) string {
		list := strings.Fields("correct horse battery staple river window carpet yellow orbit tunnel maple candle forest silver pepper basket anchor meadow")
		r.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
		return strings.Join(list[:3+r.IntN(4)], []string{" ", "-", ".", ""}[r.IntN(4)])
	},
}

func from(r *rand.Rand, alphabet string, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = alphabet[r.IntN(len(alphabet))]
	}
	return string(b)
}

func inHex(s string) string    { return hex.EncodeToString([]byte(s)) }
func inBase64(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
func inBase32(s string) string { return base32.StdEncoding.EncodeToString([]byte(s)) }

func quotedPrintable(s string) string {
	var b bytes.Buffer
	w := quotedprintable.NewWriter(&b)
	_, _ = w.Write([]byte(s))
	_ = w.Close()
	return b.String()
}

func reverse(s string) string {
	r := []rune(s)
	slices.Reverse(r)
	return string(r)
}

// grouped puts separator behind every n characters.
func grouped(s string, n int, separator string) string {
	var groups []string
	for group := range slices.Chunk([]rune(s), n) {
		groups = append(groups, string(group))
	}
	return strings.Join(groups, separator)
}

func eachByte(s, format string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		fmt.Fprintf(&b, format, c)
	}
	return b.String()
}

func eachRune(s, format string) string {
	var b strings.Builder
	for _, r := range s {
		fmt.Fprintf(&b, format, r)
	}
	return b.String()
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
