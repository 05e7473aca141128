package report

import (
	"bufio"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"ddns-batch/internal/humanize"
	"ddns-batch/internal/outcome"
	"ddns-batch/internal/plan"
	"ddns-batch/internal/sanitize"
)

// TextOptions are how a text is shown.
type TextOptions struct {
	// All lists kept records too.
	All bool
	// Colour paints the words that say how records ended. Never set it for what is not a terminal.
	Colour bool
	// Width is where hints are broken; 0 is 132, for what is not a terminal.
	Width int
	// Location is that of the times shown; nil is UTC.
	Location *time.Location
}

// defaultWidth lets nearly every hint stand on one line, which can then be searched for.
const defaultWidth = 132

func (o TextOptions) withDefaults() TextOptions {
	if o.Width == 0 {
		o.Width = defaultWidth
	}
	if o.Location == nil {
		o.Location = time.UTC
	}
	return o
}

// WriteText writes the run for people, in the order of the file. It writes nothing where there is no plan: Error says
// why, and is written by WriteError.
func (r Run) WriteText(w io.Writer, o TextOptions) error {
	if len(r.Records) == 0 {
		return nil
	}
	o = o.withDefaults()
	t := text{bufio.NewWriter(w), r, o, outcome.Summarize(r.Records)}
	t.write()
	return t.out.Flush()
}

// text writes one report. Write errors stay in out until it is flushed.
type text struct {
	out *bufio.Writer
	Run
	TextOptions
	summary outcome.Summary
}

func (t text) write() {
	lines := arrange(t.Records, t.Provider, t.StartedAt, t.Location).lines(t.All)
	if !t.kept() || t.All || t.DryRun || t.Sandbox || t.Given {
		t.header()
		if len(lines) > 0 {
			t.line("")
		}
	}
	c := t.columns(lines)
	for _, l := range lines {
		t.show(l, c)
	}
	t.line(t.lastLine())
	t.refused()
	t.waited()
}

// refused says which passwords were refused though their records are up to date.
func (t text) refused() {
	for _, r := range refusals(t.Records) {
		t.line("warning: " + r.words(t.Provider, t.StartedAt, t.Location))
		t.hint("", r.first.Hint)
	}
}

// waited says how long the name servers took for each record, and once for each domain which those are.
func (t text) waited() {
	var late, domains []int
	confirmed := map[string]bool{}
	for i, r := range t.Records {
		w, waited := t.Waited[i]
		switch {
		case waited && w.Served:
			t.line("served by the domain's own name servers: " + shown(r.Name) + ", after " + humanize.Took(w.Took))
			if !confirmed[r.Name.Domain] {
				confirmed[r.Name.Domain] = true
				domains = append(domains, i)
			}
		case waited:
			late = append(late, i)
		}
	}
	for _, i := range domains {
		var names []string
		for _, s := range t.Waited[i].Servers {
			names = append(names, s.Name)
		}
		t.line("name servers of " + spelt(t.Records[i].Name.Domain) + " that confirmed it: " + humanize.List(names))
	}
	for _, i := range late {
		t.line("not served yet: " + shown(t.Records[i].Name) + ", published: " + t.Waited[i].Words)
	}
}

func (t text) kept() bool { return t.summary.Kept == t.summary.Records }

func (t text) line(s string) {
	_, _ = t.out.WriteString(strings.TrimRight(sanitize.Text(s), " "))
	_ = t.out.WriteByte('\n')
}

// header says what the run went by.
func (t text) header() {
	if t.Sandbox {
		t.line("sandbox: a stand-in on this machine answers for " + t.Provider + "; no real DNS is touched")
	}
	if t.DryRun {
		t.line("dry run: nothing is sent and nothing is written; read " + t.read())
	}
	switch {
	case t.Given:
		t.line(address(t.Address) + ", given by --ip; the next run without --ip moves the records back")
	case t.Address.IsValid():
		t.line(t.Address.String() + t.saidBy())
	}
}

func (t text) read() string {
	var files []string
	for _, f := range []string{t.Config, t.State} {
		if f != "" {
			files = append(files, f)
		}
	}
	if len(files) == 0 {
		return "no file"
	}
	return humanize.List(files)
}

// saidBy names the sources that gave the address; what others said is in the log.
func (t text) saidBy() string {
	var names []string
	for _, s := range t.Sources {
		if s.Address == t.Address {
			names = append(names, s.Name)
		}
	}
	if len(names) == 0 {
		return ""
	}
	return ", said by " + humanize.List(names)
}

// columns are the widths of a report's columns.
type columns struct{ word, name, reason, change int }

func (t text) columns(lines []line) columns {
	var c columns
	for _, l := range lines {
		c.word = max(c.word, len(word(l.end)))
		if l.sentence != "" {
			continue
		}
		c.name = max(c.name, utf8.RuneCountInString(shown(l.of.Name)))
		c.reason = max(c.reason, len(l.of.Step.Reason))
		c.change = max(c.change, len(change(l.of.Step)))
	}
	return c
}

// change is what happens to the address of a record.
func change(s plan.Step) string {
	switch {
	case !s.To.IsValid():
		return ""
	case !s.From.IsValid():
		return "-> " + s.To.String()
	case s.Known && s.From == s.To:
		return s.To.String()
	default:
		return s.From.String() + " -> " + s.To.String()
	}
}

func (t text) show(l line, c columns) {
	var b strings.Builder
	if l.sentence != "" {
		b.WriteString(sanitize.Text(l.sentence))
	} else {
		pad(&b, shown(l.of.Name), c.name+2)
		pad(&b, sanitize.Text(string(l.of.Step.Reason)), c.reason+2)
		pad(&b, change(l.of.Step), c.change+3)
		b.WriteString(sanitize.Text(l.note))
	}
	colour, plain := t.paint(l.end)
	_, _ = t.out.WriteString(colour + word(l.end) + plain)
	indent := strings.Repeat(" ", c.word+2)
	t.line(indent[len(word(l.end)):] + b.String())
	if l.detail != "" {
		t.line(indent + l.detail)
	}
	t.hint(indent, l.hint)
}

func (t text) hint(indent string, h outcome.Hint) {
	hint, command := hintParts(h, t.Program)
	if hint == "" {
		return
	}
	for i, part := range wrap(hint, command, max(t.Width-len(indent)-len("hint: "), narrowest)) {
		t.line(indent + [...]string{"hint: ", "      "}[min(i, 1)] + part)
	}
}

const (
	red    = "\x1b[31m"
	green  = "\x1b[32m"
	yellow = "\x1b[33m"
	off    = "\x1b[0m"
)

// word is how the text calls what became of a record.
func word(e outcome.End) string {
	if e == outcome.Pending {
		return "would update"
	}
	return string(e)
}

func (t text) paint(e outcome.End) (before, after string) {
	if !t.Colour {
		return "", ""
	}
	switch e {
	case outcome.Updated, outcome.Refreshed:
		return green, off
	case outcome.Failed:
		return red, off
	case outcome.Unconfirmed, outcome.Held, outcome.Skipped:
		return yellow, off
	default:
		return "", ""
	}
}

// lastLine counts.
func (t text) lastLine() string {
	if t.kept() {
		return t.allKept()
	}
	s := t.summary
	var parts []string
	for _, n := range []struct {
		n    int
		word string
	}{
		{s.Updated, "updated"}, {s.Refreshed, "refreshed"}, {s.Failed, "failed"}, {s.Unconfirmed, "unconfirmed"},
		{s.Held, "held"}, {s.Skipped, "skipped"}, {s.Pending, "would be updated"}, {s.Kept, "kept"},
	} {
		if n.n > 0 {
			parts = append(parts, strconv.Itoa(n.n)+" "+n.word)
		}
	}
	line := humanize.Count(s.Records, "record") + ": " + strings.Join(parts, ", ") + ", in " + humanize.Took(t.Took) + "."
	if s.Updated > 0 && !t.Sandbox {
		line += " Resolvers may show the old address until its TTL ends (" + aboutTTL() + ")."
	}
	return line
}

func (t text) allKept() string {
	all := "all "
	if t.summary.Records == 1 {
		all = ""
	}
	line := address(t.Address) + ": " + all + humanize.Count(t.summary.Records, "record") + " kept"
	if t.LastChange.IsZero() {
		return line
	}
	line += ", last change "
	on := humanize.Date(t.LastChange, t.Location)
	if ago := t.StartedAt.Sub(t.LastChange); ago >= 0 {
		return line + humanize.Ago(ago) + " (" + on + ")"
	}
	return line + on
}

func aboutTTL() string { return "about " + humanize.Took(outcome.TTL) }
