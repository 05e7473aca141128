package report

import (
	"bytes"
	"encoding/json"
	"net/netip"
	"testing"
	"time"
)

func written(t *testing.T, prefix string, e Error) string {
	t.Helper()
	var b bytes.Buffer
	if err := WriteError(&b, prefix, e); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestDisagreeingSourcesReadAsPromised(t *testing.T) {
	same(t, written(t, "", Error{
		Message: "no two sources agree on the address; nothing was changed",
		Details: SourceDetails([]Source{
			{Name: "api.ipify.org", Address: oldIP, Took: 81 * time.Millisecond},
			{Name: "ipv4.icanhazip.com", Address: netip.MustParseAddr("198.51.100.20"), Took: 95 * time.Millisecond},
			{Name: "checkip.amazonaws.com", Problem: "no answer in 5 s", Took: 5 * time.Second},
		}),
		Hint: "two addresses mean a VPN, two lines or a carrier's NAT pool; name your own ranges under ip.allow",
	}), `
ddns-batch: error: no two sources agree on the address; nothing was changed
  api.ipify.org          203.0.113.7      81 ms
  ipv4.icanhazip.com     198.51.100.20    95 ms
  checkip.amazonaws.com  no answer in 5 s
ddns-batch: hint: two addresses mean a VPN, two lines or a carrier's NAT pool; name your own ranges under ip.allow
`)
}

func TestMissingPasswordsReadAsPromised(t *testing.T) {
	missing := []Missing{
		{"EXAMPLE_NET_DDNS_PASSWORD", "not set", "hosts.yaml:9:19", "example.net", 11},
		{"CASA_DDNS_PASSWORD", "empty", "hosts.yaml:17:19", "casa.example", 11},
	}
	same(t, written(t, "", MissingError(missing, 4, 44, "looked in the environment and hosts.env. cron, systemd and sudo do not see what your shell exports")), `
ddns-batch: error: 2 of 4 passwords are missing; 22 of 44 records are held, the others go on
  EXAMPLE_NET_DDNS_PASSWORD  not set  hosts.yaml:9:19   11 records of example.net
  CASA_DDNS_PASSWORD         empty    hosts.yaml:17:19  11 records of casa.example
ddns-batch: hint: looked in the environment and hosts.env. cron, systemd and sudo do not see what your shell exports
`)
	one := missing[:1]
	one[0].Records = 1
	for want, e := range map[string]Error{
		"1 of 2 passwords is missing; 1 of 2 records is held, the other goes on": MissingError(one, 2, 2, ""),
		"1 of 2 passwords is missing; 1 of 9 records is held, the others go on":  MissingError(one, 2, 9, ""),
		"the password is missing":     MissingError(one, 1, 1, ""),
		"all 2 passwords are missing": MissingError(missing, 2, 12, ""),
		"1 of 3 passwords is missing; 2 of 9 records are held, the others go on": MissingError(append(one, one...), 3, 9, ""),
		"1 of 2 passwords is missing; a run would hold 1 of 9 records":           MissingWarning(one, 2, 9, ""),
	} {
		if e.Message != want {
			t.Errorf("%q, want %q", e.Message, want)
		}
	}
}

func TestEveryLineOfAnErrorNamesTheMachineInAMail(t *testing.T) {
	same(t, written(t, "nas: ", Error{Message: "a", Details: []string{"b\nnot a line"}, Hint: "c"}), `
nas: ddns-batch: error: a
nas:   b not a line
nas: ddns-batch: hint: c
`)
}

func TestAnErrorAsJSON(t *testing.T) {
	got, err := json.Marshal(map[string]any{"error": Error{Message: "a", Hint: "b"}})
	if want := `{"error":{"message":"a","hint":"b","details":[]}}`; err != nil || string(got) != want {
		t.Errorf("%s, %v", got, err)
	}
}
