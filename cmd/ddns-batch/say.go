package main

import (
	"fmt"
	"io"

	"ddns-batch/internal/notices"
	"ddns-batch/internal/report"
)

func writeLines(w io.Writer, lines []string) error {
	for _, line := range lines {
		if _, err := fmt.Fprintln(w, line); err != nil {
			return err
		}
	}
	return nil
}

// sayElsewhere writes the news of a quiet run to stderr, since stdout did not take them. If that does not either, they
// are remembered as not said, so that the next run says them. After a wait for name servers it is too late for that: the
// lock was given back meanwhile, and the state is another run's.
func (b *batch) sayElsewhere(lines []string, why error, f *fatal) {
	if len(lines) == 0 {
		return
	}
	_ = report.WriteWarning(b.stderr, b.machine()+": ", report.Error{Message: "stdout cannot be written: " + why.Error()})
	if writeLines(b.stderr.certain(), lines) == nil || b.lock == nil || b.waited != nil {
		return
	}
	in := b.noticesInput(f)
	in.Quiet = false
	after := b.after
	_, after.News = notices.Report(in)
	if err := b.lock.Save(after); err != nil {
		b.log.WithField("error", err).Warn("the state cannot be saved")
	}
}
