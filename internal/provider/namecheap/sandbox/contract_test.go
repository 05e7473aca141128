package sandbox_test

import (
	"testing"

	"ddns-batch/internal/provider"
	"ddns-batch/internal/provider/namecheap/sandbox"
	"ddns-batch/internal/provider/providertest"
	"ddns-batch/internal/record"
)

func TestTheClientKeepsTheContractOfAProvider(t *testing.T) {
	host := func(h string) record.Name { return record.Name{Host: h, Domain: "example.com"} }
	s := start(t, sandbox.Options{
		Domains: []sandbox.Domain{{Name: "example.com", Password: canary, Hosts: []string{"@", "503", "noip", "wrongip", "badip"}}},
		Faults: map[record.Name]sandbox.Fault{
			host("503"): sandbox.Unavailable, host("noip"): sandbox.NoIP, host("wrongip"): sandbox.WrongIP, host("badip"): sandbox.BadIP,
			host("429"): sandbox.Blocked,
		},
	})
	otherPassword := to(host("@"))
	otherPassword.Password = provider.NewSecret("other/c4nary&p/w")
	providertest.Run(t, providertest.Case{
		Provider:  client(t, s),
		Confirmed: to(host("@")),
		Refused: map[provider.Class]provider.Update{
			provider.Credentials: otherPassword,
			provider.Domain:      to(record.Name{Host: "@", Domain: "example.org"}),
			provider.Record:      to(host("missing")),
			provider.Address:     to(host("badip")),
			provider.Blocked:     to(host("429")),
		},
		Unproved: map[provider.Class]provider.Update{
			provider.Transient:   to(host("503")),
			provider.Unconfirmed: to(host("noip")),
			provider.Mismatch:    to(host("wrongip")),
		},
	})
	if odd := s.Violations(); odd != nil {
		t.Errorf("violations %q", odd)
	}
}
