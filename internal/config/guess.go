package config

import (
	"slices"
	"strings"
)

// guess adds to the problem of each variable that is not set a name that was perhaps meant: one of the environment or of
// the env file that the YAML file does not name, or that of another record of the same domain.
func (p *Passwords) guess(env Environment, file envFile) {
	var unnamed []string // nil until something is missing
	for i := range p.All {
		missing := &p.All[i]
		if missing.Problem != notSet {
			continue
		}
		if unnamed == nil {
			unnamed = append(p.unnamed(env), file.names...)
		}
		best, least := "", maxSlips+1
		consider := func(name string) {
			if n := slips(missing.Ref.Env, name); n < least {
				best, least = name, n
			}
		}
		for _, name := range unnamed {
			consider(name)
		}
		for j := range p.All {
			if other := &p.All[j]; other.Ref.Env != "" && !other.Secret.IsZero() && shareDomain(missing, other) {
				consider(other.Ref.Env)
			}
		}
		if best != "" {
			missing.Problem += "; did you mean " + best + "?"
		}
	}
}

// unnamed lists the variables of the environment that are not blank and that no record names.
func (p *Passwords) unnamed(env Environment) []string {
	if env.Names == nil {
		return nil
	}
	return slices.DeleteFunc(slices.Sorted(slices.Values(env.Names())), func(name string) bool {
		value, _ := env.Lookup(name)
		return strings.TrimSpace(value) == "" || slices.ContainsFunc(p.All, func(password Password) bool { return password.Ref.Env == name })
	})
}

func shareDomain(a, b *Password) bool {
	return slices.ContainsFunc(a.Domains, func(u Use) bool {
		return slices.ContainsFunc(b.Domains, func(v Use) bool { return u.Domain == v.Domain })
	})
}

// maxSlips is how many slips of the finger may lie between a name and the one that was meant.
const maxSlips = 2

// slips counts those between two names of variables, whatever their case; more than maxSlips where one is no more like
// the other than any short name is.
func slips(a, b string) int {
	n := Distance(strings.ToUpper(a), strings.ToUpper(b))
	if 4*n > len(a) {
		return maxSlips + 1
	}
	return n
}
