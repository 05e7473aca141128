package config

import (
	"fmt"
	"strings"

	"golang.org/x/net/publicsuffix"

	"ddns-batch/internal/idn"
	"ddns-batch/internal/record"
)

// recordsPerDomain is how many host records Namecheap keeps for one domain.
const recordsPerDomain = 150

// publicSuffix reports whether others register their domains under domain. The suffixes that companies offer for their
// customers do not count: whoever offers one has registered it.
func publicSuffix(domain string) bool {
	suffix, icann := publicsuffix.PublicSuffix(domain)
	return icann && suffix == domain
}

// publicSuffixError is the error of a domain, as it was written, that is a public suffix.
func publicSuffixError(written, domain string) error {
	return nameError{written, " is a public suffix, under which others register their domains; write the domain that you registered, such as example." +
		idn.Readable(domain)}
}

// SplitName takes a full name apart where nothing tells where the registered domain begins but the list of public
// suffixes. The error may quote the name.
func SplitName(full string) (record.Name, error) {
	name, err := aLabels(full)
	if err != nil {
		return record.Name{}, err
	}
	bare := strings.TrimPrefix(name, "*.")
	domain, err := publicsuffix.EffectiveTLDPlusOne(bare)
	if err != nil {
		return record.Name{}, nameError{full, " is not a name under a public suffix"}
	}
	return ParseName(name, domain)
}

// tooLong reports whether the domain of a record has more labels than a registered domain needs, and which record was
// probably meant.
func tooLong(n record.Name) (meant record.Name, ok bool) {
	registered, err := publicsuffix.EffectiveTLDPlusOne(n.Domain)
	if err != nil || registered == n.Domain {
		return n, false
	}
	labels := strings.TrimSuffix(n.Domain, "."+registered)
	meant = record.Name{Host: n.Host + "." + labels, Domain: registered}
	if n.Host == "@" || n.Host == labels {
		meant.Host = labels
	}
	return meant, true
}

// tooLongText is the warning for it; write says how to name the record that was meant.
func tooLongText(n, meant record.Name, write string) string {
	return fmt.Sprintf("%s has more labels than a registered domain needs; if you registered %s, %s", quote(idn.Both(n.Domain)), idn.Both(meant.Domain), write)
}

// warnTooLong warns of the domain of the entry i, whose first record is n.
func (c *checker) warnTooLong(i int, n record.Name) {
	meant, ok := tooLong(n)
	if !ok {
		return
	}
	host := idn.Readable(meant.Host)
	if host[0] == '*' {
		host = quote(host)
	}
	field := fmt.Sprintf("records[%d].domain", i)
	at, _ := c.find(field)
	c.warn(Problem{Path: c.path, Line: at.Line, Column: at.Column, Field: field, Text: tooLongText(n, meant, "write that, and host: "+host)})
}

// warnTooMany warns of domains with more records than there can be.
func (c *checker) warnTooMany(records []Record) {
	counts := map[string]int{}
	for _, r := range records {
		counts[r.Name.Domain]++
	}
	for _, r := range records {
		domain := r.Name.Domain
		if counts[domain] > recordsPerDomain {
			c.warn(Problem{Path: c.path, Text: fmt.Sprintf("%s has %d records; Namecheap allows at most %d for a domain", idn.Both(domain), counts[domain], recordsPerDomain)})
			counts[domain] = 0
		}
	}
}
