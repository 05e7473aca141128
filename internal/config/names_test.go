package config

import (
	"strings"
	"testing"
)

func TestDomainName(t *testing.T) {
	label := strings.Repeat("a", 63)
	longest := strings.Repeat(label+".", 3) + strings.Repeat("b", 57) + ".net" // 253
	for name, c := range map[string]struct{ written, want, problem string }{
		"plain":                 {"example.com", "example.com", ""},
		"capitals and a dot":    {"Example.Co.UK.", "example.co.uk", ""},
		"foreign letters":       {"Bücher.example.net", "xn--bcher-kva.example.net", ""},
		"A-labels":              {"XN--bcher-kva.example.net", "xn--bcher-kva.example.net", ""},
		"A-labels that are not": {"xn--a.example.net", "", "not a valid international name"},
		"a foreign dot":         {"bücher。example。net。", "xn--bcher-kva.example.net", ""},
		"hyphens inside":        {"a--b.example.net", "a--b.example.net", ""},
		"the longest":           {longest, longest, ""},
		"one more":              {"a" + longest[:1] + longest[1:], "", "longer than 63"},
		"too long as a whole":   {"b." + longest, "", "longer than 253"},
		"a long label":          {label + "a.net", "", "longer than 63"},
		"beyond all measure":    {strings.Repeat("ü", 1<<20), "", "longer than 253"},
		"nothing":               {"", "", "is empty"},
		"a dot":                 {".", "", "a label is empty"},
		"two dots":              {"example..com", "", "a label is empty"},
		"two dots at the end":   {"example.com..", "", "a label is empty"},
		"a dot first":           {".example.com", "", "a label is empty"},
		"one label":             {"localhost", "", "only one label"},
		"an address":            {"192.0.2.1", "", "last label is a number"},
		"an underscore":         {"my_domain.net", "", `'_' is not allowed`},
		"a wildcard":            {"*.example.com", "", `"*" must stand alone`},
		"an at":                 {"@.example.com", "", `"@" must stand alone`},
		"a URL":                 {"https://example.com", "", "write example.com"},
		"a space":               {" example.com", "", `' ' is not allowed`},
		"a hyphen first":        {"-a.example.com", "", `begins or ends with "-"`},
		"a hyphen last":         {"example.com-", "", `begins or ends with "-"`},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := domainName(c.written)
			check(t, got, err, c.want, c.problem)
		})
	}
}

func TestHostName(t *testing.T) {
	long := strings.Repeat("a.", 120) + "a" // 241 and ".example.com" are 253
	for name, c := range map[string]struct{ written, want, problem string }{
		"the domain itself":          {"@", "@", ""},
		"a wildcard":                 {"*", "*", ""},
		"labels":                     {"A.b", "a.b", ""},
		"a wildcard below a label":   {"*.Dev.", "*.dev", ""},
		"an underscore":              {"_dmarc", "_dmarc", ""},
		"foreign letters":            {"*.Bücher", "*.xn--bcher-kva", ""},
		"a number":                   {"1", "1", ""},
		"a label like the domain":    {"example", "example", ""},
		"a tail like the domain":     {"notexample.com", "notexample.com", ""},
		"the longest":                {long, long, ""},
		"one more":                   {"a" + long, "", "longer than 253"},
		"a long label":               {strings.Repeat("a", 64), "", "longer than 63"},
		"nothing":                    {"", "", `is empty; write "@"`},
		"a dot":                      {".", "", `is empty; write "@"`},
		"the domain":                 {"Example.com.", "", `write "@"`},
		"a full name":                {"www.example.com", "", `write "www"`},
		"a full name of more labels": {"A.b.example.com.", "", `write "a.b"`},
		"the wildcard in full":       {"*.example.com", "", `write "*"`},
		"a wildcard in full":         {"*.dev.example.com", "", `write "*.dev"`},
		"a star in the middle":       {"a.*.b", "", `"*" must stand alone`},
		"two stars":                  {"*.*", "", `"*" must stand alone`},
		"a star in a label":          {"a*", "", `'*' is not allowed`},
		"a wide star":                {"＊", "", `"*" must stand alone`},
		"an at in a name":            {"@.www", "", `"@" must stand alone`},
		"a wide at":                  {"＠", "", `"@" must stand alone`},
		"a star and a dot":           {"*.", "*", ""},
		"a space":                    {"w w", "", `' ' is not allowed`},
		"a line":                     {"www\n", "", `'\n' is not allowed`},
		"a slash":                    {"www/&ip=6.6.6.6", "", `write "www"`},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := hostName(c.written, "example.com")
			check(t, got, err, c.want, c.problem)
		})
	}
}

// What IDNA 2008 does not allow was never meant: an editor or a web page has put it there. Nothing may be sent for it.
func TestInternationalNames(t *testing.T) {
	const quotes, dash, other = "write straight quotes", "write a hyphen", "IDNA 2008 does not allow"
	for written, want := range map[string]string{
		"bücher":        "xn--bcher-kva",
		"BÜCHER":        "xn--bcher-kva",
		"bu\u0308cher":  "xn--bcher-kva",
		"例え":            "xn--r8jz45g",
		"faß":           "xn--fa-hia",
		"βόλος":         "xn--nxasmm1c",
		"İx":            "xn--ix-rub",
		"\u212ax":       "kx", // the sign for kelvin
		"ﬁ":             "fi",
		"한국":            "xn--3e0b707e",
		"カ・カ":           "xn--lcka3v",
		"l·l":           "xn--ll-0ea",
		"क्\u200dष":     "xn--11b2ezcw70k",
		"a\u00adb":      "ab", // a soft hyphen is only a place to break a line
		"－ü":            "xn----eha",
		"_dmarc.ü":      "_dmarc.xn--tda",
		"_dmarc":        "_dmarc",
		"*":             "*",
		"*.ü":           "*.xn--tda",
		"XN--BCHER-KVA": "xn--bcher-kva",
		// Who writes an A-label means what is registered.
		"xn--i-7iq":   "xn--i-7iq",
		"ü.xn--i-7iq": "xn--tda.xn--i-7iq",

		"“www”": quotes, "„www“": quotes, "‘www’": quotes, "‚www‘": quotes, "«www»": quotes, "‹www›": quotes, "www′": quotes,
		"″www″": quotes, "´www´": quotes, "❝www❞": quotes, "＂ü＂": quotes, "„*“": quotes, "“@”": quotes, "*.“dev”": quotes,
		"a–b": dash, "a—b": dash, "a−b": dash, "a‐b": dash, "a\u2011b": dash,
		"i❤": other, "☃": other, "x\u20d0": other, "¼ü": other, "ü…x": other, "a·b": other, "a\u200db": other,
		"\U0001f600.xn--tda": other, "\u0301a": "not a valid international name", "xn--a": "not a valid international name",
	} {
		t.Run(written, func(t *testing.T) {
			for kind, normalise := range map[string]func(string) (string, error){
				"host":   func(s string) (string, error) { return hostName(s, "example.com") },
				"domain": func(s string) (string, error) { return domainName(s + ".example") },
			} {
				if kind == "domain" && strings.ContainsAny(written, "*@_") {
					continue
				}
				got, err := normalise(written)
				switch {
				case err == nil && strings.TrimSuffix(got, ".example") != want:
					t.Errorf("%s: got %q, want %q", kind, got, want)
				case err != nil && !strings.Contains(err.Error(), want):
					t.Errorf("%s: got %v, want %q", kind, err, want)
				}
			}
		})
	}
	for written, want := range map[string]string{
		"“www”": `"“www”": '“' is a typographic quote; write straight quotes, " or ', or none`,
		"a–b":   `"a–b": '–' is a dash; write a hyphen, -`,
		"i❤.ü":  `"i❤.ü": '❤' (U+2764) cannot be used: IDNA 2008 does not allow it`,
		"a·b":   `"a·b": '·' (U+00B7) cannot be used: IDNA 2008 does not allow it`,
	} {
		if _, err := hostName(written, "example.com"); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func check(t *testing.T, got string, err error, want, problem string) {
	t.Helper()
	switch {
	case problem == "" && (err != nil || got != want):
		t.Errorf("got %q, %v, want %q", got, err, want)
	case problem != "" && (err == nil || !strings.Contains(err.Error(), problem)):
		t.Errorf("got %q, %v, want an error with %q", got, err, problem)
	case err != nil && len(err.Error()) > 500:
		t.Errorf("the error is %d bytes long", len(err.Error()))
	}
}
