package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// userText is a text in the source that may be shown to a user.
type userText struct {
	file string
	line int
	role string // what it is passed to or put into, a function or a field; else the function that it is in
	text string // with three dots in place of what is known only later
}

// TestEveryText prints every text that a user may see, by its package, and checks the little that a program can check of
// its language. The rest needs a reader: go test -run TestEveryText -v ./cmd/ddns-batch
func TestEveryText(t *testing.T) {
	all := userTexts(t)
	folder := ""
	var list strings.Builder
	for _, u := range all {
		if f := path.Dir(u.file); f != folder {
			folder = f
			fmt.Fprintf(&list, "\n%s\n", folder)
		}
		fmt.Fprintf(&list, "  %s:%d %s %q\n", path.Base(u.file), u.line, u.role, u.text)
		for _, fault := range u.faults() {
			t.Errorf("%s:%d: %q %s", u.file, u.line, u.text, fault)
		}
	}
	t.Logf("%d texts\n%s", len(all), list.String())
	if len(all) < 500 {
		t.Error("hardly any texts were found")
	}
}

// privateWords are expressions that only the authors of this program would use, and what everybody says.
var privateWords = []struct{ words, better string }{
	{`\bas asked\b`, "up to date"},
	{`\b(be|is|was) had\b`, "available"},
	{`\bwaited for\b`, "in time"},
	{`\b(taken|given|gave|gives) back\b`, "released, revoked"},
	{`\b(un|not |no )proved\b|\bno verdict\b`, "accepted, confirmed"},
	{`\bgiven up\b`, "not checked"},
	{`\b(is|are) right again\b`, "working again"},
	{`\bthere twice\b`, "appears twice"},
	{`\bleft alone\b`, "paused, unchanged"},
	{`\bmended\b|\bmending\b`, "fixed"},
	{`\btaken to (find|be)\b`, "assuming that"},
	{`\bbroke off\b`, "was lost, was cut off"},
	{`\blook(ed)?-up\b`, "lookup, look up"},
	{`\btroubles?\b`, "failure, problem"},
	{`\bbelieved?\b`, "trusted, accepted"},
	{`\bin writing\b`, "written out"},
	{`\bnobody to tell\b`, "not configured"},
	{`\bnot looked at\b`, "not read, not checked"},
	{`\bstands? beside\b`, "cannot be combined with"},
	{`\b(put|puts|set|sets) right\b`, "corrects"},
}

var (
	wrongSpacing = regexp.MustCompile(`\pL +[,:.!](\s|$)`)
	// lowerCase are roles whose texts follow "ddns-batch: error: ", a name or a flag.
	lowerCase = regexp.MustCompile(`^(Message|Hint|Detail|Text|usage|fmt\.Errorf|errors\.New|f\.\w+)$`)
	// capital is one that begins a sentence, not a name or an abbreviation.
	capital = regexp.MustCompile(`^\p{Lu}\p{Ll}* \p{Ll}`)
)

// TestTheDocumentsSayWhatEverybodySays looks for the same expressions in what users read, outside of code.
func TestTheDocumentsSayWhatEverybodySays(t *testing.T) {
	code := regexp.MustCompile("(?ms)^```.*?^```$|`[^`]*`")
	for _, name := range append(documents(t), "CHANGELOG.md") {
		text := code.ReplaceAllString(readProject(t, name), "...")
		for _, p := range privateWords {
			for _, at := range regexp.MustCompile(p.words).FindAllStringIndex(text, -1) {
				t.Errorf("%s: %q; better: %s", name, text[max(0, at[0]-40):min(len(text), at[1]+40)], p.better)
			}
		}
	}
}

// faults are what is wrong with the language of a text, as far as a program can tell.
func (u userText) faults() []string {
	var found []string
	for _, p := range privateWords {
		if m := regexp.MustCompile(p.words).FindString(u.text); m != "" {
			found = append(found, fmt.Sprintf("says %q; better: %s", m, p.better))
		}
	}
	if m := wrongSpacing.FindString(u.text); m != "" {
		found = append(found, fmt.Sprintf("has a space too many: %q", m))
	}
	switch {
	case u.role == "Short" && (!capital.MatchString(u.text) || strings.HasSuffix(u.text, ".")):
		found = append(found, "is not a capital, words and no full stop, as cobra shows them")
	case lowerCase.MatchString(u.role) && capital.MatchString(u.text):
		found = append(found, "begins with a capital")
	case lowerCase.MatchString(u.role) && strings.HasSuffix(u.text, ".") && !strings.HasSuffix(u.text, "..."):
		found = append(found, "ends with a full stop")
	}
	return found
}

// notForUsers are packages whose texts nobody sees who runs the program.
var notForUsers = map[string]bool{"internal/provider/providertest": true}

// userTexts reads the texts of the program's packages, in the order of their files.
func userTexts(t *testing.T) []userText {
	t.Helper()
	root := filepath.Join("..", "..")
	var all []userText
	err := filepath.WalkDir(filepath.Join(root, "internal"), func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		file, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		file = filepath.ToSlash(file)
		switch {
		case d.IsDir() && (d.Name() == "testdata" || notForUsers[file]):
			return fs.SkipDir
		case strings.HasSuffix(file, "_test.go"):
		case strings.HasSuffix(file, ".go"):
			found, err := textsOfGo(name, file)
			all = append(all, found...)
			return err
		case strings.HasSuffix(file, ".html"):
			found, err := textsOfHTML(name, file)
			all = append(all, found...)
			return err
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// severalWords matches what is language: two words, or a word and what is put beside it.
var severalWords = regexp.MustCompile(`(?:\pL|[%…][a-z]?)[,:;)]?[ \n]+[("]?\pL|\pL[,:;)]?[ \n]+[%…]`)

// textsOfGo reads a file's string constants of more than one word. What + joins is one text.
func textsOfGo(name, file string) ([]userText, error) {
	files := token.NewFileSet()
	parsed, err := parser.ParseFile(files, name, nil, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	var found []userText
	ast.PreorderStack(parsed, nil, func(n ast.Node, above []ast.Node) bool {
		switch n := n.(type) {
		case *ast.ImportSpec:
			return false
		case *ast.Field:
			n.Tag = nil
		case *ast.BinaryExpr, *ast.BasicLit:
			text, ok := joined(n.(ast.Expr))
			if ok && severalWords.MatchString(text) {
				found = append(found, userText{file, files.Position(n.Pos()).Line, roleOf(above), text})
			}
			return !ok
		}
		return true
	})
	return found, nil
}

// joined is the text of a string constant, or of several that + joins, with three dots for what is not constant. It is
// false for anything else.
func joined(e ast.Expr) (text string, ok bool) {
	switch e := e.(type) {
	case *ast.ParenExpr:
		return joined(e.X)
	case *ast.BasicLit:
		if e.Kind == token.STRING {
			return mustValue(strconv.Unquote(e.Value)), true
		}
	case *ast.BinaryExpr:
		if e.Op != token.ADD {
			return "", false
		}
		left, leftOK := joined(e.X)
		right, rightOK := joined(e.Y)
		if !leftOK {
			left = "…"
		}
		if !rightOK {
			right = "…"
		}
		return left + right, leftOK || rightOK
	}
	return "", false
}

// roleOf is the name of the function or field that is nearest above a text.
func roleOf(above []ast.Node) string {
	for i := len(above) - 1; i >= 0; i-- {
		switch n := above[i].(type) {
		case *ast.CallExpr:
			switch f := n.Fun.(type) {
			case *ast.Ident:
				return f.Name
			case *ast.SelectorExpr:
				if of, ok := f.X.(*ast.Ident); ok {
					return of.Name + "." + f.Sel.Name
				}
				return f.Sel.Name
			}
		case *ast.KeyValueExpr:
			if key, ok := n.Key.(*ast.Ident); ok {
				return key.Name
			}
		case *ast.FuncDecl:
			return n.Name.Name
		}
	}
	return ""
}

var placeholder = regexp.MustCompile(`\{\{.*?\}\}`)

// textsOfHTML reads the texts and the readable attributes of a page.
func textsOfHTML(name, file string) ([]userText, error) {
	page, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	var found []userText
	line := 1
	add := func(role, text string) {
		if text = strings.TrimSpace(placeholder.ReplaceAllString(text, "…")); severalWords.MatchString(text) {
			found = append(found, userText{file, line, role, text})
		}
	}
	for z := html.NewTokenizer(strings.NewReader(string(page))); ; {
		kind := z.Next()
		if kind == html.ErrorToken {
			return found, nil
		}
		lines := strings.Count(string(z.Raw()), "\n")
		token := z.Token()
		if kind == html.TextToken {
			add("", token.Data)
		}
		for _, a := range token.Attr {
			if a.Key == "title" || a.Key == "aria-label" || a.Key == "placeholder" {
				add(a.Key, a.Val)
			}
		}
		line += lines
	}
}
