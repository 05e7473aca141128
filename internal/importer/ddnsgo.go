package importer

import (
	"strings"

	"gopkg.in/yaml.v3"
)

// readDdnsGo reads the elements of dnsconf; older files have one at the top.
func readDdnsGo(s *source) {
	var root yaml.Node
	if yaml.Unmarshal(s.data, &root) != nil || len(root.Content) == 0 {
		s.note(0, Unreadable, "this is not valid YAML")
		return
	}
	y := &yamlFields{left: mostYAML}
	entries := []*yaml.Node{root.Content[0]}
	if list := named(y.of(root.Content[0]), "dnsconf"); list != nil {
		entries = y.items(list)
	}
	for _, n := range entries {
		if n.Kind != yaml.MappingNode {
			s.note(n.Line, Unreadable, "this is not in the form that ddns-go writes")
			continue
		}
		s.ddnsGo(n, y)
	}
	if y.incomplete {
		s.note(0, NeedsYou, "%s", aboutAliases)
	}
}

func (s *source) ddnsGo(n *yaml.Node, y *yamlFields) {
	entry := y.of(n)
	dns, v4, v6 := y.of(named(entry, "dns")), y.of(named(entry, "ipv4")), y.of(named(entry, "ipv6"))
	if !strings.EqualFold(text(dns, "name"), "namecheap") {
		s.note(n.Line, LeftOut, "for another provider, not for Namecheap")
		return
	}
	if enabled(v6) && len(y.words(named(v6, "domains"))) > 0 {
		s.note(n.Line, LeftOut, "%s", aboutIPv6)
	}
	if !enabled(v4) {
		s.note(n.Line, LeftOut, "its ipv4 section is switched off")
		return
	}
	p := literal(text(dns, "secret"))
	s.notEncoded(n.Line, "ddns-go", p)
	for _, d := range y.words(named(v4, "domains")) {
		written, _, _ := strings.Cut(d.Value, "?")
		host, domain, told := strings.Cut(written, ":")
		if !told {
			host, domain = written, ""
		}
		s.take(d.Line, host, domain, p)
	}
}

// enabled reports whether a section says that it is.
func enabled(section []yamlField) bool {
	var on bool
	n := named(section, "enable")
	return n != nil && n.Decode(&on) == nil && on
}

// text is a value that is no mapping or list; empty if there is none.
func text(fields []yamlField, key string) string {
	if n := named(fields, key); n != nil {
		return n.Value
	}
	return ""
}

// words are those of a text, or of a list of texts.
func (y *yamlFields) words(n *yaml.Node) []yaml.Node {
	list := y.items(n)
	if n != nil && n.Kind == yaml.ScalarNode {
		list = []*yaml.Node{n}
	}
	var all []yaml.Node
	for _, n := range list {
		for word := range strings.FieldsSeq(n.Value) {
			all = append(all, yaml.Node{Value: word, Line: n.Line})
		}
	}
	return all
}
