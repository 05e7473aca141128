package namecheap

import (
	"encoding/base64"
	"encoding/hex"
	"html"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"ddns-batch/internal/printable"
)

const (
	hidden     = "[hidden]"
	maxMessage = 200 // characters
	// maxLayers is how many encodings on top of each other are undone in the search for the password.
	maxLayers = 3
	// partBytes is how much of a longer password in a row is taken for the password.
	partBytes = 12
)

// wording turns foreign text into a message: one printable line without the password.
type wording struct{ password string }

// line replaces the password before it cuts, so that a cut cannot leave a part of it.
func (w wording) line(text string) string {
	text = strings.TrimSpace(printable.Text(w.hide(text)))
	// A tab that became a space may have completed the password, and undoing an encoding may have brought a control
	// character to light: both are looked for until nothing changes any more.
	for range maxLayers {
		text = strings.TrimSpace(printable.Text(w.hide(text)))
	}
	if w.hide(text) != text {
		return hidden
	}
	if utf8.RuneCountInString(text) > maxMessage {
		text = string([]rune(text)[:maxMessage-1]) + "…"
	}
	return text
}

// hide replaces the password in text, whatever its case, and in whatever mixture of encodings a server may echo it.
// Text that has the password only in encoded form comes back decoded.
func (w wording) hide(text string) string {
	if w.password == "" {
		return text
	}
	// Parts come last: what is left of an encoded password without one of them would not be recognized any more.
	return search(search(text, w.forms().replace), partsOf(w.password).replace)
}

// search applies replace to text, and to what text is an encoding of.
func search(text string, replace func(string) string) string {
	text = replace(text)
	for range 8 {
		found, ok := undo(text, replace, maxLayers)
		if !ok {
			return text
		}
		text = found
	}
	return hidden
}

// forms are whole passwords in some spelling.
type forms []string

// forms are what to look for: the password, its encodings that cannot be undone without knowing where they begin and
// end, and, if it looks like an encoding itself, what undoing that makes of it.
func (w wording) forms() forms {
	raw := []byte(w.password)
	f := forms{
		w.password,
		strings.ReplaceAll(w.password, " ", "+"),
		strings.TrimRight(base64.StdEncoding.EncodeToString(raw), "="),
		strings.TrimRight(base64.URLEncoding.EncodeToString(raw), "="),
		hex.EncodeToString(raw),
	}
	for _, decode := range decoders {
		form := w.password
		for range maxLayers {
			form = decode(form)
			f = append(f, form)
		}
	}
	return slices.Compact(f)
}

var decoders = []func(string) string{unpercent, html.UnescapeString, unbackslash}

// undo looks for the password under up to layers encodings, in every order of them, and returns the text of the layer
// where it was, with the password replaced.
func undo(text string, replace func(string) string, layers int) (string, bool) {
	if layers == 0 {
		return "", false
	}
	for _, decode := range decoders {
		decoded := decode(text)
		if decoded == text {
			continue
		}
		if found := replace(decoded); found != decoded {
			return found, true
		}
		if found, ok := undo(decoded, replace, layers-1); ok {
			return found, true
		}
	}
	return "", false
}

// replace puts hidden in the place of each form, whatever its case. What it has hidden before it leaves alone.
func (f forms) replace(text string) string {
	var b strings.Builder
	for i := 0; i < len(text); {
		if strings.HasPrefix(text[i:], hidden) {
			b.WriteString(hidden)
			i += len(hidden)
		} else if n := f.longestAt(text[i:]); n > 0 {
			b.WriteString(hidden)
			i += n
		} else {
			b.WriteByte(text[i])
			i++
		}
	}
	return b.String()
}

func (f forms) longestAt(text string) int {
	n := 0
	for _, form := range f {
		if len(form) > n && len(form) <= len(text) && strings.EqualFold(text[:len(form)], form) {
			n = len(form)
		}
	}
	return n
}

// unpercent decodes what is a valid %XX and leaves everything else, unlike package url.
func unpercent(s string) string {
	if !strings.Contains(s, "%") {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+3 <= len(s) {
			if n, err := strconv.ParseUint(s[i+1:i+3], 16, 8); err == nil {
				b.WriteByte(byte(n))
				i += 2
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// unbackslash decodes the escapes of JSON and of Go's %q, and leaves what is neither.
func unbackslash(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for len(s) > 0 {
		if len(s) > 1 && s[0] == '\\' {
			if strings.IndexByte(`"'/`, s[1]) >= 0 {
				b.WriteByte(s[1])
				s = s[2:]
				continue
			}
			if r, ok := surrogatePair(s); ok {
				b.WriteRune(r)
				s = s[12:]
				continue
			}
			if r, multibyte, rest, err := strconv.UnquoteChar(s, 0); err == nil {
				if multibyte {
					b.WriteRune(r)
				} else {
					b.WriteByte(byte(r))
				}
				s = rest
				continue
			}
		}
		b.WriteByte(s[0])
		s = s[1:]
	}
	return b.String()
}

// surrogatePair reads \ud83d\ude00, as JSON writes what is beyond 16 bits.
func surrogatePair(s string) (rune, bool) {
	if len(s) < 12 || s[:2] != `\u` || s[6:8] != `\u` {
		return 0, false
	}
	high, err1 := strconv.ParseUint(s[2:6], 16, 16)
	low, err2 := strconv.ParseUint(s[8:12], 16, 16)
	r := utf16.DecodeRune(rune(high), rune(low))
	return r, err1 == nil && err2 == nil && r != unicode.ReplacementChar
}
