package doctor

import (
	"fmt"
	"time"

	"ddns-batch/internal/config"
	"ddns-batch/internal/humanize"
	"ddns-batch/internal/report"
)

const configuration = "configuration"

func (s Subject) configuration() report.Findings {
	source := s.Config.Path
	if source == "" {
		source = "no YAML file"
	}
	domains := map[string]bool{}
	for _, i := range s.Selected {
		domains[s.Config.Records[i].Name.Domain] = true
	}
	found := report.Findings{fine(configuration,
		fmt.Sprintf("%s: %s of %s", source, humanize.Count(len(s.Selected), "record"), humanize.Count(len(domains), "domain")))}
	for _, w := range s.Config.Warnings {
		found = append(found, warning(configuration, w, ""))
	}
	return found
}

// passwords are those that the selected records want.
func (s Subject) passwords() report.Findings {
	const topic = "passwords"
	var found report.Findings
	if s.PasswordFault != nil {
		found = problems(topic, *s.PasswordFault)
	}
	if s.Passwords == nil {
		return append(found, fine(topic, "the sandbox has its own"))
	}
	seen := map[*config.Password]bool{}
	for _, i := range s.Selected {
		p := s.Passwords.Of(i)
		if seen[p] {
			continue
		}
		seen[p] = true
		switch {
		case p.Problem != "":
			found = append(found, problem(topic, fmt.Sprintf("%s is missing: %s  %s", p.Ref, p.Problem, p.Where), s.Config.PasswordHint(p)))
		case p.EnvironmentOnly:
			found = append(found, warning(topic, p.Ref.Env+" is in this shell's environment only", "cron and systemd will not see it: write it into an env_file"))
		default:
			found = append(found, fine(topic, p.Source()))
		}
	}
	for _, w := range append(s.Passwords.Warnings, s.Passwords.Advice()...) {
		found = append(found, warning(topic, w, ""))
	}
	return found
}

const clockHint = "set the clock, and keep it synchronised (NTP)"

// clock compares the clock with what is known without asking anybody.
func (s Subject) clock() report.Findings {
	const topic = "clock"
	var found report.Findings
	if now := s.Now(); now.Before(s.Built) {
		found = append(found, problem(topic, fmt.Sprintf("it says %s, but this program was built on %s",
			now.In(s.Local).Format(time.DateOnly), s.Built.In(s.Local).Format(time.DateOnly)), clockHint))
	}
	if s.UnknownZone != "" {
		found = append(found, warning(topic, fmt.Sprintf("TZ=%s is not a time zone that this system knows; times are shown in UTC", s.UnknownZone),
			"install the time zone database (package tzdata), or write a rule such as TZ=CET-1CEST,M3.5.0,M10.5.0/3"))
	}
	return found
}
