package main

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"ddns-batch/internal/provider/namecheap/sandbox"
	"ddns-batch/internal/record"
)

// TestStatusExplainAndThePageSayWhatADryRunDoes, of every record, whatever happened before.
func TestStatusExplainAndThePageSayWhatADryRunDoes(t *testing.T) {
	m := twoDomains(t, "www", "git", "*")
	moves := func(address string) { m.server.SetAddress(netip.MustParseAddr(address)) }
	for _, stage := range []struct {
		name string
		do   func()
		want string // the actions of the dry run
	}{
		{"before the first run", func() {}, "update update update update update update"},
		{"all confirmed", func() { m.run() }, "keep keep keep keep keep keep"},
		{"a record refused at a new address", func() {
			m.server.SetFault(record.Name{Host: "git", Domain: "example.com"}, sandbox.NoRecord)
			moves("203.0.113.91")
			m.run()
		}, "keep keep hold keep keep keep"},
		{"a wrong password", func() {
			m.env["EXAMPLE_NET_DDNS_PASSWORD"] = "wrong"
			moves("203.0.113.92")
			m.run("--only", "*.net")
		}, "update update update update hold hold"},
		{"a password that cannot be read", func() { delete(m.env, "EXAMPLE_NET_DDNS_PASSWORD") }, "update update update update hold hold"},
		{"the right one", func() { m.env["EXAMPLE_NET_DDNS_PASSWORD"] = canary("example.net") }, "update update update update update update"},
		{"no password can be read, and the last one was good", func() {
			m.run()
			delete(m.env, "EXAMPLE_NET_DDNS_PASSWORD")
			delete(m.env, "EXAMPLE_COM_DDNS_PASSWORD")
		}, "keep keep hold keep keep keep"},
	} {
		stage.do()
		said := map[string]map[string]any{}
		var actions []string
		for _, d := range m.records("--dry-run", "-o", "json") {
			said[d["name"].(string)] = d
			actions = append(actions, d["action"].(string))
		}
		if got := strings.Join(actions, " "); got != stage.want {
			t.Errorf("%s: a dry run would %s, want %s", stage.name, got, stage.want)
		}
		for _, command := range [][]string{{"status", "-o", "json"}, {"explain", "*", "-o", "json"}} {
			for _, d := range m.records(command...) {
				want := said[d["name"].(string)]
				for _, key := range []string{"action", "reason", "until", "error"} {
					if fmt.Sprint(d[key]) != fmt.Sprint(want[key]) {
						t.Errorf("%s: %s says %s of %s: %v, and a dry run %v", stage.name, command[0], key, d["name"], d[key], want[key])
					}
				}
			}
		}
		page := m.run("report", "--html", "-").stdout
		for name, d := range said {
			if mark := fmt.Sprintf(`data-record="%s" data-action="%s"`, name, d["action"]); !strings.Contains(page, mark) {
				t.Errorf("%s: %s is not on the page", stage.name, mark)
			}
		}
	}
}

// records are those of a document.
func (m *machine) records(args ...string) []map[string]any {
	m.Helper()
	var d struct{ Records []map[string]any }
	if e := m.run(args...); json.Unmarshal([]byte(e.stdout), &d) != nil || len(d.Records) != len(m.names()) {
		m.Fatalf("%q: status %d\n%s%s", args, e.status, e.stdout, e.stderr)
	}
	return d.Records
}
