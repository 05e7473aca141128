package importer

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"ddns-batch/internal/config"
	"ddns-batch/internal/humanize"
	"ddns-batch/internal/idn"
	"ddns-batch/internal/record"
)

// merged is what claims come to.
type merged struct {
	groups []*group
	// byKey finds a group by what its records share, and byDomain those of a domain.
	byKey    map[groupKey]*group
	byDomain map[string][]*group
	of       map[record.Name][]*group
	// variables are those that are in use.
	variables config.VariableNames
	records   int
	notes     []Note
}

// groupKey is what the records of a group share.
type groupKey struct{ domain, secret, variable, path string }

// group is the records of a domain that have the same password.
type group struct {
	domain   string
	password password
	variable string
	hosts    []string
	// from is where each host was found first.
	from map[string]claim
}

// merge normalises names, drops what is there twice and finds out what contradicts.
func merge(claims []claim) *merged {
	m := &merged{byKey: map[groupKey]*group{}, byDomain: map[string][]*group{}, of: map[record.Name][]*group{}}
	for i := range claims {
		p := &claims[i].password
		if p.variable != "" && !config.IsVariable(p.variable) || p.path != "" && !config.IsPasswordFile(p.path) {
			*p = password{}
		}
		if p.variable != "" {
			m.variables.Take(p.variable)
		}
	}
	taken := map[place][]record.Name{}
	var places []claim
	for _, c := range claims {
		name, err := c.name()
		if err != nil {
			m.note(c, NeedsYou, "the host or the domain of this record is not valid at Namecheap; add the record to hosts.yaml by hand")
			continue
		}
		if problem := config.Writable(c.password.secret); !c.password.secret.IsZero() && problem != "" {
			m.note(c, NeedsYou, "the password of %s cannot be written to an env file (it %s); put it into a file of its own, and name that file under password_file", name, problem)
			c.password = password{}
		}
		if !m.add(c, name) {
			continue
		}
		at := place{c.file, c.line}
		if taken[at] == nil {
			places = append(places, c)
		}
		taken[at] = append(taken[at], name)
	}
	before := len(m.notes)
	m.join()
	notes := m.notes[before:]
	m.notes = m.notes[:before:before]
	for _, c := range places {
		var names []string
		for _, name := range taken[place{c.file, c.line}] {
			if len(m.of[name]) == 1 {
				names = append(names, idn.Readable(name.String()))
			}
		}
		if len(names) > 0 {
			m.note(c, Taken, "%s", humanize.List(names))
		}
	}
	m.notes = append(m.notes, notes...)
	return m
}

// place is a line of a file.
type place struct {
	file string
	line int
}

// name is the record that a claim is about.
func (c claim) name() (record.Name, error) {
	if len(c.host)+len(c.domain) > longestName {
		return record.Name{}, errors.New("longer than any name")
	}
	if c.domain == "" {
		return config.SplitName(c.host)
	}
	return config.ParseName(c.host, c.domain)
}

// shown is a host for a note, unless it is none, and so could be anything.
func shown(host, domain string) string {
	name, err := claim{host: host, domain: domain}.name()
	if err != nil {
		return "a host"
	}
	return idn.Readable(name.Host)
}

func (m *merged) note(c claim, kind Kind, format string, args ...any) {
	m.notes = append(m.notes, Note{c.file, c.line, kind, fmt.Sprintf(format, args...)})
}

// add puts a record into its group, and reports whether it is new there.
func (m *merged) add(c claim, name record.Name) bool {
	g := m.group(name.Domain, c.password)
	if before, twice := g.from[name.Host]; twice {
		m.note(c, LeftOut, "%s was already taken from %s:%d", name, before.file, before.line)
		return false
	}
	g.hosts, g.from[name.Host] = append(g.hosts, name.Host), c
	m.of[name] = append(m.of[name], g)
	return true
}

func (m *merged) group(domain string, p password) *group {
	key := groupKey{domain, p.secret.Reveal(), p.variable, p.path}
	if g := m.byKey[key]; g != nil {
		return g
	}
	g := &group{domain: domain, password: p, from: map[string]claim{}}
	m.byKey[key] = g
	m.groups = append(m.groups, g)
	m.byDomain[domain] = append(m.byDomain[domain], g)
	return g
}

func (p password) none() bool { return p == password{} }

// join gives the records without a password that of their domain, if there is one, and gives every group a variable.
func (m *merged) join() {
	for _, groups := range m.byDomain {
		if len(groups) != 2 {
			continue
		}
		switch {
		case groups[0].password.none():
			m.move(groups[0], groups[1])
		case groups[1].password.none():
			m.move(groups[1], groups[0])
		}
	}
	m.groups = slices.DeleteFunc(m.groups, func(g *group) bool { return len(g.hosts) == 0 })
	for _, g := range m.groups {
		if g.variable = g.password.variable; g.variable == "" && g.password.path == "" {
			g.variable = m.variables.For(g.domain)
		}
		first := g.from[g.hosts[0]]
		switch {
		case g.password.none():
			m.note(first, NeedsYou, "there is no password for %s here; write it into hosts.env as %s", g.domain, g.variable)
		case g.password.variable != "":
			m.note(first, NeedsYou, "the password of %s is in the variable %s, which import does not read; write it into hosts.env", g.domain, g.variable)
		case g.password.path != "":
			m.note(first, NeedsYou, "the password of %s is in a file that import does not read; check that password_file names it correctly", g.domain)
		}
	}
}

// move takes all hosts of g to another group, and leaves g empty.
func (m *merged) move(g, to *group) {
	for _, host := range g.hosts {
		name := record.Name{Host: host, Domain: g.domain}
		if _, there := to.from[host]; !there {
			to.hosts, to.from[host] = append(to.hosts, host), g.from[host]
		}
		m.of[name] = []*group{to}
	}
	g.hosts = nil
}

// draft writes all that is certain into entries, and what contradicts into comments.
func (m *merged) draft(envFile string) config.Draft {
	d := config.Draft{EnvFile: envFile}
	written := map[string]bool{}
	for _, g := range m.groups {
		entry := config.DraftEntry{Domain: g.domain, Password: config.PasswordRef{Env: g.variable, File: g.password.path}}
		for _, host := range g.hosts {
			if name := (record.Name{Host: host, Domain: g.domain}); len(m.of[name]) == 1 {
				entry.Hosts = append(entry.Hosts, host)
			}
		}
		if g.variable != "" && !written[g.variable] {
			written[g.variable] = true
			d.Variables = append(d.Variables, config.DraftVariable{Name: g.variable, Secret: g.password.secret})
		}
		if m.records += len(entry.Hosts); len(entry.Hosts) > 0 {
			config.SortHosts(entry.Hosts)
			d.Entries = append(d.Entries, entry)
		}
	}
	d.Outro = m.conflicts()
	return d
}

// conflicts are the records that have several passwords, as comments of which one is to be kept.
func (m *merged) conflicts() []string {
	var lines []string
	for _, g := range m.groups {
		for _, host := range g.hosts {
			name := record.Name{Host: host, Domain: g.domain}
			all := m.of[name]
			if len(all) < 2 || all[0] != g {
				continue
			}
			var from []string
			lines = append(lines, fmt.Sprintf("%s has several passwords. Keep one of these:", name))
			for _, o := range all {
				c := o.from[host]
				from = append(from, fmt.Sprintf("%s:%d", c.file, c.line))
				entry := config.DraftEntry{Domain: o.domain, Hosts: []string{host}, Password: config.PasswordRef{Env: o.variable, File: o.password.path}}
				lines = append(lines, entry.Lines()...)
			}
			m.note(g.from[host], NeedsYou, "%s has several passwords, at %s; hosts.yaml has it as a comment: keep one", name, strings.Join(from, " and "))
		}
	}
	return lines
}
