package page

import (
	"net/netip"
	"slices"
	"time"

	"ddns-batch/internal/state"
)

// span is a stretch of time during which an address was held. An invalid address: it was not known.
type span struct {
	address  netip.Addr
	from, to time.Time
}

// knowledge is a history, and what is known besides.
type knowledge struct {
	history []state.Change
	// address is the present one, held since then; invalid when it is not known.
	address netip.Addr
	since   time.Time
	// until is when the last address of the history was last seen.
	until time.Time
}

// longest is more than any history can hold. What claims to be older was dated by a clock that had not been set.
const longest = 50 * 365 * 24 * time.Hour

// spans are without gaps from the first known address to end, oldest first, neighbours different.
func (k knowledge) spans(end time.Time) []span {
	changes := make([]state.Change, 0, len(k.history)+1)
	inOrder := true
	for _, c := range k.history {
		if c.At.IsZero() {
			continue
		}
		c.At = within(c.At, end)
		inOrder = inOrder && (len(changes) == 0 || !c.At.Before(changes[len(changes)-1].At))
		changes = append(changes, c)
	}
	if !inOrder {
		slices.SortStableFunc(changes, func(a, b state.Change) int { return a.At.Compare(b.At) })
	}
	changes = append(changes, k.present(changes, end)...)

	spans := make([]span, 0, len(changes))
	for _, c := range changes {
		n := len(spans)
		switch {
		case n == 0 && !c.IP.IsValid():
			continue
		case n > 0 && spans[n-1].address == c.IP:
			continue
		case n > 0:
			spans[n-1].to = c.At
		}
		spans = append(spans, span{address: c.IP, from: c.At, to: end})
	}
	return spans
}

// present is the change that the history has not got: nothing, or one at or after its last.
func (k knowledge) present(changes []state.Change, end time.Time) []state.Change {
	at := k.since
	if !k.address.IsValid() {
		at = k.until
	}
	if at.IsZero() {
		at = end
	}
	at = within(at, end)
	if n := len(changes); n > 0 {
		last := changes[n-1]
		if last.IP == k.address {
			return nil
		}
		if at.Before(last.At) {
			at = last.At
		}
	}
	return []state.Change{{IP: k.address, At: at}}
}

func within(t, end time.Time) time.Time {
	if t.After(end) {
		return end
	}
	if first := end.Add(-longest); t.Before(first) {
		return first
	}
	return t
}
