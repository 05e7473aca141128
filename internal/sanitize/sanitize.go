// Package sanitize makes text from outside safe for a terminal, a log and a mail: nothing in it moves a cursor, rings a
// bell, turns the direction of writing or adds a line. It never hides a password: whoever has one does that before.
package sanitize

import (
	"strconv"
	"strings"
	"unicode"
)

// Text replaces everything that does not print, line ends included, by a space.
func Text(s string) string {
	if plain(s) {
		return s
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return ' '
	}, s)
}

// Line is Text without space at its ends, of at most limit characters. What is cut off is shown by "...".
func Line(s string, limit int) string {
	characters := []rune(strings.TrimSpace(Text(s)))
	if len(characters) > limit {
		return string(characters[:limit-3]) + "..."
	}
	return string(characters)
}

// Quote is the first limit characters of s in quotes, each that does not print as an escape such as \ufeff or \x00: it is for
// text that looks right and is not. What is cut off is shown by "...".
func Quote(s string, limit int) string {
	characters := 0
	for at := range s {
		if characters == limit {
			return strconv.Quote(s[:at]) + "..."
		}
		characters++
	}
	return strconv.Quote(s)
}

// plain: printable ASCII, which is nearly always the case.
func plain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}
