package publicip

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// ask asks this router, and nobody else.
func (b *box) ask(limits timeouts) Answer {
	b.t.Helper()
	finding, _ := Find(b.t.Context(), Query{Sources: []string{"router:" + b.at.String()}, Documentation: true, UserAgent: "ddns-batch/test", timeouts: limits})
	if len(finding.Answers) != 1 {
		b.t.Errorf("%+v", finding)
		return Answer{}
	}
	return finding.Answers[0]
}

func TestARouterThatSpeaksNATPMP(t *testing.T) {
	t.Parallel()
	var asked sync.WaitGroup
	defer asked.Wait()
	for _, c := range []struct {
		name    string
		answer  []byte
		address string // or a part of the problem
	}{
		{"with an address", mapped(0, "203.0.113.7"), "203.0.113.7"},
		{"with a carrier's address", mapped(0, shared), "100.72.3.4 is inside a carrier's NAT"},
		{"without a line", mapped(0, "0.0.0.0"), "NAT-PMP: the router has no address on its line; UPnP: no answer"},
		{"that refuses", mapped(2, "0.0.0.0"), "NAT-PMP: it refuses: not authorized; UPnP"},
		{"that has lost its line", mapped(3, "203.0.113.7"), "NAT-PMP: it refuses: network failure; UPnP"},
		{"that refuses for a reason of its own", mapped(999, "203.0.113.7"), "NAT-PMP: it refuses: result 999; UPnP"},
		{"that refuses in short", mapped(5, "203.0.113.7")[:8], "NAT-PMP: it refuses: unsupported operation; UPnP"},
		{"that says nothing", []byte{}, "NAT-PMP: its answer cannot be understood; UPnP"},
		{"cut short", mapped(0, "203.0.113.7")[:11], "NAT-PMP: its answer cannot be understood; UPnP"},
		{"with too much", append(mapped(0, "203.0.113.7"), 0), "NAT-PMP: its answer cannot be understood; UPnP"},
		{"that asks the same", append([]byte{0, 0}, mapped(0, "203.0.113.7")[2:]...), "NAT-PMP: its answer cannot be understood; UPnP"},
		{"that speaks PCP only", []byte{2, 128, 0, 1, 0, 0, 0, 0}, "NAT-PMP: it speaks version 2 of the protocol (PCP) only; UPnP"},
		{"that speaks a version that is none", append([]byte{1, 128}, mapped(0, "203.0.113.7")[2:]...), "NAT-PMP: it speaks version 1"},
		{"that answers another question", append([]byte{0, 129}, mapped(0, "203.0.113.7")[2:]...), "NAT-PMP: it answers another question; UPnP"},
	} {
		b := loopbackBox(t)
		b.mapping(c.answer)
		asked.Go(func() {
			a := b.ask(little)
			if a.Address.String() != c.address && !strings.Contains(a.Problem, c.address) {
				t.Errorf("%s: %+v, want %q", c.name, a, c.address)
			}
			if a.Egress.Interface != "lo" {
				t.Errorf("%s: egress %+v", c.name, a.Egress)
			}
			if !slices.Contains(b.all(), "NAT-PMP") {
				t.Errorf("%s: heard %q", c.name, b.all())
			}
		})
	}
}

// A reply is the router's only if it comes from its address and port: anybody in the house can send others.
func TestAMappingAnswerFromElsewhereIsIgnored(t *testing.T) {
	b, elsewhere := loopbackBox(t), loopbackBox(t)
	other, err := net.ListenPacket("udp4", netip.AddrPortFrom(elsewhere.at, portMappingPort).String())
	must(t, err)
	defer other.Close()
	port, err := net.ListenPacket("udp4", netip.AddrPortFrom(b.at, 0).String())
	must(t, err)
	defer port.Close()
	conn, err := net.ListenPacket("udp4", netip.AddrPortFrom(b.at, portMappingPort).String())
	must(t, err)
	served := make(chan struct{})
	go func() {
		defer close(served)
		_, from, err := conn.ReadFrom(make([]byte, 2))
		for i, c := range []net.PacketConn{other, port, conn} {
			if err == nil {
				_, err = c.WriteTo(mapped(0, []string{"198.51.100.20", "198.51.100.21", "203.0.113.7"}[i]), from)
			}
		}
		if err != nil {
			t.Error(err)
		}
	}()
	if a := b.ask(enough); a.Address != home {
		t.Errorf("%+v", a)
	}
	must(t, conn.Close())
	<-served
}

// A lost packet is not the end: the question is asked again on the same socket, so that a late answer counts as well.
func TestAMappingQuestionIsAskedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		here, there := net.Pipe()
		began := time.Now()
		var asked []time.Duration
		done := make(chan struct{})
		go func() {
			defer close(done)
			question := make([]byte, 2)
			for {
				if _, err := io.ReadFull(there, question); err != nil {
					return
				}
				asked = append(asked, time.Since(began))
				if !bytes.Equal(question, []byte{0, 0}) {
					t.Errorf("question % x", question)
				}
			}
		}()
		_, err := askNATPMP(t.Context(), here, 4)
		if err == nil || err.Error() != "no answer" || time.Since(began) != 3750*ms {
			t.Errorf("%v after %v", err, time.Since(began))
		}
		must(t, here.Close())
		<-done
		if want := []time.Duration{0, 250 * ms, 750 * ms, 1750 * ms}; !slices.Equal(asked, want) {
			t.Errorf("asked after %v, want %v", asked, want)
		}
	})
}

func TestAMappingQuestionEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		here, there := net.Pipe()
		go func() { _, _ = io.Copy(io.Discard, there) }()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		began := time.Now()
		if _, err := askNATPMP(ctx, here, 9); err == nil || time.Since(began) != time.Second {
			t.Errorf("%v after %v", err, time.Since(began))
		}
		must(t, here.Close())
	})
}

func TestARouterThatSpeaksBothIsAskedOnce(t *testing.T) {
	b := loopbackBox(t)
	b.mapping(mapped(0, "203.0.113.7"))
	b.gateway("", "198.51.100.20")
	if a := b.ask(enough); a.Address != home {
		t.Errorf("%+v", a)
	}
	if heard := b.all(); !slices.Equal(heard, []string{"NAT-PMP"}) {
		t.Errorf("heard %q", heard)
	}
}

func TestARouterThatSpeaksUPnP(t *testing.T) {
	b := loopbackBox(t)
	b.gateway("", "203.0.113.7")
	a := b.ask(enough)
	if a.Address != home || a.Name != "router:"+b.at.String() || a.Kind != RouterSource {
		t.Errorf("%+v", a)
	}
	want := []string{"GET /rootDesc.xml ", "M-SEARCH", `POST /ctl/IPConn "urn:schemas-upnp-org:service:WANIPConnection:1#GetExternalIPAddress"`}
	if heard := b.all(); !slices.Equal(heard, want) {
		t.Errorf("heard %q", heard)
	}
}

func TestUPnPRouters(t *testing.T) {
	ip := func(control string) string { return description(service("WANIPConnection:1", control)) }
	soap := func(status int, body string) http.HandlerFunc {
		return func(rw http.ResponseWriter, _ *http.Request) {
			rw.WriteHeader(status)
			_, _ = io.WriteString(rw, `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>`+body+`</s:Body></s:Envelope>`)
		}
	}
	fault := `<s:Fault><faultcode>s:Client</faultcode><faultstring>UPnPError</faultstring><detail><UPnPError xmlns="urn:schemas-upnp-org:control-1-0">` +
		"<errorCode>501</errorCode><errorDescription>Action\n Failed</errorDescription></UPnPError></detail></s:Fault>"
	for _, c := range []struct {
		name, description string
		control           func(b *box) http.HandlerFunc
		want              string // the address, or a part of the problem
	}{
		{"the second version", description(service("WANIPConnection:2", "/c")), func(b *box) http.HandlerFunc { return b.external("WANIPConnection:2", x) }, x},
		{"a PPP connection", description(service("WANPPPConnection:1", "/c")), func(b *box) http.HandlerFunc { return b.external("WANPPPConnection:1", x) }, x},
		{"an unused connection first", description(service("WANPPPConnection:1", "/unused"), service("WANIPConnection:1", "/c")), func(b *box) http.HandlerFunc { return b.external("WANIPConnection:1", x) }, x},
		{"a path without a slash", ip("c"), func(b *box) http.HandlerFunc { return b.external("WANIPConnection:1", x) }, x},
		{"blanks around the address", ip("/c"), func(b *box) http.HandlerFunc { return b.external("WANIPConnection:1", " "+x+"\n") }, x},
		{"a base that leads elsewhere", strings.Replace(ip("/c"), "<device>", "<URLBase>http://192.0.2.1/</URLBase><device>", 1), func(b *box) http.HandlerFunc { return b.external("WANIPConnection:1", x) }, x},

		{"a carrier's address", ip("/c"), func(b *box) http.HandlerFunc { return b.external("WANIPConnection:1", shared) }, "100.72.3.4 is inside a carrier's NAT"},
		{"no line", ip("/c"), func(b *box) http.HandlerFunc { return b.external("WANIPConnection:1", "") }, "UPnP: the router has no address on its line"},
		{"a line that is down", ip("/c"), func(b *box) http.HandlerFunc { return b.external("WANIPConnection:1", "0.0.0.0") }, "UPnP: the router has no address on its line"},
		{"an IPv6 address", ip("/c"), func(b *box) http.HandlerFunc { return b.external("WANIPConnection:1", "2001:db8::7") }, "an IPv6 address, an IPv4 one is needed"},
		{"a fault", ip("/c"), func(*box) http.HandlerFunc { return soap(500, fault) }, `UPnP: it refuses: "Action  Failed"`},
		{"a fault without words", ip("/c"), func(*box) http.HandlerFunc { return page(500, "no") }, "UPnP: it refuses: 500 Internal Server Error"},
		{"a redirect", ip("/c"), func(*box) http.HandlerFunc {
			return func(rw http.ResponseWriter, r *http.Request) { http.Redirect(rw, r, "/rootDesc.xml", http.StatusFound) }
		}, "UPnP: it refuses: 302 Found"},
		{"another answer", ip("/c"), func(*box) http.HandlerFunc { return soap(200, "<x/>") }, "UPnP: its answer cannot be understood"},
		{"an endless answer", ip("/c"), func(*box) http.HandlerFunc { return page(200, strings.Repeat(" ", maxDevice+1)) }, "an answer of more than"},
		{"no connection in the description", description(service("WANCommonInterfaceConfig:1", "/c")), nil, "its description names no connection"},
		{"a description that is a page", "<html><body>login", nil, "its description cannot be understood"},
		{"a description that is not there", "", nil, "cannot read its description: 404 Not Found"},
		{"a control URL that leads elsewhere", ip("http://192.0.2.1/c"), nil, "it points to another machine"},
		{"a control URL with a name", ip("http://router.example.com/c"), nil, "it points to another machine"},
		{"a control URL over TLS", ip("https:/c"), nil, "it points to another machine"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := loopbackBox(t)
			pages := map[string]http.HandlerFunc{"/rootDesc.xml": says(c.description)}
			if c.description == "" {
				delete(pages, "/rootDesc.xml")
			}
			if c.control != nil {
				pages["/c"] = c.control(b)
			}
			b.search("", found(b.web(pages)+"/rootDesc.xml"))
			a := b.ask(enough)
			if a.Address.String() == c.want {
				return
			}
			if !strings.Contains(a.Problem, c.want) {
				t.Errorf("%+v, want %q", a, c.want)
			}
		})
	}
}

func TestAnswersToASearchThatLeadAstray(t *testing.T) {
	t.Parallel()
	elsewhere := loopbackBox(t)
	other := elsewhere.web(map[string]http.HandlerFunc{"/rootDesc.xml": says(description(service("WANIPConnection:1", "/c"))), "/c": elsewhere.external("WANIPConnection:1", y)})
	var asked sync.WaitGroup
	defer asked.Wait()
	for name, answer := range map[string]func(string) string{
		"to another machine":      found(other + "/rootDesc.xml"),
		"to a name":               found("http://router.example.com/rootDesc.xml"),
		"to TLS":                  found("https://{}/rootDesc.xml"),
		"to a file":               found("file:///etc/passwd"),
		"to a user":               found("http://a:b@{}/rootDesc.xml"),
		"nowhere":                 found(""),
		"with a bad status":       func(v string) string { return strings.Replace(found("http://{}/")(v), "200 OK", "404 Not Found", 1) },
		"that are none":           func(string) string { return "203.0.113.7" },
		"that announce something": func(string) string { return "NOTIFY * HTTP/1.1\r\nLOCATION: http://{}/\r\n\r\n" },
	} {
		b := loopbackBox(t)
		b.search("", func(version string) string { return strings.ReplaceAll(answer(version), "{}", b.at.String()) })
		asked.Go(func() {
			a := b.ask(little)
			if a.Said.IsValid() || !strings.HasSuffix(a.Problem, "UPnP: no answer") {
				t.Errorf("%s: %+v", name, a)
			}
			if heard := elsewhere.all(); len(heard) != 0 {
				t.Errorf("%s: the other machine heard %q", name, heard)
			}
		})
	}
}

func TestAnAnswerWithoutItsLastLineIsUnderstood(t *testing.T) {
	b := loopbackBox(t)
	base := b.web(map[string]http.HandlerFunc{"/d": says(description(service("WANIPConnection:1", "/c"))), "/c": b.external("WANIPConnection:1", x)})
	b.search("", func(v string) string { return strings.TrimSuffix(found(base+"/d")(v), "\r\n\r\n") })
	if a := b.ask(enough); a.Address != home {
		t.Errorf("%+v", a)
	}
}

func TestARouterThatSpeaksNeither(t *testing.T) {
	t.Parallel()
	b := loopbackBox(t)
	a := b.ask(little)
	if want := fmt.Sprintf("router %s: NAT-PMP: connection refused; UPnP: no answer", b.at); a.Problem != want {
		t.Errorf("problem %q, want %q", a.Problem, want)
	}
}

func TestASilentRouterIsGivenUpSoonAfterItIsNotWanted(t *testing.T) {
	t.Parallel()
	b := loopbackBox(t)
	ctx, cancel := context.WithCancel(t.Context())
	b.mapping(nil)
	b.search("", func(string) string { cancel(); return "" })
	forever := timeouts{whole: time.Hour, tries: 2, search: time.Hour}
	finding, err := Find(ctx, Query{Sources: []string{"router:" + b.at.String()}, timeouts: forever})
	wantKind(t, err, Interrupted)
	if !finding.Answers[0].Cut {
		t.Errorf("%+v", finding.Answers[0])
	}
	if heard := b.all(); !slices.Equal(heard, []string{"M-SEARCH", "NAT-PMP"}) {
		t.Errorf("heard %q", heard)
	}
}

func TestARouterBehindACarriersNATIsAWarningInEveryRun(t *testing.T) {
	w := newInternet(t)
	w.site(one, says("203.0.113.7"))
	w.site(two, says("203.0.113.7"))
	b := loopbackBox(t)
	b.mapping(mapped(0, shared))
	q := w.query(one, two)
	q.Sources, q.Agree, q.timeouts = append(q.Sources, "router:"+b.at.String()), 2, enough
	for name, ask := range map[string]func(context.Context, Query) (Finding, error){"Find": Find, "Survey": Survey} {
		finding, err := ask(t.Context(), q)
		must(t, err)
		if finding.Address != home || len(finding.Answers) != 3 || finding.Answers[2].Said.String() != shared {
			t.Errorf("%s: %+v", name, finding)
		}
		if len(finding.Warnings) != 1 || !strings.HasPrefix(finding.Warnings[0], "carrier NAT: ") {
			t.Errorf("%s: warnings %q", name, finding.Warnings)
		}
	}
}

func TestRoutes(t *testing.T) {
	const header = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n"
	for _, c := range []struct{ name, table, want string }{
		{"one", header + "eth0\t00000000\t0101A8C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\neth0\t0001A8C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n", "[192.168.1.1]"},
		{"the cheaper one first", header + "wlan0\t00000000\t0102A8C0\t3\t0\t0\t600\t00000000\t0\t0\t0\neth0\t00000000\t0101A8C0\t3\t0\t0\t100\t00000000\t0\t0\t0\n", "[192.168.1.1 192.168.2.1]"},
		{"a line without a router", header + "ppp0\t00000000\t00000000\t0001\t0\t0\t0\t00000000\t0\t0\t0\n", "[]"},
		{"half of the internet", header + "tun0\t00000000\t0101A8C0\t3\t0\t0\t0\t00000080\t0\t0\t0\n", "[]"},
		{"another network", header + "eth0\t0000000A\t0101A8C0\t3\t0\t0\t0\t00000000\t0\t0\t0\n", "[]"},
		{"garbage", "x\n\t00000000\n00 00000000 zz 0 0 0 0 00000000\n00 00000000 0101A8C0 0 0 0 zz 00000000\n00 00000000 01A8C0 0 0 0 0 00000000\n", "[]"},
		{"nothing", "", "[]"},
	} {
		if got := fmt.Sprint(parseRoutes(c.table)); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}
