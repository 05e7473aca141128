package publicip

import (
	"net"
	"strings"
	"syscall"
	"testing"

	"ddns-batch/internal/testnet"
)

// What a DNS filter or a router does to names: all of these lead to this machine.
func TestNamesThatLeadWhereNoSourceIs(t *testing.T) {
	w := newInternet(t)
	stranger := w.certificate(two, 0)
	port := func(address string) string {
		_, port, err := net.SplitHostPort(address)
		must(t, err)
		return port
	}
	login := port(w.serve(page(200, "<html>The line is down</html>"), nil).Listener.Addr().String())
	other := port(w.serve(says("203.0.113.7"), &stranger).Listener.Addr().String())
	good := port(w.serve(says("203.0.113.7"), nil).Listener.Addr().String())
	closed := port(testnet.Refusing(t))
	resolver := testnet.Resolver(testnet.NameServer(t, testnet.Names(map[string]string{one: "0.0.0.0", two: "127.0.0.1", three: "127.0.0.1", "nas.lan": "127.0.0.1"})).String())

	for _, c := range []struct {
		name     string
		sources  []string
		kind     Kind
		problems []string
		message  string
	}{
		{"nobody listens", []string{"http://" + one + ":" + closed, "https://" + two + ":" + closed}, Sinkhole,
			[]string{"resolved to this machine (0.0.0.0): " + syscall.ECONNREFUSED.Error(), "resolved to this machine (127.0.0.1): " + syscall.ECONNREFUSED.Error()},
			"the address is not known: the names of 2 of 2 sources were resolved to this machine (0.0.0.0), this machine (127.0.0.1)"},
		{"a page", []string{"http://" + two + ":" + login}, Sinkhole,
			[]string{"resolved to this machine (127.0.0.1): a web page, not an address"},
			"the address is not known: the name of the only source was resolved to this machine (127.0.0.1)"},
		{"somebody else's certificate", []string{"https://" + three + ":" + other}, Sinkhole, []string{"resolved to this machine (127.0.0.1): certificate is valid for two.example.net, not three.example.org"},
			"the address is not known: the name of the only source was resolved to this machine (127.0.0.1)"},
		{"a source of one's own network is not there", []string{"http://nas.lan:" + closed}, Offline, []string{"cannot connect: " + syscall.ECONNREFUSED.Error()},
			"cannot reach the address source; is the connection up?"},
		{"a source of one's own network has a page", []string{"http://nas.lan:" + login}, TooFew, []string{"a web page, not an address"},
			"the only source gave no address"},
		{"no such name", []string{"http://four.example.com"}, Offline, []string{"the name cannot be resolved: no such host"},
			"cannot reach the address source; is the connection up?"},
		{"a source that is there all the same", []string{"http://" + two + ":" + good, "http://nas.lan:" + good}, "", []string{"", ""}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			finding, err := Find(t.Context(), Query{Sources: c.sources, Documentation: true, resolver: resolver})
			for i, a := range finding.Answers {
				if a.Problem != c.problems[i] {
					t.Errorf("problem %q, want %q", a.Problem, c.problems[i])
				}
			}
			if c.kind == "" {
				must(t, err)
				return
			}
			if e := wantKind(t, err, c.kind); e.Message != c.message || strings.Contains(e.Hint(), "Pi-hole") != (c.kind == Sinkhole || c.name == "no such name") {
				t.Errorf("%q, hint %q", e.Message, e.Hint())
			}
		})
	}
}
