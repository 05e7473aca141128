package config

import (
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// checker collects what is wrong with one document.
type checker struct {
	path     string
	root     *yaml.Node
	problems collector
	// reported are the fields that have a problem already. What follows from it is not worth a second line.
	reported map[string]bool
	warnings []string
	// merges are the mappings that have a merge key.
	merges map[string]bool
	// oddSpace is the first key with a character that only looks like a space: nothing else about the file is certain then.
	oddSpace error
}

// add notes a problem of field, written at n, and that nothing more is to be said of field.
func (c *checker) add(n *yaml.Node, field, text string) {
	if c.note(n, field, text) {
		c.reported[field] = true
	}
}

// note notes a problem of field, written at n, unless the field or one that it is part of has one already.
func (c *checker) note(n *yaml.Node, field, text string) bool { return c.noteAs(n, field, field, text) }

// noteAs is note for a field that is shown by another name than its path.
func (c *checker) noteAs(n *yaml.Node, field, shown, text string) bool {
	if c.reported[""] {
		return false
	}
	for part := field; part != ""; part = part[:max(0, strings.LastIndexAny(part, ".["))] {
		if c.reported[part] {
			return false
		}
	}
	c.problems.add(Problem{Path: c.path, Line: n.Line, Column: n.Column, Field: shown, Text: text})
	return true
}

// fail notes err, if there is one, where field is written.
func (c *checker) fail(field string, err error) {
	if err != nil {
		n, _ := c.find(field)
		c.note(n, field, err.Error())
	}
}

// warn notes what is worth a look and no problem.
func (c *checker) warn(p Problem) { c.warnings = append(c.warnings, p.Error()) }

// find walks from the root to the value of field, or as near as the file goes; there says whether it is written.
func (c *checker) find(field string) (n *yaml.Node, there bool) {
	n = c.root
	for step := range strings.FieldsFuncSeq(field, func(r rune) bool { return strings.ContainsRune(".[]", r) }) {
		next := child(n, step)
		if next == nil {
			return n, false
		}
		n = next
	}
	return n, true
}

// child is the value of a key of a mapping, or the element of a list.
func child(n *yaml.Node, step string) *yaml.Node {
	switch n.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			if key := n.Content[i]; key.Kind == yaml.ScalarNode && key.Value == step {
				return n.Content[i+1]
			}
		}
	case yaml.SequenceNode:
		if i, err := strconv.Atoi(step); err == nil && i < len(n.Content) {
			return n.Content[i]
		}
	}
	return nil
}
