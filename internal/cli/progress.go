package cli

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
func (a *app) newProgress(o runOptions, log *logrus.Logger, updates int) *progress {
	logged := o.log.file == "" && log.IsLevelEnabled(logrus.InfoLevel)
	if !a.Stderr.Terminal || a.getenv("TERM") == "dumb" || logged || o.quiet > 0 || a.output == outputJSON && a.Stdout.Terminal || updates < longRun {
		return nil
	}
	return &progress{progressbar.NewOptions(updates,
		progressbar.OptionSetWriter(a.Stderr),
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
