package importer

import (
	"bytes"
	"fmt"
	"path/filepath"
	"slices"
)

// What is read is bounded in size and in depth, so that reading any file ends soon.
const (
	// MostFile is how many bytes a file may have. Only the backup of a whole firewall is that large.
	MostFile = 16 << 20
	// mostText is how many bytes a file of any other format may have together with all that it includes.
	mostText = 2 << 20
	// mostIncludes is how many files a file may include, and these in turn.
	mostIncludes = 20
	// mostRecords is how many records are taken of a file. hosts.yaml has no room for many more.
	mostRecords = 50_000
	// longestName is how many bytes a host and its domain may have; as A-labels they have at most 253.
	longestName = 1000
	// longestShared is how many bytes a value may have that counts for many records.
	longestShared = 4 << 10
	// deepestXML is how deep elements may be nested. pfSense's own are not ten deep.
	deepestXML = 100
)

// tooLarge reports whether the file is larger than any of the format, and notes that.
func (s *source) tooLarge(format Format) bool {
	if format == "pfsense" || len(s.data) <= mostText {
		return false
	}
	s.note(0, Unreadable, "it is larger than %d KiB, the most that import reads of such a file; split it, and name all parts in one call", mostText>>10)
	return true
}

// looksLikePfSense tells the one format whose files may be large without reading all of them again and again.
func looksLikePfSense(data []byte) bool {
	return bytes.HasPrefix(bytes.TrimSpace(data[:min(len(data), 4096)]), []byte("<")) && bytes.Contains(data, []byte("<dyndns"))
}

// sibling reads a file that the one being read includes: it has to be in the same folder. Path is how it is called from where
// the one being read is. The error says why it is not read.
func (s *source) sibling(name string) (path string, data []byte, err error) {
	base := filepath.Base(name)
	path = filepath.Join(filepath.Dir(s.file), base)
	named := name == base || name == "./"+base || filepath.Clean(name) == path
	switch {
	case s.open == nil || !named || base == "." || base == "..":
		return "", nil, errElsewhere
	case slices.Contains(s.within, path):
		return "", nil, errCircle
	case s.included == mostIncludes || s.size > mostText:
		return "", nil, errTooMany
	}
	s.included++
	if data, err = s.open(path); err != nil {
		return "", nil, err
	}
	if s.size += len(data); s.size > mostText {
		return "", nil, errTooMany
	}
	return path, data, nil
}

// includeError is why a file that another one includes is not read, and what to do.
type includeError string

func (e includeError) Error() string { return string(e) }

const errElsewhere = includeError("import reads only files in the same folder; name it on the command line too")

const errCircle = includeError("files include each other in a circle")

var errTooMany = includeError(fmt.Sprintf("import reads at most %d included files, of %d KiB together; name it on the command line too", mostIncludes, mostText>>10))
