package main

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

var licenceName = regexp.MustCompile(`(?i)^(licen[cs]e|copying|notice|patents)([.-].*)?$`)

// notices is the licences of all modules whose code is in a binary, Go's own among them: most of them ask to be passed on with it.
func (s source) notices() ([]byte, error) {
	root, err := s.command(nil, "go", "env", "GOROOT")
	if err != nil {
		return nil, err
	}
	modules := map[string]bool{"Go\t" + strings.TrimSpace(string(root)): true}
	for _, system := range []string{"linux", "freebsd", "darwin", "windows"} {
		listed, err := s.command([]string{"GOOS=" + system, "CGO_ENABLED=0"}, "go", "list", "-deps",
			"-f", `{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}}{{"\t"}}{{.Dir}}{{end}}{{end}}`, "./cmd/ddns-batch")
		if err != nil {
			return nil, err
		}
		for line := range strings.Lines(string(listed)) {
			if line = strings.TrimSpace(line); line != "" {
				modules[line] = true
			}
		}
	}
	var all bytes.Buffer
	all.WriteString("ddns-batch contains code of the following modules, each under its own licence.\n")
	for _, m := range slices.Sorted(maps.Keys(modules)) {
		name, dir, _ := strings.Cut(m, "\t")
		if err := appendLicences(&all, name, dir); err != nil {
			return nil, err
		}
	}
	return all.Bytes(), nil
}

func appendLicences(to *bytes.Buffer, name, dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	found := false
	for _, e := range entries {
		if e.IsDir() || !licenceName.MatchString(e.Name()) {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			return err
		}
		found = true
		fmt.Fprintf(to, "\n%s\n%s: %s\n\n%s\n", strings.Repeat("-", 80), name, e.Name(), bytes.TrimSpace(text))
	}
	if !found {
		return fmt.Errorf("%s has no licence in %s", name, dir)
	}
	return nil
}
