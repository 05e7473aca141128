// Package namecheap sends updates to Namecheap's dynamic DNS endpoint and judges its replies.
// It never retries, follows a redirect, prints, or keeps a password; and it never says yes unless the endpoint itself
// did, for the very address that was sent.
package namecheap

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"ddns-batch/internal/provider"
	"ddns-batch/internal/roots"
	"ddns-batch/internal/sinkhole"
)

const (
	// maxBody and maxHeader bound what is read of one answer. A real reply has about 600 bytes.
	maxBody   = 64 << 10
	maxHeader = 64 << 10
	// connectTimeout bounds a dial, and once more all that follows until a request can be sent.
	connectTimeout = 10 * time.Second
)

// Options is what New needs. Only Endpoint must be set.
type Options struct {
	// Endpoint is the URL of the update script: https, or http to a loopback host; no user, query or fragment.
	Endpoint string
	// Authorities are the certificate authorities that are trusted; nil means all that the system trusts.
	Authorities *roots.Authorities
	// Dial opens a TCP connection; nil is the system's way, by sinkhole.Dial.
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
	host      string // as the header Host has it
	userAgent string
	tls       *tls.Config
	// authorities are those that tls lacks.
	authorities *roots.Authorities
	dial        func(ctx context.Context, network, address string) (net.Conn, error)
	proxy       func() (*url.URL, error)
	// alone is set once the endpoint has shown that it does not say that it ends a connection when it is asked to: then
	// only a connection for each update can prove anything.
	alone atomic.Bool
}

var _ provider.Opener = (*Client)(nil)

// New returns a client. It opens no connection. The error says what is wrong with the endpoint without quoting it.
func New(o Options) (*Client, error) {
	endpoint, err := parseEndpoint(o.Endpoint)
	if err != nil {
		return nil, err
	}
	dial := o.Dial
	if dial == nil {
		dial = func(ctx context.Context, network, address string) (net.Conn, error) {
			return sinkhole.Dial(ctx, &net.Dialer{Timeout: connectTimeout}, network, address)
		}
	}
	userAgent := o.UserAgent
	if userAgent == "" {
		userAgent = "ddns-batch"
	}
	return &Client{
		endpoint:  endpoint,
		host:      ascii(endpoint.Host),
		userAgent: userAgent,
		// HTTP/2 repeats requests in more cases than HTTP/1.1 does, and this client does not speak it.
		tls:         &tls.Config{MinVersion: tls.VersionTLS12, ServerName: ascii(endpoint.Hostname()), NextProtos: []string{"http/1.1"}},
		authorities: o.Authorities,
		dial:        dial,
		proxy:       proxyFor(endpoint, o.Proxy),
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

// Update sends one update over a connection of its own and returns nil only if the reply proves that u.Name now holds
// u.Address. Every error is a *provider.Error. The only limit on time is ctx, which holds until the last byte of the reply.
func (c *Client) Update(ctx context.Context, u provider.Update) error {
	s := &session{client: c}
	err := s.Send(ctx, u, true)
	if _, uncounted := s.Prove(ctx); uncounted != nil {
		return uncounted
	}
	return err
}

// Open begins a session. It connects when something is sent.
func (c *Client) Open() provider.Session { return &session{client: c} }
