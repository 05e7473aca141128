package namecheap

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// parts are all pieces of partBytes of a longer password, in lower case and without blanks. A server that cuts the password
// short, or breaks it up into lines or groups, still echoes one of them.
type parts map[string]bool

// partsOf is nil for a password of which no piece is long enough to tell it from other words.
func partsOf(password string) parts {
	view, _ := seen(password)
	if len(view) <= partBytes {
		return nil
	}
	p := parts{}
	for i := range len(view) - partBytes + 1 {
		p[string(view[i:i+partBytes])] = true
	}
	return p
}

// replace puts hidden in the place of everything that is made of parts, with the blanks in it.
func (p parts) replace(text string) string {
	if p == nil {
		return text
	}
	var b strings.Builder
	view, at := seen(text)
	written, end := 0, -1
	for i := range len(view) - partBytes + 1 {
		if !p[string(view[i:i+partBytes])] {
			continue
		}
		if i > end {
			b.WriteString(text[written:at[i].from])
			b.WriteString(hidden)
		}
		end = i + partBytes
		written = at[end-1].to
	}
	b.WriteString(text[written:])
	return b.String()
}

// span is where a character begins and where it ends.
type span struct{ from, to int }

// seen is text in lower case without what is blank or invisible, and where each byte of that comes from.
func seen(text string) (view []byte, at []span) {
	size := 0
	for i := 0; i < len(text); i += size {
		var r rune
		r, size = utf8.DecodeRuneInString(text[i:])
		if unicode.IsSpace(r) || !unicode.IsPrint(r) {
			continue
		}
		before := len(view)
		view = utf8.AppendRune(view, unicode.ToLower(r))
		for range len(view) - before {
			at = append(at, span{i, i + size})
		}
	}
	return view, at
}
