package main

import (
	"time"

	"github.com/schollz/progressbar/v3"
	"github.com/sirupsen/logrus"
)

// progress shows how far a long run is. A nil progress shows nothing.
type progress struct{ bar *progressbar.ProgressBar }

// longRun is how many updates make a run that is worth a bar.
const longRun = 20

// newProgress shows a bar on a terminal only: in a pipe, a mail or a log it would be litter. Where each update is logged
// on the same terminal, the log shows how far the run is.
func (b *batch) newProgress(updates int) *progress {
	logged := b.options.log.file == "" && b.log.IsLevelEnabled(logrus.InfoLevel)
	if !b.stderr.terminal || b.getenv("TERM") == "dumb" || logged || b.quiet > 0 || b.output == "json" && b.stdout.terminal || updates < longRun {
		return nil
	}
	return &progress{progressbar.NewOptions(updates,
		progressbar.OptionSetWriter(b.stderr),
		progressbar.OptionSetDescription("sending"),
		progressbar.OptionSetWidth(30),
		progressbar.OptionShowCount(),
		progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionClearOnFinish(),
		progressbar.OptionUseANSICodes(true),
	)}
}

func (p *progress) step() {
	if p != nil {
		_ = p.bar.Add(1)
	}
}

func (p *progress) end() {
	if p != nil {
		_ = p.bar.Finish()
	}
}
