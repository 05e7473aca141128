package authdns

import (
	"slices"
	"strings"

	"ddns-batch/internal/sanitize"
)

// telling are the statuses of servers that do not say what is published, the one that says most first.
var telling = [...]Status{Delegated, Lame, Refused, Servfail, Failed, Malformed, Unreachable, Timeout, Unresolved, Unknown}

// combine is what servers say as a whole. A server that does not answer takes nothing away from what another
// one says, and adds nothing to it.
func combine(servers []ServerAnswer) Answer {
	var certain, silent []ServerAnswer
	for _, s := range servers {
		if s.Status.Certain() {
			certain = append(certain, s)
		} else {
			silent = append(silent, s)
		}
	}
	if len(certain) == 0 {
		return nothing(silent)
	}
	said := certain[0].Answer
	for _, s := range certain[1:] {
		if !said.same(s.Answer) {
			return Answer{Status: Differ, Detail: quote(certain)}
		}
		said.TTL = max(said.TTL, s.TTL)
	}
	switch {
	case len(silent) > 0:
		said.Detail = sanitize.Line("only "+certain[0].Server+" says so; "+quote(silent), maxDetail)
	case len(servers) == 1:
		said.Detail = sanitize.Line("only "+certain[0].Server+" was queried: the domain has no second name server", maxDetail)
	}
	return said
}

// nothing is the most informative failure.
func nothing(silent []ServerAnswer) Answer {
	for _, status := range telling {
		i := slices.IndexFunc(silent, func(s ServerAnswer) bool { return s.Status == status })
		if i >= 0 {
			return Answer{Status: status, Detail: quote(silent)}
		}
	}
	return Answer{}
}

// quote says who says what, and once what all say.
func quote(servers []ServerAnswer) string {
	first := servers[0].Answer.Words()
	if !slices.ContainsFunc(servers, func(s ServerAnswer) bool { return s.Answer.Words() != first }) {
		names := make([]string, len(servers))
		for i, s := range servers {
			names[i] = s.Server
		}
		return sanitize.Line(strings.Join(names, " and ")+": "+first, maxDetail)
	}
	words := make([]string, len(servers))
	for i, s := range servers {
		words[i] = s.Server + ": " + s.Answer.Words()
	}
	return sanitize.Line(strings.Join(words, "; "), maxDetail)
}
