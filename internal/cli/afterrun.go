package cli

import (
	"ddns-batch/internal/doctor"
	"ddns-batch/internal/notices"
	"ddns-batch/internal/outfile"
)

// afterRun is what runs do for others when they have ended, and what keeps them from it. Nobody is told, and nothing is
// written or started.
func (a *app) afterRun(o runOptions, in installation) []doctor.AfterRun {
	var all []doctor.AfterRun
	for _, f := range a.sideFiles(o, in) {
		m := notices.FileMatter(f.Kind, f.Path, outfile.Check(f.Path))
		after := doctor.AfterRun{Name: m.Name}
		if m.Fault != "" {
			after.Fault, after.Hint = m.Fault+": "+m.Cause, "runs go on without it: create its folder, let the user of the runs write there, or name another file"
		}
		all = append(all, after)
	}
	for _, e := range a.errands(o, in) {
		after := doctor.AfterRun{Name: e.Name, Where: e.Where}
		if hint, err := e.Check(); err != nil {
			after.Fault, after.Hint = e.Name+": "+err.Error(), hint
		}
		all = append(all, after)
	}
	return all
}
