package cli

import (
	"bytes"
	"context"
	"fmt"

	"ddns-batch/internal/config"
	"ddns-batch/internal/heartbeat"
	"ddns-batch/internal/report"
	"ddns-batch/internal/run"
)

// monitor is the service that hosts.yaml names.
type monitor struct{ heartbeat.Monitor }

func (a *app) monitor(c *config.Config, url *config.Password) monitor {
	m := heartbeat.Monitor{URL: url.Secret, Dial: a.Dial, Authorities: a.authorities(), UserAgent: userAgent()}
	if c.Heartbeat.Style == config.Push {
		m.Style = heartbeat.Push
	}
	return monitor{m}
}

// usable reports why no heartbeat can be sent; nil if nothing is known to prevent it.
func (m monitor) usable(url *config.Password) error {
	if url.Problem != "" {
		return fmt.Errorf("%s is missing: %s", url.Ref, url.Problem)
	}
	if err := m.Check(); err != nil {
		return fmt.Errorf("%s: %w", url.Ref, err)
	}
	return nil
}

// heartbeat tells the service of every run.
func (a *app) heartbeat(c *config.Config, url *config.Password) run.Errand {
	m := a.monitor(c, url)
	e := run.Errand{
		Name: "the heartbeat", Fault: "cannot send the heartbeat", Where: url.Where,
		Check: func() (hint string, err error) { return c.URLHint(url), m.usable(url) },
	}
	if err := m.usable(url); err != nil {
		e.Ended = func(context.Context, run.Ending) error { return err }
		return e
	}
	var begun *heartbeat.Run
	e.Begin = func() { begun = m.Begin() }
	e.Ended = func(ctx context.Context, end run.Ending) error {
		if begun == nil {
			e.Begin()
		}
		return begun.End(ctx, heartbeat.End{Verdict: heartbeat.VerdictOf(end.ExitStatus, end.Passing), Summary: end.Summary(), Report: a.reportText(end), Took: end.Took})
	}
	return e
}

// reportText is what a run says that is not quiet.
func (a *app) reportText(e run.Ending) string {
	var b bytes.Buffer
	if e.Planned {
		_ = e.WriteText(&b, report.TextOptions{Location: a.Local})
	}
	if e.Error != nil {
		_ = report.WriteError(&b, "", *e.Error)
	}
	return b.String()
}
