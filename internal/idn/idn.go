// Package idn turns international names into the A-labels that DNS knows, and back into what people read. It never decides
// whether a name is fit to be a record's: package config does that.
package idn

import (
	"strings"
	"sync"
	"unicode"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/bidi"
)

// profile maps letters as a resolver would, and leaves "_", "*" and hyphens to others.
var profile = sync.OnceValue(func() *idna.Profile {
	return idna.New(idna.MapForLookup(), idna.StrictDomainName(false), idna.CheckHyphens(false), idna.CheckJoiners(true), idna.BidiRule())
})

const prefix = "xn--"

// ToASCII is name in lower case, as A-labels.
func ToASCII(name string) (string, error) {
	lower := strings.ToLower(name)
	if strings.IndexFunc(lower, func(r rune) bool { return r > unicode.MaxASCII }) < 0 && !strings.Contains(lower, prefix) {
		return lower, nil
	}
	return profile().ToASCII(name)
}

// Readable is a name of A-labels as people read it. It is name itself where that is no A-label, and where its letters do
// not print, are written from right to left, or are not what the A-label stands for: such text would change how the line
// around it looks.
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

func readable(label string) string {
	text, err := profile().ToUnicode(label)
	if err != nil || strings.ContainsFunc(text, unfit) {
		return label
	}
	if back, err := profile().ToASCII(text); err != nil || back != label {
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
