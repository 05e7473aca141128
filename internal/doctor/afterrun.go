package doctor

import "ddns-batch/internal/report"

// AfterRun is something that runs do for others when they have ended: a file, a command, a message.
type AfterRun struct {
	// Name is what it is, and Where its place in the YAML file; empty where that is not known.
	Name, Where string
	// Fault is why no run can do it, with its name, and Hint what to do about that. Both are empty where nothing is known to be
	// against it.
	Fault, Hint string
}

// afterRun is what no run can do for others. Runs do not fail because of it.
func (s Subject) afterRun() report.Findings {
	const topic = "after a run"
	var found report.Findings
	for _, a := range s.AfterRun {
		text := a.Fault
		if a.Where != "" {
			text += "  " + a.Where
		}
		if a.Fault == "" {
			found = append(found, fine(topic, a.Name))
		} else {
			found = append(found, problem(topic, text, a.Hint))
		}
	}
	return found
}
