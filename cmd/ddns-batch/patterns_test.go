package main

import (
	"go/ast"
	"go/constant"
	"go/parser"
	"go/token"
	"go/types"
	"io/fs"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// A regular expression that is compiled when it is first used would panic then, in front of somebody. All are compiled here.
func TestRegularExpressionsAreWellFormed(t *testing.T) {
	seen := 0
	err := filepath.WalkDir(filepath.Join("..", "..", "internal"), func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return err
		}
		files := token.NewFileSet()
		file, err := parser.ParseFile(files, name, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || types.ExprString(call.Fun) != "lazyregexp.New" {
				return true
			}
			seen++
			where := files.Position(call.Pos())
			value, err := types.Eval(token.NewFileSet(), nil, token.NoPos, types.ExprString(call.Args[0]))
			if err != nil || value.Value == nil {
				t.Errorf("%s: not a constant: %v", where, err)
			} else if _, err := regexp.Compile(constant.StringVal(value.Value)); err != nil {
				t.Errorf("%s: %v", where, err)
			}
			return true
		})
		return nil
	})
	if err != nil || seen < 10 {
		t.Errorf("%d regular expressions, %v", seen, err)
	}
}
