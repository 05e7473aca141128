// Package match says which records a pattern means, and which record covers a name. It knows names only, and decides nothing
// about the records.
package match

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"ddns-batch/internal/config"
	"ddns-batch/internal/idn"
	"ddns-batch/internal/record"
)

// NoneError means that no record matches a pattern.
type NoneError struct {
	// Pattern is quoted, and cut if it is too long to be shown.
	Pattern string
	// Nearest are the names that differ least from it, as a text shows them.
	Nearest []string
}

func (e *NoneError) Error() string { return "no record matches " + e.Pattern }

// Select returns the indexes of the names that match one of the patterns, in the order of names; of all names if there is
// no pattern. The error is a *NoneError.
func Select(names []record.Name, patterns []string) ([]int, error) {
	chosen := make([]bool, len(names))
	var known directory
	if len(patterns) > 0 {
		known = newDirectory(names)
	}
	for _, pattern := range patterns {
		found := known.matching(pattern)
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

// directory is names arranged for patterns.
type directory struct {
	// full are the full names, and readable how people read those, where that differs; else empty.
	full, readable []string
	// exact is what a full name, or a domain for all its records, leads to.
	exact map[string][]int
}

func newDirectory(names []record.Name) directory {
	d := directory{make([]string, len(names)), make([]string, len(names)), map[string][]int{}}
	for i, n := range names {
		full := n.String()
		d.full[i] = full
		d.exact[full] = append(d.exact[full], i)
		if full != n.Domain {
			d.exact[n.Domain] = append(d.exact[n.Domain], i)
		}
		if readable := idn.Readable(full); readable != full {
			d.readable[i] = readable
		}
	}
	return d
}

// matching are the indexes of the names that a pattern means: exactly a domain means all its records, and any other
// pattern is a glob over the full names.
func (d directory) matching(pattern string) []int {
	if !strings.ContainsAny(pattern, `*?\`) {
		return d.exact[ASCII(pattern)]
	}
	pattern = strings.ToLower(strings.TrimSuffix(pattern, "."))
	var found []int
	for i, full := range d.full {
		if glob(pattern, full) || d.readable[i] != "" && glob(pattern, d.readable[i]) {
			found = append(found, i)
		}
	}
	return found
}

// ASCII is a name without a trailing dot, in lower case and as A-labels. What is no name is only lowered.
func ASCII(name string) string {
	name = strings.TrimSuffix(name, ".")
	if ascii, err := idn.ToASCII(name[:min(maxName, len(name))]); err == nil && len(name) <= maxName {
		return ascii
	}
	return strings.ToLower(name)
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
	return &NoneError{shown, near(pattern, names)}
}

// near are the names that are least different from pattern, as a text shows them. Each spelling is compared once.
func near(pattern string, names []record.Name) []string {
	want := strings.Trim(strings.ToLower(pattern[:min(maxName, len(pattern))]), "*?.")
	type candidate struct {
		name     string
		distance int
	}
	all := make([]candidate, len(names))
	for i, n := range names {
		name := n.String()
		distance := config.Distance(want, name)
		if readable := idn.Readable(name); readable != name {
			distance = min(distance, config.Distance(want, readable))
		}
		all[i] = candidate{name, distance}
	}
	slices.SortFunc(all, func(a, b candidate) int {
		return cmp.Or(a.distance-b.distance, cmp.Compare(a.name, b.name))
	})
	all = slices.Compact(all)
	var nearest []string
	for _, c := range all[:min(nearNames, len(all))] {
		nearest = append(nearest, idn.Both(c.name))
	}
	return nearest
}
