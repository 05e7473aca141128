package doctor

import (
	"errors"
	"fmt"
	"time"

	"ddns-batch/internal/humanize"
	"ddns-batch/internal/provider"
	"ddns-batch/internal/report"
)

// clockTolerance is how far this clock and a server's may differ without a warning.
const clockTolerance = time.Minute

// endpoint says whether the endpoint answers, and what its answer says about this machine's clock.
func (s Subject) endpoint(a answers) report.Findings {
	const topic = "endpoint"
	if a.probeErr != nil {
		text, hint := a.probeErr.Error(), ""
		if e, ok := errors.AsType[*provider.Error](a.probeErr); ok {
			text, hint = e.Message, s.remedy(e.Class, s.Records[0].Name)
		}
		return report.Findings{problem(topic, text, hint)}
	}
	text := "answers in " + humanize.Took(a.probe.Took)
	if !a.probe.Expires.IsZero() {
		text += fmt.Sprintf(", with a certificate valid until %s", a.probe.Expires.In(s.Local).Format(time.DateOnly))
	}
	found := report.Findings{fine(topic, text)}
	switch off := s.Now().Sub(a.probe.Date).Abs(); {
	case a.probe.Date.IsZero():
		return found
	case off > clockTolerance:
		return append(found, problem("clock", fmt.Sprintf("it differs from the endpoint's by %s", humanize.Took(off)), clockHint))
	default:
		return append(found, fine("clock", "agrees with the endpoint's"))
	}
}
