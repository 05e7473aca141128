package config

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"ddns-batch/internal/record"
)

// nameError is what is wrong with a name. The problem is worded to follow the name as it was written: " is the domain
// itself", or ": a label is empty".
type nameError struct{ written, problem string }

func (e nameError) Error() string { return quote(e.written) + e.problem }

// urlError is the error of a URL in place of a host. It never quotes the URL: a password may stand in it.
type urlError struct{ problem string }

func (e urlError) Error() string { return e.problem }

// withoutName words err for a line that names the host already.
func withoutName(err error) string {
	if e, ok := errors.AsType[nameError](err); ok {
		return strings.TrimLeft(e.problem, ": ")
	}
	return err.Error()
}

// domainName normalises a registered domain. On an error it returns "".
func domainName(written string) (string, error) {
	if written == "" {
		return "", errors.New("is empty")
	}
	if name, _, ok := cutURL(written); ok {
		if _, err := domainName(name); err != nil {
			name = "the registered domain, such as example.com"
		}
		return "", errors.New("is a URL, not a domain; write " + name)
	}
	if separate(written, domainName) != nil {
		return "", nameError{written, " is several domains; write an entry for each"}
	}
	domain, err := aLabels(written)
	if err != nil {
		return "", err
	}
	if err := checkLabels(domain, false); err != nil {
		return "", nameError{written, ": " + err.Error()}
	}
	last := domain[strings.LastIndexByte(domain, '.')+1:]
	switch {
	case strings.Trim(last, "0123456789") == "":
		return "", nameError{written, " is not a domain: its last label is a number"}
	case last == domain:
		return "", nameError{written, " has only one label; write the registered domain, such as example.com"}
	}
	if publicSuffix(domain) {
		return "", publicSuffixError(written, domain)
	}
	return domain, checkLength(len(domain))
}

// hostName normalises a host of domain: "@", "*", or labels, of which the leftmost may be "*". The domain is normalised,
// or empty if it is not known. The error is a *severalHosts if that is what is written.
func hostName(written, domain string) (string, error) {
	host := strings.TrimSuffix(written, ".")
	switch host {
	case "":
		return "", errors.New(`is empty; write "@" for the domain itself`)
	case "@", "*":
		return host, checkLength(len(host) + 1 + len(domain))
	}
	if name, scheme, ok := cutURL(host); ok {
		return "", urlError{"is a URL, not a host; write " + hostOfURL(name, domain, scheme)}
	}
	if hosts := separate(host, func(part string) (string, error) { return shortHost(part, domain) }); hosts != nil {
		return "", &severalHosts{written, hosts}
	}
	labels, wildcard := strings.CutPrefix(host, "*.")
	labels, err := aLabels(labels)
	if err != nil {
		return "", err
	}
	short, full := within(labels, domain)
	if !full || short != "@" {
		if err := checkLabels(short, true); err != nil {
			return "", nameError{written, ": " + err.Error()}
		}
	}
	if wildcard {
		short = strings.TrimSuffix("*."+short, ".@")
	}
	switch {
	case !full:
		return short, checkLength(len(short) + 1 + len(domain))
	case short == "@":
		return "", nameError{written, ` is the domain itself; write "@"`}
	default:
		return "", nameError{written, " ends in its domain; write " + quote(short)}
	}
}

// ParseName normalises a host and its registered domain, as they are written elsewhere than in hosts.yaml: a host that is
// left out is the domain itself, and one that ends in its domain is shortened. The error may quote what was written.
func ParseName(host, domain string) (record.Name, error) {
	d, err := domainName(domain)
	if err != nil {
		return record.Name{}, err
	}
	if looksLikePassword(host) {
		return record.Name{}, errors.New("the host looks like a password")
	}
	labels, wildcard := strings.CutPrefix(strings.TrimSuffix(host, "."), "*.")
	if ascii, err := aLabels(labels); err == nil {
		host = ascii
		if wildcard {
			host = "*." + ascii
		}
		host, _ = within(host, d)
	}
	h, err := hostName(cmp.Or(host, "@"), d)
	return record.Name{Host: h, Domain: d}, err
}

// within takes a domain off a full name; full reports whether name is one.
func within(name, domain string) (host string, full bool) {
	switch {
	case domain == "":
		return name, false
	case name == domain:
		return "@", true
	default:
		return strings.CutSuffix(name, "."+domain)
	}
}

// shortHost is a host that may be written as a full name.
func shortHost(written, domain string) (string, error) {
	host, _ := within(strings.ToLower(strings.TrimSuffix(written, ".")), domain)
	return host, checkHost(host)
}

// severalHosts is the error of a host that is more than one.
type severalHosts struct {
	written string
	hosts   []string
}

func (e *severalHosts) Error() string {
	return fmt.Sprintf("%s is several hosts; write hosts: [%s]", quote(e.written), e.list())
}

// list is how the hosts are written in a list.
func (e *severalHosts) list() string {
	const most = 10
	quoted := make([]string, 0, most)
	for _, h := range e.hosts[:min(most, len(e.hosts))] {
		quoted = append(quoted, quote(h))
	}
	if len(e.hosts) > most {
		quoted = append(quoted, "...")
	}
	return strings.Join(quoted, ", ")
}

// separate takes names apart that stand in one text; nil if there are fewer than two, one is none, or one is there
// twice.
func separate(written string, normal func(string) (string, error)) []string {
	between := func(r rune) bool { return unicode.IsSpace(r) || r == ',' || r == ';' }
	if !strings.ContainsFunc(written, between) {
		return nil
	}
	names := strings.FieldsFunc(written, between)
	for i, name := range names {
		var err error
		if names[i], err = normal(strings.Trim(name, `"'[]`)); err != nil || slices.Contains(names[:i], names[i]) {
			return nil
		}
	}
	if len(names) < 2 {
		return nil
	}
	return names
}

// cutURL takes the name out of a URL, or out of what has a path or a port like one. scheme: it has one.
func cutURL(written string) (name string, scheme, ok bool) {
	_, rest, scheme := strings.Cut(written, "://")
	if !scheme {
		rest = written
	}
	name, _, path := strings.Cut(rest, "/")
	if scheme {
		name = name[strings.LastIndexByte(name, '@')+1:]
	}
	name, port, colon := strings.Cut(name, ":")
	colon = colon && port != "" && strings.Trim(port, "0123456789") == ""
	return strings.ToLower(strings.TrimSuffix(name, ".")), scheme, scheme || path || colon
}

// hostOfURL says what to write for a URL with that name.
func hostOfURL(name, domain string, scheme bool) string {
	host, full := within(name, domain)
	if checkHost(host) != nil || !full && scheme && strings.Contains(host, ".") {
		return `what stands before the domain, such as "www"`
	}
	return quote(host)
}

// checkHost checks a host of A-labels.
func checkHost(host string) error {
	if host == "@" || host == "*" {
		return nil
	}
	return checkLabels(strings.TrimPrefix(host, "*."), true)
}

// checkLabels checks a name of A-labels.
func checkLabels(name string, underscore bool) error {
	for label := range strings.SplitSeq(name, ".") {
		switch {
		case label == "":
			return errors.New("a label is empty; is there one dot too many?")
		case len(label) > 63:
			return errors.New("a label is longer than 63 characters")
		case label == "*":
			return errors.New(`"*" must stand alone, or be the leftmost label of a host, as in "*.dev"`)
		case label == "@":
			return errors.New(`"@" must stand alone; it means the domain itself`)
		case label[0] == '-' || label[len(label)-1] == '-':
			return errors.New(`a label begins or ends with "-"`)
		}
		for _, r := range label {
			if (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' && (r != '_' || !underscore) {
				return fmt.Errorf("%q is not allowed in it", r)
			}
		}
	}
	return nil
}

// checkLength is for a full name.
func checkLength(n int) error {
	if n > 253 {
		return errors.New("the full name is longer than 253 characters")
	}
	return nil
}
