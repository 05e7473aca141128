package page

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestText(t *testing.T) {
	for _, tt := range []struct{ name, in, line, lines string }{
		{"plain", "refused", "refused", "refused"},
		{"nothing", "", "", ""},
		{"only what does not print", "\x00 \u202e\n", "", ""},
		{"white space around", "  a b \n", "a b", "a b"},
		{"two lines", "one,  \r\n\r\n  two", "one,        two", "one,\ntwo"},
		{"a text that runs backwards", "a\u202eb", "a b", "a b"},
		{"an escape sequence", "a\x1b[31mb", "a [31mb", "a [31mb"},
		{"not UTF-8", "a\xffb", "a\uFFFDb", "a\uFFFDb"},
		{"other scripts", "ünïcode 漢字 🦊", "ünïcode 漢字 🦊", "ünïcode 漢字 🦊"},
	} {
		if got := oneLine(tt.in, 100); got != tt.line {
			t.Errorf("%s: one line %q, want %q", tt.name, got, tt.line)
		}
		if got := lines(tt.in); got != tt.lines {
			t.Errorf("%s: lines %q, want %q", tt.name, got, tt.lines)
		}
	}
}

func TestCut(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"", ""}, {"abcd", "abcd"}, {"abcde", "abcd…"}, {"äöüß", "äöüß"}, {"äöüßx", "äöüß…"}, {"🦊🦊🦊🦊", "🦊🦊🦊🦊"}, {"🦊🦊🦊🦊🦊", "🦊🦊🦊🦊…"},
		{strings.Repeat("x", 1<<20), "xxxx…"}, {"ab\xff", "ab\uFFFD"},
	} {
		if got := cut(tt.in, 4); got != tt.want {
			t.Errorf("%.20q: %q, want %q", tt.in, got, tt.want)
		}
	}
	if s := lines(strings.Repeat("\xf0\x9f\xa6", 1<<20)); !utf8.ValidString(s) || utf8.RuneCountInString(s) > longestText+1 {
		t.Errorf("half characters give %d bytes", len(s))
	}
}
