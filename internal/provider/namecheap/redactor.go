package namecheap

import (
	"net/netip"
	"slices"
	"strings"
	"unicode"

	"ddns-batch/internal/lazyregexp"
	"ddns-batch/internal/sanitize"
)

const (
	hidden     = "[hidden]"
	maxMessage = 200 // characters
	// maxForeign is how many characters of a foreign text are looked at. The work does not depend on its length.
	maxForeign = 2 * maxMessage
	// minSecret is how many letters and digits a secret must have for anything to be quoted. A shorter one could be any word,
	// and a word that is hidden where everybody knows it would be told.
	minSecret = 8
	// maxRun letters in a row of a secret are never shown, and fewer of one that has few letters.
	maxRun = 12
)

// redactor quotes what a server or a proxy says, without the secrets that were sent to it. It does not look for encoded
// secrets, because there are more encodings than anybody can undo. It shows words, and an encoded secret is not one.
type redactor struct{ secrets []string }

// word is what may be shown: up to 15 ASCII letters in the case of a word, also joined as in look-up, name(s) and
// www.example.com, with a little punctuation around them. It has no digits, and no characters that mark an encoding. A whole
// secret of 12 characters in base64, base32 or hexadecimal is longer.
var word = lazyregexp.New(`^(?:[-/.,:;]|["'(\[]?(?:[aAI]|` +
	`(?:[A-Za-z][a-z]{1,14}|[A-Z]{2,15})(?:[-/.'(](?:[A-Za-z][a-z]{0,14}|[A-Z]{2,15}))*)[])"'.,;:!?]{0,3})$`)

// noise is what hardly occurs in English words: pairs of letters, and many consonants or vowels in a row.
var noise = lazyregexp.New(`(?i)[b-df-hj-np-tv-xz]{6}|[aeiouy]{5}|q[^u]|[jv][b-df-hj-np-tv-xz]|z[b-df-hj-kmnp-tv-x]|` +
	`x[bdgj-nqrswxz]|w[bcfgjmpqvxz]|h[bcdfghjkpqvxz]|g[bcdfjkpqvxz]|[b-df-hj-np-tv-xz]x|[bf-hj-mptv-xz]q|[cf-hj-mp-tv-xz]j|` +
	`[bcdf-hj-mp-sv-x]z|[bdfghjmpqtvxz]k|[bcf-hjkmpqstv-xz]v|[bcfgjmpqvxz]w`)

// quote returns text as one line of at most maxMessage characters in which everything but words is [hidden]. It returns ""
// if text is blank, or if a secret is so short that it could be one of the words.
func (r redactor) quote(text string) string {
	if slices.ContainsFunc(r.secrets, isShort) {
		return ""
	}
	text, cut := first(text, maxForeign)
	tokens := strings.Fields(sanitize.Text(text))
	show := make([]bool, len(tokens))
	for i, t := range tokens {
		show[i] = word.MatchString(t) && !noise.MatchString(t)
	}
	if cut && len(tokens) > 0 {
		show[len(tokens)-1] = false // what is left of it may look like a word
	}
	hideGroups(tokens, show)
	for again := true; again; { // what is left on both sides of a run may be one
		again = false
		for _, secret := range r.secrets {
			again = hideRuns(tokens, show, secret) || again
		}
	}
	return join(tokens, show)
}

// address returns an IPv4 address from a reply, or [hidden] if a secret consists of the same characters as addresses.
func (r redactor) address(a netip.Addr) string {
	if slices.ContainsFunc(r.secrets, func(s string) bool { return strings.Trim(s, "0123456789.") == "" }) {
		return hidden
	}
	return a.String()
}

func isShort(secret string) bool {
	n := 0
	for _, r := range secret {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			n++
		}
	}
	return n < minSecret
}

// first returns the first n characters of text, and whether there are more.
func first(text string, n int) (start string, cut bool) {
	for i := range text {
		if n == 0 {
			return text[:i], true
		}
		n--
	}
	return text, false
}

// hideGroups hides tokens in a row that are equally long: of an encoding that is printed in groups, some look like words. One
// hidden token is enough for that; where they are longer together than the promise is, one before or behind them; and where
// they are twice as long, none is needed.
func hideGroups(tokens []string, show []bool) {
	for i, end := 0, 0; i < len(tokens); i = end {
		for end = i; end < len(tokens) && len(tokens[end]) == len(tokens[i]); end++ {
		}
		groups, from, to := end-i, i, end
		if groups > 1 && groups*len(tokens[i]) >= maxRun {
			from, to = max(0, i-1), min(len(tokens), end+1)
		}
		if slices.Contains(show[from:to], false) || groups > 2 && groups*len(tokens[i]) >= 2*maxRun {
			for j := i; j < end; j++ {
				show[j] = false
			}
		}
	}
}

// hideRuns hides the words that together show more than half of a secret's letters in a row, or maxRun of them, also read
// backwards. Case and everything between the letters is ignored, so a passphrase is found however it is divided. It reports
// whether it hid any.
func hideRuns(tokens []string, show []bool, secret string) (found bool) {
	forwards := letters(secret)
	size := runOf(len(forwards))
	backwards := slices.Clone(forwards)
	slices.Reverse(backwards)
	var shown []byte
	var from []int // the token of each letter
	for i, t := range tokens {
		if show[i] {
			shown = append(shown, letters(t)...)
			from = append(from, slices.Repeat([]int{i}, len(shown)-len(from))...)
		}
	}
	for i := range len(shown) - size + 1 {
		run := string(shown[i : i+size])
		if strings.Contains(string(forwards), run) || strings.Contains(string(backwards), run) {
			for _, token := range from[i : i+size] {
				show[token] = false
			}
			found = true
		}
	}
	return found
}

// runOf returns how many letters in a row of a secret with that many letters are not shown. Fewer than four could be part of
// any word.
func runOf(letters int) int { return min(maxRun, max(4, letters/2+1)) }

// letters returns the ASCII letters of s in lower case.
func letters(s string) []byte {
	var all []byte
	for _, c := range []byte(s) {
		if lower := c | 0x20; 'a' <= lower && lower <= 'z' {
			all = append(all, lower)
		}
	}
	return all
}

// join puts the tokens on one line, with one [hidden] for all that are hidden in a row.
func join(tokens []string, show []bool) string {
	var line strings.Builder
	for i, t := range tokens {
		if !show[i] {
			if i > 0 && !show[i-1] {
				continue
			}
			t = hidden
		}
		if line.Len() > 0 {
			t = " " + t
		}
		if line.Len()+len(t) >= maxMessage {
			line.WriteString("…")
			break
		}
		line.WriteString(t)
	}
	return line.String()
}
