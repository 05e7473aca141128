package page

import (
	"strings"
	"unicode/utf8"

	"ddns-batch/internal/sanitize"
)

// Lengths beyond which a text is cut: no name of a record has more than 255 characters, and nobody reads more of the
// others.
const (
	longestWord = 64
	longestName = 300
	longestText = 1200
)

// oneLine is s without anything that does not print, at most so many characters long.
func oneLine(s string, most int) string {
	return strings.TrimSpace(sanitize.Text(cut(s, most)))
}

// lines is the same for a text whose line ends mean something.
func lines(s string) string {
	in := strings.Split(strings.TrimSpace(cut(s, longestText)), "\n")
	out := in[:0]
	for _, l := range in {
		if l = strings.TrimSpace(sanitize.Text(l)); l != "" {
			out = append(out, l)
		}
	}
	return strings.Join(out, "\n")
}

func cut(s string, most int) string {
	// A message may have a million bytes; what is counted below is all that can be shown, and one character more.
	if enough := (most + 1) * utf8.UTFMax; len(s) > enough {
		s = s[:enough]
	}
	if utf8.RuneCountInString(s) <= most {
		return strings.ToValidUTF8(s, "\uFFFD")
	}
	n := 0
	for i := range s {
		if n == most {
			return strings.ToValidUTF8(s[:i], "\uFFFD") + "…"
		}
		n++
	}
	return s
}
