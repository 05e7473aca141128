package config

import (
	"errors"
	"fmt"

	"gopkg.in/yaml.v3"

	"ddns-batch/internal/idn"
	"ddns-batch/internal/record"
)

// records normalises the names of all entries and reports those that are there twice. What it returns is complete only
// if nothing was reported.
func (c *checker) records(entries []entry) []Record {
	list := child(c.root, "records")
	all := make([]Record, 0, len(entries))
	lines := make(map[record.Name]int, len(entries))
	seen := map[string]bool{}
	for i, e := range entries {
		domain, err := domainName(e.Domain)
		if err != nil {
			c.fail(fmt.Sprintf("records[%d].domain", i), err)
		}
		written := list.Content[i]
		password := reference(written, e)
		first := len(all)
		add := func(n *yaml.Node, place int, host string) {
			name := record.Name{Domain: domain}
			if name.Host, err = hostName(host, domain); err != nil {
				c.badHost(n, i, place, host, err)
			} else if line := lines[name]; line > 0 && domain != "" {
				c.badHost(n, i, place, host, fmt.Errorf("%s is the same record as on line %d", quote(idn.Both(name.String())), line))
			} else {
				lines[name] = n.Line
				all = append(all, Record{Name: name, Password: password})
			}
		}
		if e.Host != nil {
			add(orElse(child(written, "host"), written), single, *e.Host)
		}
		for place, host := range e.Hosts {
			add(child(written, "hosts").Content[place], place, host)
		}
		if len(all) > first && !seen[domain] {
			seen[domain] = true
			c.warnTooLong(i, all[first].Name)
		}
	}
	c.warnTooMany(all)
	return all
}

// single is the place of a host that is not in a list.
const single = -1

// badHost notes what is wrong with a host of an entry. A host in a list is named, which is easier to find than an index,
// unless it may be a password.
func (c *checker) badHost(n *yaml.Node, entry, place int, host string, err error) {
	if place == single {
		c.note(n, fmt.Sprintf("records[%d].host", entry), err.Error())
		return
	}
	if many, ok := errors.AsType[*severalHosts](err); ok {
		err = nameError{many.written, " is several hosts; write " + many.list()}
	}
	list := fmt.Sprintf("records[%d].hosts", entry)
	field := fmt.Sprintf("%s[%d]", list, place)
	if _, isURL := errors.AsType[urlError](err); isURL {
		c.note(n, field, err.Error())
		return
	}
	c.noteAs(n, field, list+" "+quote(host), withoutName(err))
}

// reference is where the password of an entry is found, and where that is written.
func reference(written *yaml.Node, e entry) PasswordRef {
	var ref PasswordRef
	key := "password_env"
	if e.PasswordEnv != nil {
		ref.Env = *e.PasswordEnv
	} else if e.PasswordFile != nil {
		key, ref.File = "password_file", *e.PasswordFile
	}
	if n := child(written, key); n != nil {
		ref.Line, ref.Column = n.Line, n.Column
	}
	return ref
}

// orElse is for a value whose key is misspelt.
func orElse(n, other *yaml.Node) *yaml.Node {
	if n == nil {
		return other
	}
	return n
}
