package idn

import (
	"strings"
	"testing"
	"unicode"
)

func TestReadable(t *testing.T) {
	for title, c := range map[string]struct{ name, want string }{
		"no A-label":                 {"www.example.com", "www.example.com"},
		"a domain":                   {"xn--bcher-kva.example.com", "bücher.example.com"},
		"a host below a wildcard":    {"*.xn--mnchen-3ya.example.net", "*.münchen.example.net"},
		"an underscore beside it":    {"_a.xn--bcher-kva.example.com", "_a.bücher.example.com"},
		"only one of two is fit":     {"xn--4dbrk0ce.xn--bcher-kva.example.com", "xn--4dbrk0ce.bücher.example.com"},
		"right to left":              {"xn--4dbrk0ce.example.com", "xn--4dbrk0ce.example.com"},
		"Arabic":                     {"xn--mgbh0fb.example.com", "xn--mgbh0fb.example.com"},
		"a zero width joiner":        {"xn--ab-m1t.example.com", "xn--ab-m1t.example.com"},
		"an override":                {"xn--abc-7q0a.example.com", "xn--abc-7q0a.example.com"},
		"not punycode":               {"xn--a-ecp-999999999.example.com", "xn--a-ecp-999999999.example.com"},
		"an A-label of plain ASCII":  {"xn--abc-.example.com", "xn--abc-.example.com"},
		"not what it would be again": {"xn--Bcher-kva.example.com", "xn--Bcher-kva.example.com"},
	} {
		if got := Readable(c.name); got != c.want {
			t.Errorf("%s: %q, want %q", title, got, c.want)
		}
	}
}

func TestToASCII(t *testing.T) {
	for name, want := range map[string]string{
		"WWW.Example.com": "www.example.com", "Bücher.example.com": "xn--bcher-kva.example.com", "*.bücher.example.com": "*.xn--bcher-kva.example.com",
		"_a.example.com": "_a.example.com", "XN--BCHER-KVA.example.com": "xn--bcher-kva.example.com",
	} {
		if got, err := ToASCII(name); err != nil || got != want {
			t.Errorf("%s: %q, %v, want %q", name, got, err, want)
		}
	}
	if got, err := ToASCII("xn--a\u200db.example.com"); err == nil {
		t.Errorf("a broken name becomes %q", got)
	}
}

// FuzzReadable: whatever a name holds, what is shown for an A-label prints, runs from left to right, and means that label.
func FuzzReadable(f *testing.F) {
	for _, s := range []string{"bcher-kva", "4dbrk0ce", "ab-m1t", "", "-", "a-", "00h", "\xff", "zz.xn--bcher-kva"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		name := prefix + s
		got := Readable(name)
		if got == name {
			return
		}
		for _, r := range got {
			if strings.ContainsRune(name, r) {
				continue
			}
			if !unicode.IsPrint(r) || unicode.Is(unicode.Bidi_Control, r) || unicode.IsLetter(r) && unicode.In(r, unicode.Hebrew, unicode.Arabic, unicode.Syriac) {
				t.Errorf("%q shows %q", name, r)
			}
		}
		labels := strings.Split(name, ".")
		for i, shown := range strings.Split(got, ".") {
			if shown == labels[i] {
				continue
			}
			if back, err := ToASCII(shown); err != nil || back != labels[i] {
				t.Errorf("%q is shown as %q, which is %q, %v", labels[i], shown, back, err)
			}
		}
	})
}
