package run

import (
	"ddns-batch/internal/exitstatus"
	"ddns-batch/internal/report"
)

// Failure is what ends a run, or another command, before it has an answer, or in place of one.
type Failure struct {
	Status exitstatus.Status
	Report report.Error
	// AlwaysPrint means that a quiet run prints it as well.
	AlwaysPrint bool
}

func (f *Failure) Error() string { return f.Report.Message }

// printedIf is f, printed by a quiet run if always is set.
func (f Failure) printedIf(always bool) *Failure {
	f.AlwaysPrint = always
	return &f
}

// StateFailure is a failure of status 4.
func StateFailure(err error) *Failure {
	return &Failure{Status: exitstatus.State, Report: report.Error{Message: err.Error()}, AlwaysPrint: true}
}

// interrupted is the failure of a run that a signal ended before its plan.
func interrupted(stop *Shutdown) *Failure {
	return &Failure{Status: stop.Status(), Report: report.Error{Message: "interrupted; nothing was sent"}}
}
