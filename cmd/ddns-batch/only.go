package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"ddns-batch/internal/config"
	"ddns-batch/internal/idn"
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
	for _, pattern := range patterns {
		found := false
		for i, n := range names {
			if matches(pattern, n) {
				chosen[i], found = true, true
			}
		}
		if !found {
			return nil, noneMatches(pattern, names)
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

// matches: a pattern that is exactly a domain means all its records, any other is a glob over the full name. Either is in
// A-labels or as people read it.
func matches(pattern string, n record.Name) bool {
	pattern = strings.TrimSuffix(strings.ToLower(pattern), ".")
	if pattern == idn.Readable(n.Domain) || glob([]rune(pattern), []rune(idn.Readable(n.String()))) {
		return true
	}
	if ascii, err := idn.ToASCII(pattern); err == nil {
		pattern = ascii
	}
	return pattern == n.Domain || glob([]rune(pattern), []rune(n.String()))
}

// glob: "*" stands for any characters, dots too, "?" for one, and a backslash takes the meaning from what follows it.
// path.Match is not used because its star stops at nothing here but its brackets would have a meaning.
func glob(pattern, name []rune) bool {
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
	return strings.Trim(string(pattern[p:]), "*") == ""
}

// literal is the character that pattern means at p, and width how many characters it takes to say so.
func literal(pattern []rune, p int) rune { return pattern[p+width(pattern, p)-1] }

func width(pattern []rune, p int) int {
	if pattern[p] == '\\' && p+1 < len(pattern) {
		return 2
	}
	return 1
}

// nearNames is how many names an error about a pattern lists.
const nearNames = 3

func noneMatches(pattern string, names []record.Name) error {
	near := make([]string, 0, len(names))
	for _, n := range names {
		near = append(near, n.String())
	}
	want := strings.Trim(strings.ToLower(pattern), "*?.")
	slices.SortFunc(near, func(a, b string) int {
		return cmp.Or(config.Distance(want, a)-config.Distance(want, b), cmp.Compare(a, b))
	})
	near = slices.Compact(near)
	near = near[:min(nearNames, len(near))]
	return usage(fmt.Sprintf("no record matches %q", pattern), "the nearest are "+strings.Join(near, ", "))
}
