package publicip

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestTraces(t *testing.T) {
	for _, c := range []struct{ name, body, want string }{
		{"one line among others", "h=example.com\nip=203.0.113.7\nloc=DE\n", "203.0.113.7"},
		{"only that line", "ip=203.0.113.7", "203.0.113.7"},
		{"no such line", "h=example.com\nloc=DE", ""},
		{"two such lines", "ip=203.0.113.7\nip=203.0.113.7", ""},
		{"the second one empty", "ip=203.0.113.7\nip=", ""},
		{"inside another line", "h=ip=203.0.113.7", ""},
		{"a blank before the key", "h=1\n ip=203.0.113.7", ""},
		{"a blank before the address", "ip= 203.0.113.7", ""},
		{"a line that is no pair", "ip=203.0.113.7\nerror", ""},
		{"a bare address", "203.0.113.7", ""},
		{"an IPv6 address", "ip=2001:db8::7", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			address, err := parseBody(c.body, true)
			if (err == nil) != (c.want != "") || err == nil && address.String() != c.want {
				t.Errorf("%v, %v; want %q", address, err, c.want)
			}
		})
	}
}

func FuzzBody(f *testing.F) {
	for _, body := range []string{
		"203.0.113.7", " 203.0.113.7\r\n", "203.0.113.7,", "203.0.113.7, 203.0.113.8", "2001:db8::7", "::ffff:203.0.113.7", "203.0.113.007",
		"h=a\nip=203.0.113.7\n", "ip=203.0.113.7\nip=203.0.113.8", "ip=203.0.113.7\r\nuag=1.2.1.1", "nginx/1.18.0.1", "\u00a01.0.1.1", "",
	} {
		f.Add(body, false)
		f.Add(body, true)
	}
	f.Fuzz(func(t *testing.T, body string, trace bool) {
		address, err := parseBody(body, trace)
		if err != nil {
			text := problem(err, 0)
			if text == "" || utf8.RuneCountInString(text) > 200 || strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
				t.Errorf("problem %q", text)
			}
			return
		}
		if !address.Is4() {
			t.Fatalf("%v is not an IPv4 address", address)
		}
		if !trace {
			if strings.TrimSpace(body) != address.String() {
				t.Errorf("took %v out of %q", address, body)
			}
			return
		}
		var found []string
		for line := range strings.SplitSeq(strings.TrimSpace(body), "\n") {
			if strings.HasPrefix(line, "ip=") {
				found = append(found, strings.TrimRight(line, "\r"))
			}
		}
		if len(found) != 1 || found[0] != "ip="+address.String() {
			t.Errorf("took %v out of %q", address, body)
		}
	})
}
