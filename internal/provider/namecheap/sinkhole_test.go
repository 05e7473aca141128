package namecheap

import (
	"context"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
	"testing"

	"ddns-batch/internal/provider"
	"ddns-batch/internal/roots"
	"ddns-batch/internal/sinkhole"
	"ddns-batch/internal/testnet"
)

// Where nobody listens, and where a filter or a router has a page of its own, with a certificate of its own.
func TestASinkholeForTheEndpointIsNamed(t *testing.T) {
	const said = "ddns.example.net was resolved to this machine (127.0.0.1), perhaps by a DNS filter (such as Pi-hole) or this machine's hosts file: "
	resolver := testnet.Resolver(testnet.NameServer(t, testnet.Names(map[string]string{"ddns.example.net": "127.0.0.1"})).String())
	ca := testnet.NewAuthority("test authority")
	login := secure(t, ca.Config("pi.hole.example.org"), confirm)
	for _, c := range []struct {
		name, address string
		class         provider.Class
		message       string
	}{
		{"nobody listens", testnet.Refusing(t), provider.Transient, said + syscall.ECONNREFUSED.Error()},
		{"a login page", strings.TrimSuffix(strings.TrimPrefix(login, "https://"), "/update"), provider.Certificate,
			said + "the certificate is not for ddns.example.net"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, port, err := net.SplitHostPort(c.address)
			if err != nil {
				t.Fatal(err)
			}
			client := newClient(t, Options{
				Endpoint: "https://ddns.example.net:" + port + "/update", Authorities: roots.Only(ca.Pool()),
				Proxy: func(*url.URL) (*url.URL, error) { return nil, nil },
				Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
					return sinkhole.Dial(ctx, &net.Dialer{Resolver: resolver}, network, address)
				},
			})
			e, ok := client.Update(t.Context(), update()).(*provider.Error)
			if !ok || e.Class != c.class || !e.Unsent || e.Message != c.message {
				t.Errorf("got %+v", e)
			}
		})
	}
}

// A proxy may well be in one's own network.
func TestAProxyOfOnesOwnNetworkIsNothingOdd(t *testing.T) {
	via, err := url.Parse("http://proxy.example.com:3128")
	if err != nil {
		t.Fatal(err)
	}
	client := &Client{proxy: func() (*url.URL, error) { return via, nil }}
	sunk := &sinkhole.Error{Host: "proxy.example.com", Address: netip.MustParseAddr("192.168.1.9"), Err: syscall.ECONNREFUSED}
	e := client.notConnected(t.Context(), proxyError{sunk}, 0, redactor{})
	if want := "the proxy proxy.example.com:3128 (HTTPS_PROXY): " + syscall.ECONNREFUSED.Error(); e.Message != want {
		t.Errorf("%q, want %q", e.Message, want)
	}
}
