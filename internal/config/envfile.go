package config

import (
	"context"
	"fmt"
	"strings"
)

// maxEnvFile is far above what thousands of passwords need.
const maxEnvFile = 1 << 20

// maxLines is how many lines of one kind in an env file are reported.
const maxLines = 5

// EnvFileError is what is wrong with the env file. A run stops for it, even if no password is missing; a dry run goes
// on with what could be read.
type EnvFileError struct{ Problems }

// envFile is what an env file says.
type envFile struct {
	path string
	// values are those of the variables that are wanted, names those of the others that are not blank.
	values map[string]assignment
	names  []string
}

// assignment is one line of an env file.
type assignment struct {
	value string
	line  int
}

// readEnvFile reads the variables that are wanted. What it returns beside an error is what could be read.
func readEnvFile(ctx context.Context, path string, wanted map[string]bool) (found envFile, warnings []string, err error) {
	data, info, err := ReadText(ctx, path, maxEnvFile)
	if err != nil {
		return envFile{}, nil, &EnvFileError{Problems{{Path: path, Text: "cannot read the env file: " + err.Error()}}}
	}
	others, group := readers(info)
	if isPipe(info) && isDevice(path) {
		// It has no name by which others could open it.
		others, group = false, false
	}
	onlyForOwner := []string{"chmod", "600", path}
	if others {
		return envFile{}, nil, &EnvFileError{Problems{{Path: path,
			Text: "everybody on this machine can read the passwords in it; if its mode cannot be changed, use password_file, " +
				"which may have any mode; otherwise type:", Command: onlyForOwner}}}
	}
	if group {
		warnings = append(warnings, Problem{Path: path,
			Text: "its group can read the passwords in it; if that is not intended, type:", Command: onlyForOwner}.Error())
	}
	found, repeated, problems := parseEnvFile(path, string(data), wanted)
	for _, r := range repeated {
		warnings = append(warnings, r.Error())
	}
	if problems != nil {
		err = &EnvFileError{problems}
	}
	return found, warnings, err
}

// parseEnvFile reads NAME=value lines. A problem names a line by its number alone. Of a name that is there twice the
// last counts, as for a shell, and repeated says so.
func parseEnvFile(path, data string, wanted map[string]bool) (found envFile, repeated, problems Problems) {
	found = envFile{path: path, values: map[string]assignment{}}
	n, bad, again := 0, 0, 0
	for line := range strings.Lines(data) {
		n++
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		name, value, ok := parseAssignment(line)
		if !ok {
			if bad++; bad <= maxLines {
				problems = append(problems, Problem{Path: path, Line: n, Text: malformed(name, value)})
			}
			continue
		}
		if !wanted[name] {
			if value != "" {
				found.names = append(found.names, name)
			}
			continue
		}
		if earlier, twice := found.values[name]; twice {
			if again++; again <= maxLines {
				repeated = append(repeated, Problem{Path: path, Line: n,
					Text: fmt.Sprintf("%s is also set on line %d; this line is used", name, earlier.line)})
			}
		}
		found.values[name] = assignment{value, n}
	}
	repeated = repeated.with(Problem{Path: path, Further: max(0, again-maxLines), Text: "%d more lines set a variable again; the last one is used"})
	return found, repeated, problems.with(Problem{Path: path, Further: max(0, bad-maxLines), Text: "%d more lines are not of the form NAME=value"})
}

// malformed is what is wrong with a line that is no assignment, from which this came instead.
func malformed(name, value string) string {
	if value != "" && isVariable(strings.TrimSpace(name)) {
		return "has spaces around =; write NAME=value"
	}
	return "is not of the form NAME=value"
}

// parseAssignment takes NAME=value apart. Nothing is expanded; one pair of quotes around the value is removed.
func parseAssignment(line string) (name, value string, ok bool) {
	if rest, found := strings.CutPrefix(line, "export"); found && strings.TrimLeft(rest, " \t") != rest {
		line = strings.TrimLeft(rest, " \t")
	}
	name, value, ok = strings.Cut(line, "=")
	value = strings.TrimSpace(value)
	if n := len(value); n >= 2 && (value[0] == '"' || value[0] == '\'') && value[n-1] == value[0] {
		value = value[1 : n-1]
	}
	return name, value, ok && isVariable(name)
}
