package main

import (
	"sync"

	"github.com/sirupsen/logrus"

	"ddns-batch/internal/publicip"
)

// ask begins to ask for the address, and returns what waits for the answer; nil if the address was given.
func (b *batch) ask() func() (publicip.Finding, error) {
	if b.address.IsValid() {
		return nil
	}
	query := b.place.query()
	answer := sync.OnceValues(func() (publicip.Finding, error) { return publicip.Find(b.stop.begin, query) })
	go answer()
	return answer
}

// awaitAsked waits until nothing is asked any more.
func (b *batch) awaitAsked() {
	if b.asked != nil {
		_, _ = b.asked()
	}
	if b.observed != nil {
		b.observed()
	}
}

// logAnswers is for whoever wants to know what each source said.
func (b *batch) logAnswers() {
	for _, answer := range b.finding.Answers {
		entry := b.log.WithFields(logrus.Fields{"source": answer.Name, "took_ms": answer.Took.Milliseconds()})
		if answer.Address.IsValid() {
			entry.WithField("address", answer.Address).Debug("source answered")
		} else {
			entry.WithField("error", answer.Problem).Debug("source gave no address")
		}
	}
	for _, warning := range b.finding.Warnings {
		b.log.Warn(warning)
	}
}
