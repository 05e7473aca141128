package match

import (
	"strings"
	"unicode/utf8"
)

import ()

// glob: "*" stands for any characters, dots too, "?" for one, and a backslash takes the meaning from what follows it.
// path.Match is not used because its star stops at nothing here but its brackets would have a meaning. Only the last star
// is ever gone back to, so the work is at most the square of the length of name.
func glob(pattern, name string) bool {
	// star is where the last "*" stands in pattern, and from where in name it has not been tried yet.
	p, n, star, from := 0, 0, -1, 0
	for n < len(name) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, from = p, n
			p++
		case p < len(pattern) && pattern[p] == '?':
			p++
			n += next(name[n:])
		case p < len(pattern) && literal(pattern, p) == name[n]:
			p += width(pattern, p)
			n++
		case star >= 0:
			from += next(name[from:])
			p, n = star+1, from
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}

// next is how many bytes the first character of s has.
func next(s string) int {
	_, size := utf8.DecodeRuneInString(s)
	return size
}

// literal is the character that pattern means at p, and width how many characters it takes to say so.
func literal(pattern string, p int) byte { return pattern[p+width(pattern, p)-1] }

func width(pattern string, p int) int {
	if pattern[p] == '\\' && p+1 < len(pattern) {
		return 2
	}
	return 1
}
