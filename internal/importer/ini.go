package importer

import (
	"bytes"
	"maps"
	"slices"
	"strings"

	"ddns-batch/internal/lazyregexp"
)

var (
	iniSection = lazyregexp.New(`^\[([^\]]+)\]`)
	iniUses    = lazyregexp.New(`%\([^)]*\)s`)
)

// readINI reads what Python's configparser does: a section for each record, with host, domain and api_password.
func readINI(s *source) {
	defaults, section := map[string]string{}, map[string]string(nil)
	line, last := 0, ""
	n := 0
	end := func() {
		if section != nil {
			s.ini(line, section)
		}
	}
	for raw := range bytes.Lines(s.data) {
		n++
		text := strings.TrimRight(string(raw), "\r\n")
		bare := strings.TrimSpace(text)
		switch m := iniSection.FindStringSubmatch(bare); {
		case bare == "" || bare[0] == '#' || bare[0] == ';':
			continue
		case m != nil && text[0] == '[':
			end()
			line, last = n, ""
			if section = maps.Clone(defaults); m[1] == "DEFAULT" {
				section = nil
			}
			continue
		case (text[0] == ' ' || text[0] == '\t') && last != "":
			if !iniKey(last) {
				continue
			}
			s.note(n, NeedsYou, "a value that continues on the next line is not read completely; add what is missing to hosts.yaml or hosts.env by hand")
			continue
		}
		i := strings.IndexAny(bare, "=:")
		if i < 0 {
			continue
		}
		key, value := strings.ToLower(strings.TrimSpace(bare[:i])), strings.TrimSpace(bare[i+1:])
		last = key
		if !iniKey(key) {
			continue
		}
		switch {
		case section != nil:
			section[key] = value
		case s.share(n, value):
			defaults[key] = value
		}
	}
	end()
}

// passwordKeys are what a section may call its password.
var passwordKeys = []string{"api_password", "password", "ddns_password"}

// iniKey reports whether what a key says matters here.
func iniKey(key string) bool {
	return key == "host" || key == "domain" || slices.Contains(passwordKeys, key)
}

func (s *source) ini(line int, values map[string]string) {
	if values["domain"] == "" {
		s.note(line, LeftOut, "a section without a domain")
		return
	}
	var p password
	for _, key := range passwordKeys {
		value := values[key]
		switch {
		case value == "" || !p.none():
		case iniUses.MatchString(value):
			s.note(line, NeedsYou, "the password is built from other values, which import does not follow")
		default:
			// configparser takes %% for one %.
			p = literal(strings.ReplaceAll(value, "%%", "%"))
		}
	}
	if p.none() {
		p = password{variable: "DDNS_API_PASSWORD"}
	}
	host := values["host"]
	for name := range strings.FieldsFuncSeq(host, func(r rune) bool { return r == ',' || r == ' ' || r == '\t' }) {
		if !s.take(line, name, values["domain"], p) {
			return
		}
	}
	if strings.TrimSpace(host) == "" {
		s.take(line, "@", values["domain"], p)
	}
}
