package match

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"ddns-batch/internal/record"
)

// namesOf are n names of one domain.
func someNames(n int) []record.Name {
	names := make([]record.Name, n)
	for i := range names {
		names[i] = record.Name{Host: fmt.Sprintf("h%d", i), Domain: "example.com"}
	}
	return names
}

func TestPatterns(t *testing.T) {
	names := []record.Name{
		{Host: "@", Domain: "example.com"}, {Host: "www", Domain: "example.com"}, {Host: "*", Domain: "example.com"}, {Host: "*.dev", Domain: "example.com"},
		{Host: "@", Domain: "example.net"}, {Host: "www.example.com", Domain: "example.net"}, {Host: "ix", Domain: "example.net"},
	}
	for _, c := range []struct {
		patterns []string
		want     string // indexes
	}{
		{nil, "[0 1 2 3 4 5 6]"},
		{[]string{"example.com"}, "[0 1 2 3]"},
		{[]string{"Example.COM."}, "[0 1 2 3]"},
		{[]string{"www.example.com"}, "[1]"},
		{[]string{"*"}, "[0 1 2 3 4 5 6]"},
		{[]string{`\*.example.com`}, "[2]"},
		{[]string{"*.example.com"}, "[1 2 3]"},
		{[]string{"*.dev.example.com"}, "[3]"},
		{[]string{"*.net", "www.*"}, "[1 4 5 6]"},
		{[]string{"www.*", "www.*", "ix.example.net", "ix.example.net"}, "[1 5 6]"},
		{[]string{"?x.example.net"}, "[6]"},
		{[]string{"www**com*"}, "[1 5]"},
		{[]string{`www.example\.com`}, "[1]"},
		{[]string{"***********"}, "[0 1 2 3 4 5 6]"},
		{[]string{"www", "*"}, "none"},
		{[]string{""}, "none"},
		{[]string{`www.example.com\`}, "none"},
		{[]string{"İx.example.net"}, "none"}, // another name, although Unicode's lower case of its first letter begins with i
	} {
		selected, err := Select(names, c.patterns)
		got := fmt.Sprint(selected)
		if err != nil {
			got = "none"
		}
		if got != c.want {
			t.Errorf("%q: %s, %v, want %s", c.patterns, got, err, c.want)
		}
	}
}

// A glob by definition, without a thought for its cost.
func slowGlob(pattern, name string) bool {
	switch {
	case pattern == "":
		return name == ""
	case pattern[0] == '*':
		return slowGlob(pattern[1:], name) || name != "" && slowGlob(pattern, name[next(name):])
	case name == "":
		return false
	case pattern[0] == '?':
		return slowGlob(pattern[1:], name[next(name):])
	case pattern[0] == '\\' && len(pattern) > 1:
		return pattern[1] == name[0] && slowGlob(pattern[2:], name[1:])
	}
	return pattern[0] == name[0] && slowGlob(pattern[1:], name[1:])
}

func FuzzGlob(f *testing.F) {
	for _, pattern := range []string{"*a*b", "a?*", `\*a`, `a\`, "**", "*ab*ab", "?"} {
		f.Add(pattern, "abab*")
	}
	f.Add("?", "ü")
	f.Add("*??ab", "€ab") // a star may not stop within a character
	f.Fuzz(func(t *testing.T, pattern, name string) {
		if len(pattern) > 8 || len(name) > 12 {
			return
		}
		if got, want := glob(pattern, name), slowGlob(pattern, name); got != want {
			t.Errorf("glob(%q, %q) is %v", pattern, name, got)
		}
	})
}

// Each name is compared once with a pattern that matches none, and with no more of it than a name can be long: each
// comparison allocates once.
func TestNearNamesAreFoundWithBoundedWork(t *testing.T) {
	for _, pattern := range []string{"h1", strings.Repeat("x", 1000), strings.Repeat("x", 100_000), strings.Repeat("*x", 500)} {
		for _, n := range []int{300, 3000} {
			names := someNames(n)
			var err error
			allocations := testing.AllocsPerRun(1, func() { _, err = Select(names, []string{pattern}) })
			if err == nil || allocations > float64(4*n+100) {
				t.Errorf("%.10s..., %d names: %v, %.0f allocations", pattern, n, err, allocations)
			}
			none, ok := errors.AsType[*NoneError](err)
			if !ok || len(none.Error())+len(strings.Join(none.Nearest, ", ")) > 500 {
				t.Errorf("%.10s...: %.600v", pattern, err)
			}
		}
	}
	two := []record.Name{{Host: "aa", Domain: "example.com"}, {Host: "zz", Domain: "example.com"}}
	if got := near(strings.Repeat("x", maxName)+"zz.example.com", two); got[0] != "aa.example.com" {
		t.Errorf("more than a name can hold was compared: %q", got)
	}
}

// Thousands of full names are looked up, not compared with all others.
func TestManyPatternsAreCheap(t *testing.T) {
	names := someNames(3000)
	var patterns []string
	for _, n := range names {
		patterns = append(patterns, n.String(), n.String())
	}
	var selected []int
	var err error
	allocations := testing.AllocsPerRun(1, func() { selected, err = Select(names, patterns) })
	if err != nil || len(selected) != len(names) || allocations > float64(8*len(names)) {
		t.Errorf("%v, %d names, %.0f allocations", err, len(selected), allocations)
	}
	if _, err := Select(names, []string{"h12.example.co"}); err == nil || !reflect.DeepEqual(near("h12.example.co", names), []string{"h12.example.com", "h1.example.com", "h10.example.com"}) {
		t.Errorf("%v, %q", err, near("h12.example.co", names))
	}
}

// A name is covered by the nearest wildcard above it, unless a name that exists stands between.
func TestWildcard(t *testing.T) {
	names := []record.Name{
		{Host: "*", Domain: "example.com"}, {Host: "*.dev", Domain: "example.com"}, {Host: "a.b", Domain: "example.com"}, {Host: "www", Domain: "example.net"},
		{Host: "www", Domain: "sub.example.com"},
	}
	for name, want := range map[string]string{
		"git.example.com":     "*.example.com",
		"x.y.example.com":     "*.example.com",
		"x.dev.example.com":   "*.dev.example.com",
		"x.y.dev.example.com": "*.dev.example.com",
		"dev.example.com":     "",
		"x.a.b.example.com":   "",
		"c.b.example.com":     "",
		"b.example.com":       "",
		"example.com":         "",
		"git.example.net":     "",
		"git.sub.example.com": "",
		"git.example.org":     "",
		"g?t.example.com":     "",
	} {
		got := ""
		if n, ok := Wildcard(name, names); ok {
			got = n.String()
		}
		if got != want {
			t.Errorf("%s is covered by %q, want %q", name, got, want)
		}
	}
}
