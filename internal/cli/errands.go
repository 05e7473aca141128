package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"ddns-batch/internal/config"
	"ddns-batch/internal/program"
	"ddns-batch/internal/run"
)

// errands are what is done for others after a run. A dry run tells nobody, and neither does the sandbox: what happens there
// is not true.
func (a *app) errands(o runOptions, in installation) []run.Errand {
	c := in.config
	if o.dryRun || o.sandbox {
		return nil
	}
	var all []run.Errand
	if arguments := c.OnChange.Arguments; arguments != nil {
		e := commandErrand("on_change", c.OnChange)
		e.To = "on_change"
		e.Changed = func(ctx context.Context, changes run.Changes) error {
			return a.runProgram(ctx, arguments, changeVariables(changes), changeNames(changes))
		}
		all = append(all, e)
	}
	if arguments := c.OnNews.Arguments; arguments != nil {
		e := commandErrand("on_news", c.OnNews)
		e.To = "on_news"
		e.Deliver = func(ctx context.Context, lines []string) error { return a.runProgram(ctx, arguments, nil, lines) }
		all = append(all, e)
	}
	if in.passwords != nil && in.passwords.Notify != nil {
		all = append(all, notifyErrands(c, in.passwords.Notify)...)
	}
	if in.passwords != nil && in.passwords.Heartbeat != nil {
		all = append(all, a.heartbeat(c, in.passwords.Heartbeat))
	}
	return all
}

// deliveries are those of all that deliver what a quiet run says: there is something to say also where no run takes place.
func deliveries(all []run.Errand) []run.Errand {
	return slices.DeleteFunc(all, func(e run.Errand) bool { return e.Deliver == nil })
}

func commandErrand(key string, c config.Command) run.Errand {
	return run.Errand{
		Name: "the " + key + " command " + c.Arguments[0], Fault: "the " + key + " command failed", Where: c.Where,
		Check: func() (hint string, err error) {
			return "runs go on without it: name a program that the user of the runs can start", program.Check(c.Arguments[0])
		},
	}
}

func changeVariables(c run.Changes) []string {
	previous := ""
	if c.Previous.IsValid() {
		previous = c.Previous.String()
	}
	return []string{"DDNS_BATCH_ADDRESS=" + c.Address.String(), "DDNS_BATCH_PREVIOUS=" + previous}
}

func changeNames(c run.Changes) []string {
	names := make([]string, len(c.Names))
	for i, n := range c.Names {
		names[i] = n.String()
	}
	return names
}

// harmless are the variables that a command inherits: what it needs to find its own files and to write times as its user
// reads them. Passwords are in others.
var harmless = []string{"HOME", "USER", "LOGNAME", "LANG", "TZ"}

// runProgram runs a program of the user's, with lines as its stdin.
func (a *app) runProgram(ctx context.Context, arguments, variables, lines []string) error {
	for _, name := range harmless {
		if value, set := a.Lookup(name); set {
			variables = append(variables, name+"="+value)
		}
	}
	input := ""
	if len(lines) > 0 {
		input = strings.Join(lines, "\n") + "\n"
	}
	if err := program.Run(ctx, arguments, variables, input); err != nil {
		return fmt.Errorf("%s: %w", arguments[0], err)
	}
	return nil
}
