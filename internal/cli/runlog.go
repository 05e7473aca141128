package cli

import (
	"github.com/sirupsen/logrus"

	"ddns-batch/internal/decide"
	"ddns-batch/internal/idn"
	"ddns-batch/internal/notices"
	"ddns-batch/internal/plan"
	"ddns-batch/internal/publicip"
	"ddns-batch/internal/run"
)

// logAnswers logs what each source answered.
func logAnswers(log *logrus.Logger, f publicip.Finding) {
	for _, answer := range f.Answers {
		entry := log.WithFields(logrus.Fields{"source": answer.Name, "took_ms": answer.Took.Milliseconds()})
		if answer.Address.IsValid() {
			entry.WithField("address", answer.Address).Debug("source answered")
		} else {
			entry.WithField("error", answer.Problem).Debug("source gave no address")
		}
	}
	for _, warning := range f.Warnings {
		log.Warn(warning)
	}
}

// logResult is for the log only: the report says the same, so it is never louder than information.
func logResult(log *logrus.Logger, s plan.Step, r decide.Result) {
	entry := log.WithFields(logrus.Fields{
		"record": s.Name.String(), "address": s.To, "reason": s.Reason, "attempts": r.Attempts, "took_ms": r.Took.Milliseconds(),
	})
	if name := s.Name.String(); idn.Readable(name) != name {
		entry = entry.WithField("unicode", idn.Readable(name))
	}
	if r.Err != nil {
		entry = entry.WithFields(logrus.Fields{"class": r.Err.Class, "error": r.Err.Message})
	}
	entry.Info(string(r.Outcome))
}

func logSide(log *logrus.Logger, m notices.SideMatter) {
	if m.Fault != "" {
		log.WithField("error", m.Cause).Info(m.Fault)
	}
}

// logEnd is for those who read nothing but the log.
func logEnd(log *logrus.Logger, r run.Result) {
	for _, m := range r.Side {
		logSide(log, m)
	}
	entry := log.WithFields(logrus.Fields{"status": int(r.Status), "records": r.Records})
	if r.Address.IsValid() {
		entry = entry.WithField("address", r.Address)
	}
	if r.Failure != nil {
		entry = entry.WithField("error", r.Failure.Report.Message)
	}
	entry.Info("run ended")
}
