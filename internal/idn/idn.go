// Package idn turns international names into the A-labels that DNS knows, and back into what people read. It never decides
// whether a name is fit to be a record's: package config does that.
package idn

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/net/idna"
	"golang.org/x/text/runes"
	"golang.org/x/text/secure/precis"
	"golang.org/x/text/unicode/bidi"
)

// international maps letters as a resolver would (UTS 46), and leaves "_", "*" and hyphens to others.
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

// ToASCII is name in lower case, as A-labels. The error says which character cannot stand in a name, and what to write in
// its place; it does not quote the name.
func ToASCII(name string) (string, error) {
	lower := strings.ToLower(name)
	foreign := strings.ContainsFunc(name, func(r rune) bool { return r >= 0x80 })
	if !foreign && !strings.Contains(lower, prefix) {
		return lower, nil
	}
	if foreign {
		if err := checkCharacters(name); err != nil {
			return "", err
		}
	}
	ascii, err := international().ToASCII(name)
	if err != nil {
		return "", ErrInvalid
	}
	return ascii, nil
}

// ErrInvalid: the characters are allowed, but not together.
var ErrInvalid = errors.New("is not a valid international name")

const prefix = "xn--"

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
				return fmt.Errorf("%q (%U) cannot be used: IDNA 2008 does not allow it", r, r)
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

// Readable is a name of A-labels as people read it. It is name itself where that is no A-label, and where its letters do
// not print, are written from right to left, or cannot be typed for the A-label: such text would change how
// the line around it looks, or be refused where it is copied to.
func Readable(name string) string {
	if !strings.Contains(name, prefix) {
		return name
	}
	labels := strings.Split(name, ".")
	for i, label := range labels {
		if strings.HasPrefix(label, prefix) {
			labels[i] = readable(label)
		}
	}
	return strings.Join(labels, ".")
}

// Both is Readable, with name itself in brackets behind it where the two differ: it is what name servers, logs and other
// programs show. name may be any part of a name.
func Both(name string) string {
	if letters := Readable(name); letters != name {
		return letters + " (" + name + ")"
	}
	return name
}

func readable(label string) string {
	text, err := international().ToUnicode(label)
	if err != nil || strings.ContainsFunc(text, unfit) {
		return label
	}
	if back, err := ToASCII(text); err != nil || back != label {
		return label
	}
	return text
}

// unfit to stand in a line of other text.
func unfit(r rune) bool {
	if !unicode.IsPrint(r) {
		return true
	}
	properties, _ := bidi.LookupRune(r)
	switch properties.Class() {
	case bidi.R, bidi.AL, bidi.AN, bidi.Control, bidi.LRO, bidi.RLO, bidi.LRE, bidi.RLE, bidi.PDF, bidi.LRI, bidi.RLI, bidi.FSI, bidi.PDI:
		return true
	default:
		return false
	}
}
