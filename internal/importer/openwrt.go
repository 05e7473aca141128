package importer

import (
	"maps"
	"net/url"
	"slices"
	"strings"
)

// uciSection is one of a file in the language of OpenWrt's UCI.
type uciSection struct {
	line    int
	kind    string
	options map[string]string
	lines   map[string]int
}

// readOpenWrt reads /etc/config/ddns.
func readOpenWrt(s *source) {
	var section *uciSection
	end := func() {
		if section != nil && section.kind == "service" {
			s.openWrt(section)
		}
	}
	for _, words := range uciLines(string(s.data)) {
		switch {
		case words.text[0] == "config" && len(words.text) > 1:
			end()
			section = &uciSection{words.line, words.text[1], map[string]string{}, map[string]int{}}
		case words.text[0] == "option" && len(words.text) > 2 && section != nil:
			section.options[words.text[1]] = words.text[2]
			section.lines[words.text[1]] = words.line
		}
	}
	end()
}

// uciWords is a line of a file in its words.
type uciWords struct {
	line int
	text []string
}

// uciLines reads a whole file. Quotes may follow each other within a word, as in 'it'\”s', and may hold line ends.
func uciLines(text string) []uciWords {
	var all []uciWords
	line, begun := 1, 1
	var words []string
	var word strings.Builder
	quote, inside := byte(0), false
	endWord := func() {
		if inside {
			words = append(words, word.String())
		}
		word.Reset()
		inside = false
	}
	endLine := func() {
		endWord()
		if len(words) > 0 {
			all = append(all, uciWords{begun, words})
		}
		words, begun = nil, line
	}
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c == '\n' {
			line++
		}
		switch {
		case quote == '\'' && c != '\'', quote == '"' && c != '"' && c != '\\':
			word.WriteByte(c)
		case quote != 0 && c == quote:
			quote = 0
		case c == '\\' && i+1 < len(text):
			i++
			word.WriteByte(text[i])
			inside = true
		case c == '\'' || c == '"':
			quote, inside = c, true
		case c == '#' && !inside:
			if n := strings.IndexByte(text[i:], '\n'); n >= 0 {
				i += n - 1
			} else {
				i = len(text)
			}
		case c == '\n' || c == ';':
			endLine()
		case c == ' ' || c == '\t' || c == '\r':
			endWord()
		default:
			word.WriteByte(c)
			inside = true
		}
	}
	endLine()
	return all
}

// openWrt takes a service. Its username is the host.
func (s *source) openWrt(c *uciSection) {
	o := c.options
	domain, host, secret := o["domain"], o["username"], o["password"]
	updates := o["update_url"]
	ours := strings.HasPrefix(strings.ToLower(o["service_name"]), "namecheap") || strings.Contains(strings.ToLower(updates), updateURL)
	switch {
	case !ours:
		s.note(c.line, LeftOut, "for another provider, not for Namecheap")
		return
	case !slices.Contains([]string{"1", "on", "true", "yes", "enabled"}, o["enabled"]):
		s.note(c.line, LeftOut, "it is switched off: no option enabled '1'")
		return
	case o["use_ipv6"] == "1":
		s.note(c.lines["use_ipv6"], LeftOut, "%s", aboutIPv6)
		return
	}
	for _, key := range slices.Sorted(maps.Keys(openWrtSettings)) {
		if o[key] != "" {
			s.once(c.lines[key], Replaced, openWrtSettings[key])
		}
	}
	if host, domain, secret, ours = openWrtURL(updates, host, domain, secret); !ours {
		s.note(c.lines["update_url"], NeedsYou, "update_url is not understood; add this record to hosts.yaml by hand")
		return
	}
	s.take(c.line, host, domain, literal(secret))
}

// openWrtSettings are those that do not carry over.
var openWrtSettings = map[string]string{
	"ip_source": aboutAddress, "ip_network": aboutAddress, "ip_url": aboutAddress, "ip_script": aboutAddress, "ip_interface": aboutAddress,
	"check_interval": aboutTimer, "force_interval": aboutRefresh,
}

// openWrtURL is what an update_url says in place of the options; [USERNAME] and the like stand for these.
func openWrtURL(written, host, domain, secret string) (_, _, _ string, ok bool) {
	_, query, ok := strings.Cut(written, "?")
	if !ok {
		return host, domain, secret, true
	}
	for part := range strings.SplitSeq(query, "&") {
		key, value, _ := strings.Cut(part, "=")
		stands := map[string]string{"host": "[USERNAME]", "domain": "[DOMAIN]", "password": "[PASSWORD]"}[strings.ToLower(key)]
		if stands == "" || stands == value {
			continue
		}
		text, err := url.QueryUnescape(value)
		if err != nil || strings.Contains(value, "[") {
			return host, domain, secret, false
		}
		switch strings.ToLower(key) {
		case "host":
			host = text
		case "domain":
			domain = text
		case "password":
			secret = text
		}
	}
	return host, domain, secret, true
}
