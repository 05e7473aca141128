package importer

import (
	"bytes"
	"encoding/json"
	"strings"

	"gopkg.in/yaml.v3"

	"ddns-batch/internal/lazyregexp"
)

// variable is one that a container gets, or a line of an env file.
type variable struct {
	value string
	line  int
	file  string
	// from is the variable of the host that it is taken from; partial: some variable is all of the value or a part of it,
	// and value is not to be used.
	from    string
	partial bool
	// dollar: value has a $ that only some readers of the file take for the beginning of a variable.
	dollar bool
}

// variables are those of one container.
type variables map[string]variable

// readEnv reads NAME=value lines and compose files.
func readEnv(s *source) {
	var root yaml.Node
	if yaml.Unmarshal(s.data, &root) == nil && len(root.Content) > 0 {
		y := &yamlFields{left: mostYAML}
		if services := named(y.of(root.Content[0]), "services"); services != nil {
			s.compose(services, y)
			return
		}
	}
	v := variables{}
	v.addLines(s.file, s.data)
	s.container(0, v, true)
}

var assignment = lazyregexp.New(`^(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)=(.*)$`)

// addLines adds those of an env file.
func (v variables) addLines(file string, data []byte) {
	n := 0
	for raw := range bytes.Lines(data) {
		n++
		m := assignment.FindStringSubmatch(strings.TrimSpace(string(raw)))
		if m == nil {
			continue
		}
		value, quote := m[2], byte(0)
		if len(value) > 1 && (value[0] == '\'' || value[0] == '"') && value[len(value)-1] == value[0] {
			quote, value = value[0], value[1:len(value)-1]
		}
		// docker run --env-file replaces nothing, compose and shells do. What follows the $ may be the password.
		v[m[1]] = variable{value: value, line: n, file: file, dollar: quote != '\'' && strings.Contains(value, "$")}
	}
}

// reference is a variable that a compose file names. $NAME without braces is none: it may be a password that begins with $,
// and the name of a variable is printed.
var reference = lazyregexp.New(`^\$\{([A-Z_][A-Z0-9_]*)\}$`)

// composeValue is a value of a compose file, where $ begins a variable, and $$ stands for one $.
func composeValue(file string, line int, value string) variable {
	v := variable{value: value, line: line, file: file}
	if m := reference.FindStringSubmatch(value); m != nil {
		v.value, v.from = "", m[1]
		return v
	}
	v.partial = strings.Contains(strings.ReplaceAll(value, "$$", ""), "$")
	v.value = strings.ReplaceAll(value, "$$", "$")
	return v
}

// compose reads the services of a compose file.
func (s *source) compose(services *yaml.Node, y *yamlFields) {
	for _, f := range y.of(services) {
		name, service := f.key, y.of(f.value)
		v := variables{}
		s.envFiles(v, named(service, "env_file"), y)
		if list := named(service, "environment"); list != nil {
			v.addEnvironment(s.file, list, y)
		}
		about := strings.ToLower(name.Value)
		if image := named(service, "image"); image != nil {
			about += " " + strings.ToLower(image.Value)
		}
		bare := strings.Contains(about, "namecheap") || strings.Contains(about, "ddns") || strings.Contains(about, "dyndns")
		if bare && named(service, "extends") != nil {
			s.note(name.Line, NeedsYou, "the service that this one extends is not read; add its records to hosts.yaml by hand")
		}
		s.container(name.Line, v, bare)
	}
	if y.incomplete {
		s.note(services.Line, NeedsYou, "%s", aboutAliases)
	}
}

const aboutAliases = "not all aliases and merge keys of this file could be followed; add the missing records to hosts.yaml by hand"

// envFiles adds the files of a service, which have to be in the same folder.
func (s *source) envFiles(v variables, n *yaml.Node, y *yamlFields) {
	if n == nil {
		return
	}
	list := []*yaml.Node{n}
	if n.Kind == yaml.SequenceNode {
		list = y.items(n)
	}
	for _, n := range list {
		if path := named(y.of(n), "path"); path != nil {
			n = path
		}
		path, data, err := s.sibling(n.Value)
		if err != nil {
			s.note(n.Line, NeedsYou, "this env_file is not read: %v", err)
			continue
		}
		v.addLines(path, data)
	}
}

// addEnvironment adds a mapping, or a list of NAME=value.
func (v variables) addEnvironment(file string, n *yaml.Node, y *yamlFields) {
	for _, f := range y.of(n) {
		if f.value.ShortTag() == "!!null" {
			v[f.key.Value] = variable{from: f.key.Value, line: f.key.Line, file: file}
		} else {
			v[f.key.Value] = composeValue(file, f.key.Line, f.value.Value)
		}
	}
	for _, item := range y.items(n) {
		if name, value, set := strings.Cut(item.Value, "="); set {
			v[name] = composeValue(file, item.Line, value)
		} else {
			v[name] = variable{from: name, line: item.Line, file: file}
		}
	}
}

// Names of variables, in the images that keep a record at Namecheap. The words without a prefix mean that only in a
// container which is for dynamic DNS.
var (
	envPrefixes = []string{"NC_", "APP_", "NAMECHEAP_", ""}
	envHosts    = []string{"HOST", "HOSTS", "SUBDOMAIN", "SUBDOMAINS"}
	envDomains  = []string{"DOMAIN", "DOMAINS"}
	envSecrets  = []string{"PASS", "PASSWORD", "API_KEY", "DDNS_PASSWORD", "DYNAMIC_DNS_PASSWORD", "DDNS_API_PASSWORD"}
)

// container takes the records of one. bare: the words without a prefix count.
func (s *source) container(line int, v variables, bare bool) {
	before := s.file
	defer func() { s.file = before }()
	if c := v["CONFIG"]; strings.HasPrefix(strings.TrimSpace(c.value), "{") && json.Valid([]byte(c.value)) {
		inner := &source{file: c.file, data: []byte(c.value), seen: s.seen}
		readDdnsUpdater(inner)
		for _, found := range inner.claims {
			s.claims = append(s.claims, claim{c.file, c.line, found.host, found.domain, found.password})
		}
		s.note(c.line, Never, "ddns-updater reads CONFIG instead of its configuration file")
		return
	}
	for _, prefix := range envPrefixes {
		pick := func(names []string, suffix string) (variable, bool) {
			for _, name := range names {
				if found, ok := v[prefix+name+suffix]; ok && (found.value != "" || found.from != "") {
					return found, true
				}
			}
			return variable{}, false
		}
		domain, ok := pick(envDomains, "")
		secret, known := pick(envSecrets, "")
		path, elsewhere := pick(envSecrets, "_FILE")
		if !ok || !known && !elsewhere || prefix == "" && !bare {
			continue
		}
		hosts, _ := pick(envHosts, "")
		s.file = domain.file
		s.records(domain, hosts, secret, path)
		return
	}
	s.note(line, LeftOut, "no variables that are known to configure Namecheap")
}

// records takes those that some variables are about. A semicolon parts lists that belong together, element by element.
func (s *source) records(domain, hosts, secret, path variable) {
	inVariable := func(v variable) bool { return v.from != "" || v.partial || v.dollar }
	if inVariable(domain) || inVariable(hosts) {
		s.note(domain.line, NeedsYou, "the host or the domain is in a variable, which import does not read; add these records to hosts.yaml by hand")
		return
	}
	if secret.dollar {
		s.note(secret.line, NeedsYou, "the $ is kept as part of the password, as docker run --env-file does; "+
			"if compose or a shell replaced a variable there, write the value that it had into hosts.env")
	}
	split := func(text string) []string { return strings.Split(strings.TrimSuffix(text, ";"), ";") }
	domains, lists, secrets := split(domain.value), split(hosts.value), split(secret.value)
	if len(domains) == 1 && len(lists) == 1 {
		s.hosts(domain.line, lists[0], domains[0], s.envPassword(secret, path, secret.value))
		return
	}
	if len(domains) != len(lists) || len(secrets) != len(lists) && len(secrets) != 1 {
		s.note(domain.line, NeedsYou, "the lists of hosts, domains and passwords differ in length")
		return
	}
	for i, list := range lists {
		s.hosts(domain.line, list, domains[i], s.envPassword(secret, path, secrets[min(i, len(secrets)-1)]))
	}
}

func (s *source) hosts(line int, list, domain string, p password) {
	names := strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' })
	if len(names) == 0 {
		names = []string{"@"}
	}
	for _, host := range names {
		s.take(line, host, strings.TrimSpace(domain), p)
	}
}

// envPassword is what a variable, or the path of a file, says about a password.
func (s *source) envPassword(secret, path variable, value string) password {
	switch {
	case secret.from != "":
		return password{variable: secret.from}
	case secret.partial:
		s.note(secret.line, NeedsYou, "the password is in a variable, or contains one, and import does not read variables")
		return password{}
	case value == "" && path.value != "":
		return password{path: path.value}
	}
	return literal(value)
}
