package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestReadmeShowsWhatTheProgramSays runs every console block of the README and of docs. A section begins with a new home
// and a new folder with the examples in it; its blocks follow one another. Durations and times are not compared.
func TestReadmeShowsWhatTheProgramSays(t *testing.T) {
	ran := 0
	for _, s := range sections(t) {
		var r *reader
		for _, b := range s.blocks("console") {
			ran++
			if r == nil {
				r = newReader(t)
			}
			commands, err := parseConsole(b)
			if err != nil {
				t.Errorf("%s: %v", s.title, err)
			}
			for _, c := range commands {
				got, err := r.say(c.line)
				if err != nil {
					t.Errorf("%s: $ %s: %v", s.title, c.line, err)
				} else if timeless(got) != timeless(c.output) {
					t.Errorf("%s: $ %s\nprints\n%s\nbut the document says\n%s", s.title, c.line, got, c.output)
				}
			}
		}
	}
	if ran == 0 {
		t.Error("the README has no console block")
	}
}

// TestTheReadmeTestSeesWhatItShould: its own parts, with what must not pass.
func TestTheReadmeTestSeesWhatItShould(t *testing.T) {
	if _, err := parseConsole("output without a command\n"); err == nil {
		t.Error("a block without a command passes")
	}
	if _, err := newReader(t).say("ls"); err == nil {
		t.Error("a command that is not run passes")
	}
	a := timeless("7 records: 7 updated, in 1.4 s.\nx  3 ms\n2026-11-23 06:28 (just now) next try 07:28")
	b := timeless("7 records: 7 updated, in 15 ms.\nx  210 ms\n2025-01-02 03:04 (12 minutes ago) next try 2025-01-02 00:01")
	if a != b {
		t.Errorf("%q is not %q", a, b)
	}
	for _, text := range []string{"8 records", "203.0.113.8", "examples/hosts.yaml:14:19", "status 1"} {
		if timeless(text) != text {
			t.Errorf("of %q only %q is left", text, timeless(text))
		}
	}
}

// section is a part of a document, from one level-two heading to the next, or a whole file in docs.
type section struct{ title, text string }

// sections reads the README, by its sections, and the files in docs.
func sections(t *testing.T) []section {
	t.Helper()
	all := sectionsOf(t, "README.md")
	for _, name := range documents(t)[1:] {
		title, text, _ := strings.Cut(strings.TrimPrefix(readProject(t, name), "# "), "\n")
		all = append(all, section{title, text})
	}
	return all
}

// sectionsOf reads a document of the project.
func sectionsOf(t *testing.T, name string) []section {
	t.Helper()
	var all []section
	for part := range strings.SplitSeq(readProject(t, name), "\n## ") {
		title, text, _ := strings.Cut(part, "\n")
		all = append(all, section{title, text})
	}
	return all
}

// documents are the README and the files in docs, by their paths from the project's folder.
func documents(t *testing.T) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join("..", "..", "docs", "*.md"))
	if err != nil || len(found) == 0 {
		t.Fatalf("no documents: %v", err)
	}
	all := []string{"README.md"}
	for _, path := range found {
		all = append(all, "docs/"+filepath.Base(path))
	}
	return all
}

// find is the section whose title begins with title.
func find(t *testing.T, all []section, title string) section {
	t.Helper()
	for _, s := range all {
		if strings.HasPrefix(s.title, title) {
			return s
		}
	}
	t.Fatalf("there is no section %q", title)
	return section{}
}

var fence = regexp.MustCompile("(?ms)^```([a-z]*)\n(.*?)^```$")

// blocks are the contents of the code blocks of that language.
func (s section) blocks(language string) []string {
	var found []string
	for _, m := range fence.FindAllStringSubmatch(s.text, -1) {
		if m[1] == language {
			found = append(found, m[2])
		}
	}
	return found
}

// consoleCommand is a line that is typed, and what follows it.
type consoleCommand struct{ line, output string }

func parseConsole(block string) ([]consoleCommand, error) {
	var all []consoleCommand
	for line := range strings.Lines(block) {
		if typed, ok := strings.CutPrefix(line, "$ "); ok {
			all = append(all, consoleCommand{line: strings.TrimSpace(typed)})
			continue
		}
		if len(all) == 0 {
			return nil, fmt.Errorf("a console block begins with %q, not with a command", line)
		}
		all[len(all)-1].output += line
	}
	if len(all) == 0 {
		return nil, errors.New("a console block is empty")
	}
	return all, nil
}

// reader types what the README says, in a home of its own and a folder with the examples.
type reader struct {
	*machine
	home, folder string
	status       int
}

func newReader(t *testing.T) *reader {
	t.Helper()
	r := &reader{machine: newMachine(t)}
	r.home, r.folder = filepath.Join(r.dir, "home"), filepath.Join(r.dir, "folder")
	r.must(errors.Join(os.Mkdir(r.home, 0o700), os.CopyFS(filepath.Join(r.folder, "examples"), os.DirFS(filepath.Join("..", "..", "examples")))))
	for name, value := range map[string]string{
		"PATH": os.Getenv("PATH"), "SystemRoot": os.Getenv("SystemRoot"), "TERM": "dumb", "HOME": r.home,
		"AppData": r.home, "LocalAppData": filepath.Join(r.home, ".local", "state"),
	} {
		r.env[name] = value
	}
	return r
}

// say gives stdout and stderr together, as a terminal shows them. It knows the program and "echo $?".
func (r *reader) say(line string) (string, error) {
	if line == "echo $?" {
		return fmt.Sprintln(r.status), nil
	}
	arguments, ok := "", false
	for _, program := range []string{"ddns-batch ", "./ddns-batch ", "go run ./cmd/ddns-batch "} {
		if rest, is := strings.CutPrefix(line, program); is {
			arguments, ok = rest, true
		}
	}
	if !ok || strings.ContainsAny(arguments, `|&;<>$"'\`) {
		return "", errors.New("only ddns-batch and echo $? are run, without a shell; all else belongs in a block of another language")
	}
	p := r.process("ddns-batch", strings.Fields(arguments)...)
	p.Dir, p.Stderr = r.folder, p.Stdout
	e := p.start().end()
	r.status = e.status
	return filepath.ToSlash(strings.ReplaceAll(e.stdout, r.home, "/home/you")), nil
}

var times = regexp.MustCompile(`(?P<date>\d{4}-\d\d-\d\d \d\d:\d\d)|(?P<clock> \d\d:\d\d\b)|(?P<took>\b\d+(\.\d+)? (ms|s)\b)|(?P<ago>just now|\d+ (second|minute|hour|day)s? ago)`)

// timeless puts the same word in the place of every duration and every time.
func timeless(s string) string {
	return times.ReplaceAllStringFunc(s, func(found string) string {
		m := times.FindStringSubmatch(found)
		return cmp.Or(
			word(m[times.SubexpIndex("date")], "TIME"), word(m[times.SubexpIndex("clock")], " TIME"),
			word(m[times.SubexpIndex("took")], "TOOK"), word(m[times.SubexpIndex("ago")], "AGO"))
	})
}

func word(found, instead string) string {
	if found == "" {
		return ""
	}
	return instead
}
