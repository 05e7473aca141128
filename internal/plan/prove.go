package plan

import (
	"ddns-batch/internal/pause"
	"ddns-batch/internal/state"
)

// prove looks for passwords that were not accepted for their domain so far and with which nothing is to be sent, and lets
// each be sent with the first record that is as it should be: a typo then shows in the next run, not at the next change of
// the address. What is paused is left alone, whether it is the password, the endpoint or what the record depends on.
func (m *memory) prove(steps []Step) {
	if !m.in.State.Blocked.Over(m.in.Now) {
		return
	}
	type password struct{ domain, fingerprint string }
	of := func(s *Step) password { return password{s.Name.Domain, s.Fingerprint} }
	sent := map[password]bool{}
	for i := range steps {
		if s := &steps[i]; s.Action == Update {
			sent[of(s)] = true
		}
	}
	never := func(*state.Pause) bool { return false }
	for i := range steps {
		s := &steps[i]
		sub := pause.Subject{Name: s.Name, Fingerprint: s.Fingerprint, Address: s.To}
		if s.Action != Keep || s.Fingerprint == "" || m.pauses.Accepted(sub) || sent[of(s)] {
			continue
		}
		if held, _ := m.pauses.Holding(sub, m.in.Now, never); held == nil {
			s.Action, s.Reason, s.Reappeared = Update, Unproved, false
			sent[of(s)] = true
		}
	}
}
