package match

import (
	"strings"

	"ddns-batch/internal/record"
)

import ()

// Wildcard is the record among names that name servers answer with for a name that is none of them. A name that
// exists, if only because another lies below it, is not covered, and shields what lies below it.
func Wildcard(full string, names []record.Name) (record.Name, bool) {
	exists := map[string]bool{}
	wildcards := map[string]record.Name{}
	for _, n := range names {
		if strings.HasPrefix(n.Host, "*") {
			_, parent, _ := strings.Cut(n.String(), ".")
			wildcards[parent] = n
		}
		for at := n.String(); at != n.Domain; _, at, _ = strings.Cut(at, ".") {
			exists[at] = true
		}
		exists[n.Domain] = true
	}
	if strings.ContainsAny(full, `*?\`) {
		return record.Name{}, false
	}
	for at := full; at != "" && !exists[at]; {
		_, at, _ = strings.Cut(at, ".")
		if n, ok := wildcards[at]; ok {
			return n, true
		}
	}
	return record.Name{}, false
}
