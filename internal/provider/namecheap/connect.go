package namecheap

import (
	"bufio"
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"golang.org/x/net/http/httpguts"
	"golang.org/x/net/http/httpproxy"
	"golang.org/x/net/proxy"

	"ddns-batch/internal/sinkhole"
)

// connect opens a connection over which requests can be sent: through the proxy, if there is one, and with the
// certificate checked.
func (c *Client) connect(ctx context.Context) (*connection, error) {
	via, err := c.proxy()
	if err != nil {
		return nil, err
	}
	var direct net.Conn // to where the endpoint's name was resolved here
	reach := func(ctx context.Context) (net.Conn, error) {
		if via != nil {
			return c.dialProxy(ctx, via)
		}
		conn, err := c.dialWithin(ctx, hostPort(c.endpoint))
		direct = conn
		return conn, err
	}
	if c.endpoint.Scheme != "https" {
		conn, err := reach(ctx)
		if err != nil {
			return nil, err
		}
		return newConnection(conn), nil
	}
	conn, err := c.authorities.Connect(ctx, reach, c.tls)
	if err != nil {
		return nil, sinkhole.Explain(direct, err)
	}
	return newConnection(conn), nil
}

func (c *Client) dialWithin(ctx context.Context, address string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return c.dial(ctx, "tcp", address)
}

// proxyError is a failure on the way to the proxy, or of the proxy.
type proxyError struct{ error }

func (e proxyError) Unwrap() error { return e.error }

func (c *Client) dialProxy(ctx context.Context, via *url.URL) (net.Conn, error) {
	conn, err := c.tunnelThrough(ctx, via)
	if err != nil {
		return nil, proxyError{err}
	}
	return conn, nil
}

func (c *Client) tunnelThrough(ctx context.Context, via *url.URL) (net.Conn, error) {
	if strings.HasPrefix(via.Scheme, "socks5") {
		return c.dialSOCKS(ctx, via)
	}
	reach := func(ctx context.Context) (net.Conn, error) { return c.dialWithin(ctx, hostPort(via)) }
	if via.Scheme != "https" {
		conn, err := reach(ctx)
		if err != nil {
			return nil, err
		}
		return c.tunnel(ctx, conn, via)
	}
	config := c.tls.Clone()
	config.ServerName = ascii(via.Hostname())
	conn, err := c.authorities.Connect(ctx, reach, config)
	if err != nil {
		return nil, err
	}
	return c.tunnel(ctx, conn, via)
}

// tunnel asks an HTTP proxy for a connection to the endpoint. It closes conn where it fails.
func (c *Client) tunnel(ctx context.Context, conn net.Conn, via *url.URL) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	target := hostPort(c.endpoint)
	request := "CONNECT " + target + " HTTP/1.1\r\nHost: " + target + "\r\nUser-Agent: " + c.userAgent + "\r\n"
	if via.User != nil {
		password, _ := via.User.Password()
		request += "Proxy-Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte(via.User.Username()+":"+password)) + "\r\n"
	}
	in := &limited{Conn: conn, left: maxHeader}
	release := within(ctx, conn)
	err := askForTunnel(in, request+"\r\n")
	if !release() && err == nil {
		err = ctx.Err()
	}
	if err != nil {
		_ = conn.Close()
		return nil, cmp.Or(ctx.Err(), err)
	}
	return conn, nil
}

func askForTunnel(conn net.Conn, request string) error {
	if _, err := conn.Write([]byte(request)); err != nil {
		return err
	}
	in := bufio.NewReader(conn)
	resp, err := http.ReadResponse(in, &http.Request{Method: http.MethodConnect})
	switch {
	case err != nil:
		return err
	case resp.StatusCode != http.StatusOK:
		return proxyRefusal(resp.StatusCode)
	case in.Buffered() > 0:
		return errors.New("it sent more than a reply")
	}
	return nil
}

// dialer lets package proxy dial with what the client dials with.
type dialer func(ctx context.Context, address string) (net.Conn, error)

func (d dialer) Dial(_, address string) (net.Conn, error) { return d(context.Background(), address) }

func (d dialer) DialContext(ctx context.Context, _, address string) (net.Conn, error) {
	return d(ctx, address)
}

func (c *Client) dialSOCKS(ctx context.Context, via *url.URL) (net.Conn, error) {
	var auth *proxy.Auth
	if via.User != nil {
		password, _ := via.User.Password()
		auth = &proxy.Auth{User: via.User.Username(), Password: password}
	}
	socks, err := proxy.SOCKS5("tcp", hostPort(via), auth, dialer(c.dialWithin))
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, 2*connectTimeout)
	defer cancel()
	return socks.(proxy.ContextDialer).DialContext(ctx, "tcp", hostPort(c.endpoint))
}

// hostPort is what to dial for a URL.
func hostPort(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "socks5": "1080", "socks5h": "1080"}[u.Scheme]
	}
	return net.JoinHostPort(ascii(u.Hostname()), cmp.Or(port, "443"))
}

// ascii is a host, with or without a port, with the labels of an IDN as A-labels.
func ascii(host string) string {
	if a, err := httpguts.PunycodeHostPort(host); err == nil {
		return a
	}
	return host
}

// proxyFor finds the proxy once. A plain http endpoint is on loopback, where nobody else's proxy can reach it.
func proxyFor(endpoint *url.URL, find func(*url.URL) (*url.URL, error)) func() (*url.URL, error) {
	if endpoint.Scheme == "http" {
		return func() (*url.URL, error) { return nil, nil }
	}
	if find == nil {
		find = fromEnvironment
	}
	return sync.OnceValues(func() (*url.URL, error) {
		u, err := find(endpoint)
		if err != nil {
			return nil, errProxySetting
		}
		return u, nil
	})
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
