package importer

import (
	"strconv"
	"strings"

	"ddns-batch/internal/lazyregexp"
)

// token is one of a file in the language of libconfuse, which inadyn uses.
type token struct {
	line int
	// mark is one of { } ( ) = , or '+' for +=; 's' for text, 0 for the end.
	mark byte
	text string
	// variable is the one that the whole text is to be replaced by; partial: one is a part of it.
	variable string
	partial  bool
}

// confuse cuts a file into tokens.
type confuse struct {
	text string
	at   int
	line int
	// lastBrace is where the last } is: no variable ends behind it.
	lastBrace int
}

func newConfuse(text string) *confuse {
	return &confuse{text: text, line: 1, lastBrace: strings.LastIndexByte(text, '}')}
}

// variable reports whether ${NAME} stands at a place, what is between the braces, and where it ends.
func (c *confuse) variable(at int) (inside string, end int, ok bool) {
	if !strings.HasPrefix(c.text[at:], "${") || at > c.lastBrace {
		return "", 0, false
	}
	end = at + strings.IndexByte(c.text[at:], '}')
	return c.text[at+len("${") : end], end + 1, true
}

var (
	confuseWord    = lazyregexp.New(`^(?:/[^ #"'\t\n\r={}()+,/*]|[^ #"'\t\n\r={}()+,*])+`)
	confuseOctal   = lazyregexp.New(`^\\[0-7]{1,3}`)
	confuseHex     = lazyregexp.New(`^\\x[0-9A-Fa-f]{1,2}`)
	confuseSlashes = lazyregexp.New(`^/{2,}`)
)

// next is the next token. Where nothing else fits, a character is passed over, as libconfuse does.
func (c *confuse) next() token {
	for c.at < len(c.text) {
		rest := c.text[c.at:]
		if inside, end, ok := c.variable(c.at); ok {
			t := token{line: c.line, mark: 's'}
			t.variable, _, t.partial = strings.Cut(inside, ":-")
			c.at = end
			return t
		}
		switch b := rest[0]; {
		case b == '\n':
			c.line++
			c.at++
		case b == '#' || len(confuseSlashes.FindString(rest)) > 0 && len(confuseWord.FindString(rest)) <= len(confuseSlashes.FindString(rest)):
			c.skipTo("\n", 0)
		case strings.HasPrefix(rest, "/*"):
			c.skipTo("*/", 2)
		case strings.HasPrefix(rest, "+="):
			c.at += 2
			return token{line: c.line, mark: '+'}
		case strings.IndexByte("{}()=,", b) >= 0:
			c.at++
			return token{line: c.line, mark: b}
		case b == '"':
			return c.double()
		case b == '\'':
			return c.single()
		default:
			word := confuseWord.FindString(rest)
			if word == "" {
				c.at++
				continue
			}
			c.at += len(word)
			return token{line: c.line, mark: 's', text: word}
		}
	}
	return token{line: c.line}
}

// skipTo goes on behind the next end, of which the last so many bytes belong to what is skipped.
func (c *confuse) skipTo(end string, own int) {
	n := strings.Index(c.text[c.at:], end)
	if n < 0 {
		n = len(c.text) - c.at - own
	}
	n += own
	c.line += strings.Count(c.text[c.at:c.at+n], "\n")
	c.at += n
}

// double reads a text in double quotes, with escapes and variables.
func (c *confuse) double() token {
	t := token{line: c.line, mark: 's'}
	var b strings.Builder
	begin := c.at + 1
	for c.at++; c.at < len(c.text); {
		rest := c.text[c.at:]
		if _, end, ok := c.variable(c.at); ok {
			t.partial = true
			c.at = end
			continue
		}
		switch {
		case rest[0] == '"':
			if inside, end, ok := c.variable(begin); ok && end == c.at {
				t.variable, _, t.partial = strings.Cut(inside, ":-")
			}
			c.at++
			t.text = b.String()
			return t
		case rest[0] == '\\':
			c.escape(&b, rest)
		default:
			if rest[0] == '\n' {
				c.line++
			}
			b.WriteByte(rest[0])
			c.at++
		}
	}
	return token{line: c.line}
}

// escape reads what a backslash begins in double quotes.
func (c *confuse) escape(b *strings.Builder, rest string) {
	if found := confuseOctal.FindString(rest) + confuseHex.FindString(rest); found != "" {
		base, digits := 8, found[1:]
		if digits[0] == 'x' {
			base, digits = 16, digits[1:]
		}
		if n, err := strconv.ParseUint(digits, base, 8); err == nil {
			b.WriteByte(byte(n))
		}
		c.at += len(found)
		return
	}
	c.at = min(c.at+2, len(c.text))
	if len(rest) < 2 {
		return
	}
	const letters, means = "nrbfaetv", "\n\r\b\f\a\x1b\t\v"
	if i := strings.IndexByte(letters, rest[1]); i >= 0 {
		b.WriteByte(means[i])
	} else if rest[1] == '\n' {
		c.line++
	} else {
		b.WriteByte(rest[1])
	}
}

// single reads a text in single quotes, in which only these and the backslash can be escaped.
func (c *confuse) single() token {
	t := token{line: c.line, mark: 's'}
	var b strings.Builder
	for c.at++; c.at < len(c.text); c.at++ {
		switch x := c.text[c.at]; {
		case x == '\'':
			c.at++
			t.text = b.String()
			return t
		case x == '\\' && c.at+1 < len(c.text) && strings.IndexByte("\\'\n", c.text[c.at+1]) >= 0:
			if c.at++; c.text[c.at] == '\n' {
				c.line++
			} else {
				b.WriteByte(c.text[c.at])
			}
		default:
			if x == '\n' {
				c.line++
			}
			b.WriteByte(x)
		}
	}
	return token{line: c.line}
}
