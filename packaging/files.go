package main

import (
	"bytes"
	"compress/gzip"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// file is one file of an archive or a package.
type file struct {
	path  string      // with slashes, not from the root
	mode  fs.FileMode // of a folder only in images
	data  []byte
	owner int // 0 except in images
}

// common is what all archives and packages have besides the binary.
type common struct {
	texts       []file // README.md, LICENSE and so on
	docs        []file // docs/*.md
	examples    []file // examples/...
	manPages    []file // ddns-batch.1 and hosts.yaml.5
	completions map[string][]byte
}

// shells have completions.
var shells = []string{"bash", "zsh", "fish", "powershell"}

// common collects the files. A binary for this machine prints the completions.
func (s source) common(scratch string) (common, error) {
	var c common
	for _, name := range []string{"README.md", "LICENSE", "CHANGELOG.md"} {
		data, err := os.ReadFile(filepath.Join(s.dir, name))
		if err != nil {
			return c, err
		}
		c.texts = append(c.texts, file{path: name, mode: 0o644, data: data})
	}
	notices, err := s.notices()
	if err != nil {
		return c, err
	}
	c.texts = append(c.texts, file{path: "THIRD-PARTY-LICENCES", mode: 0o644, data: notices})
	if c.docs, err = s.folder("docs"); err != nil {
		return c, err
	}
	if c.examples, err = s.folder("examples"); err != nil {
		return c, err
	}
	if c.manPages, err = s.manPages(); err != nil {
		return c, err
	}
	c.completions, err = s.completions(scratch)
	return c, err
}

// folder is the files below a folder of the project, with their paths from the project's. In a clone they are those that git knows: what else
// lies there, such as an env file, is nobody's business.
func (s source) folder(name string) ([]file, error) {
	names, err := s.git("ls-files", "-z", "--", name)
	if err != nil || names == "" {
		return filesBelow(s.dir, name)
	}
	var all []file
	for name := range strings.SplitSeq(strings.Trim(names, "\x00"), "\x00") {
		data, err := os.ReadFile(filepath.Join(s.dir, filepath.FromSlash(name)))
		if err != nil {
			return nil, err
		}
		all = append(all, file{path: name, mode: 0o644, data: data})
	}
	return all, nil
}

// filesBelow reads all files below a folder in dir, with their paths from dir.
func filesBelow(dir, name string) ([]file, error) {
	var all []file
	err := fs.WalkDir(os.DirFS(dir), name, func(at string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(at)))
		all = append(all, file{path: at, mode: 0o644, data: data})
		return err
	})
	return all, err
}

func (s source) completions(scratch string) (map[string][]byte, error) {
	program := filepath.Join(scratch, "ddns-batch-of-this-machine")
	if _, err := s.command([]string{"CGO_ENABLED=0"}, "go", "build", "-trimpath", "-buildvcs=false", "-o", program, "./cmd/ddns-batch"); err != nil {
		return nil, err
	}
	all := map[string][]byte{}
	for _, shell := range shells {
		text, err := s.command(nil, program, "completion", shell)
		if err != nil {
			return nil, err
		}
		all[shell] = text
	}
	return all, nil
}

// compressed is data as gzip -9n makes it: without a time and a name.
func compressed(data []byte) ([]byte, error) {
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(data); err != nil {
		return nil, err
	}
	err = w.Close()
	return out.Bytes(), err
}
