package config

import (
	"fmt"
	"iter"
	"slices"
	"strings"

	"ddns-batch/internal/idn"
)

// Advice lists what hardly can be right about passwords that are there, for whoever checks a configuration. None of it
// keeps a run from sending them.
func (p *Passwords) Advice() []string {
	var advice []string
	owners := newGroups()  // password to the domains that use it
	sources := newGroups() // domain to its different passwords
	for i := range p.All {
		password := &p.All[i]
		value := password.Secret.Reveal()
		if value == "" {
			continue
		}
		if odd := password.Oddity(); odd != "" {
			advice = append(advice, odd+"; it is sent unchanged")
		}
		if meant := without(value); meant != "" && (len(meant) != 32 || !isHex(meant)) {
			advice = append(advice, password.Source()+": not 32 hexadecimal digits, as these passwords usually are; is it the account password?")
		}
		if password.shadowed != "" {
			advice = append(advice, fmt.Sprintf("%s: the environment takes precedence, but %s has a different password", password.Ref, password.shadowed))
		}
		for _, use := range password.Domains {
			owners.add(value, use.Domain, idn.Both(use.Domain))
			sources.add(use.Domain, value, password.Source())
		}
	}
	for _, domains := range owners.several() {
		advice = append(advice, few(domains, " and ")+" have the same password, but each domain has its own")
	}
	for domain, found := range sources.several() {
		advice = append(advice, fmt.Sprintf("%s has different passwords, from %s; a domain has only one", idn.Both(domain), few(found, " and from ")))
	}
	return advice
}

// EnvironmentOnly warns of passwords that only this environment has: cron and systemd have another one.
func (p *Passwords) EnvironmentOnly() []string {
	var names []string
	for i := range p.All {
		if password := &p.All[i]; password.EnvironmentOnly {
			names = append(names, password.Ref.Env)
		}
	}
	if names == nil {
		return nil
	}
	return []string{strings.Join(names, ", ") + ": from this shell's environment only; cron and systemd will not see it: write it into an env_file"}
}

// few joins the first of words, and counts the others.
func few(words []string, by string) string {
	const most = 5
	if more := len(words) - most; more > 0 {
		return strings.Join(words[:most], by) + fmt.Sprintf(" and %d more", more)
	}
	return strings.Join(words, by)
}

// groups collects different members under keys, and keeps the order of both.
type groups struct {
	keys   []string
	labels map[string][]string
	seen   map[[2]string]bool
}

func newGroups() *groups {
	return &groups{labels: map[string][]string{}, seen: map[[2]string]bool{}}
}

// add puts member, to be shown as label, under key.
func (g *groups) add(key, member, label string) {
	if g.seen[[2]string{key, member}] {
		return
	}
	g.seen[[2]string{key, member}] = true
	if g.labels[key] == nil {
		g.keys = append(g.keys, key)
	}
	g.labels[key] = append(g.labels[key], label)
}

// several goes through the keys that have more than one member.
func (g *groups) several() iter.Seq2[string, []string] {
	return func(yield func(string, []string) bool) {
		for _, key := range g.keys {
			if labels := g.labels[key]; len(labels) > 1 && !yield(key, labels) {
				return
			}
		}
	}
}

// URLHint says where a URL that is absent was looked for, and what to do; empty where it is there.
func (c *Config) URLHint(url *Password) string {
	switch {
	case url.Problem == "":
		return ""
	case url.Ref.Env == "":
		return "write the URL into the file, and make it readable for the user that runs this"
	default:
		return c.PasswordHint(url)
	}
}

// PasswordHint says where the passwords that are absent were looked for, and what to do; empty where none is absent.
func (c *Config) PasswordHint(absent ...*Password) string {
	variable := func(p *Password) bool { return p.Ref.Env != "" }
	if len(absent) == 0 {
		return ""
	}
	if !slices.ContainsFunc(absent, variable) {
		return "write the password into the file, and make it readable for the user that runs this"
	}
	hint := "looked in the environment only: name an env_file in the YAML file, or give --env-file"
	switch {
	case c.EnvFile != "":
		hint = "looked in the environment and " + c.EnvFile
	case c.Path == "":
		hint = "looked in the environment only: export " + PasswordVariable + ", or give --env-file"
	}
	hint += ". cron, systemd and sudo do not see what your shell exports"
	if slices.ContainsFunc(absent, func(p *Password) bool { return !variable(p) }) {
		hint += ". Write the password into its password_file, and make that readable for the user that runs this"
	}
	return hint
}
