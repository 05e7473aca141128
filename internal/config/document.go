package config

import (
	"bytes"
	"errors"
	"io"
	"sort"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// document parses data as exactly one YAML document and returns its root. The error is Problems with one element.
func document(path string, data []byte) (*yaml.Node, error) {
	first, second, err := documents(data)
	switch {
	case err != nil:
		return nil, Problems{syntaxProblem(path, data, err)}
	case first == nil || isNull(first.Content[0]):
		return nil, Problems{{Path: path, Text: "is empty; it needs at least one record"}}
	case second != nil:
		return nil, Problems{{Path: path, Line: second.Line, Column: second.Column,
			Text: "a second YAML document begins here; put everything into one and remove the line ---"}}
	}
	return first.Content[0], nil
}

// documents parses the first two documents of data; those that are not there are nil.
func documents(data []byte) (first, second *yaml.Node, err error) {
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	for _, doc := range []**yaml.Node{&first, &second} {
		var node yaml.Node
		if err := decoder.Decode(&node); errors.Is(err, io.EOF) {
			return first, second, nil
		} else if err != nil {
			return nil, nil, err
		}
		*doc = &node
	}
	return first, second, nil
}

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" }

// syntaxProblem finds the place of a syntax error and puts it into words that help.
func syntaxProblem(path string, data []byte, err error) Problem {
	line, said := splitSyntaxError(err)
	lines := bytes.SplitAfter(data, []byte("\n"))
	// yaml.v3 names the line where the block around the error begins, or none. The error itself is where the shortest
	// beginning of the file ends that has it; looking for that takes some time in a large file.
	if len(data) <= 1<<20 {
		line = 1 + sort.Search(len(lines)-1, func(n int) bool {
			_, _, err := documents(bytes.Join(lines[:n+1], nil))
			if err == nil {
				return false
			}
			_, again := splitSyntaxError(err)
			return again == said
		})
	}
	p := Problem{Path: path, Line: line, Text: "this is not valid YAML: " + plain(said)}
	if column, text := slip(string(lines[min(max(line, 1), len(lines))-1])); text != "" {
		p.Column, p.Text = column, text
	}
	return p
}

// splitSyntaxError takes "yaml: line 3: text" apart. The line is 0 where there is none.
func splitSyntaxError(err error) (line int, said string) {
	said = strings.TrimPrefix(err.Error(), "yaml: ")
	if n, text, ok := strings.Cut(said, ": "); ok {
		if line, err := strconv.Atoi(strings.TrimPrefix(n, "line ")); err == nil {
			return line, text
		}
	}
	return 0, said
}

// plain replaces the parser's words where they do not help, or where they quote the file.
func plain(said string) string {
	switch {
	case strings.HasPrefix(said, "unknown anchor"):
		return "anchors and aliases are not understood here; write the value itself"
	case said == "mapping values are not allowed in this context":
		return "a key where no key can stand; look at the indentation and for missing quotes"
	case strings.HasPrefix(said, "did not find expected key"), strings.HasPrefix(said, "did not find expected '-'"):
		return "this line does not fit the lines above it; look at the indentation"
	case said == "found unexpected end of stream":
		return "a quote is opened here and never closed"
	}
	return said
}

// slip recognises the mistakes that YAML makes easy for this file: an unquoted @ or *, and a tab. Its text is empty if
// line has none of them.
func slip(line string) (column int, text string) {
	indent := len(line) - len(strings.TrimLeft(line, " \t"))
	if tab := strings.IndexByte(line[:indent], '\t'); tab >= 0 {
		return tab + 1, "a tab in the indentation; YAML wants spaces"
	}
	begins := true // a value can begin at the next letter
	quote := byte(0)
	for i := range len(line) {
		b := line[i]
		switch {
		case quote != 0:
			if b == quote {
				quote = 0
			}
		case b == ' ':
			continue
		case begins && (b == '@' || b == '*'):
			mark := string(b)
			return i + 1, "a value that begins with " + mark + ` needs quotes; write: host: "` + mark + `"`
		case begins && (b == '"' || b == '\''):
			quote = b
		case b == '#' && (i == 0 || line[i-1] == ' '):
			return 0, ""
		}
		begins = strings.IndexByte(",[{", b) >= 0 || strings.HasPrefix(line[i+1:], " ") && (b == ':' || b == '-')
	}
	return 0, ""
}
