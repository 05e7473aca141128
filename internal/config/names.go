package config

import (
	"errors"
	"fmt"
	"strings"
)

// nameError is what is wrong with a name. The problem is worded to follow the name as it was written: " is the domain
// itself", or ": a label is empty".
type nameError struct{ written, problem string }

func (e nameError) Error() string { return quote(e.written) + e.problem }

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
		return "", nameError{written, " is not a domain; its last label is a number"}
	case last == domain:
		return "", nameError{written, " has only one label; write the registered domain, such as example.com"}
	}
	return domain, checkLength(len(domain))
}

// hostName normalises a host of domain: "@", "*", or labels, of which the leftmost may be "*". The domain is normalised,
// or empty if it is not known.
func hostName(written, domain string) (string, error) {
	host := strings.TrimSuffix(written, ".")
	switch host {
	case "":
		return "", errors.New(`is empty; write "@" for the domain itself`)
	case "@", "*":
		return host, checkLength(len(host) + 1 + len(domain))
	}
	labels, wildcard := strings.CutPrefix(host, "*.")
	labels, err := aLabels(labels)
	if err != nil {
		return "", err
	}
	switch {
	case domain == "":
	case labels == domain && wildcard:
		return "", nameError{written, ` ends in its domain; write "*"`}
	case labels == domain:
		return "", nameError{written, ` is the domain itself; write "@"`}
	case strings.HasSuffix(labels, "."+domain):
		host = strings.TrimSuffix(labels, "."+domain)
		if wildcard {
			host = "*." + host
		}
		return "", nameError{written, " ends in its domain; write " + quote(host)}
	}
	if err := checkLabels(labels, true); err != nil {
		return "", nameError{written, ": " + err.Error()}
	}
	if wildcard {
		labels = "*." + labels
	}
	return labels, checkLength(len(labels) + 1 + len(domain))
}

// checkLabels checks a name of A-labels.
func checkLabels(name string, underscore bool) error {
	for label := range strings.SplitSeq(name, ".") {
		switch {
		case label == "":
			return errors.New("a label is empty; is there a dot too many?")
		case len(label) > 63:
			return errors.New("a label is longer than 63 characters")
		case label == "*":
			return errors.New(`"*" stands alone or is the leftmost label of a host, as in "*.dev"`)
		case label == "@":
			return errors.New(`"@" stands alone; it is the domain itself`)
		case label[0] == '-' || label[len(label)-1] == '-':
			return errors.New(`a label begins or ends with "-"`)
		}
		for _, r := range label {
			if (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' && (r != '_' || !underscore) {
				return fmt.Errorf("%q cannot be part of it", r)
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
