package cli

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

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
	pattern = strings.TrimSuffix(pattern, ".")
	if !strings.ContainsAny(pattern, `*?\`) {
		return d.exact[asciiName(pattern)]
	}
	pattern = strings.ToLower(pattern)
	var found []int
	for i, full := range d.full {
		if glob(pattern, full) || d.readable[i] != "" && glob(pattern, d.readable[i]) {
			found = append(found, i)
		}
	}
	return found
}

// asciiName is a name in lower case and as A-labels, as far as it is one.
func asciiName(name string) string {
	if ascii, err := idn.ToASCII(name[:min(maxName, len(name))]); err == nil && len(name) <= maxName {
		return ascii
	}
	return strings.ToLower(name)
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
		case p < len(pattern) && pattern[p] == '?':
			p++
			n += next(name[n:])
		case p < len(pattern) && literal(pattern, p) == name[n]:
			p += width(pattern, p)
			n++
		case star >= 0:
			from += next(name[from:])
			p, n = star+1, from
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}

// next is how many bytes the first character of s has.
func next(s string) int {
	_, size := utf8.DecodeRuneInString(s)
	return size
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
