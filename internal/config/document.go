package config

import (
	"bytes"
	"errors"
	"io"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// document parses data as exactly one YAML document and returns its root. The error is Problems.
func document(path string, data []byte) (*yaml.Node, error) {
	first, second, read, err := documents(data)
	switch {
	case err != nil:
		return nil, syntaxProblems(path, data, read, err)
	case first == nil || isNull(first.Content[0]):
		return nil, Problems{{Path: path, Text: "is empty; it needs at least one record"}}
	case second != nil:
		return nil, Problems{{Path: path, Line: second.Line, Column: second.Column,
			Text: "a second YAML document begins here; put everything into one and remove the line ---"}}
	}
	return first.Content[0], nil
}

// documents parses the first two documents of data; those that are not there are nil. read is how much of data was looked
// at, in whole lines.
func documents(data []byte) (first, second *yaml.Node, read int, err error) {
	lines := &lineReader{data: data}
	decoder := yaml.NewDecoder(lines)
	for _, doc := range []**yaml.Node{&first, &second} {
		var node yaml.Node
		if err := decoder.Decode(&node); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, nil, lines.read, err
		}
		*doc = &node
	}
	return first, second, lines.read, nil
}

// lineReader hands over no more than one line at a time.
type lineReader struct {
	data []byte
	read int
}

func (r *lineReader) Read(into []byte) (int, error) {
	rest := r.data[r.read:]
	if len(rest) == 0 {
		return 0, io.EOF
	}
	if end := bytes.IndexByte(rest, '\n'); end >= 0 {
		rest = rest[:end+1]
	}
	n := copy(into, rest)
	r.read += n
	return n, nil
}

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" }

// syntaxProblems says what is wrong with data, of which the parser said err when it had seen so much of it as read.
func syntaxProblems(path string, data []byte, read int, err error) Problems {
	found := findSlips(data)
	if real := found.cause(data); len(real) > 0 {
		return real.problems(path)
	}
	line, said := splitSyntaxError(err)
	if said == openQuote {
		line = lineOfQuote(data, line)
	} else {
		line = lineOf(data, read, said)
	}
	lines := bytes.SplitN(data, []byte("\n"), line+1)
	if column := tabIn(lines[min(line, len(lines))-1]); column > 0 {
		return Problems{{Path: path, Line: line, Column: column, Text: "a tab in the indentation; YAML allows only spaces there"}}
	}
	if found.on(line) {
		return found.problems(path)
	}
	return Problems{{Path: path, Line: line, Text: "this is not valid YAML: " + plain(said)}}
}

// tabIn is the column of a tab in the indentation of line; 0 if there is none.
func tabIn(line []byte) int {
	indent := line[:len(line)-len(bytes.TrimLeft(line, " \t"))]
	return bytes.IndexByte(indent, '\t') + 1
}

// lookAhead is how many lines with anything in them a parser may have seen behind an error.
const lookAhead = 4

// lineOf is the line of the parser's error, which it reported after it had seen the first read bytes of data. yaml.v3 names
// the line where the block around the error begins, or none. The error itself is where the shortest beginning of the file
// ends that has this error, because the parser does not look far ahead.
func lineOf(data []byte, read int, said string) int {
	end := bytes.TrimRight(data[:read], "\r\n")
	for range lookAhead {
		before := withoutLastLine(end)
		_, _, _, err := documents(before)
		if err == nil {
			break
		}
		if _, again := splitSyntaxError(err); again != said {
			break
		}
		end = before
	}
	return 1 + bytes.Count(end, []byte("\n"))
}

// lineOfQuote is the line where a quote is opened that is never closed. yaml.v3 names it, unless it is the first one: then
// it names the end of the file, or none.
func lineOfQuote(data []byte, named int) int {
	first, _, more := bytes.Cut(data, []byte("\n"))
	if _, _, _, err := documents(first); !more || named > bytes.Count(data, []byte("\n")) && err != nil {
		return 1
	}
	return named
}

// withoutLastLine drops the last line of text, and the empty lines and comments before it.
func withoutLastLine(text []byte) []byte {
	for {
		text = text[:max(0, bytes.LastIndexByte(text, '\n'))]
		last := bytes.TrimSpace(text[bytes.LastIndexByte(text, '\n')+1:])
		if len(text) == 0 || len(last) > 0 && last[0] != '#' {
			return text
		}
	}
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

// openQuote is said of a quote that is never closed, with the line where it is opened.
const openQuote = "found unexpected end of stream"

// plain replaces the parser's words where they do not help, or where they quote the file.
func plain(said string) string {
	switch {
	case strings.HasPrefix(said, "unknown anchor"):
		return "anchors and aliases are not supported here; write the value itself"
	case said == "mapping values are not allowed in this context":
		return "a key is not allowed here; check the indentation, and whether quotes are missing"
	case strings.HasPrefix(said, "did not find expected key"), strings.HasPrefix(said, "did not find expected '-'"):
		return "this line does not fit the lines above it; check the indentation"
	case said == openQuote:
		return "a quote is opened here but never closed"
	}
	return said
}
