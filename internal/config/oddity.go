package config

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"ddns-batch/internal/lazyregexp"
)

// Oddity names what hardly belongs to the password, as in "the password from EXAMPLE_NET_DDNS_PASSWORD, hosts.env:3, ends
// in a comma"; empty where nothing stands out. It never quotes any of it but invisible characters.
func (p *Password) Oddity() string {
	odd := oddity(p.Secret.Reveal())
	if odd == "" {
		return ""
	}
	source := p.Source()
	if p.Ref.Env != "" {
		source += ","
	}
	return "the password from " + source + " " + odd
}

var (
	variableInside = lazyregexp.New(`^\$[A-Za-z_][A-Za-z0-9_]*$|\$\{[A-Za-z_][^{}]*\}|\$\(.*\)|^%[A-Za-z_][A-Za-z0-9_]*%$`)
	assigned       = lazyregexp.New(`^(export\s+)?[A-Za-z_][A-Za-z0-9_]*\s*=`)
	commentBehind  = lazyregexp.New(`\s(#|//)`)
)

// alphanumeric reports whether value has only letters and digits of ASCII, as Namecheap's passwords do: nothing stands out then.
func alphanumeric(value string) bool {
	for i := range len(value) {
		if c := value[i] | 0x20; (c < 'a' || c > 'z') && (value[i] < '0' || value[i] > '9') {
			return false
		}
	}
	return true
}

const quotes = "\"'`“”„‟‘’‚‛«»‹›"

// oddity says what stands out in a password that was trimmed: what an editor, a shell or a list has left in it.
func oddity(value string) string {
	if alphanumeric(value) {
		return ""
	}
	var all []string
	first, _ := utf8.DecodeRuneInString(value)
	last, _ := utf8.DecodeLastRuneInString(value)
	begins, ends := strings.ContainsRune(quotes, first), strings.ContainsRune(quotes, last)
	switch {
	case begins && ends && len(value) > 1:
		all = append(all, "has quotes around it")
	case begins:
		all = append(all, "begins with a quote")
	case ends:
		all = append(all, "ends with a quote")
	}
	switch inside := strings.Trim(value, quotes); {
	case last == ',', strings.HasSuffix(inside, ","):
		all = append(all, "ends with a comma")
	case last == ';', strings.HasSuffix(inside, ";"):
		all = append(all, "ends with a semicolon")
	}
	switch {
	case variableInside.MatchString(value):
		all = append(all, "looks like a variable, but variables are not expanded")
	case assigned.MatchString(value):
		all = append(all, "looks like a whole NAME=value line")
	}
	switch {
	case commentBehind.MatchString(value):
		all = append(all, "is followed by a comment")
	case strings.Contains(value, " "):
		all = append(all, "contains a space")
	}
	for i, r := range value {
		// An invalid byte is no hidden character, and is not told apart from the mark that stands for one.
		if r == utf8.RuneError {
			all = append(all, "contains bytes that are not UTF-8")
			break
		}
		if name := invisible(r); name != "" {
			where := "contains "
			if i == 0 {
				where = "begins with "
			}
			all = append(all, where+name)
			break
		}
	}
	return strings.Join(all, " and ")
}

// without is value without what oddity names in it. Of a variable nothing is left.
func without(value string) string {
	if variableInside.MatchString(value) {
		return ""
	}
	value = assigned.ReplaceAllString(value, "")
	if comment := commentBehind.FindStringIndex(value); comment != nil {
		value = value[:comment[0]]
	}
	return strings.Map(func(r rune) rune {
		if r == utf8.RuneError || strings.ContainsRune(quotes+" ,;", r) || invisible(r) != "" {
			return -1
		}
		return r
	}, value)
}

// invisible names a character that nobody sees; empty for all others.
func invisible(r rune) string {
	switch {
	case r == '\ufeff':
		return "a byte order mark"
	case r == '\u00a0', r == '\u202f', r == '\u2007', r == '\u2060':
		return "a no-break space"
	case r == '\u200b', r == '\u200c', r == '\u200d':
		return "a zero-width space"
	case r != ' ' && unicode.In(r, unicode.Zs, unicode.Cf):
		return "an invisible character"
	default:
		return ""
	}
}
