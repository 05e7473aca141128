package plan

import (
	"ddns-batch/internal/pause"
	"ddns-batch/internal/state"
)

// prove finds passwords that were never accepted for their domain and with which nothing is to be sent. Each is then sent
// with the first record that is up to date, so that a typo shows in the next run and not at the next change of the address.
// It skips everything that is paused: the password, the endpoint, or what the record depends on.
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
