package state

import "errors"

const (
	// maxSize is the size above which a file is neither read nor written.
	maxSize = 64 << 20
	// maxEntries bounds each list of a state. As many records of the usual length fill a file of maxSize, and take 25 MiB
	// of memory.
	maxEntries = 100_000
	// maxParts bounds the changes and passwords in all: a file holds 20,000 changes, but at least one for each record.
	maxParts = 250_000
)

var errTooMuch = errors.New("it holds too much for a state")

// measure counts, before anything is decoded, how many entries the longest list of a state file has, roughly. The error
// is errTooMuch. A file of nothing but {} or 1 would otherwise take a hundred times its size of memory.
func measure(data []byte) (longest int, err error) {
	const listsAt, partsAt = 2, 4 // how deep the lists of entries lie, and those of changes and passwords
	var isList [partsAt + 1]bool
	longest = 1
	depth, entries, parts := 0, 0, 0
	for i := 0; i < len(data); i++ {
		switch c := data[i]; c {
		case '"':
			for i++; i < len(data) && data[i] != '"'; i++ {
				if data[i] == '\\' {
					i++
				}
			}
		case '[', '{':
			if depth++; depth <= partsAt {
				isList[depth] = c == '['
			}
			if depth == listsAt {
				entries = 1
			}
		case ']', '}':
			if depth--; depth < 0 {
				return longest, nil // It is not JSON, as will be found out.
			}
		case ',':
			switch {
			case depth == listsAt && isList[listsAt]:
				entries++
				longest = max(longest, entries)
			case depth == partsAt && isList[partsAt]:
				parts++
			}
			if longest > maxEntries || parts > maxParts {
				return 0, errTooMuch
			}
		}
	}
	return longest, nil
}
