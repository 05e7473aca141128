package namecheap

import (
	"net/url"
	"strings"
	"testing"
)

func TestAPartOfAPasswordIsHiddenToo(t *testing.T) {
	const password = "0123456789abcdef0123456789ABCDEF"
	for name, c := range map[string]struct{ text, want string }{
		"without its end":            {"no " + password[:31] + "!", "no [hidden]!"},
		"without its beginning":      {"no " + password[1:] + "!", "no [hidden]!"},
		"from its middle":            {"no " + password[9:24], "no [hidden]"},
		"just enough of it":          {"no " + password[9:21], "no [hidden]"},
		"in another case":            {"no " + strings.ToUpper(password[12:28]), "no [hidden]"},
		"in groups":                  {"0123 4567 89ab cdef 0123 4567 89AB CDEF and so on", "[hidden] and so on"},
		"over two lines":             {"a\n0123456789abcdef\n0123456789abcdef", "a [hidden]"},
		"with what is not seen":      {"no " + strings.Join(strings.Split(password, ""), "\u00ad\u200b") + "?", "no [hidden]?"},
		"cut, then percent-encoded":  {url.QueryEscape("no " + password[:31] + " & more"), "no+[hidden]+%26+more"},
		"twice":                      {password[:20] + " or " + password[12:], "[hidden] or [hidden]"},
		"what is too short for it":   {"no " + password[:11], "no 0123456789a"},
		"only blanks between others": {"0123 5678", "0123 5678"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := (wording{password}).line(c.text); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
	if got := (wording{"example.com1"}).line("no example.com here"); got != "no example.com here" {
		t.Errorf("a short password hides other words: %q", got)
	}
}
