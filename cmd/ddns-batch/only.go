package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"ddns-batch/internal/config"
	"ddns-batch/internal/record"
)

// selectRecords gives the indexes of the records that match one of the patterns, in the order of the file; of all of
// them where there is no pattern.
func selectRecords(records []config.Record, patterns []string) ([]int, error) {
	names := make([]record.Name, len(records))
	for i, r := range records {
		names[i] = r.Name
	}
	return selectNames(names, patterns)
}

func selectNames(names []record.Name, patterns []string) ([]int, error) {
	chosen := make([]bool, len(names))
	var full []string           // the full names, in order
	exact := map[string][]int{} // what a full name, or a domain for all its records, leads to
	if len(patterns) > 0 {
		for i, n := range names {
			full = append(full, n.String())
			exact[full[i]] = append(exact[full[i]], i)
			if full[i] != n.Domain {
				exact[n.Domain] = append(exact[n.Domain], i)
			}
		}
	}
	for _, pattern := range patterns {
		found := matching(strings.TrimSuffix(lower(pattern), "."), full, exact)
		if len(found) == 0 {
			return nil, noneMatches(pattern, names)
		}
		for _, i := range found {
			chosen[i] = true
		}
	}
	selected := make([]int, 0, len(names))
	for i := range names {
		if chosen[i] || len(patterns) == 0 {
			selected = append(selected, i)
		}
	}
	return selected, nil
}

// matching are the indexes of the names that a pattern means: exactly a domain means all its records, and any other
// pattern is a glob over the full names.
func matching(pattern string, full []string, exact map[string][]int) []int {
	if !strings.ContainsAny(pattern, `*?\`) {
		return exact[pattern]
	}
	var found []int
	for i, name := range full {
		if glob(pattern, name) {
			found = append(found, i)
		}
	}
	return found
}

// lower changes A to Z alone: other letters are in no name, whatever their lower case is.
func lower(s string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			r += 'a' - 'A'
		}
		return r
	}, s)
}

// glob: "*" stands for any characters, dots too, "?" for one, and a backslash takes the meaning from what follows it.
// path.Match is not used because its star stops at nothing here but its brackets would have a meaning. Only the last star
// is ever gone back to, so the work is at most the square of the length of name.
func glob(pattern, name string) bool {
	// star is where the last "*" stands in pattern, and from where in name it has not been tried yet.
	p, n, star, from := 0, 0, -1, 0
	for n < len(name) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, from = p, n
			p++
		case p < len(pattern) && (pattern[p] == '?' || literal(pattern, p) == name[n]):
			p += width(pattern, p)
			n++
		case star >= 0:
			from++
			p, n = star+1, from
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}

// literal is the character that pattern means at p, and width how many characters it takes to say so.
func literal(pattern string, p int) byte { return pattern[p+width(pattern, p)-1] }

func width(pattern string, p int) int {
	if pattern[p] == '\\' && p+1 < len(pattern) {
		return 2
	}
	return 1
}

const (
	// nearNames is how many names an error about a pattern lists.
	nearNames = 3
	// maxName is as long as a full name can be: no more of a pattern is compared or shown.
	maxName = 253
)

func noneMatches(pattern string, names []record.Name) error {
	shown := fmt.Sprintf("%q", pattern)
	if len(pattern) > maxName {
		shown = fmt.Sprintf("%q..., which is longer than a name can be", pattern[:40])
	}
	return usage("no record matches "+shown, "the nearest are "+strings.Join(near(pattern, names), ", "))
}

// near are the names that are least different from pattern. Each is compared once.
func near(pattern string, names []record.Name) []string {
	want := strings.Trim(lower(pattern[:min(maxName, len(pattern))]), "*?.")
	type candidate struct {
		name     string
		distance int
	}
	all := make([]candidate, len(names))
	for i, n := range names {
		all[i] = candidate{n.String(), config.Distance(want, n.String())}
	}
	slices.SortFunc(all, func(a, b candidate) int {
		return cmp.Or(a.distance-b.distance, cmp.Compare(a.name, b.name))
	})
	all = slices.Compact(all)
	var nearest []string
	for _, c := range all[:min(nearNames, len(all))] {
		nearest = append(nearest, c.name)
	}
	return nearest
}
