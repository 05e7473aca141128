package cli

import (
	"os"

	"ddns-batch/internal/ownership"
)

// program is how this program is to be called again, for commands to type: with the flags that led it to these files and to
// its target, and as the user that state belongs to.
func (a *app) program(state string, target []string) []string {
	call := []string{"ddns-batch"}
	if info, err := os.Stat(state); err == nil {
		if user, mine := ownership.User(info); !mine {
			call = []string{"sudo", "-u", user, "ddns-batch"}
		}
	}
	for _, flag := range []struct{ name, value string }{
		{"--config", a.config}, {"--domain", a.domain}, {"--host", a.hostOf()}, {"--env-file", a.envFile}, {"--state", a.state},
	} {
		if flag.value != "" {
			call = append(call, flag.name, flag.value)
		}
	}
	return append(call, target...)
}

// hostOf is the host of --domain; empty without one.
func (a *app) hostOf() string {
	if a.domain == "" {
		return ""
	}
	return a.host
}
