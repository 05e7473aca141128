package main

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"net/netip"
	"regexp"
	"slices"
	"sync"
	"testing"

	"github.com/miekg/dns"

	"ddns-batch/internal/provider"
	"ddns-batch/internal/testnet"
)

// obstacle is a reason why no request is sent at all.
type obstacle struct {
	name    string
	arrange func(m *machine, host string)
	// silent: it lasts until the time is over.
	silent bool
	// What an update comes to.
	class   provider.Class
	message string
	// What the problem of a source is called, and the error if all have it.
	problem, verdict string
}

// leadingTo lets connections to a host end at an address.
func leadingTo(address func(testnet.TB) string) func(*machine, string) {
	return func(m *machine, host string) { m.dials[host] = address(m) }
}

func behind(play func(net.Conn)) func(*machine, string) {
	return leadingTo(func(tb testnet.TB) string { return testnet.Listen(tb, play).Address })
}

// lookedUp lets a host be looked up at a name server.
func lookedUp(handler dns.HandlerFunc) func(*machine, string) {
	return leadingTo(func(tb testnet.TB) string { return "dns:" + testnet.NameServer(tb, handler).String() })
}

func showing(p proof) func(*machine, string) {
	return func(m *machine, host string) { m.show(host, p) }
}

// answering writes something as soon as it is spoken to.
func answering(something string) func(net.Conn) {
	return func(conn net.Conn) {
		_, _ = conn.Read(make([]byte, 1))
		_, _ = io.WriteString(conn, something)
		testnet.ReadOn(conn)
	}
}

// blocked answers as a DNS filter does.
func blocked() dns.HandlerFunc {
	addresses := map[string]string{endpointHost: "0.0.0.0"}
	for _, host := range sourceHosts {
		addresses[host] = "0.0.0.0"
	}
	return testnet.Names(addresses)
}

var obstacles = []obstacle{
	{"connections are refused", leadingTo(testnet.Refusing), false,
		provider.Transient, "connection refused", "cannot connect: connection refused", "cannot reach any of the 3 address sources; is the connection up"},
	{"the name does not exist", lookedUp(testnet.NoSuchName), false,
		provider.Transient, "cannot resolve " + endpointHost + ": no such host", "the name cannot be resolved: no such host", "cannot reach any of the 3 address sources; is the connection up"},
	{"a DNS filter blocks the name", lookedUp(blocked()), false,
		provider.Transient, endpointHost + " was resolved to this machine .0.0.0.0., perhaps by a DNS filter .such as Pi-hole. or this machine's hosts file: connection refused",
		"resolved to this machine .0.0.0.0.: connection refused", "the names of 3 of 3 sources were resolved to this machine .0.0.0.0."},
	{"the name server is silent", lookedUp(testnet.Silent), true,
		provider.Transient, "not sent: the run reached its timeout", "", "the time ran out before the sources agreed|is the connection up"},
	{"nobody shakes hands", behind(testnet.ReadOn), true,
		provider.Transient, "not sent: the run reached its timeout", "", "the time ran out before the sources agreed|is the connection up"},
	{"connections are reset at once", behind(testnet.Reset), false,
		provider.Transient, "connection reset by peer|EOF|broken pipe", "reset|closed|broken pipe", "none of the 3 sources gave an address|is the connection up"},
	{"plain http takes the place of TLS", behind(answering("HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n203.0.113.66")), false,
		provider.Transient, "first record does not look like a TLS handshake", "first record does not look like a TLS handshake", "none of the 3 sources gave an address"},
	{"something else takes the place of TLS", behind(answering("220 mail.example.org ESMTP \x1b[31m\r\n")), false,
		provider.Transient, "first record does not look like a TLS handshake", "first record does not look like a TLS handshake", "none of the 3 sources gave an address"},
	{"the certificate has expired", showing(expired), false,
		provider.Certificate, "the certificate is valid from .* but not now according to this machine's clock", "certificate has expired", "the certificates of 3 of 3 sources are not valid"},
	{"the certificate is not valid yet", showing(coming), false,
		provider.Certificate, "the certificate is valid from .* but not now according to this machine's clock", "not yet valid", "the certificates of 3 of 3 sources are not valid"},
	{"the certificate is for another name", showing(misnamed), false,
		provider.Certificate, "the certificate is not for " + endpointHost, "valid for www.example.org, not", "the certificates of 3 of 3 sources are not valid"},
	{"the certificate is a stranger's", showing(stranger), false,
		provider.Certificate, "the certificate is signed by an unknown authority", "unknown authority", "the certificates of 3 of 3 sources are not valid"},
}

// What is not reached is not changed, and that is certain: what was known before is known afterwards.
func TestAnEndpointThatIsNotReached(t *testing.T) {
	t.Parallel()
	m := twoDomains(t)
	if e := m.run(); e.status != 0 {
		t.Fatalf("the first run ends with status %d: %s", e.status, e.stderr)
	}
	for i, o := range obstacles {
		t.Run(o.name, func(t *testing.T) {
			m.T = t
			address := []netip.Addr{awayAddress, homeAddress}[i%2]
			m.server.SetAddress(address)
			heard := len(m.server.Heard())
			o.arrange(m, endpointHost)
			var e finished
			if o.silent {
				e = m.inTime("-o", "json", "--retry", "--log-level", "trace")
			} else {
				e = m.run("-o", "json", "--retry", "--log-level", "trace")
			}
			result := "failed"
			if o.silent {
				result = "skipped"
			}
			for _, name := range m.names() {
				got := e.document.of(name)
				if got.Reason != "moved" || got.Result != result || got.Error.Class != o.class || !regexp.MustCompile(o.message).MatchString(got.Error.Message) {
					t.Errorf("%+v", got)
				}
			}
			if e.status != 1 || len(m.server.Heard()) != heard {
				t.Errorf("status %d, and %d updates were heard", e.status, len(m.server.Heard())-heard)
			}

			delete(m.dials, endpointHost)
			m.show(endpointHost, good)
			if e := m.run("-o", "json", "--retry"); e.status != 0 || e.document.of("example.com").Reason != "moved" {
				t.Errorf("when all is well again: status %d, %s", e.status, e.stdout)
			}
			m.published(address)
		})
	}
}

func TestSourcesThatAreNotReached(t *testing.T) {
	t.Parallel()
	for _, o := range obstacles {
		t.Run(o.name, func(t *testing.T) {
			t.Parallel()
			m := twoDomains(t)
			o.arrange(m, sourceHosts[0])
			if e := m.run("-o", "json", "--log-level", "trace"); e.status != 0 {
				t.Errorf("one source: status %d\n%s", e.status, e.stdout)
			}
			m.published(homeAddress)

			heard := len(m.server.Heard())
			o.arrange(m, sourceHosts[1])
			o.arrange(m, sourceHosts[2])
			run := func() finished { return m.run("-o", "json", "--log-level", "trace", "--force") }
			problem := o.problem
			if o.silent {
				run = func() finished { return m.inTime("-o", "json", "--log-level", "trace", "--force") }
				problem = "the run reached its timeout|no answer in|cannot be resolved"
			}
			e := run()
			if e.status != 3 || len(m.server.Heard()) != heard || !regexp.MustCompile(o.verdict).MatchString(e.document.Error.Message) {
				t.Errorf("all sources: status %d, %q", e.status, e.document.Error.Message)
			}
			for _, s := range e.document.Sources {
				if s.Address != "" || !regexp.MustCompile(problem).MatchString(s.Error) {
					t.Errorf("all sources: %+v", s)
				}
			}
		})
	}
}

// The endpoint is behind a proxy. What the sources say would be the proxy's address, so they are asked without it.
func TestAProxyIsForTheEndpointOnly(t *testing.T) {
	t.Parallel()
	for _, variable := range []string{"HTTPS_PROXY", "https_proxy"} {
		t.Run(variable, func(t *testing.T) {
			m := twoDomains(t)
			p := newProxy(t, m.server.Addr().String())
			m.behindProxy(p.Address, variable, "HTTP_PROXY", "ALL_PROXY", "http_proxy", "all_proxy")
			if e := m.run("--log-level", "trace"); e.status != 0 {
				t.Errorf("status %d\n%s%s", e.status, e.stdout, e.stderr)
			}
			m.published(homeAddress)
			if heard := p.heard(); !slices.Equal(heard, []string{endpointHost + ":443"}) {
				t.Errorf("the proxy was asked for %q", heard)
			}
		})
	}
}

// behindProxy sets the variables that name a proxy with a password.
func (m *machine) behindProxy(address string, variables ...string) {
	m.canaries = append(m.canaries, "cAnArY-proxy")
	m.dials["proxy.example.net"] = address
	for _, v := range variables {
		m.env[v] = "http://me:cAnArY-proxy@proxy.example.net:3128"
	}
}

// proxy carries connections to one address.
type proxy struct {
	*testnet.Listener
	mu    sync.Mutex
	asked []string
}

func (p *proxy) heard() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Compact(slices.Clone(p.asked))
}

func newProxy(tb testnet.TB, to string) *proxy {
	p := &proxy{}
	p.Listener = testnet.Listen(tb, func(conn net.Conn) {
		request, err := http.ReadRequest(bufio.NewReader(conn))
		if err != nil {
			return
		}
		host := request.Host
		if request.Header.Get("Proxy-Authorization") == "" {
			host += ", by nobody"
		}
		p.mu.Lock()
		p.asked = append(p.asked, host)
		p.mu.Unlock()
		_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\n\r\n")
		testnet.Forward(conn, to)
	})
	return p
}

func TestAProxyThatFails(t *testing.T) {
	t.Parallel()
	for _, f := range []struct {
		name    string
		play    func(net.Conn)
		message string
	}{
		{"refuses", answering("HTTP/1.1 407 \x1b[31mnot with cAnArY-proxy\r\nContent-Length: 0\r\n\r\n"), "^the proxy proxy.example.net:3128 .HTTPS_PROXY.: it answered 407 Proxy Authentication Required$"},
		{"hangs", testnet.ReadOn, "^the proxy proxy.example.net:3128 .HTTPS_PROXY.: no connection in [0-9.]+ s"},
		{"resets", testnet.Reset, "reset|EOF|broken pipe"},
		{"never ends its header", func(conn net.Conn) { endless("HTTP/1.1 200 OK\r\n", "X-More: and more\r\n")(conn, nil, "") }, "header"},
		{"repeats the request", func(conn net.Conn) { _, _ = io.Copy(conn, conn) }, "malformed"},
		{"is no proxy", answering("SSH-2.0-OpenSSH_9.9 \x1b[31m\r\n"), "malformed"},
	} {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			m := twoDomains(t)
			m.behindProxy(testnet.Listen(t, f.play).Address, "HTTPS_PROXY")
			m.configure(map[string]string{"request_timeout": "1s"})
			e := m.run("-o", "json", "--log-level", "trace", "--only", "example.com")
			got := e.document.of("example.com")
			if e.status != 1 || got.Result != "failed" || got.Error.Class != provider.Transient || !regexp.MustCompile(f.message).MatchString(got.Error.Message) {
				t.Errorf("status %d, %+v", e.status, got)
			}
		})
	}
}
