package report

import (
	"strings"
	"testing"
	"time"

	"ddns-batch/internal/plan"
)

// What came of waiting names the servers that confirmed the address, and those that could not be asked.
func TestWhichNameServersServeIt(t *testing.T) {
	r := run([]plan.Step{moves("@", "example.com"), moves("www", "example.com"), moves("@", "example.net")}, done(0), done(0), done(0))
	both := []WaitedServer{{"ns1.example.org", true, "203.0.113.91"}, {"ns2.example.org", true, "203.0.113.91"}}
	r.Waited = map[int]Waited{
		0: {Served: true, Took: 3 * time.Second, Words: "203.0.113.91", Servers: both},
		1: {Served: true, Took: 5 * time.Second, Words: "203.0.113.91", Servers: both},
		2: {
			Words:   "ns1.example.org: 203.0.113.91; ns3.example.org: cannot be queried: it has no IPv4 address",
			Servers: []WaitedServer{both[0], {"ns3.example.org", false, "cannot be queried: it has no IPv4 address"}},
		},
	}
	want := `served by the domain's own name servers: example.com, after 3 s
served by the domain's own name servers: www.example.com, after 5 s
name servers of example.com that confirmed it: ns1.example.org and ns2.example.org
not served yet: example.net, published: ns1.example.org: 203.0.113.91; ns3.example.org: cannot be queried: it has no IPv4 address
`
	if text := r.text(t, TextOptions{}); !strings.HasSuffix(text, "\n"+want) {
		t.Errorf("the text is\n%s\nand should end with\n%s", text, want)
	}
	for _, want := range []string{
		`"served":{"served":true,"duration_ms":3000,"words":"203.0.113.91","servers":[{"name":"ns1.example.org","served":true,"words":"203.0.113.91"},`,
		`{"name":"ns3.example.org","served":false,"words":"cannot be queried: it has no IPv4 address"}]}`,
	} {
		if document := r.json(t); !strings.Contains(document, want) {
			t.Errorf("the document is\n%s\nand lacks\n%s", document, want)
		}
	}
}
