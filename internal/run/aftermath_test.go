package run

import (
	"testing"

	"ddns-batch/internal/provider"
)

// A change of the address is counted once, however many records follow it in however many runs.
func TestChangesOfTheAddressAreCounted(t *testing.T) {
	m := newMachine(t)
	var counted []uint64
	j := m.job()
	j.Files = []File{{Kind: "the metrics_file", Write: func(a Aftermath) error {
		counted = append(counted, a.Records.LastRun.AddressChanges)
		if a.Address.IsValid() != (m.address != "192.168.1.2") || a.Took < 0 {
			t.Errorf("%+v", a)
		}
		return nil
	}}}
	unclear := func(provider.Update) error { return &provider.Error{Class: provider.Transient, Message: "no answer"} }
	for _, c := range []struct {
		what, address string
		answer        func(provider.Update) error
		want          uint64
	}{
		{"records get their first address", oldAddress, nil, 0},
		{"nothing to do", oldAddress, nil, 0},
		{"no address", "192.168.1.2", nil, 0},
		{"one record follows", newAddress, gitRefused, 1},
		{"nothing else to do", newAddress, gitRefused, 1},
		{"nobody knows whether they followed", oldAddress, unclear, 1},
		{"they did", oldAddress, nil, 2},
		{"and back", newAddress, nil, 3},
	} {
		m.address, m.answer = c.address, c.answer
		m.run(j)
		if got := counted[len(counted)-1]; got != c.want {
			t.Errorf("%s: %d changes, want %d", c.what, got, c.want)
		}
	}
}
