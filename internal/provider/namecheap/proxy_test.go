package namecheap

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"ddns-batch/internal/provider"
	"ddns-batch/internal/roots"
	"ddns-batch/internal/testnet"
)

// A loopback host would never go through a proxy, so the endpoint has a name that resolves nowhere, and both the proxy
// and what is behind it are here.
func TestTheEndpointIsReachedThroughAProxy(t *testing.T) {
	ca := testnet.NewAuthority("test authority")
	endpoint := secure(t, ca.Config("dynamicdns.example.net"), confirm)
	behind := strings.TrimSuffix(strings.TrimPrefix(endpoint, "https://"), "/update")

	heard := make(chan string, 1)
	proxy := serve(t, func(conn net.Conn) {
		heard <- readRequest(conn)
		_, _ = conn.Write([]byte("HTTP/1.1 200 OK\r\n\r\n"))
		testnet.Forward(conn, behind)
	})
	via, err := url.Parse(strings.TrimSuffix(proxy, "/update"))
	if err != nil {
		t.Fatal(err)
	}
	client := newClient(t, Options{
		Endpoint: "https://dynamicdns.example.net/update", Authorities: roots.Only(ca.Pool()),
		Proxy: func(*url.URL) (*url.URL, error) { return via, nil },
	})
	if err := client.Update(t.Context(), update()); err != nil {
		t.Fatal(err)
	}
	if got := <-heard; !strings.HasPrefix(got, "CONNECT dynamicdns.example.net:443 HTTP/1.1\r\n") || leaks(got) {
		t.Errorf("the proxy heard %q", got)
	}
}

func TestAProxyThatRefusesLeavesTheUpdateUnsent(t *testing.T) {
	const said = "Proxy Authentication Required: not hunter2 bWU6aHVudGVyMg=="
	proxy := serve(t, func(conn net.Conn) {
		readRequest(conn)
		_, _ = conn.Write([]byte("HTTP/1.1 407 " + said + "\r\nContent-Length: 0\r\n\r\n"))
	})
	for _, user := range []string{"", "me:hunter2@", "token@"} {
		via, err := url.Parse(strings.Replace(strings.TrimSuffix(proxy, "/update"), "//", "//"+user, 1))
		if err != nil {
			t.Fatal(err)
		}
		client := newClient(t, Options{
			Endpoint: "https://dynamicdns.example.net/update",
			Proxy:    func(*url.URL) (*url.URL, error) { return via, nil },
		})
		e, ok := client.Update(t.Context(), update()).(*provider.Error)
		if !ok || e.Class != provider.Transient || !e.Unsent || e.Message != "the proxy "+via.Host+" (HTTPS_PROXY): it answered 407 Proxy Authentication Required" {
			t.Errorf("as %q: got %#v", user, e)
		}
		if _, err := client.Probe(t.Context()); err == nil || err.Error() != e.Error() {
			t.Errorf("as %q: a probe says %v", user, err)
		}
	}
}

func TestWithoutAProxyFunctionTheEnvironmentDecides(t *testing.T) {
	for name, c := range map[string]struct{ https, none, want string }{
		"no proxy":                    {"", "", ""},
		"a proxy":                     {"http://me:hunter2@192.0.2.9:3128", "", "http://me:hunter2@192.0.2.9:3128"},
		"a proxy without a scheme":    {"192.0.2.9:3128", "", "http://192.0.2.9:3128"},
		"a proxy, but not for this":   {"http://192.0.2.9:3128", "example.com", ""},
		"no URL":                      {"http://me:hun%ter2@192.0.2.9:3128", "", "error"},
		"no URL, but not for this":    {"http://me:hun%ter2@192.0.2.9:3128", ".example.com", ""},
		"a URL with a line end in it": {"http://192.0.2.9:3128\n", "", "error"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, variable := range []string{"HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "https_proxy", "http_proxy", "no_proxy", "REQUEST_METHOD"} {
				t.Setenv(variable, "")
			}
			t.Setenv("HTTPS_PROXY", c.https)
			t.Setenv("no_proxy", c.none)
			client := newClient(t, Options{Endpoint: "https://dynamicdns.example.com/update"})
			proxy, err := client.proxy()
			got := ""
			if proxy != nil {
				got = proxy.String()
			}
			if err != nil {
				got = "error"
				if strings.Contains(err.Error(), "hun") {
					t.Errorf("the password is shown: %v", err)
				}
			}
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestALoopbackEndpointNeedsNoProxy(t *testing.T) {
	client := newClient(t, Options{Endpoint: "https://127.0.0.1/update"})
	proxy, err := client.proxy()
	if err != nil || proxy != nil {
		t.Errorf("a loopback endpoint goes through %v, %v", proxy, err)
	}
}

// SOCKS5 needs no more than this: a greeting, a user, and where to (RFC 1928, RFC 1929).
func TestTheEndpointIsReachedThroughSOCKS(t *testing.T) {
	ca := testnet.NewAuthority("test authority")
	endpoint := secure(t, ca.Config("dynamicdns.example.net"), confirm)
	behind := strings.TrimSuffix(strings.TrimPrefix(endpoint, "https://"), "/update")
	heard := make(chan string, 1)
	socks := serve(t, func(conn net.Conn) {
		part := func(size int, answer string) string {
			b := make([]byte, size)
			_, _ = io.ReadFull(conn, b)
			_, _ = io.WriteString(conn, answer)
			return string(b)
		}
		head := part(2, "")
		part(int(head[1]), "\x05\x02")
		user := part(len("\x01\x02me\x07hunter2"), "\x01\x00")
		heard <- user + part(len("\x05\x01\x00\x03\x16dynamicdns.example.net\x01\xbb"), "\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00")
		testnet.Forward(conn, behind)
	})
	const want = "\x01\x02me\x07hunter2\x05\x01\x00\x03\x16dynamicdns.example.net\x01\xbb"
	for _, scheme := range []string{"socks5", "socks5h"} {
		via, err := url.Parse(strings.Replace(strings.TrimSuffix(socks, "/update"), "http://", scheme+"://me:hunter2@", 1))
		if err != nil {
			t.Fatal(err)
		}
		client := newClient(t, Options{
			Endpoint: "https://dynamicdns.example.net/update", Authorities: roots.Only(ca.Pool()),
			Proxy: func(*url.URL) (*url.URL, error) { return via, nil },
		})
		if err := client.Update(t.Context(), update()); err != nil {
			t.Error(err)
		}
		if got := <-heard; got != want {
			t.Errorf("%s: heard %q", scheme, got)
		}
	}
}

// A proxy that is spoken to over TLS has to prove who it is, like the endpoint behind it.
func TestTheEndpointIsReachedThroughAProxyWithTLS(t *testing.T) {
	ca := testnet.NewAuthority("test authority")
	endpoint := secure(t, ca.Config("dynamicdns.example.net"), confirm)
	behind := strings.TrimSuffix(strings.TrimPrefix(endpoint, "https://"), "/update")
	for _, c := range []struct {
		name  string
		class provider.Class
	}{{"proxy.example.net", ""}, {"other.example.net", provider.Certificate}} {
		proxy := secure(t, ca.Config(c.name), func(w http.ResponseWriter, r *http.Request) {
			if r.Method != http.MethodConnect || r.Host != "dynamicdns.example.net:443" {
				t.Errorf("heard %s %s", r.Method, r.Host)
			}
			conn, _, err := http.NewResponseController(w).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			defer conn.Close()
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\n\r\n")
			testnet.Forward(conn, behind)
		})
		client := newClient(t, Options{
			Endpoint: "https://dynamicdns.example.net/update", Authorities: roots.Only(ca.Pool()),
			Proxy: func(*url.URL) (*url.URL, error) { return url.Parse("https://proxy.example.net:3128") },
			Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
				if address != "proxy.example.net:3128" {
					t.Errorf("dialled %s", address)
				}
				return new(net.Dialer).DialContext(ctx, network, strings.TrimSuffix(strings.TrimPrefix(proxy, "https://"), "/update"))
			},
		})
		err := client.Update(t.Context(), update())
		e, _ := err.(*provider.Error)
		if c.class == "" && err != nil || c.class != "" && (e == nil || e.Class != c.class || !e.Unsent || !strings.HasPrefix(e.Message, "the proxy proxy.example.net:3128 (HTTPS_PROXY): ")) {
			t.Errorf("%s: got %v", c.name, err)
		}
	}
}
