// Package shell writes commands so that they can be pasted into a shell. It never runs any.
package shell

import "strings"

// Join is a command line that a POSIX shell splits into args again.
func Join(args ...string) string {
	quoted := make([]string, len(args))
	for i, a := range args {
		quoted[i] = quote(a)
	}
	return strings.Join(quoted, " ")
}

// Suggest is what to do, and the command to type once that is done, in one line; nil for none.
func Suggest(text string, command []string) string {
	switch {
	case command == nil:
		return text
	case text == "":
		return Join(command...)
	default:
		return Introduce(text) + " " + Join(command...)
	}
}

// Introduce is text so that a command can follow it: "type:" as it is, "add the record" as "add the record, then".
func Introduce(text string) string {
	if text == "" || strings.HasSuffix(text, ":") {
		return text
	}
	return text + ", then"
}

func quote(arg string) string {
	if arg != "" && strings.Trim(arg, plain) == "" {
		return arg
	}
	return "'" + strings.ReplaceAll(arg, "'", `'\''`) + "'"
}

// plain characters mean nothing to any shell, wherever they stand in an argument.
const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:,@%+"
