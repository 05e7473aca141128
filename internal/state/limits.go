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

var errTooMuch = errors.New("it has too many entries for a state file")

// extent is how much a state holds: the entries of its longest list, at least 1, and how many changes and passwords there
// are beyond the first of each list.
type extent struct{ longest, parts int }

func (e extent) tooMuch() bool { return e.longest > maxEntries || e.parts > maxParts }

// extentOf is what measure finds in a file of s.
func extentOf(s *Snapshot) extent {
	e := extent{longest: max(1, len(s.Records), len(s.Domains), len(s.Addresses), len(s.Notices))}
	for i := range s.Records {
		e.parts += max(0, len(s.Records[i].History)-1)
	}
	for i := range s.Domains {
		e.parts += max(0, len(s.Domains[i].Passwords)-1)
	}
	return e
}

// measure finds out, before anything is decoded, what a state file holds, roughly. The error is errTooMuch. A file of
// nothing but {} or 1 would otherwise take a hundred times its size of memory.
func measure(data []byte) (e extent, err error) {
	const listsAt, partsAt = 2, 4 // how deep the lists of entries lie, and those of changes and passwords
	var isList [partsAt + 1]bool
	e.longest = 1
	depth, entries := 0, 0
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
				return e, nil // It is not JSON, as will be found out.
			}
		case ',':
			switch {
			case depth == listsAt && isList[listsAt]:
				entries++
				e.longest = max(e.longest, entries)
			case depth == partsAt && isList[partsAt]:
				e.parts++
			}
			if e.tooMuch() {
				return extent{}, errTooMuch
			}
		}
	}
	return e, nil
}
