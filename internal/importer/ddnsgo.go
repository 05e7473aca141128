package importer

import (
	"strings"

	"gopkg.in/yaml.v3"
)

// ddnsGoEntry is an element of dnsconf; older files have one at the top.
type ddnsGoEntry struct {
	DNS struct {
		Name   string `yaml:"name"`
		Secret string `yaml:"secret"`
	} `yaml:"dns"`
	IPv4 struct {
		Enable  bool      `yaml:"enable"`
		Domains yaml.Node `yaml:"domains"`
	} `yaml:"ipv4"`
	IPv6 struct {
		Enable  bool      `yaml:"enable"`
		Domains yaml.Node `yaml:"domains"`
	} `yaml:"ipv6"`
}

func readDdnsGo(s *source) {
	var root yaml.Node
	if yaml.Unmarshal(s.data, &root) != nil || len(root.Content) == 0 {
		s.note(0, Unreadable, "this is not valid YAML")
		return
	}
	entries := []*yaml.Node{root.Content[0]}
	y := &yamlFields{left: mostFields}
	if list := named(y.of(root.Content[0]), "dnsconf"); list != nil {
		entries = list.Content
	}
	for _, n := range entries {
		var e ddnsGoEntry
		if n.Decode(&e) != nil {
			s.note(n.Line, Unreadable, "this is not in the form that ddns-go writes")
			continue
		}
		s.ddnsGo(n.Line, e)
	}
}

func (s *source) ddnsGo(n int, e ddnsGoEntry) {
	if !strings.EqualFold(e.DNS.Name, "namecheap") {
		s.note(n, LeftOut, "for another provider, not for Namecheap")
		return
	}
	if e.IPv6.Enable && len(lines(&e.IPv6.Domains)) > 0 {
		s.note(n, LeftOut, "%s", aboutIPv6)
	}
	if !e.IPv4.Enable {
		s.note(n, LeftOut, "its ipv4 section is switched off")
		return
	}
	p := literal(e.DNS.Secret)
	s.notEncoded(n, "ddns-go", p)
	for _, d := range lines(&e.IPv4.Domains) {
		written, _, _ := strings.Cut(d.Value, "?")
		host, domain, told := strings.Cut(written, ":")
		if !told {
			host, domain = written, ""
		}
		s.take(d.Line, host, domain, p)
	}
}

// lines are the texts of a list, or the lines of a text.
func lines(n *yaml.Node) []yaml.Node {
	list := []*yaml.Node{target(n)}
	if list[0].Kind == yaml.SequenceNode {
		list = list[0].Content
	}
	var all []yaml.Node
	for _, n := range list {
		for text := range strings.FieldsSeq(target(n).Value) {
			all = append(all, yaml.Node{Value: text, Line: n.Line})
		}
	}
	return all
}
