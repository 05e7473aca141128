package main

import (
	"github.com/sirupsen/logrus"

	"ddns-batch/internal/publicip"
)

// question is the one for the external address, under way. Mostly it is waiting.
type question struct {
	done    chan struct{}
	finding publicip.Finding
	err     error
}

// ask begins to ask for the address; nil if it was given.
func (b *batch) ask() *question {
	if b.address.IsValid() {
		return nil
	}
	q, query := &question{done: make(chan struct{})}, b.place.query()
	go func() {
		defer close(q.done)
		q.finding, q.err = publicip.Find(b.stop.begin, query)
	}()
	return q
}

// result waits for the answer.
func (q *question) result() (publicip.Finding, error) {
	if q == nil {
		return publicip.Finding{}, nil
	}
	<-q.done
	return q.finding, q.err
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
