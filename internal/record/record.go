// Package record names a DNS record by the pair that identifies it everywhere: its host and its registered domain.
// It never parses, normalises or validates: package config does that once, at the border.
package record

import (
	"cmp"
	"strings"
)

// Name identifies one A record. "@" of example.com and "@" of example.net are two records, and so are www of each:
// a host alone, or a full name alone, identifies nothing.
type Name struct {
	// Host is what the provider's panel shows in its Host column: "@" for the domain itself, "*" for the wildcard, or
	// the labels left of the domain, lower-case, without a trailing dot.
	Host string
	// Domain is the registered domain, lower-case, as A-labels, without a trailing dot.
	Domain string
}

// String is the full name as a resolver would be asked for it: "example.com", "*.example.com", "a.b.example.com".
func (n Name) String() string {
	if n.Host == "@" {
		return n.Domain
	}
	return n.Host + "." + n.Domain
}

// Compare orders names by domain, then by host.
func (n Name) Compare(o Name) int {
	return cmp.Or(strings.Compare(n.Domain, o.Domain), strings.Compare(n.Host, o.Host))
}
