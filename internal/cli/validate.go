package cli

import (
	"slices"

	"github.com/spf13/cobra"

	"ddns-batch/internal/config"
	"ddns-batch/internal/exitstatus"
	"ddns-batch/internal/record"
	"ddns-batch/internal/report"
)

const validateHelp = `validate checks the YAML file and that every password can be read. It opens no connection and writes nothing. It prints
each domain's records, and where its password comes from; never a password. It warns of files that no run could write, and
of commands that none could start.

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

func (a *app) validate() error {
	v := report.Validation{Config: a.config}
	if err := a.check(&v); err != nil {
		f := asFailure(err)
		v.ExitStatus, v.Error = f.Status, &f.Report
		a.printError(f.Report)
	}
	if err := a.print(v); err != nil {
		return err
	}
	return exitStatus(v.ExitStatus)
}

// check fills v with what is understood.
func (a *app) check(v *report.Validation) error {
	in, err := a.open(false)
	if err != nil {
		return err
	}
	c, passwords := in.config, in.passwords
	v.Config, v.Records = c.Path, len(c.Records)
	selected, err := selectRecords(c.Records, a.only)
	if err != nil {
		return err
	}
	if err := a.checkFiles(runOptions{}, in); err != nil {
		return err
	}
	if in.passwordErr != nil {
		return configFailure(in.passwordErr)
	}
	v.Records = len(selected)
	at := map[passwordOf]int{}
	for _, i := range selected {
		addPassword(v, at, c.Records[i].Name, passwords.Of(i))
	}
	v.Hint = in.missing(selected).hint()
	v.Warnings = slices.Concat(c.Warnings, passwords.Warnings, passwords.Advice(), passwords.EnvironmentOnly(), a.prevented(in))
	return nil
}

// prevented warns of what no run can do for others.
func (a *app) prevented(in installation) []string {
	var warnings []string
	for _, after := range a.afterRun(runOptions{}, in) {
		switch {
		case after.Fault == "":
		case after.Where != "":
			warnings = append(warnings, after.Where+": "+after.Fault)
		default:
			warnings = append(warnings, after.Fault)
		}
	}
	return warnings
}

type passwordOf struct {
	domain   string
	password *config.Password
}

func addPassword(v *report.Validation, at map[passwordOf]int, n record.Name, p *config.Password) {
	k := passwordOf{n.Domain, p}
	i, known := at[k]
	if !known {
		i = len(v.Passwords)
		at[k] = i
		v.Passwords = append(v.Passwords, report.Password{Domain: n.Domain, Name: p.Ref.String(), From: p.From, Problem: p.Problem, Where: p.Where})
	}
	v.Passwords[i].Hosts = append(v.Passwords[i].Hosts, n.Host)
	if p.Problem != "" {
		v.ExitStatus = exitstatus.NotAsAsked
	}
}
