package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"ddns-batch/internal/config"
	"ddns-batch/internal/report"
)

const validateHelp = `validate checks the YAML file and that every password can be read. It opens no connection and writes nothing. It prints
what it understood: each domain's records, and where its password comes from; never a password.

Exit status: 0, 1 if a password cannot be read, 2 if something is wrong with the YAML or the env file.`

func (a *app) validateCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "validate",
		Short: "Check the YAML file and that every password can be read; no network",
		Long:  validateHelp,
		Args:  noArguments,
		RunE:  func(*cobra.Command, []string) error { return a.validate() },
	}
}

// validated is what validate prints, as JSON.
type validated struct {
	Schema     int                 `json:"schema"`
	Config     string              `json:"config"`
	ExitStatus int                 `json:"exit_status"`
	Records    int                 `json:"records"`
	Domains    []validatedPassword `json:"domains"`
	Warnings   []string            `json:"warnings"`
	Error      *report.Error       `json:"error,omitempty"`
}

// validatedPassword is one password of one domain: nearly always there is one line for each domain.
type validatedPassword struct {
	Domain   string   `json:"domain"`
	Hosts    []string `json:"hosts"`
	Password string   `json:"password"`
	From     string   `json:"from,omitempty"`
	Problem  string   `json:"problem,omitempty"`
	Where    string   `json:"where,omitempty"`
}

func (a *app) validate() error {
	if err := a.checkFlags(); err != nil {
		return err
	}
	v := validated{Schema: report.Schema, Config: a.config, Domains: []validatedPassword{}, Warnings: []string{}}
	err := a.check(&v)
	if err != nil {
		f := asFatal(err)
		v.ExitStatus, v.Error = f.status, &f.report
		a.printFatal(f)
	}
	if a.output == "json" {
		if err := json.NewEncoder(a.stdout).Encode(v); err != nil {
			return err
		}
	} else if err == nil {
		if err := v.write(a.stdout); err != nil {
			return err
		}
	}
	return ended(v.ExitStatus)
}

// check fills v with what is understood.
func (a *app) check(v *validated) error {
	c, err := a.loadConfig()
	if err != nil {
		return err
	}
	v.Config, v.Records = c.Path, len(c.Records)
	selected, err := selectRecords(c.Records, a.only)
	if err != nil {
		return err
	}
	passwords, err := c.Passwords(a.lookup)
	if err != nil {
		return configTrouble(err)
	}
	v.Records = len(selected)
	at := map[validatedKey]int{}
	for _, i := range selected {
		v.add(at, c.Records[i], passwords.Of(i))
	}
	v.Warnings = append(append(v.Warnings, passwords.Warnings...), passwords.Advice()...)
	v.Warnings = append(v.Warnings, environmentOnly(passwords)...)
	return nil
}

type validatedKey struct {
	domain   string
	password *config.Password
}

func (v *validated) add(at map[validatedKey]int, r config.Record, p *config.Password) {
	k := validatedKey{r.Name.Domain, p}
	i, known := at[k]
	if !known {
		i = len(v.Domains)
		at[k] = i
		v.Domains = append(v.Domains, validatedPassword{
			Domain: r.Name.Domain, Password: p.Ref.String(), From: p.From, Problem: p.Problem, Where: p.Where,
		})
	}
	v.Domains[i].Hosts = append(v.Domains[i].Hosts, r.Name.Host)
	if p.Problem != "" {
		v.ExitStatus = statusNotAsAsked
	}
}

// environmentOnly warns of passwords that a shell has and cron does not.
func environmentOnly(passwords *config.Passwords) []string {
	var names []string
	for i := range passwords.All {
		if p := &passwords.All[i]; p.EnvironmentOnly {
			names = append(names, p.Ref.Env)
		}
	}
	if names == nil {
		return nil
	}
	return []string{strings.Join(names, ", ") + ": from this shell's environment only; cron and systemd will not see it, an env_file they do"}
}

// write is v as text.
func (v *validated) write(w io.Writer) error {
	var text strings.Builder
	source := cmp.Or(v.Config, "no YAML file")
	fmt.Fprintf(&text, "%s: %s of %s\n\n", source, count(v.Records, "record"), count(v.domains(), "domain"))
	columns := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	for _, d := range v.Domains {
		password := d.Password + " from " + d.From
		switch {
		case d.Problem != "":
			password = strings.TrimSpace(fmt.Sprintf("%s is missing: %s  %s", d.Password, d.Problem, d.Where))
		case d.From == "" || strings.HasSuffix(d.From, d.Password):
			password = "from " + d.From
		}
		fmt.Fprintf(columns, "%s\t%s\t%s\n", d.Domain, count(len(d.Hosts), "record"), password)
		for _, line := range wrapped(d.Hosts, hostsWidth) {
			fmt.Fprintf(columns, "  %s\n", line)
		}
	}
	_ = columns.Flush()
	if v.ExitStatus == statusNotAsAsked {
		text.WriteString("\nhint: set what is missing, or write NAME=value lines into a file and name it with env_file: in the YAML file\n")
	}
	for i, warning := range v.Warnings {
		if i == 0 {
			text.WriteByte('\n')
		}
		fmt.Fprintf(&text, "warning: %s\n", warning)
	}
	_, err := io.WriteString(w, text.String())
	return err
}

func (v *validated) domains() int {
	seen := map[string]bool{}
	for _, d := range v.Domains {
		seen[d.Domain] = true
	}
	return len(seen)
}

// hostsWidth is the longest line of hosts.
const hostsWidth = 90

// wrapped puts words into lines.
func wrapped(words []string, width int) []string {
	var lines []string
	line := ""
	for _, word := range words {
		if line != "" && len(line)+1+len(word) > width {
			lines = append(lines, line)
			line = ""
		}
		line = strings.TrimPrefix(line+" "+word, " ")
	}
	return append(lines, line)
}

// count is a number of things in words: "1 record", "2 records".
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
