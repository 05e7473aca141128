// Package namecheap sends updates to Namecheap's dynamic DNS endpoint and judges its replies.
// It never retries, follows a redirect, prints, or keeps a password; and it never says yes unless the endpoint itself
// did, for the very address that was sent.
package namecheap

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/net/http/httpproxy"

	"ddns-batch/internal/provider"
)

const (
	// maxBody and maxHeader bound what is read of one answer. A real reply has about 600 bytes.
	maxBody   = 64 << 10
	maxHeader = 64 << 10
	// connectTimeout bounds a dial, and once more a TLS handshake. net/http goes on with both after the request that
	// wanted them is over, so without a bound of their own dead ones would take the places of live ones.
	connectTimeout = 10 * time.Second
	// idleTimeout is well below what servers grant, so that it is this side that drops an idle connection.
	idleTimeout = 20 * time.Second
)

// Options is what New needs. Only Endpoint must be set.
type Options struct {
	// Endpoint is the URL of the update script: https, or http to a loopback host; no user, query or fragment.
	Endpoint string
	// Workers is how many updates may be under way at once: so many connections are opened at most, and kept. At
	// least 1 is assumed.
	Workers int
	// RootCAs replaces the system's certificate authorities; nil keeps them.
	RootCAs *x509.CertPool
	// Dial opens a TCP connection; nil is a net.Dialer's DialContext.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// UserAgent is sent as it stands; empty is "ddns-batch".
	UserAgent string
	// Proxy names the proxy for the endpoint, or nil for none. It is given the endpoint only, never the request, which
	// holds a password. A nil Proxy means $HTTPS_PROXY and $NO_PROXY, in capitals or not.
	Proxy func(endpoint *url.URL) (*url.URL, error)
}

// Client is the endpoint as a provider.Provider. Its methods may be called from many goroutines.
type Client struct {
	endpoint  *url.URL
	userAgent string
	transport *http.Transport
}

var _ provider.Provider = (*Client)(nil)

// New returns a client. It opens no connection. The error says what is wrong with the endpoint without quoting it.
func New(o Options) (*Client, error) {
	endpoint, err := parseEndpoint(o.Endpoint)
	if err != nil {
		return nil, err
	}
	dial := o.Dial
	if dial == nil {
		dial = (&net.Dialer{Timeout: connectTimeout}).DialContext
	}
	userAgent := o.UserAgent
	if userAgent == "" {
		userAgent = "ddns-batch"
	}
	workers := max(1, o.Workers)
	// HTTP/2 repeats requests in more cases than HTTP/1.1 does, and its debug output prints the path.
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	return &Client{
		endpoint:  endpoint,
		userAgent: userAgent,
		transport: &http.Transport{
			Proxy:                  proxyFor(endpoint, o.Proxy),
			DialContext:            dial,
			TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: o.RootCAs},
			TLSHandshakeTimeout:    connectTimeout,
			Protocols:              protocols,
			MaxConnsPerHost:        workers,
			MaxIdleConnsPerHost:    workers,
			IdleConnTimeout:        idleTimeout,
			MaxResponseHeaderBytes: maxHeader,
			DisableCompression:     true,
			OnProxyConnectResponse: func(_ context.Context, _ *url.URL, _ *http.Request, r *http.Response) error {
				if r.StatusCode != http.StatusOK {
					return proxyRefusal(r.StatusCode)
				}
				return nil
			},
		},
	}, nil
}

func parseEndpoint(raw string) (*url.URL, error) {
	u, err := url.Parse(raw)
	switch {
	case err != nil || u.Hostname() == "":
		// The error of url.Parse quotes its input.
		return nil, errors.New("endpoint: not a URL with a host")
	case u.Scheme != "https" && u.Scheme != "http":
		return nil, errors.New("endpoint: neither https nor http")
	case u.Scheme == "http" && !isLoopback(u.Hostname()):
		return nil, errors.New("endpoint: plain http only to a loopback host; write https")
	case u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return nil, errors.New("endpoint: with a user, a query or a fragment; leave only the host and the path")
	}
	return u, nil
}

func isLoopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.IsLoopback() || strings.EqualFold(host, "localhost")
}

func proxyFor(endpoint *url.URL, proxy func(*url.URL) (*url.URL, error)) func(*http.Request) (*url.URL, error) {
	if proxy == nil {
		proxy = fromEnvironment
	}
	found := sync.OnceValues(func() (*url.URL, error) {
		u, err := proxy(endpoint)
		if err != nil {
			return nil, errProxySetting
		}
		return u, nil
	})
	return func(*http.Request) (*url.URL, error) { return found() }
}

// fromEnvironment is the proxy that the environment names for the endpoint, or nil. Package httpproxy passes over what is
// not a URL, and the endpoint would be asked directly, past the proxy that somebody counts on.
func fromEnvironment(endpoint *url.URL) (*url.URL, error) {
	settings := httpproxy.FromEnvironment()
	u, err := settings.ProxyFunc()(endpoint)
	if u != nil || err != nil {
		return u, err
	}
	if settings.HTTPSProxy == "" {
		return nil, nil
	}
	settings.HTTPSProxy = "http://proxy.invalid"
	if would, err := settings.ProxyFunc()(endpoint); would != nil || err != nil {
		return nil, errors.New("not a URL")
	}
	return nil, nil
}

// Update sends one request and returns nil only if the reply proves that u.Name now holds u.Address. Every error is a
// *provider.Error. The only limit on time is ctx, which holds until the last byte of the reply.
func (c *Client) Update(ctx context.Context, u provider.Update) error {
	if e := unfit(u); e != nil {
		return e
	}
	if e := c.send(ctx, u); e != nil {
		return e
	}
	return nil
}

// send is Update as far as the network is concerned; u is fit to be sent.
//
// It uses the transport without an http.Client: there is then no redirect to follow, no Referer or cookie to send, and
// no *url.Error, which prints the URL and with it the password.
func (c *Client) send(ctx context.Context, u provider.Update) *provider.Error {
	var connected atomic.Bool
	began := time.Now()
	trace := &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { connected.Store(true) }}
	words := redactor{[]string{password(u)}}

	resp, err := c.transport.RoundTrip(c.request(httptrace.WithClientTrace(ctx, trace), u))
	if err != nil {
		if !connected.Load() {
			return c.notConnected(ctx, err, time.Since(began), words)
		}
		return noAnswer(ctx, err, time.Since(began))
	}
	defer func() { _ = resp.Body.Close() }()

	e := judgeStatus(resp, words)
	if e == nil {
		body, err := io.ReadAll(io.LimitReader(resp.Body, maxBody+1))
		if err != nil {
			e = brokenOff(ctx, err, time.Since(began))
		} else {
			e = judgeReply(body, u.Address, words)
		}
	}
	if e != nil {
		e.RetryAfter = retryAfter(resp.Header, time.Now())
	}
	return e
}

// notConnected is the function of that name, without the password of the proxy: the message may be in the proxy's words.
func (c *Client) notConnected(ctx context.Context, err error, took time.Duration, words redactor) *provider.Error {
	if proxy, err := c.transport.Proxy(nil); err == nil && proxy != nil && proxy.User != nil {
		secret, ok := proxy.User.Password()
		if !ok {
			secret = proxy.User.Username() // a token
		}
		words.secrets = append(words.secrets, secret)
	}
	return notConnected(ctx, err, took, words)
}

// Close drops the connections that are kept. Updates under way are not disturbed.
func (c *Client) Close() { c.transport.CloseIdleConnections() }
