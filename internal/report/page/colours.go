package page

import (
	"net/netip"
	"slices"
	"strconv"
)

// hues is how many colours the style sheet has for addresses. The first, h0, is the present address' alone.
const hues = 10

// palette gives each address its colour, the same wherever it appears. Of more addresses than hues some share one, but
// hardly ever neighbours.
type palette map[netip.Addr]string

func newPalette(present netip.Addr) palette {
	p := palette{}
	if present.IsValid() {
		p[present] = "h0"
	}
	return p
}

// add gives colours to addresses that have none yet, the most recent first.
func (p palette) add(spans []span) {
	for _, s := range slices.Backward(spans) {
		if _, ok := p[s.address]; !ok && s.address.IsValid() {
			p[s.address] = "h" + strconv.Itoa(1+len(p)%(hues-1))
		}
	}
}

// class of an invalid address is that of a gap.
func (p palette) class(a netip.Addr) string {
	if !a.IsValid() {
		return "gap"
	}
	return p[a]
}

// legend says which colour stands for which address.
type legend struct {
	Colours []colour
	// Left are addresses for which there was no colour of their own.
	Left int
	// Gap is the class of what is not known; empty where everything is.
	Gap string
}

type colour struct{ Class, Address string }

// legend lists the addresses of spans, the most recent first, as long as each has a colour of its own.
func (p palette) legend(spans []span) legend {
	var l legend
	met, taken := map[netip.Addr]bool{}, map[string]bool{}
	for _, s := range slices.Backward(spans) {
		if met[s.address] {
			continue
		}
		met[s.address] = true
		switch class := p.class(s.address); {
		case !s.address.IsValid():
		case taken[class]:
			l.Left++
		default:
			taken[class] = true
			l.Colours = append(l.Colours, colour{class, known(s.address)})
		}
	}
	return l
}
