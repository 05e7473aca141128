package cli

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"github.com/spf13/cobra"

	"ddns-batch/internal/config"
	"ddns-batch/internal/exitstatus"
	"ddns-batch/internal/notify"
	"ddns-batch/internal/report"
	"ddns-batch/internal/run"
)

const notifyTestHelp = `notify test sends one line to each URL under notify: and to the on_news command, and says for each whether that worked. It
never shows a URL.

Exit status: 0, 1 if one of them failed, 2 for a usage or configuration error or if none is configured.`

func (a *app) notifyCommand() *cobra.Command {
	group := &cobra.Command{
		Use:   "notify",
		Short: "Try out the notifications",
		Args:  noArguments,
		RunE: func(*cobra.Command, []string) error {
			return usage("notify does nothing by itself", "type ddns-batch notify test")
		},
	}
	group.AddCommand(&cobra.Command{
		Use:     "test",
		Short:   "Send a line to everybody who gets notifications, and say whether it worked",
		Long:    notifyTestHelp,
		Example: "  ddns-batch notify test\n  ddns-batch notify test --env-file hosts.env",
		Args:    noArguments,
		RunE:    func(*cobra.Command, []string) error { return a.notifyTest() },
	})
	return group
}

// notifyErrands tell everybody whose URL there is.
func notifyErrands(c *config.Config, urls *config.Password) []run.Errand {
	var all []run.Errand
	for _, r := range recipients(urls) {
		all = append(all, run.Errand{
			Name: r.Name, Fault: r.Name + " failed", To: r.Name, OnlyTrouble: !c.Notify.Changes, Where: urls.Where,
			Check:   func() (hint string, err error) { return c.URLHint(urls), r.Problem },
			Deliver: func(ctx context.Context, lines []string) error { return r.Send(ctx, strings.Join(lines, "\n")) },
		})
	}
	return all
}

// recipients are those of URLs; where there are none, one that says why.
func recipients(urls *config.Password) []notify.Recipient {
	if urls.Problem != "" {
		return []notify.Recipient{{Name: "notifications", Problem: fmt.Errorf("%s is missing: %s", urls.Ref, urls.Problem)}}
	}
	return notify.Recipients(urls.Secret)
}

func (a *app) notifyTest() error {
	in, err := a.open(false)
	if err != nil {
		return err
	}
	if in.passwordErr != nil {
		return configFailure(in.passwordErr)
	}
	errands := deliveries(a.errands(runOptions{}, in))
	if len(errands) == 0 {
		return usage("no notifications are configured: the YAML file has neither notify: nor on_news:", "add notify: {urls_env: DDNS_NOTIFY_URLS}, with the name of the variable that holds the URLs")
	}
	line := a.machine() + ": a test from ddns-batch: this is what a notification looks like"
	a.stop.Start(2 * run.ErrandTime)
	a.stop.NothingToSave()
	found := make(report.Findings, len(errands))
	var all sync.WaitGroup
	for i, e := range errands {
		all.Go(func() {
			ctx, cancel := run.WithErrandTime(a.stop.Sending)
			defer cancel()
			found[i] = report.Finding{Topic: e.Name, Level: report.Fine, Text: "sent"}
			if err := e.Deliver(ctx, []string{line}); err != nil {
				found[i].Level, found[i].Text = report.Problem, err.Error()
			}
		})
	}
	all.Wait()
	if caught := a.stop.Status(); caught != exitstatus.OK {
		return exitStatus(caught)
	}
	if err := a.print(found); err != nil {
		return err
	}
	return exitStatus(found.ExitStatus())
}
