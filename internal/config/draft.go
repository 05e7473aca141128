package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"ddns-batch/internal/idn"
	"ddns-batch/internal/lazyregexp"
	"ddns-batch/internal/provider"
	"ddns-batch/internal/sanitize"
)

// Draft is a hosts.yaml that is still to be written, with the env file beside it.
type Draft struct {
	// Schema is where editors find the JSON schema of the file; empty: it is not named.
	Schema string
	// Intro and Outro are comments at the top and at the end of the YAML file.
	Intro, Outro []string
	Entries      []DraftEntry
	// EnvFile is how the YAML file names the env file; empty: not at all.
	EnvFile string
	// Variables are the lines of the env file, in its order.
	Variables []DraftVariable
}

// DraftEntry is one element of records: some hosts of a domain that share a password.
type DraftEntry struct {
	Domain   string
	Hosts    []string
	Password PasswordRef
	// Comments stand above the entry.
	Comments []string
}

// DraftVariable is a line of an env file. One without a Secret is written as a comment, to be filled in.
type DraftVariable struct {
	Name   string
	Secret provider.Secret
}

// YAML is the file as somebody would write it. It never holds a password.
func (d Draft) YAML() []byte {
	var b strings.Builder
	if d.Schema != "" {
		comment(&b, "", []string{"yaml-language-server: $schema=" + d.Schema})
	}
	comment(&b, "", d.Intro)
	b.WriteString("records:\n")
	for i, e := range d.Entries {
		if i > 0 {
			b.WriteString("\n")
		}
		comment(&b, "  ", e.Comments)
		b.WriteString(e.text("  - ", "    "))
	}
	if len(d.Outro) > 0 {
		b.WriteString("\n")
		comment(&b, "  ", d.Outro)
	}
	if d.EnvFile != "" {
		fmt.Fprintf(&b, "\nenv_file: %s\n", yamlText(d.EnvFile))
	}
	return []byte(b.String())
}

// Lines are those of the entry, as they stand below records.
func (e DraftEntry) Lines() []string {
	return strings.Split(strings.TrimSuffix(e.text("- ", "  "), "\n"), "\n")
}

// widestHosts is how long a list of hosts may be before it goes on in the next line.
const widestHosts = 100

// text is the entry; first stands before its first line, and indent before the others.
func (e DraftEntry) text(first, indent string) string {
	var b strings.Builder
	if len(e.Hosts) == 1 {
		fmt.Fprintf(&b, "%shost: %s\n", first, yamlText(idn.Readable(e.Hosts[0])))
	} else {
		line := first + "hosts: ["
		for i, host := range e.Hosts {
			next := yamlText(idn.Readable(host))
			if i < len(e.Hosts)-1 {
				next += ","
			}
			if len(line)+len(next) > widestHosts {
				b.WriteString(strings.TrimRight(line, " ") + "\n")
				line = indent + "  "
			}
			line += next + " "
		}
		b.WriteString(strings.TrimRight(line, " ") + "]\n")
	}
	fmt.Fprintf(&b, "%sdomain: %s\n", indent, yamlText(idn.Readable(e.Domain)))
	if e.Password.Env != "" {
		fmt.Fprintf(&b, "%spassword_env: %s\n", indent, e.Password.Env)
	} else {
		fmt.Fprintf(&b, "%spassword_file: %s\n", indent, yamlText(e.Password.File))
	}
	return b.String()
}

// Env is the content of the env file.
func (d Draft) Env() []byte {
	var b strings.Builder
	b.WriteString("# The dynamic DNS password of each domain. Keep this file to yourself: whoever reads it can change the records.\n")
	for _, v := range d.Variables {
		if v.Secret.IsZero() {
			fmt.Fprintf(&b, "# %s=\n", v.Name)
			continue
		}
		line, _ := assignmentLine(v.Name, v.Secret.Reveal())
		b.WriteString(line + "\n")
	}
	return []byte(b.String())
}

// Oversized says which of the two files would be too large to be read again; it is empty if both can be.
func (d Draft) Oversized() string {
	switch {
	case len(d.YAML()) > maxFile:
		return fmt.Sprintf("hosts.yaml would be larger than the %d KiB that can be read again", maxFile>>10)
	case len(d.Env()) > maxEnvFile:
		return fmt.Sprintf("the env file would be larger than the %d KiB that can be read again", maxEnvFile>>10)
	}
	return ""
}

// Writable says why a password cannot be written into an env file; it is empty if it can be.
func Writable(s provider.Secret) string {
	if problem := unusable(s.Reveal()); problem != "" {
		return problem
	}
	if _, ok := assignmentLine("NAME", s.Reveal()); !ok {
		return "begins or ends with a blank"
	}
	return ""
}

// assignmentLine is the line of an env file that sets a variable to value; ok is false if no line does.
func assignmentLine(name, value string) (line string, ok bool) {
	for _, quote := range []string{"", `"`} {
		line = name + "=" + quote + value + quote
		if _, back, ok := parseAssignment(strings.TrimSpace(line)); ok && back == value && strings.TrimSpace(back) == value {
			return line, true
		}
	}
	return "", false
}

// VariableNames proposes the names of variables for the passwords of domains, none of them twice. The zero value is ready
// for use.
type VariableNames struct {
	taken map[string]bool
	// last is the number at the end of the last name that was made of each one without a number.
	last map[string]int
}

// Take keeps a name from being proposed.
func (v *VariableNames) Take(name string) {
	if v.taken == nil {
		v.taken, v.last = map[string]bool{}, map[string]int{}
	}
	v.taken[name] = true
}

// For proposes a name for the password of a domain, and takes it.
func (v *VariableNames) For(domain string) string {
	base := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, domain)
	base = strings.ToUpper(base) + "_DDNS_PASSWORD"
	if base[0] >= '0' && base[0] <= '9' {
		base = "_" + base
	}
	name, n := base, max(1, v.last[base])
	for v.taken[name] {
		n++
		name = fmt.Sprintf("%s_%d", base, n)
	}
	v.Take(name)
	v.last[base] = n
	return name
}

// IsVariable reports whether password_env may name this variable.
func IsVariable(name string) bool { return isVariable(name) && !looksLikePassword(name) }

// IsPasswordFile reports whether password_file may name this path.
func IsPasswordFile(path string) bool {
	return path != "" && path[0] != '~' && !hasControl(path) && !looksLikePassword(path) && utf8.ValidString(path)
}

// comment writes lines as comments.
func comment(b *strings.Builder, indent string, lines []string) {
	for _, line := range lines {
		b.WriteString(strings.TrimRight(indent+"# "+sanitize.Text(line), " ") + "\n")
	}
}

var plainScalar = lazyregexp.New(`^[A-Za-z0-9_./][A-Za-z0-9_./-]*$`)

// yamlText is text as YAML, in double quotes where it needs any.
func yamlText(text string) string {
	// The library quotes what it, or an older reader, would take for something else than a text.
	if out, err := yaml.Marshal(text); err == nil && plainScalar.MatchString(text) && string(out) == text+"\n" {
		return text
	}
	out, err := yaml.Marshal(&yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Style: yaml.DoubleQuotedStyle, Value: text})
	if err != nil {
		return `""` // No text leads here.
	}
	return strings.TrimSuffix(string(out), "\n")
}

// SortHosts puts the domain itself first and wildcards last, and keeps the order of the others.
func SortHosts(hosts []string) {
	rank := func(host string) int {
		switch {
		case host == "@":
			return 0
		case host[0] == '*':
			return 2
		default:
			return 1
		}
	}
	slices.SortStableFunc(hosts, func(a, b string) int { return cmp.Compare(rank(a), rank(b)) })
}
