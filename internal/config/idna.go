package config

import (
	"fmt"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/net/idna"
	"golang.org/x/text/runes"
	"golang.org/x/text/secure/precis"
)

// international maps letters as a resolver would (UTS 46), and leaves "_" and hyphens to checkLabels.
var international = sync.OnceValue(func() *idna.Profile {
	return idna.New(idna.MapForLookup(), idna.StrictDomainName(false), idna.CheckHyphens(false), idna.CheckJoiners(true),
		idna.BidiRule())
})

// letters are what IDNA 2008 allows in a name that is mapped (RFC 5892), which UTS 46 does not check. The identifiers of
// PRECIS (RFC 8264) are the same above ASCII, but for the marks of three blocks.
var letters = sync.OnceValue(func() *precis.Profile {
	return precis.NewIdentifier(precis.Disallow(runes.In(&unicode.RangeTable{
		R16: []unicode.Range16{{Lo: 0x20d0, Hi: 0x20ff, Stride: 1}},
		R32: []unicode.Range32{{Lo: 0x1d100, Hi: 0x1d24f, Stride: 1}},
	})))
})

// otherQuotes are taken for quotes, beside those that Unicode calls so.
const otherQuotes = "´′″‴‵‶‷⁗❛❜❝❞❟❠❮❯"

// aLabels is name in lower case, as A-labels, without one trailing dot.
func aLabels(name string) (string, error) {
	// No name is as long as this even before it is shortened, and the work for A-labels grows with the square.
	if len(name) > 2000 {
		return "", checkLength(len(name))
	}
	ascii := strings.ToLower(name)
	foreign := strings.ContainsFunc(name, func(r rune) bool { return r >= 0x80 })
	if foreign {
		if err := checkCharacters(name); err != nil {
			return "", fmt.Errorf("%s: %w", quote(name), err)
		}
	}
	if foreign || strings.Contains(ascii, "xn--") {
		var err error
		if ascii, err = international().ToASCII(name); err != nil {
			return "", fmt.Errorf("%s is not a valid international name", quote(name))
		}
	}
	return strings.TrimSuffix(ascii, "."), nil
}

// checkCharacters names the first character of name that IDNA 2008 does not allow. Editors and web pages put quotes and
// dashes in place of those that were typed.
func checkCharacters(name string) error {
	for _, r := range name {
		switch {
		case r < 0x80:
		case unicode.Is(unicode.Quotation_Mark, r) || strings.ContainsRune(otherQuotes, r):
			return fmt.Errorf(`%q is a typographic quote; write straight quotes, " or ', or none`, r)
		case unicode.Is(unicode.Dash, r) && mappedLabel(string(r)) != "-":
			return fmt.Errorf("%q is a dash; write a hyphen, -", r)
		}
	}
	for label := range strings.SplitSeq(mappedLabel(name), ".") {
		// What is written as an A-label is meant to be this label: there are registered names that only older rules allow.
		if ascii, _ := international().ToASCII(label); strings.Contains(strings.ToLower(name), ascii) {
			continue
		}
		if _, err := letters().String(label); err == nil {
			continue
		}
		for _, r := range label {
			if _, err := letters().String(string(r)); r >= 0x80 && err != nil {
				return fmt.Errorf("%q (%U) cannot stand there; IDNA 2008 does not allow it", r, r)
			}
		}
	}
	return nil
}

// mappedLabel is what UTS 46 maps a label to; what cannot be mapped stays.
func mappedLabel(label string) string {
	mapped, _ := international().ToUnicode(label)
	return mapped
}
