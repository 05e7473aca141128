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

// configFailure is the end of a command because of the YAML or the env file.
func configFailure(err error) *run.Failure {
	return (&refusal{Error: configError(err)}).failure()
}

// configError is an error of the YAML or the env file. Several problems become one error with details.
func configError(err error) report.Error {
	var problems config.Problems
	if e := (*config.EnvFileError)(nil); errors.As(err, &e) {
		problems = e.Problems
	} else if !errors.As(err, &problems) {
		return report.Error{Message: err.Error()}
	}
	if len(problems) == 1 {
		return report.Error{Message: problems[0].Error()}
	}
	out := report.Error{Message: fmt.Sprintf("%d problems in %s", problems.Count(), problems[0].Path)}
	for _, p := range problems {
		out.Details = append(out.Details, p.Error())
	}
	return out
}

// refusal is why a run sends nothing, whatever the state holds.
type refusal struct {
	report.Error
	// envFault is what is wrong with the env file, if it is that.
	envFault string
}

// failure is how the run ends. Of several problems it adds that nothing was sent.
func (r *refusal) failure() *run.Failure {
	f := &run.Failure{Status: exitstatus.Usage, Report: r.Error, AlwaysPrint: true}
	if len(r.Details) > 0 {
		f.Report.Message += "; nothing was sent"
	}
	return f
}

// foretold says it of a run that somebody else may make.
func (r *refusal) foretold() report.Error {
	e := r.Error
	e.Message = fmt.Sprintf("a run would end with status %d: %s", exitstatus.Usage, e.Message)
	return e
}

// refuses is why a run of the selected records would send nothing: the env file is faulty, or they have no password; nil
// where it would not be for that.
func (in installation) refuses(selected []int) *refusal {
	if in.passwords == nil {
		return nil
	}
	if in.passwordErr != nil {
		e := configError(in.passwordErr)
		return &refusal{e, e.Message}
	}
	if m := in.missing(selected); m.list != nil && m.records == len(selected) {
		return &refusal{Error: m.report()}
	}
	return nil
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
	if in.passwords == nil {
		return m
	}
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
	return report.MissingError(m.list, m.passwords(), len(m.selected), m.hint())
}

// foretold says it of a run that somebody else may make.
func (m missing) foretold() report.Error {
	return report.MissingWarning(m.list, m.passwords(), len(m.selected), m.hint())
}

// passwords counts those that the selected records want.
func (m missing) passwords() int {
	used := map[*config.Password]bool{}
	for _, of := range m.selected {
		used[m.in.passwords.Of(of)] = true
	}
	return len(used)
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
