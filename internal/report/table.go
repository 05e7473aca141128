package report

import (
	"io"
	"net/netip"
	"slices"
	"strings"
	"unicode/utf8"

	"ddns-batch/internal/sanitize"
)

// address is how an address is shown, also when there is none.
func address(a netip.Addr) string {
	if !a.IsValid() {
		return "-"
	}
	return a.String()
}

// table aligns cells in columns, two spaces apart.
type table struct {
	rows  [][]string
	width [8]int
}

func (t *table) add(cells ...string) {
	for i := range cells {
		cells[i] = sanitize.Text(cells[i])
		// The last cell of a row has nothing to its right that could be aligned.
		if i < len(cells)-1 {
			t.width[i] = max(t.width[i], utf8.RuneCountInString(cells[i]))
		}
	}
	t.rows = append(t.rows, slices.Clip(cells))
}

func (t *table) lines() []string {
	lines := make([]string, 0, len(t.rows))
	var b strings.Builder
	for _, row := range t.rows {
		b.Reset()
		for i, cell := range row {
			if i == len(row)-1 {
				b.WriteString(cell)
			} else {
				pad(&b, cell, t.width[i]+2)
			}
		}
		lines = append(lines, strings.TrimRight(b.String(), " "))
	}
	return lines
}

// pad writes s and spaces up to width.
func pad(b io.StringWriter, s string, width int) {
	_, _ = b.WriteString(s)
	for missing := width - utf8.RuneCountInString(s); missing > 0; missing -= len(spaces) {
		_, _ = b.WriteString(spaces[:min(missing, len(spaces))])
	}
}

const spaces = "                                "
