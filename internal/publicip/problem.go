package publicip

import (
	"context"
	"errors"
	"time"

	"ddns-batch/internal/humanize"
	"ddns-batch/internal/sanitize"
	"ddns-batch/internal/sinkhole"
)

// maxProblem is the longest Answer.Problem, in characters.
const maxProblem = 200

// problem words why a source gave no address.
func problem(err error, took time.Duration) string {
	return sanitize.Line(describe(err, took), maxProblem)
}

func describe(err error, took time.Duration) string {
	if errors.Is(err, context.Canceled) {
		return "canceled"
	}
	if sunk, ok := errors.AsType[*sinkhole.Error](err); ok {
		return "resolved to " + sunk.Where() + ": " + describe(sunk.Err, took)
	}
	if words, ok := humanize.NetworkFault(err, took); ok {
		return words
	}
	text, ok := humanize.SystemFault(err)
	if !ok {
		text = err.Error()
	}
	if _, ok := errors.AsType[unreachable](err); ok {
		return "cannot connect: " + text
	}
	return text
}
