package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// goPackage is one package of the project, as it is written.
type goPackage struct {
	folder  string
	imports []string        // of packages of the project, by their folders
	names   map[string]bool // of types, functions, variables and constants, and of methods as Type.Method
}

// packages reads all packages of the program, without their tests.
func packages(t *testing.T) []goPackage {
	t.Helper()
	root := filepath.Join("..", "..")
	var all []goPackage
	for _, part := range []string{"cmd", "internal"} {
		err := filepath.WalkDir(filepath.Join(root, part), func(name string, d fs.DirEntry, err error) error {
			if err != nil || !d.IsDir() {
				return err
			}
			if d.Name() == "testdata" {
				return fs.SkipDir
			}
			folder, err := filepath.Rel(root, name)
			if s := readPackage(t, name, filepath.ToSlash(folder)); len(s.names) > 0 {
				all = append(all, s)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(all) == 0 {
		t.Fatal("no packages")
	}
	return all
}

func readPackage(t *testing.T, dir, folder string) goPackage {
	t.Helper()
	s := goPackage{folder: folder, names: map[string]bool{}}
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range parsed.Imports {
			if imported, ok := strings.CutPrefix(mustValue(strconv.Unquote(i.Path.Value)), "ddns-batch/"); ok {
				s.imports = append(s.imports, imported)
			}
		}
		for _, d := range parsed.Decls {
			s.declare(d)
		}
	}
	return s
}

func (s *goPackage) declare(d ast.Decl) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		name := d.Name.Name
		if d.Recv != nil {
			receiver := d.Recv.List[0].Type
			if star, ok := receiver.(*ast.StarExpr); ok {
				receiver = star.X
			}
			if of, ok := receiver.(*ast.Ident); ok {
				name = of.Name + "." + name
			}
		}
		s.names[name] = true
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			switch spec := spec.(type) {
			case *ast.TypeSpec:
				s.names[spec.Name.Name] = true
			case *ast.ValueSpec:
				for _, n := range spec.Names {
					s.names[n.Name] = true
				}
			}
		}
	}
}

func TestArchitectureListsEveryPackageAboveThoseItImports(t *testing.T) {
	blocks := find(t, sectionsOf(t, "ARCHITECTURE.md"), "Layout").blocks("text")
	if len(blocks) != 1 {
		t.Fatalf("%d layouts", len(blocks))
	}
	var listed []string
	for line := range strings.Lines(blocks[0]) {
		folder, what, _ := strings.Cut(line, " ")
		if strings.TrimSpace(what) == "" {
			t.Errorf("nothing is said about %s", folder)
		}
		listed = append(listed, folder)
	}
	all := packages(t)
	for _, p := range all {
		at := slices.Index(listed, p.folder)
		if at < 0 {
			t.Errorf("%s is not in the layout", p.folder)
			continue
		}
		for _, i := range p.imports {
			if below := slices.Index(listed, i); below >= 0 && below <= at {
				t.Errorf("%s imports %s, which stands above it", p.folder, i)
			}
			if i == "internal/testnet" {
				t.Errorf("%s imports %s, which is for tests", p.folder, i)
			}
		}
	}
	for _, folder := range listed {
		if !slices.ContainsFunc(all, func(p goPackage) bool { return p.folder == folder }) {
			t.Errorf("there is no package %s", folder)
		}
	}
}

var (
	span      = regexp.MustCompile("`([^`\n]+)`")
	qualified = regexp.MustCompile(`^([a-z]+)\.([A-Za-z]+(?:\.[A-Za-z]+)?)$`)
)

func TestArchitectureNamesWhatIsThere(t *testing.T) {
	names := map[string]map[string]bool{}
	for _, p := range packages(t) {
		name := path.Base(p.folder)
		if strings.HasPrefix(p.folder, "cmd/") {
			name = "main"
		}
		names[name] = p.names
	}
	seen := 0
	for _, s := range sectionsOf(t, "ARCHITECTURE.md") {
		for _, m := range span.FindAllStringSubmatch(s.text, -1) {
			if strings.HasPrefix(m[1], "internal/") || strings.HasPrefix(m[1], "cmd/") {
				if _, err := os.Stat(filepath.Join("..", "..", filepath.FromSlash(m[1]))); err != nil {
					t.Errorf("## %s: %v", s.title, err)
				}
				continue
			}
			if q := qualified.FindStringSubmatch(m[1]); q != nil && names[q[1]] != nil {
				seen++
				if !names[q[1]][q[2]] {
					t.Errorf("## %s: there is no %s", s.title, m[1])
				}
			}
		}
	}
	if seen < 30 {
		t.Errorf("only %d names were looked up", seen)
	}
}
