package page

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"
	"time"

	"ddns-batch/internal/state"
)

// before is so many hours before noon.
func before(hours int) time.Time { return noon().Add(-time.Duration(hours) * time.Hour) }

// changes is a history: pairs of an address, 0 for an invalid one, and the hours before noon from which on it was held.
func changes(pairs ...int) []state.Change {
	var h []state.Change
	for i := 0; i < len(pairs); i += 2 {
		h = append(h, state.Change{IP: number(pairs[i]), At: before(pairs[i+1])})
	}
	return h
}

func number(n int) netip.Addr {
	if n == 0 {
		return netip.Addr{}
	}
	return address(n)
}

// write shows spans as "91 from 5 to 0", in hours before noon.
func write(spans []span) string {
	var s []string
	for _, p := range spans {
		name := "?"
		if p.address.IsValid() {
			name = fmt.Sprint(p.address.As4()[3])
		}
		s = append(s, fmt.Sprintf("%s from %v to %v", name, noon().Sub(p.from).Hours(), noon().Sub(p.to).Hours()))
	}
	return strings.Join(s, ", ")
}

func TestSpans(t *testing.T) {
	for _, tt := range []struct {
		name string
		knowledge
		want string
	}{
		{"nothing known", knowledge{}, ""},
		{"only gaps", knowledge{history: changes(0, 9, 0, 5)}, ""},
		{"a history up to the present", knowledge{history: changes(1, 9, 2, 5), address: number(2), since: before(5)},
			"1 from 9 to 5, 2 from 5 to 0"},
		{"no history", knowledge{address: number(2), since: before(5)}, "2 from 5 to 0"},
		{"no history and no date", knowledge{address: number(2)}, "2 from 0 to 0"},
		{"an address that the history has not got", knowledge{history: changes(1, 9), address: number(2), since: before(5)},
			"1 from 9 to 5, 2 from 5 to 0"},
		{"one that claims to be older than the history", knowledge{history: changes(1, 9), address: number(2), since: before(20)},
			"1 from 9 to 9, 2 from 9 to 0"},
		{"no longer known since it was last seen", knowledge{history: changes(1, 9, 2, 5), until: before(3)},
			"1 from 9 to 5, 2 from 5 to 3, ? from 3 to 0"},
		{"no longer known, seen last before the last change", knowledge{history: changes(1, 9, 2, 5), until: before(7)},
			"1 from 9 to 5, 2 from 5 to 5, ? from 5 to 0"},
		{"no longer known, as the history says", knowledge{history: changes(1, 9, 0, 5), until: before(6)},
			"1 from 9 to 5, ? from 5 to 0"},
		{"a gap between", knowledge{history: changes(1, 9, 0, 7, 2, 5), address: number(2)},
			"1 from 9 to 7, ? from 7 to 5, 2 from 5 to 0"},
		{"a gap at the beginning", knowledge{history: changes(0, 9, 1, 5), address: number(1)}, "1 from 5 to 0"},
		{"the same address again", knowledge{history: changes(1, 9, 1, 7, 2, 5, 2, 3), address: number(2)},
			"1 from 9 to 5, 2 from 5 to 0"},
		{"out of order, by a clock that was set", knowledge{history: changes(2, 5, 1, 9, 3, 3), address: number(3)},
			"1 from 9 to 5, 2 from 5 to 3, 3 from 3 to 0"},
		{"from the future", knowledge{history: changes(1, 9, 2, -50), address: number(2)}, "1 from 9 to 0, 2 from 0 to 0"},
		{"without a date", knowledge{history: []state.Change{{IP: number(7)}, {IP: number(1), At: before(9)}}, address: number(1)},
			"1 from 9 to 0"},
		{"from a time before there were computers", knowledge{
			history: []state.Change{{IP: number(1), At: time.Date(2, 1, 1, 0, 0, 0, 0, time.UTC)}}, address: number(1),
		}, "1 from 438000 to 0"},
	} {
		if got := write(tt.spans(noon())); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}

func TestSpansHaveNoHoles(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 2000 {
		k := knowledge{address: number(r.IntN(4)), since: before(r.IntN(60) - 5), until: before(r.IntN(60) - 5)}
		for range r.IntN(12) {
			k.history = append(k.history, changes(r.IntN(4), r.IntN(60)-5)...)
		}
		spans := k.spans(noon())
		for i, s := range spans {
			if s.to.Before(s.from) || i == 0 && !s.address.IsValid() ||
				i > 0 && (s.address == spans[i-1].address || !s.from.Equal(spans[i-1].to)) {
				t.Fatalf("%+v gave %s", k, write(spans))
			}
		}
		if n := len(spans); n > 0 && (spans[n-1].address != k.address || !spans[n-1].to.Equal(noon())) {
			t.Fatalf("%+v ends as %s", k, write(spans))
		}
	}
}
