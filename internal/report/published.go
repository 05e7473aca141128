package report

import (
	"fmt"
	"io"
)

// Published is what is published for records: the name of each, and what is said of it.
type Published [][2]string

// WriteText writes a row for each record.
func (p Published) WriteText(w io.Writer) error {
	t := table{}
	for _, row := range p {
		t.add("  "+row[0], row[1])
	}
	_, err := fmt.Fprintln(w, "\npublished now, by the domains' own name servers:")
	for _, line := range t.lines() {
		if err == nil {
			_, err = fmt.Fprintln(w, line)
		}
	}
	if err == nil {
		_, err = fmt.Fprintln(w)
	}
	return err
}
