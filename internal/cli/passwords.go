package cli

import (
	"errors"
	"fmt"

	"ddns-batch/internal/config"
	"ddns-batch/internal/exitstatus"
	"ddns-batch/internal/provider"
	"ddns-batch/internal/provider/namecheap/sandbox"
	"ddns-batch/internal/report"
	"ddns-batch/internal/run"
)

// withPasswords are the records of c with their passwords; passwords is nil in the sandbox, which has its own.
func withPasswords(c *config.Config, passwords *config.Passwords) []run.Record {
	records := make([]run.Record, 0, len(c.Records))
	// A zone of many records has one password.
	known := map[*config.Password]run.Record{}
	for i, r := range c.Records {
		if passwords == nil {
			secret := provider.NewSecret(sandbox.PasswordFor(r.Name.Domain))
			records = append(records, run.Record{Name: r.Name, Secret: secret, From: "the sandbox"})
			continue
		}
		p := passwords.Of(i)
		out, ok := known[p]
		if !ok {
			out = run.Record{Secret: p.Secret, From: p.Source(), Missing: p.Problem, Odd: p.Oddity()}
			known[p] = out
		}
		out.Name = r.Name
		records = append(records, out)
	}
	return records
}

// configFailure is an error of the YAML or the env file. Several problems become one error with details.
func configFailure(err error) *run.Failure {
	f := &run.Failure{Status: exitstatus.Usage, Report: report.Error{Message: err.Error()}, AlwaysPrint: true}
	var problems config.Problems
	if e := (*config.EnvFileError)(nil); errors.As(err, &e) {
		problems = e.Problems
	} else if !errors.As(err, &problems) {
		return f
	}
	if len(problems) == 1 {
		f.Report.Message = problems[0].Error()
		return f
	}
	f.Report.Message = fmt.Sprintf("%d problems in %s; nothing was sent", problems.Count(), problems[0].Path)
	for _, p := range problems {
		f.Report.Details = append(f.Report.Details, p.Error())
	}
	return f
}

// missing are the passwords that selected records want and that are not there.
type missing struct {
	in       installation
	selected []int
	list     []report.Missing // in the order of the file
	records  int
}

func (in installation) missing(selected []int) missing {
	m := missing{in: in, selected: selected}
	at := map[*config.Password]map[string]int{}
	for _, of := range selected {
		p := in.passwords.Of(of)
		if !p.Secret.IsZero() {
			continue
		}
		m.records++
		domain := in.config.Records[of].Name.Domain
		if at[p] == nil {
			at[p] = map[string]int{}
		}
		k, known := at[p][domain]
		if !known {
			k = len(m.list)
			at[p][domain] = k
			m.list = append(m.list, report.Missing{Variable: p.Ref.String(), Problem: p.Problem, Where: p.Where, Domain: domain})
		}
		m.list[k].Records++
	}
	return m
}

// report says which passwords are missing, and where they were looked for.
func (m missing) report() report.Error {
	used := map[*config.Password]bool{}
	for _, of := range m.selected {
		used[m.in.passwords.Of(of)] = true
	}
	return report.MissingError(m.list, len(used), len(m.selected), m.hint())
}

// hint says what to do about those that are missing; empty where none is.
func (m missing) hint() string {
	var absent []*config.Password
	for _, of := range m.selected {
		if p := m.in.passwords.Of(of); p.Secret.IsZero() {
			absent = append(absent, p)
		}
	}
	return m.in.config.PasswordHint(absent...)
}
