package sanitize

import "testing"

func TestText(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"plain text stays":         {"No Records updated; ~", "No Records updated; ~"},
		"letters of all languages": {"bücher 日本", "bücher 日本"},
		"terminal escapes":         {"a\x1b[31mb\x07\u009bc", "a [31mb  c"},
		"line ends":                {"a\r\nb\u2028c", "a  b c"},
		"a turn of the direction":  {"a\u202eb\u200bc", "a b c"},
		"several in a row":         {"Grüße\u202e\u009b\r\n\x00.", "Grüße     ."},
		"what is no text":          {"a\xffb", "a\ufffdb"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := Text(c.in); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestLine(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"space at the ends goes": {" \n a b \t", "a b"},
		"as long as it may be":   {"bücher", "bücher"},
		"one character too long": {"bücher!", "büc..."},
		"nothing":                {"\x00", ""},
	} {
		t.Run(name, func(t *testing.T) {
			if got := Line(c.in, 6); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestQuote(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"plain text":                  {`a "b"`, `"a \"b\""`},
		"letters of all languages":    {"bücher", `"bücher"`},
		"characters that nobody sees": {"\ufeffa\u00a0\x00\x1b", `"\ufeffa\u00a0\x00\x1b"`},
		"what is no text":             {"a\xff\xfe", `"a\xff\xfe"`},
		"one character too long":      {"bücher!", `"bücher"...`},
		"nothing":                     {"", `""`},
	} {
		t.Run(name, func(t *testing.T) {
			if got := Quote(c.in, 6); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}
