package report

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"strings"

	"ddns-batch/internal/exitstatus"
	"ddns-batch/internal/humanize"
	"ddns-batch/internal/sanitize"
)

// Validation is what was understood of a YAML file.
type Validation struct {
	Config     string
	ExitStatus exitstatus.Status
	Records    int
	Passwords  []Password
	Warnings   []string
	// Hint is what to do about passwords that are missing; empty where none is.
	Hint string
	// Error is what is wrong with the file; nothing else is known then.
	Error *Error
}

// Password is one password of one domain, by its name: nearly always there is one for each domain.
type Password struct {
	Domain string
	Hosts  []string
	// Name is the variable or the file, From the place where it was found, Problem why it is missing, Where its place in
	// the YAML file.
	Name, From, Problem, Where string
}

type validationDocument struct {
	Schema     int                `json:"schema"`
	Config     string             `json:"config"`
	ExitStatus exitstatus.Status  `json:"exit_status"`
	Records    int                `json:"records"`
	Domains    []passwordDocument `json:"domains"`
	Warnings   []string           `json:"warnings"`
	Error      *Error             `json:"error,omitempty"`
}

type passwordDocument struct {
	Domain   string   `json:"domain"`
	Unicode  string   `json:"unicode,omitempty"`
	Hosts    []string `json:"hosts"`
	Password string   `json:"password"`
	From     string   `json:"from,omitempty"`
	Problem  string   `json:"problem,omitempty"`
	Where    string   `json:"where,omitempty"`
}

// WriteJSON writes what was understood as one JSON document on one line.
func (v Validation) WriteJSON(w io.Writer) error {
	d := validationDocument{
		Schema: Schema, Config: sanitize.Text(v.Config), ExitStatus: v.ExitStatus, Records: v.Records,
		Domains: make([]passwordDocument, 0, len(v.Passwords)), Warnings: make([]string, 0, len(v.Warnings)), Error: v.Error,
	}
	for _, p := range v.Passwords {
		d.Domains = append(d.Domains, passwordDocument{
			p.Domain, readable(p.Domain), p.Hosts, sanitize.Text(p.Name), sanitize.Text(p.From), sanitize.Text(p.Problem), sanitize.Text(p.Where),
		})
	}
	for _, warning := range v.Warnings {
		d.Warnings = append(d.Warnings, sanitize.Text(warning))
	}
	return encode(w, d)
}

// hostsWidth is the longest line of hosts.
const hostsWidth = 90

// WriteText writes what was understood, each domain with its hosts and where its password comes from; nothing where there
// is an Error, which is written by WriteError. Of o nothing counts.
func (v Validation) WriteText(w io.Writer, _ TextOptions) error {
	if v.Error != nil {
		return nil
	}
	out := bufio.NewWriter(w)
	t := table{}
	domains := map[string]bool{}
	for _, p := range v.Passwords {
		domains[p.Domain] = true
		t.add(spelt(p.Domain), humanize.Count(len(p.Hosts), "record"), p.words())
		hosts := make([]string, len(p.Hosts))
		for i, h := range p.Hosts {
			hosts[i] = spelt(h)
		}
		for _, line := range wrap(strings.Join(hosts, " "), "", hostsWidth) {
			t.add("  " + line)
		}
	}
	fmt.Fprintf(out, "%s: %s of %s\n\n", sanitize.Text(cmp.Or(v.Config, "no YAML file")),
		humanize.Count(v.Records, "record"), humanize.Count(len(domains), "domain"))
	for _, line := range t.lines() {
		fmt.Fprintln(out, line)
	}
	if v.Hint != "" {
		fmt.Fprintln(out, "\nhint: "+sanitize.Text(v.Hint))
	}
	for i, warning := range v.Warnings {
		if i == 0 {
			fmt.Fprintln(out)
		}
		fmt.Fprintln(out, "warning: "+sanitize.Text(warning))
	}
	return out.Flush()
}

// words are where a password comes from, or why it is missing.
func (p Password) words() string {
	switch {
	case p.Problem != "":
		return strings.TrimSpace(fmt.Sprintf("%s is missing: %s  %s", p.Name, p.Problem, p.Where))
	case p.From == "" || strings.HasSuffix(p.From, p.Name):
		return "from " + p.From
	default:
		return p.Name + " from " + p.From
	}
}
