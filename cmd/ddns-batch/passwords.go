package main

import (
	"errors"
	"fmt"

	"ddns-batch/internal/config"
	"ddns-batch/internal/pause"
	"ddns-batch/internal/plan"
	"ddns-batch/internal/provider"
	"ddns-batch/internal/report"
	"ddns-batch/internal/state"
)

// resolvePasswords finds the passwords. A run in which no selected record has one ends here; a dry run needs none.
func (b *batch) resolvePasswords() error {
	if b.sandbox {
		return nil
	}
	var err error
	b.passwords, err = b.config.Passwords(b.lookup)
	for _, warning := range b.passwords.Warnings {
		b.log.Warn(warning)
	}
	if err != nil {
		if !b.dryRun {
			return configTrouble(err)
		}
		b.log.Warn(err)
	}
	if missing, records := b.missing(); records == len(b.selected) && !b.dryRun {
		return &fatal{status: statusUsage, report: b.missingError(missing)}
	}
	return nil
}

// configTrouble is an error of the YAML or the env file. Several problems become one error with details.
func configTrouble(err error) *fatal {
	var problems config.Problems
	if f := (*config.EnvFileError)(nil); errors.As(err, &f) {
		problems = f.Problems
	} else if !errors.As(err, &problems) {
		return &fatal{status: statusUsage, report: report.Error{Message: err.Error()}}
	}
	if len(problems) == 1 {
		return &fatal{status: statusUsage, report: report.Error{Message: problems[0].Error()}}
	}
	e := report.Error{Message: fmt.Sprintf("%d problems in %s; nothing was sent", len(problems), problems[0].Path)}
	for _, p := range problems {
		e.Details = append(e.Details, p.Error())
	}
	return &fatal{status: statusUsage, report: e}
}

// password is what the configuration leads to for step i.
func (b *batch) password(i int) *config.Password { return b.passwords.Of(b.selected[i]) }

// secret is the password of step i; zero if it is missing.
func (b *batch) secret(i int) provider.Secret {
	if b.passwords == nil {
		return b.place.password(b.config.Records[b.selected[i]].Name.Domain)
	}
	return b.password(i).Secret
}

// missing lists the passwords that selected records want, in the order of the file, and counts those records.
func (b *batch) missing() (missing []report.Missing, records int) {
	at := map[*config.Password]map[string]int{}
	for i, of := range b.selected {
		p := b.password(i)
		if !p.Secret.IsZero() {
			continue
		}
		records++
		domain := b.config.Records[of].Name.Domain
		if at[p] == nil {
			at[p] = map[string]int{}
		}
		k, known := at[p][domain]
		if !known {
			k = len(missing)
			at[p][domain] = k
			missing = append(missing, report.Missing{Variable: p.Ref.String(), Problem: p.Problem, Where: p.Where, Domain: domain})
		}
		missing[k].Records++
	}
	return missing, records
}

// missingError says which passwords are missing, and where they were looked for.
func (b *batch) missingError(missing []report.Missing) report.Error {
	const others = ". cron, systemd and sudo do not see what your shell exports"
	hint := "looked in the environment only: name an env_file in the YAML file, or give --env-file" + others
	switch {
	case !b.variableMissing():
		hint = "write the password into the file, and let the user that runs this read it"
	case b.config.EnvFile != "":
		hint = "looked in the environment and " + b.config.EnvFile + others
	case b.config.Path == "":
		hint = "looked in the environment only: export " + config.PasswordVariable + ", or give --env-file" + others
	}
	return report.MissingError(missing, b.passwordsInUse(), len(b.selected), hint)
}

// variableMissing reports whether a password that is missing should have been in a variable, not in a file of its own.
func (b *batch) variableMissing() bool {
	for i := range b.selected {
		if p := b.password(i); p.Secret.IsZero() && p.Ref.Env != "" {
			return true
		}
	}
	return false
}

// passwordsInUse counts the different passwords of the selected records.
func (b *batch) passwordsInUse() int {
	used := map[*config.Password]bool{}
	for i := range b.selected {
		used[b.password(i)] = true
	}
	return len(used)
}

// targets are records with their passwords as a run would have them. from and unread go by target: where its password comes
// from, and why it cannot be read here.
type targets struct {
	all          []plan.Target
	from, unread []string
}

// targetsOf are the records of c at those places, with the passwords of this shell; passwords is nil in the sandbox. A run
// holds what has none. Without sending, another run is assumed to have it: the one used last for the domain counts, or
// none where none was used.
func (a *app) targetsOf(c *config.Config, at []int, passwords *config.Passwords, s state.Snapshot, sending bool) targets {
	prints := fingerprints{key: s.Key, made: map[secretOf]string{}}
	pauses := pause.In(s)
	t := targets{all: make([]plan.Target, len(at)), from: make([]string, len(at)), unread: make([]string, len(at))}
	for i, of := range at {
		t.all[i].Name = c.Records[of].Name
		domain := t.all[i].Name.Domain
		secret, problem := rehearsal{}.password(domain), ""
		t.from[i] = "the sandbox"
		if passwords != nil {
			p := passwords.Of(of)
			secret, problem, t.from[i] = p.Secret, p.Problem, p.Source()
		}
		switch {
		case problem == "":
			t.all[i].Fingerprint = prints.of(domain, secret)
		case sending:
			t.all[i].Missing = problem
		default:
			t.all[i].Fingerprint, t.unread[i] = pauses.LastUsed(domain), problem
		}
	}
	return t
}

// fingerprints makes each fingerprint once: there are fewer passwords than records.
type fingerprints struct {
	key  []byte
	made map[secretOf]string
}

type secretOf struct{ domain, secret string }

func (f fingerprints) of(domain string, secret provider.Secret) string {
	s := secretOf{domain, secret.Reveal()}
	if f.made[s] == "" {
		f.made[s] = state.Fingerprint(f.key, domain, secret)
	}
	return f.made[s]
}
