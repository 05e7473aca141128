package report_test

import (
	"strings"

	"ddns-batch/internal/plan"
	"ddns-batch/internal/report"
	"ddns-batch/internal/state"
)

// checkPauses: what holds no configured record is nobody's problem, and whatever holds one is shown.
func (s *situation) checkPauses() {
	doctor := s.doctor()
	s.checkDoctor(doctor)
	html, dry := s.html, textOf(s.T, s.dry, report.TextOptions{})
	holding, shown, refused := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, r := range s.dry.Records {
		if r.Step.Action == plan.Hold && r.Step.Pause != nil {
			holding[r.Step.Pause.Message] = true
		}
		if r.LastFailure != nil {
			shown[r.LastFailure.Message] = true
		}
		if r.Refused != nil {
			refused[r.Refused.Message] = true
			s.refused++
		}
	}
	for message := range refused {
		for what, text := range map[string]string{"the dry run": dry, "status": s.table, "explain": s.explained, "doctor": doctor, "the page": html} {
			// Where one of the domain's records is about to be tried, or held, that says it.
			if !strings.Contains(text, message) && !(what == "doctor" && shown[message]) && !(what == "the dry run" && shown[message]) {
				s.Errorf("the password of records that are up to date was refused, and %s does not say %q:\n%s", what, message, text)
			}
		}
	}
	for message := range holding {
		if !strings.Contains(doctor, message) {
			s.Errorf("doctor does not say %q:\n%s", message, doctor)
		}
	}
	for _, p := range pausesIn(s.household.memory) {
		if !holding[p.Message] && !refused[p.Message] && (strings.Contains(doctor, p.Message) || strings.Contains(dry, p.Message)) {
			s.Errorf("%q holds nothing and is called a problem:\n%s\n%s", p.Message, doctor, dry)
		}
		if !holding[p.Message] && !shown[p.Message] && !refused[p.Message] && strings.Contains(html, p.Message) {
			s.Errorf("%q concerns no record and is on the page", p.Message)
		}
	}
}

func pausesIn(s state.Snapshot) []*state.Pause {
	var all []*state.Pause
	add := func(p *state.Pause) {
		if p != nil {
			all = append(all, p)
		}
	}
	add(s.Blocked)
	for _, a := range s.Addresses {
		add(a.Pause)
	}
	for _, d := range s.Domains {
		add(d.Pause)
		for _, p := range d.Passwords {
			add(p.Pause)
		}
	}
	for _, r := range s.Records {
		add(r.Pause)
	}
	return all
}
