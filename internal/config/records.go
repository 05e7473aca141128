package config

import (
	"fmt"

	"gopkg.in/yaml.v3"

	"ddns-batch/internal/record"
)

// records normalises the names of all entries and reports those that are there twice. What it returns is complete only
// if nothing was reported.
func (c *checker) records(entries []entry) []Record {
	list := child(c.root, "records")
	all := make([]Record, 0, len(entries))
	lines := make(map[record.Name]int, len(entries))
	for i, e := range entries {
		domain, err := domainName(e.Domain)
		if err != nil {
			c.fail(fmt.Sprintf("records[%d].domain", i), err)
		}
		written := list.Content[i]
		password := reference(written, e)
		add := func(n *yaml.Node, host string, field func() string) {
			name := record.Name{Domain: domain}
			if name.Host, err = hostName(host, domain); err != nil {
				c.fail(field(), err)
			} else if line := lines[name]; line > 0 && domain != "" {
				c.note(n, field(), fmt.Sprintf("%s is the same record as on line %d", quote(name.String()), line))
			} else {
				lines[name] = n.Line
				all = append(all, Record{Name: name, Password: password})
			}
		}
		if e.Host != nil {
			add(orElse(child(written, "host"), written), *e.Host, func() string { return fmt.Sprintf("records[%d].host", i) })
		}
		for j, host := range e.Hosts {
			add(child(written, "hosts").Content[j], host, func() string { return fmt.Sprintf("records[%d].hosts[%d]", i, j) })
		}
	}
	return all
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
