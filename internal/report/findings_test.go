package report

import (
	"strings"
	"testing"
	"time"

	"ddns-batch/internal/exitstatus"
	"ddns-batch/internal/plan"
	"ddns-batch/internal/provider"
	"ddns-batch/internal/state"
)

func TestFindings(t *testing.T) {
	f := Findings{
		{"configuration", Fine, "hosts.yaml: 5 records of 2 domains", ""},
		{"source", Warning, "one.example.net: 502 Bad\x1b[31m Gateway", ""},
		{"clock", Problem, "it is 10 min off", "set the clock"},
	}
	same(t, textOf(t, f, TextOptions{}), `
ok       configuration  hosts.yaml: 5 records of 2 domains
warning  source         one.example.net: 502 Bad [31m Gateway
problem  clock          it is 10 min off
                        hint: set the clock
1 ok, 1 warning, 1 problem
`)
	same(t, jsonOf(t, f), flat(t, `{"schema": 1, "exit_status": 1, "findings": [
 {"topic": "configuration", "level": "ok", "text": "hosts.yaml: 5 records of 2 domains"},
 {"topic": "source", "level": "warning", "text": "one.example.net: 502 Bad [31m Gateway"},
 {"topic": "clock", "level": "problem", "text": "it is 10 min off", "hint": "set the clock"}]}`))
	if s := f[:2].ExitStatus(); s != exitstatus.OK {
		t.Errorf("a warning ends with %d", s)
	}
}

func TestAPauseIsAProblemWhereItHoldsARecord(t *testing.T) {
	pauses := func(change func(*remembered)) string {
		m := explained().remembered
		m.Records = append(m.Records, plan.Target{Name: named("git", "example.com"), Fingerprint: "fp"}, plan.Target{Name: named("@", "example.net"), Fingerprint: "fp"})
		git := lived("git", "example.com", "203.0.113.7", day)
		m.Snapshot.Records = append(m.Snapshot.Records, git, lived("@", "example.net", "203.0.113.91", day), lived("gone", "example.com", "203.0.113.7", day))
		change(&m)
		text, _, _ := strings.Cut(textOf(t, m.status().Pauses(zone), TextOptions{}), "0 ok")
		return text
	}
	refused := pauseOf(provider.Credentials, "Passwords do not match", time.Hour)
	for name, c := range map[string]struct {
		change func(*remembered)
		want   string
	}{
		"a password that one record waits for": {
			func(m *remembered) { m.Snapshot.Domains[0].Passwords[0].Pause = refused },
			"problem  pause  git.example.com is not sent until 2026-11-23 15:05: Namecheap: \"Passwords do not match\"\n                hint: about credentials\n",
		},
		"the same for the whole domain": {
			func(m *remembered) {
				m.Snapshot.Domains[0].Passwords[0].Pause, m.Snapshot.Records[0].IP = refused, oldIP
			},
			"problem  pause  all 2 records of example.com are not sent until 2026-11-23 15:05: Namecheap: \"Passwords do not match\"\n                hint: about credentials\n",
		},
		"a password that is not used any more": {
			func(m *remembered) {
				d := &m.Snapshot.Domains[0]
				d.Passwords = append(d.Passwords, state.Password{Fingerprint: "old", Pause: refused})
			}, "",
		},
		"a domain that is up to date": {
			func(m *remembered) {
				m.Snapshot.Domains = append(m.Snapshot.Domains, state.Domain{Domain: "example.net", Pause: refused})
			}, "",
		},
		"the endpoint": {
			func(m *remembered) { m.Snapshot.Blocked = pauseOf(provider.Blocked, "429", time.Hour) },
			"problem  pause  git.example.com is not sent until 2026-11-23 15:05: Namecheap: \"429\"\n                hint: about blocked\n",
		},
	} {
		if got := pauses(c.change); got != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, c.want)
		}
	}
}

func TestAValidation(t *testing.T) {
	v := Validation{
		Config: "hosts.yaml", Records: 4, ExitStatus: exitstatus.NotAsAsked, Warnings: []string{"two domains have the same password"}, Hint: "look\nthere",
		Passwords: []Password{
			{Domain: "example.com", Hosts: []string{"@", "www"}, Name: "EXAMPLE_COM", From: "the environment"},
			{Domain: "xn--bcher-kva.example", Hosts: []string{"@", "xn--mnchen-3ya"}, Name: "/etc/b", From: "/etc/b"},
			{Domain: "example.net", Hosts: []string{"*"}, Name: "EXAMPLE_NET", Problem: "empty", Where: "hosts.yaml:4:9"},
		},
	}
	same(t, textOf(t, v, TextOptions{}), `
hosts.yaml: 4 records of 3 domains

example.com                             2 records  EXAMPLE_COM from the environment
  @ www
bücher.example (xn--bcher-kva.example)  2 records  from /etc/b
  @ münchen (xn--mnchen-3ya)
example.net                             1 record   EXAMPLE_NET is missing: empty  hosts.yaml:4:9
  *

hint: look there

warning: two domains have the same password
`)
	v.Passwords, v.Warnings = v.Passwords[2:], nil
	same(t, jsonOf(t, v), flat(t, `{"schema": 1, "config": "hosts.yaml", "exit_status": 1, "records": 4, "domains": [
 {"domain": "example.net", "hosts": ["*"], "password": "EXAMPLE_NET", "problem": "empty", "where": "hosts.yaml:4:9"}], "warnings": []}`))
	v = Validation{Config: "hosts.yaml", ExitStatus: exitstatus.Usage, Error: &Error{Message: "no"}}
	if got := textOf(t, v, TextOptions{}); got != "" {
		t.Errorf("what is not understood is shown: %s", got)
	}
	same(t, jsonOf(t, v), flat(t, `{"schema": 1, "config": "hosts.yaml", "exit_status": 2, "records": 0, "domains": [], "warnings": [],
 "error": {"message": "no", "hint": "", "details": []}}`))
}
