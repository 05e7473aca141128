package report

import (
	"slices"
	"strings"
	"unicode/utf8"

	"ddns-batch/internal/outcome"
	"ddns-batch/internal/shell"
)

// HintText is what to do, and what to type then, on one line. program is how ddns-batch is called; nil is by its name.
func HintText(h outcome.Hint, program []string) string {
	if h.Command == nil {
		return h.Text
	}
	return shell.Suggest(h.Text, withProgram(program, h.Command))
}

// hintParts are the text and the command of a hint, to be separated by space.
func hintParts(h outcome.Hint, program []string) (text, command string) {
	if h.Command == nil {
		return h.Text, ""
	}
	return shell.Introduce(h.Text), commandLine(program, h.Command)
}

func commandLine(program, args []string) string { return shell.Join(withProgram(program, args)...) }

func withProgram(program, args []string) []string {
	if program == nil {
		program = []string{"ddns-batch"}
	}
	return slices.Concat(program, args)
}

// wrap breaks s into lines of at most width, at its own line breaks and between words. A command that follows it stays in
// one piece, to be copied.
func wrap(s, command string, width int) []string {
	var lines []string
	paragraphs := strings.Split(s, "\n")
	for i, paragraph := range paragraphs {
		words := strings.Fields(paragraph)
		if command != "" && i == len(paragraphs)-1 {
			words = append(words, command)
		}
		line := ""
		for _, w := range words {
			switch {
			case line == "":
				line = w
			case utf8.RuneCountInString(line)+1+utf8.RuneCountInString(w) <= width:
				line += " " + w
			default:
				lines = append(lines, line)
				line = w
			}
		}
		if line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

// narrowest keeps a hint readable where the terminal is not.
const narrowest = 30
