package config

import (
	"cmp"
	"fmt"
	"slices"
	"sort"
	"strings"

	"ddns-batch/internal/shell"
)

// Problem is one thing that is wrong, and where.
type Problem struct {
	Path string // the file; empty for a flag
	// Line and Column count from 1; 0 where there is none to give.
	Line, Column int
	// Field is the path of the key, such as records[2].domain, or a flag. A host of a list is named: records[2].hosts "www".
	// It may be empty.
	Field string
	// Text never holds a password, nor the value of any key that could be one.
	Text string
	// Command is what to type to solve it; nil if there is no such command.
	Command []string
	// Further is above 0 where this stands for so many problems that are only counted.
	Further int
}

// Error is the problem in one line: "hosts.yaml:12:5: records[2].domain: ...".
func (p Problem) Error() string {
	var b strings.Builder
	if p.Path != "" {
		b.WriteString(p.Path)
		if p.Line > 0 {
			fmt.Fprintf(&b, ":%d", p.Line)
		}
		if p.Line > 0 && p.Column > 0 {
			fmt.Fprintf(&b, ":%d", p.Column)
		}
		b.WriteString(": ")
	}
	if p.Field != "" {
		b.WriteString(p.Field + ": ")
	}
	b.WriteString(shell.Suggest(p.Text, p.Command))
	return b.String()
}

// Problems is what is wrong with one file, in its order. It is never empty where it is an error. Of very many only the
// first are there; the last element then counts the others.
type Problems []Problem

// Error has a line for each problem.
func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, problem := range p {
		lines[i] = problem.Error()
	}
	return strings.Join(lines, "\n")
}

// Count is how many problems there are, with those that are only counted.
func (p Problems) Count() int {
	n := 0
	for _, problem := range p {
		n += max(1, problem.Further)
	}
	return n
}

// maxProblems is how many problems of a file are reported.
const maxProblems = 100

// collector keeps the first problems of a file, in its order, whatever order they are found in.
type collector struct {
	first   Problems
	further int
}

func (c *collector) add(p Problem) {
	at := sort.Search(len(c.first), func(i int) bool {
		return cmp.Or(cmp.Compare(p.Line, c.first[i].Line), cmp.Compare(p.Column, c.first[i].Column)) < 0
	})
	if len(c.first) == maxProblems {
		c.further++
		if at == maxProblems {
			return
		}
		c.first = c.first[:maxProblems-1]
	}
	c.first = slices.Insert(c.first, at, p)
}

// err is nil if there are no problems, else Problems.
func (c *collector) err(path string) error {
	if len(c.first) == 0 {
		return nil
	}
	return c.first.with(Problem{Path: path, Further: c.further, Text: "and %d more"})
}

// with appends a problem that counts others, if there are any. Its text has a place for their number.
func (p Problems) with(others Problem) Problems {
	if others.Further == 0 {
		return p
	}
	others.Text = fmt.Sprintf(others.Text, others.Further)
	return append(p, others)
}

// quote is %q, cut: a value may be as long as the file.
func quote(s string) string {
	const most = 80
	if len(s) <= most {
		return fmt.Sprintf("%q", s)
	}
	return fmt.Sprintf("%q...", strings.ToValidUTF8(s[:most], ""))
}
