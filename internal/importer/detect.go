package importer

import (
	"strings"

	"ddns-batch/internal/lazyregexp"
)

// updateURL is what every URL of an update at Namecheap holds.
const (
	updateHost = "dynamicdns.park-your-domain.com"
	updateURL  = "park-your-domain.com/update?"
)

var updateMark = lazyregexp.New(`(?i)park-your-domain\.com/update\?`)

// parse reads the source in a format, or in the one that its content shows, and returns that.
func (s *source) parse(format Format) Format {
	if format == "" {
		format = s.detect()
	} else if s.tooLarge(format) {
		return format
	}
	for _, f := range formats {
		if f.name == format {
			f.read(s)
		}
	}
	return format
}

// marks tell the formats apart. The first that fits counts, so those that hold others come first.
var marks = []struct {
	format Format
	mark   *lazyregexp.Regexp
}{
	{"ddns-updater", lazyregexp.New(`^\s*\{[\s\S]*"settings"\s*:`)},
	{"openwrt", lazyregexp.New(`(?m)^\s*config\s+['"]?(service|ddns)\b`)},
	{"inadyn", lazyregexp.New(`(?m)^\s*(custom|provider)\s+\S+\s*(#.*)?\n?\s*\{`)},
	{"ddns-go", lazyregexp.New(`(?m)^(dnsconf|dns):`)},
	{"env", lazyregexp.New(`(?m)^services:`)},
	{"curl", updateMark},
	{"ini", lazyregexp.New(`(?m)^\[[^\]]+\]\s*$`)},
	{"ddclient", lazyregexp.New(`(?mi)(^|[\s,])protocol\s*=`)},
	{"env", lazyregexp.New(`(?m)^\s*(export\s+)?[A-Z][A-Z0-9_]*=`)},
}

var godns = lazyregexp.New(`"(login_token|sub_domains)"\s*:|(?m)^\s*(login_token|sub_domains)\s*:`)

// detect tells the format by what the file holds; it is empty, with a note, where nothing does.
func (s *source) detect() Format {
	if looksLikePfSense(s.data) {
		return "pfsense"
	}
	if s.tooLarge("") {
		return ""
	}
	if godns.Match(s.data) {
		s.note(0, LeftOut, "this looks like a configuration of godns, which does not support Namecheap")
		return ""
	}
	for _, m := range marks {
		if m.mark.Match(s.data) {
			return m.format
		}
	}
	var names []string
	for _, f := range Formats() {
		names = append(names, string(f))
	}
	s.note(0, Unreadable, "the format is not recognised; name it with --from, one of %s", strings.Join(names, ", "))
	return ""
}
