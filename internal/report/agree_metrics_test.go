package report_test

import (
	"io"
	"regexp"
	"time"
)

var measured = regexp.MustCompile(`(?m)^ddns_batch_record(s|_ok)\{(?:action|name)="([^"]*)"[^}]*\} (\d+)$`)

// checkMetrics: a record is ok where its state is, and the actions are those of the dry run.
func (s *situation) checkMetrics() {
	actions := map[string]int{}
	for _, d := range s.inDry {
		actions[d.Action]++
	}
	ok := map[string]string{}
	for _, m := range measured.FindAllStringSubmatch(written(s.T, func(w io.Writer) error { return s.status.WriteMetrics(w, time.Minute) }), -1) {
		if m[1] == "_ok" {
			ok[m[2]] = m[3]
		} else if atoi(s.T, m[3]) != actions[m[2]] {
			s.Errorf("the metrics have %s records to %s, the dry run %d", m[3], m[2], actions[m[2]])
		}
	}
	for name, status := range s.inStatus {
		if want := map[bool]string{true: "1", false: "0"}[status.State == "ok"]; ok[name] != want {
			s.Errorf("%s is %s, and the metrics say %q", name, status.State, ok[name])
		}
	}
	if len(ok) != len(s.inDry) {
		s.Errorf("%d of %d records are measured", len(ok), len(s.inDry))
	}
}
