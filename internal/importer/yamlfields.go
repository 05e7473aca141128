package importer

import "gopkg.in/yaml.v3"

// target is the node itself, or what an alias stands for.
func target(n *yaml.Node) *yaml.Node {
	if n != nil && n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

// yamlField is a key of a mapping and its value, which is no alias.
type yamlField struct{ key, value *yaml.Node }

// yamlFields resolves the merge keys and aliases of one file. They may stand for far more than the file holds: only so many
// bytes are looked at.
type yamlFields struct {
	left int
	// incomplete: there were more, or what is merged is no mapping.
	incomplete bool
}

const (
	mostYAML    = 2 * mostText
	deepestYAML = 100
)

// looked accounts for a node that is looked at, and reports whether there may be more.
func (y *yamlFields) looked(n *yaml.Node) bool {
	if y.left -= 1 + len(n.Value); y.left < 0 {
		y.incomplete = true
	}
	return y.left >= 0
}

// items are the elements of a list, none of which is an alias.
func (y *yamlFields) items(n *yaml.Node) []*yaml.Node {
	var all []*yaml.Node
	if n = target(n); n == nil || n.Kind != yaml.SequenceNode {
		return nil
	}
	for _, item := range n.Content {
		if item = target(item); !y.looked(item) {
			break
		}
		all = append(all, item)
	}
	return all
}

// of are the fields of a mapping in their order, its own before those that are merged into it. It has none if n is no
// mapping.
func (y *yamlFields) of(n *yaml.Node) []yamlField {
	var all []yamlField
	if n = target(n); n != nil && n.Kind == yaml.MappingNode {
		y.collect(n, 0, map[string]bool{}, &all)
	}
	return all
}

// collect adds the fields of a mapping whose keys are not known yet: what stands nearer wins.
func (y *yamlFields) collect(n *yaml.Node, depth int, known map[string]bool, all *[]yamlField) {
	n = target(n)
	if n.Kind != yaml.MappingNode || depth > deepestYAML {
		y.incomplete = true
		return
	}
	var merged []*yaml.Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], target(n.Content[i+1])
		if !y.looked(key) || !y.looked(value) {
			return
		}
		switch {
		case key.ShortTag() == "!!merge" && value.Kind == yaml.SequenceNode:
			merged = append(merged, value.Content...)
		case key.ShortTag() == "!!merge":
			merged = append(merged, value)
		case !known[key.Value]:
			known[key.Value] = true
			*all = append(*all, yamlField{key, value})
		}
	}
	for _, m := range merged {
		if !y.looked(m) {
			return
		}
		y.collect(m, depth+1, known, all)
	}
}

// named is the value of a key; nil if there is none.
func named(fields []yamlField, key string) *yaml.Node {
	for _, f := range fields {
		if f.key.Value == key {
			return f.value
		}
	}
	return nil
}
