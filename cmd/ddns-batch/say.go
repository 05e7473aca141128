package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"ddns-batch/internal/news"
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
// are remembered as not said, so that the next run says them.
func (b *batch) sayElsewhere(lines []string, why error) {
	if len(lines) == 0 {
		return
	}
	_ = report.WriteWarning(b.stderr, b.machine()+": ", report.Error{Message: "stdout cannot be written: " + why.Error()})
	_ = writeLines(b.stderr, lines)
	if b.stderr.flush() != nil && b.remembers {
		b.takeBack()
	}
}

// takeBackWait is how long that takes at most.
const takeBackWait = 2 * time.Second

// takeBack saves that what this run said was not delivered.
func (b *batch) takeBack() {
	if !b.takeLockAgain(context.Background(), takeBackWait) {
		return
	}
	defer b.giveLockBack()
	now, _, err := b.lock.Load()
	if err != nil {
		return
	}
	after := news.TakeBack(now.News, b.began.Round(0).UTC(), b.unsaid)
	if !slices.EqualFunc(after, now.News, sameNews) {
		now.News = after
		err = b.lock.Save(now)
	}
	if err != nil {
		b.log.WithField("error", err).Warn("the state cannot be saved")
	}
}
