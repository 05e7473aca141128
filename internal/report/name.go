package report

import (
	"ddns-batch/internal/idn"
	"ddns-batch/internal/record"
	"ddns-batch/internal/sanitize"
)

// shown is a name as a text shows it: as people read it, with its A-labels where those differ.
func shown(n record.Name) string { return spelt(n.String()) }

// spelt is shown for any part of a name.
func spelt(name string) string { return idn.Both(sanitize.Text(name)) }

// readable is a name, or a part of one, as people read it; empty where its A-labels are the same.
func readable(name string) string {
	name = sanitize.Text(name)
	if letters := idn.Readable(name); letters != name {
		return letters
	}
	return ""
}
