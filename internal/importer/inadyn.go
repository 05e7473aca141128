package importer

import (
	"net/url"
	"path/filepath"
	"strings"
)

// inadynSettings are those that do not carry over.
var inadynSettings = map[string]string{
	"period": aboutTimer, "iterations": aboutTimer, "forced-update": aboutRefresh, "iface": aboutAddress, "checkip-server": aboutAddress,
	"checkip-path": aboutAddress, "checkip-command": aboutAddress, "checkip-ssl": aboutAddress, "ssl": aboutTLS, "secure-ssl": aboutTLS,
	"allow-ipv6": aboutIPv6, "cache-dir": aboutFiles, "ca-trust-file": "ca-trust-file: the system's certificates are used, or those in SSL_CERT_FILE",
}

// inadyn is a file of that program, and those that it includes.
type inadyn struct {
	*source
	sections []*inadynSection
	// last is the last section of each title so far.
	last map[inadynTitle]*inadynSection
}

type inadynTitle struct{ kind, title string }

// inadynSection is one of provider or custom. Those of the same title replace each other.
type inadynSection struct {
	file, kind, title string
	line              int
	values            map[string][]token
	replaced          bool
}

func readInadyn(s *source) {
	i := &inadyn{source: s, last: map[inadynTitle]*inadynSection{}}
	i.read(filepath.Clean(s.file), string(s.data))
	hosts := map[string]string{}
	for _, section := range i.sections {
		i.source.file = section.file
		i.section(section, hosts)
	}
}

// read reads one file as far as it is understood, and reports whether that is all of it.
func (i *inadyn) read(name, text string) bool {
	before := i.source.file
	i.source.within = append(i.source.within, name)
	if len(i.source.within) > 1 {
		i.source.file = name
	}
	defer func() { i.source.file, i.source.within = before, i.source.within[:len(i.source.within)-1] }()
	c := newConfuse(text)
	for t := c.next(); t.mark != 0; t = c.next() {
		if t.mark != 's' {
			continue
		}
		switch next := c.next(); next.mark {
		case '=', '+':
			i.setting(t)
			c.values()
		case '(':
			if file := c.next(); t.text == "include" && file.mark == 's' && !i.include(t.line, file.text) {
				return false
			}
		case 's':
			if open := c.next(); open.mark != '{' {
				i.note(t.line, Unreadable, "this is not understood: a section needs {")
				return false
			}
			if !i.open(t, next.text, c) {
				return false
			}
		case 0:
			return true
		}
	}
	return true
}

func (i *inadyn) setting(name token) {
	if about := inadynSettings[name.text]; about != "" {
		i.once(name.line, Replaced, about)
	}
}

// include reads a file of the same folder.
func (i *inadyn) include(line int, name string) bool {
	path, data, err := i.sibling(name)
	if err != nil {
		i.note(line, NeedsYou, "the file that is included here is not read: %v", err)
		return true
	}
	return i.read(path, string(data))
}

// open reads a section up to its end, and reports whether it is understood.
func (i *inadyn) open(kind token, title string, c *confuse) bool {
	section := &inadynSection{file: i.source.file, kind: kind.text, title: title, line: kind.line, values: map[string][]token{}}
	key := inadynTitle{section.kind, title}
	if other := i.last[key]; other != nil {
		other.replaced = true
	}
	i.last[key] = section
	i.sections = append(i.sections, section)
	for t := c.next(); t.mark != 0 && t.mark != '}'; t = c.next() {
		switch sign := c.next(); {
		case t.mark != 's' || sign.mark != '=' && sign.mark != '+':
			i.note(t.line, Unreadable, "this is not understood: a setting is written name = value")
			return false
		case sign.mark == '+':
			section.values[t.text] = append(section.values[t.text], c.values()...)
		default:
			section.values[t.text] = c.values()
		}
		i.setting(t)
	}
	return true
}

// values reads a value, or a list of them.
func (c *confuse) values() []token {
	t := c.next()
	if t.mark != '{' {
		return []token{t}
	}
	var all []token
	for t = c.next(); t.mark != 0 && t.mark != '}'; t = c.next() {
		if t.mark == 's' {
			all = append(all, t)
		}
	}
	return all
}

// one is the last value of a setting.
func (s *inadynSection) one(name string) token {
	if all := s.values[name]; len(all) > 0 {
		return all[len(all)-1]
	}
	return token{}
}

// mostHosts is how many hosts of a section inadyn takes.
const mostHosts = 50

// section takes the records of one. hosts says which domain each host was seen with.
func (i *inadyn) section(s *inadynSection, hosts map[string]string) {
	path, server := s.one("ddns-path"), s.one("ddns-server").text
	ours := strings.Contains(strings.ToLower(s.title), "namecheap") || strings.Contains(strings.ToLower(server+path.text), "park-your-domain.com")
	if s.kind != "custom" && s.kind != "provider" || !ours {
		i.note(s.line, LeftOut, "for another provider, not for Namecheap")
		return
	}
	if name, _, _ := strings.Cut(server, ":"); server != "" && !strings.EqualFold(name, updateHost) {
		i.once(s.line, NeedsYou, "ddns-server is not Namecheap's; ddns-batch sends to Namecheap unless endpoint: in hosts.yaml says otherwise")
	}
	if s.replaced {
		i.note(s.line, Never, "inadyn reads only the last section with this title, so it never updated these records")
	}
	domain, secret := s.one("username"), s.one("password")
	names := append(append([]token(nil), s.values["hostname"]...), s.values["alias"]...)
	if _, query, ok := strings.Cut(path.text, "?"); ok {
		var fixed bool
		if domain, secret, names, fixed = inadynPath(path, query, domain, secret, names); !fixed {
			i.note(path.line, NeedsYou, "ddns-path is not understood; add these records to hosts.yaml by hand")
			return
		}
	}
	if domain.variable != "" || domain.partial {
		i.note(domain.line, NeedsYou, "the domain is in a variable, which import does not read; add these records to hosts.yaml by hand")
		return
	}
	p := i.password(secret)
	for n, host := range names {
		if host.variable != "" || host.partial {
			i.note(host.line, NeedsYou, "a host is in a variable, which import does not read; add it to hosts.yaml by hand")
			continue
		}
		i.take(host.line, host.text, domain.text, p)
		if before, seen := hosts[host.text]; seen && before != domain.text {
			i.note(host.line, Never, "inadyn remembers a host without its domain, so it may have updated only one of the records with the host %s", shown(host.text, domain.text))
		}
		if n == mostHosts {
			i.note(host.line, Never, "inadyn reads only the first %d hosts of a section", mostHosts)
		}
		hosts[host.text] = domain.text
	}
}

// password is what a token says about one.
func (i *inadyn) password(t token) password {
	switch {
	case t.variable != "" && !t.partial:
		return password{variable: t.variable}
	case t.variable != "" || t.partial:
		i.note(t.line, NeedsYou, "the password contains a variable, which import does not read")
		return password{}
	}
	return literal(t.text)
}

// inadynPath takes what a ddns-path says in place of the settings: %u, %p and %h stand for these, anything else for
// itself.
func inadynPath(path token, query string, domain, secret token, names []token) (_, _ token, _ []token, ok bool) {
	if path.partial || path.variable != "" {
		return domain, secret, names, false
	}
	for part := range strings.SplitSeq(query, "&") {
		key, value, _ := strings.Cut(part, "=")
		if stands := map[string]string{"domain": "%u", "password": "%p", "host": "%h"}[key]; stands == "" || stands == value {
			continue
		}
		text, err := url.QueryUnescape(value)
		if err != nil {
			return domain, secret, names, false
		}
		own := token{line: path.line, mark: 's', text: text}
		switch key {
		case "domain":
			domain = own
		case "password":
			secret = own
		case "host":
			names = []token{own}
		}
	}
	return domain, secret, names, true
}
