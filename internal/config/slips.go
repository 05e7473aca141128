package config

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// yamlSlip is a mistake that YAML makes easy for this file: a value that begins with @ or * without quotes, or a character
// that only looks like a space.
type yamlSlip struct {
	offset, line, column int
	mark                 rune
	// key is that of the value, and value what is written, from the mark on; both only for @ and *.
	key, value string
}

// yamlSlips are those of a file, in its order.
type yamlSlips []yamlSlip

// findSlips tells what stands in quotes and in comments from what does not. In a text that goes on over several lines
// without quotes it finds slips that are none.
func findSlips(data []byte) (found yamlSlips) {
	quote, key := byte(0), ""
	offset, n := 0, 0
	for text := range bytes.Lines(data) {
		n++
		line := string(bytes.TrimRight(text, "\r\n"))
		begins, start := true, 0 // whether a value can begin here, and where the last one did
		for i := 0; i < len(line); i++ {
			b := line[i]
			if quote != 0 {
				switch {
				case b == '\\' && quote == '"', b == '\'' && quote == b && strings.HasPrefix(line[i+1:], "'"):
					i++
				case b == quote:
					quote = 0
				}
				continue
			}
			if r, size := utf8.DecodeRuneInString(line[i:]); oddSpace(r) && offset+i > 0 {
				found = append(found, yamlSlip{offset: offset + i, line: n, column: column(line, i), mark: r})
				i += size - 1
				continue
			}
			if b == '#' && (i == 0 || line[i-1] == ' ') {
				break
			}
			if b == ' ' {
				continue
			}
			if begins {
				start = i
			}
			ends := i+1 == len(line) || line[i+1] == ' '
			switch {
			case begins && (b == '@' || b == '*'):
				value := line[i:]
				if end := strings.IndexAny(value, " ,]}"); end >= 0 {
					value = value[:end]
				}
				found = append(found, yamlSlip{offset + i, n, column(line, i), rune(b), key, value})
			case begins && (b == '"' || b == '\''):
				quote = b
			case b == ':' && ends:
				key = strings.Trim(line[start:i], ` "'`)
			}
			begins = strings.IndexByte(",[{", b) >= 0 || ends && (b == ':' || b == '-')
		}
		offset += len(text)
	}
	return found
}

// column counts characters, as the parser does.
func column(line string, i int) int { return 1 + utf8.RuneCountInString(line[:i]) }

// oddSpace: YAML takes it for a letter. A byte order mark is one, except at the beginning of a file.
func oddSpace(r rune) bool {
	return r == '\u200b' || r == '\u2060' || r == '\ufeff' || r >= utf8.RuneSelf && unicode.Is(unicode.Zs, r)
}

// cause are the slips that make data invalid; none where they are not all that is wrong with it.
func (s yamlSlips) cause(data []byte) yamlSlips {
	isSpace := func(one yamlSlip) bool { return oddSpace(one.mark) }
	marks := slices.DeleteFunc(slices.Clone(s), isSpace)
	spaces := slices.DeleteFunc(slices.Clone(s), func(one yamlSlip) bool { return !isSpace(one) })
	for _, some := range []yamlSlips{marks, spaces, s} {
		if len(some) == 0 {
			continue
		}
		if root, _, _, err := documents(some.mended(data)); err == nil && root != nil {
			begun := map[[2]int]bool{}
			beginnings(root, begun)
			return slices.DeleteFunc(slices.Clone(some), func(one yamlSlip) bool { return !isSpace(one) && !begun[[2]int{one.line, one.column}] })
		}
	}
	return nil
}

// mended is data with a letter in place of each mark, and with real spaces.
func (s yamlSlips) mended(data []byte) []byte {
	out := make([]byte, 0, len(data))
	from := 0
	for _, one := range s {
		instead := byte('x')
		if oddSpace(one.mark) {
			instead = ' '
		}
		out = append(append(out, data[from:one.offset]...), instead)
		from = one.offset + utf8.RuneLen(one.mark)
	}
	return append(out, data[from:]...)
}

// beginnings notes where the texts without quotes of a document begin.
func beginnings(n *yaml.Node, begun map[[2]int]bool) {
	if n.Kind == yaml.ScalarNode && n.Style == 0 {
		begun[[2]int{n.Line, n.Column}] = true
	}
	for _, inner := range n.Content {
		beginnings(inner, begun)
	}
}

// on reports whether one of the slips is on that line.
func (s yamlSlips) on(line int) bool {
	return slices.ContainsFunc(s, func(one yamlSlip) bool { return one.line == line })
}

// problems says of each mark what to write, and of the first space that all are to be replaced.
func (s yamlSlips) problems(path string) Problems {
	var all collector
	said := false
	for _, one := range s {
		if oddSpace(one.mark) && said {
			continue
		}
		said = said || oddSpace(one.mark)
		all.add(Problem{Path: path, Line: one.line, Column: one.column, Text: one.text()})
	}
	err, _ := all.err(path).(Problems)
	return err
}

// text quotes hosts only: all else may be a password.
func (s yamlSlip) text() string {
	if oddSpace(s.mark) {
		return oddSpaceText(s.mark)
	}
	needs, write := fmt.Sprintf("a value that begins with %c needs quotes", s.mark), ""
	switch s.key {
	case "password_env":
		return wantsVariable
	case "host":
		write = "host: "
	case "hosts":
	default:
		return needs
	}
	rest := s.value[1:]
	switch {
	case checkHost(s.value) == nil:
		return needs + "; write: " + write + quote(s.value)
	case checkHost(rest) != nil:
		return needs
	case s.mark == '@':
		return fmt.Sprintf(`"@" must stand alone; write: %s"@" or %s%s`, write, write, quote(rest))
	default:
		return fmt.Sprintf(`"*" must stand alone, or before a dot; write: %s"*" or %s%s`, write, write, quote("*."+rest))
	}
}

func oddSpaceText(r rune) string {
	name := "a character that looks like a space"
	if r == '\u00a0' {
		name = "a no-break space"
	}
	return fmt.Sprintf("%s (%U) where YAML needs plain spaces; replace all of them", name, r)
}
