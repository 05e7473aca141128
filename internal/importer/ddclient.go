package importer

import (
	"bytes"
	"maps"
	"slices"
	"strings"

	"ddns-batch/internal/lazyregexp"
)

// ddclientPassword is how ddclient finds a password, before it looks for comments and continuations: to the next blank, or
// between single quotes.
var ddclientPassword = lazyregexp.New(`^([^#]*\s)?([^#]*?password)\s*=\s*('.*'|[^']\S*)(.*)`)

var ddclientKey = lazyregexp.New(`^[\s,]*([A-Za-z][0-9A-Za-z_-]*)=`)

var ddclientComma = lazyregexp.New(`\s*,\s*`)

// ddclientSettings are those that do not carry over.
var ddclientSettings = map[string]string{
	"use": aboutAddress, "usev4": aboutAddress, "web": aboutAddress, "webv4": aboutAddress, "if": aboutAddress, "ifv4": aboutAddress,
	"cmd": aboutAddress, "cmdv4": aboutAddress, "fw": aboutAddress, "fwv4": aboutAddress, "ip": aboutAddress, "ipv4": aboutAddress,
	"daemon": aboutTimer, "mail": aboutMail, "mail-failure": aboutMail, "ssl": aboutTLS, "max-interval": aboutRefresh, "cache": aboutFiles,
	"usev6": aboutIPv6, "ipv6": aboutIPv6, "ifv6": aboutIPv6, "webv6": aboutIPv6, "cmdv6": aboutIPv6,
}

// ddclient is a file of that program.
type ddclient struct {
	*source
	globals map[string]string
	// domains has each host with each domain that it was seen with. ddclient keeps one entry for a host.
	domains map[string]map[string]bool
}

// ddclientInherited are the settings of a statement without hosts that matter to those after it.
var ddclientInherited = []string{"protocol", "server", "login", "login_env", "password", "password_env"}

// readDdclient follows the parser of ddclient 3.10 and 4.0.
func readDdclient(s *source) {
	d := &ddclient{s, map[string]string{}, map[string]map[string]bool{}}
	var statement []byte
	n := 0
	withoutEnd := strings.NewReplacer("\r", "", "\n", "")
	var st ddclientStatement
	for line := range bytes.Lines(s.data) {
		n++
		text := st.takePassword(withoutEnd.Replace(string(line)))
		text, _, _ = strings.Cut(text, "#")
		statement = append(statement, text...)
		if before, more := bytes.CutSuffix(bytes.TrimRight(statement, " \t"), []byte{'\\'}); more {
			statement = before
			continue
		}
		d.statement(n, string(statement), st)
		statement, st = statement[:0], ddclientStatement{}
	}
	if len(statement) > 0 {
		d.statement(n, string(statement), st)
	}
}

// ddclientStatement is what is known of a statement beside its text.
type ddclientStatement struct {
	password  string
	found     bool
	swallowed bool // the password, of which ddclient takes nothing
}

// takePassword notes the password of a line, and leaves a word in its place.
func (st *ddclientStatement) takePassword(line string) string {
	m := ddclientPassword.FindStringSubmatch(line)
	if m == nil {
		return line
	}
	if m[2] != "password" {
		// What stands before it without a blank becomes part of the name, under which ddclient then looks in vain.
		st.swallowed = strings.HasSuffix(m[2], ",password")
		return line
	}
	value := m[3]
	if len(value) > 1 && value[0] == '\'' && value[len(value)-1] == '\'' {
		value = value[1 : len(value)-1]
	}
	st.password, st.found = value, true
	return m[1] + "password=dummy" + m[4]
}

// statement takes [key=value, ...] [host[, ...] [login [password]]].
func (d *ddclient) statement(n int, text string, st ddclientStatement) {
	keys, rest := ddclientAssignments(strings.Join(strings.Fields(text), " "))
	if st.found && keys["password"] != "" {
		keys["password"] = st.password
	}
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		if about := ddclientSettings[key]; about != "" {
			d.once(n, Replaced, about)
		}
	}
	words := strings.Fields(ddclientComma.ReplaceAllString(rest, ","))
	var hosts []string
	if len(words) > 0 {
		hosts = strings.Split(words[0], ",")
	}
	hosts = slices.DeleteFunc(append(hosts, strings.Split(keys["host"], ",")...), func(h string) bool { return h == "" })
	if len(hosts) == 0 {
		for _, key := range ddclientInherited {
			if value, own := keys[key]; own && d.share(n, value) {
				d.globals[key] = value
			}
		}
		return
	}
	for key, value := range d.globals {
		if _, own := keys[key]; !own {
			keys[key] = value
		}
	}
	if len(words) > 1 {
		keys["login"] = words[1]
	}
	if len(words) > 2 {
		keys["password"] = words[2]
	}
	d.hosts(n, hosts, keys, st.swallowed)
}

// hosts takes the hosts of a statement.
func (d *ddclient) hosts(n int, hosts []string, keys map[string]string, swallowed bool) {
	if protocol := keys["protocol"]; protocol != "namecheap" {
		d.note(n, LeftOut, "for another provider, not for Namecheap")
		return
	}
	if server := keys["server"]; server != "" && server != updateHost {
		d.once(n, NeedsYou, "server= is not Namecheap's; ddns-batch sends to Namecheap unless endpoint: in hosts.yaml says otherwise")
	}
	p := literal(keys["password"])
	if variable := keys["password_env"]; variable != "" {
		p = password{variable: variable}
		d.once(n, Never, "if the variable of an _env key is not set, ddclient uses the value before it, even if that is another domain's password")
	}
	if swallowed {
		d.note(n, Never, "without a space before password=, ddclient sends the word dummy as the password")
	}
	if strings.HasSuffix(p.secret.Reveal(), ",") {
		d.note(n, Never, "the password ends with a comma, which ddclient treats as part of it; ddns-batch sends the same")
	}
	d.notEncoded(n, "ddclient", p)
	if keys["login_env"] != "" {
		d.note(n, NeedsYou, "the domain is in a variable, which import does not read; add these records to hosts.yaml by hand")
		return
	}
	login := strings.ToLower(strings.TrimSuffix(keys["login"], "."))
	for _, host := range hosts {
		d.take(n, host, keys["login"], p)
		if d.domains[host] == nil {
			d.domains[host] = map[string]bool{}
		}
		switch before := d.domains[host]; {
		case len(before) > 0 && !before[login]:
			d.note(n, Never, "ddclient keeps one entry per host, whatever the domain, so it updated only one of the records with the host %s", shown(host, login))
		case login != "" && strings.EqualFold(strings.TrimSuffix(host, "."), login):
			d.note(n, Never, "ddclient sends the whole domain as the host, which Namecheap does not know; taken as @")
		}
		d.domains[host][login] = true
	}
}

// ddclientAssignments takes the key=value from the beginning of a statement.
func ddclientAssignments(rest string) (keys map[string]string, hosts string) {
	keys = map[string]string{}
	for {
		m := ddclientKey.FindStringSubmatch(rest)
		if m == nil {
			return keys, strings.TrimLeft(rest, ", ")
		}
		var value string
		value, rest = ddclientValue(rest[len(m[0]):])
		if m[1] == "password_env" {
			delete(keys, "password")
		}
		keys[m[1]] = value
	}
}

// ddclientValue reads a value up to a blank or a comma outside of quotes.
func ddclientValue(text string) (value, rest string) {
	var b strings.Builder
	quote, escaped := byte(0), false
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case escaped:
			b.WriteByte(c)
			escaped = false
		case c == '\\':
			escaped = true
		case quote != 0 && c == quote:
			quote = 0
		case quote == 0 && (c == '\'' || c == '"'):
			quote = c
		case quote == 0 && (c == ' ' || c == ','):
			return b.String(), text[i:]
		default:
			b.WriteByte(c)
		}
	}
	return b.String(), ""
}
