package publicip

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"

	"ddns-batch/internal/roots"
	"ddns-batch/internal/sanitize"
	"ddns-batch/internal/sinkhole"
)

const (
	maxBody   = 4 << 10
	maxHeader = 16 << 10
	// tracePath is where Cloudflare answers on every one of its sites, with key=value lines.
	tracePath = "/cdn-cgi/trace"
)

// web is a source behind an http or https URL.
type web struct {
	url         *url.URL
	dial        func(ctx context.Context, network, address string) (net.Conn, error)
	authorities *roots.Authorities
	agent       string
	egress      *egress
}

// unreachable wraps the reason why there was not even a connection.
type unreachable struct{ error }

func (u unreachable) Unwrap() error { return u.error }

// garbled wraps what net/http says about an answer that it cannot read. Its own words may quote what came instead, and
// that may be the question, with a token in it.
type garbled struct{ error }

func (garbled) Error() string { return "an answer that cannot be read" }

func (g garbled) Unwrap() error { return g.error }

// unread is why an answer was not read to its end: the time was over, or it is garbled.
func unread(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return garbled{err}
}

// notAnAnswer is a reply that holds no address.
type notAnAnswer struct {
	what string
	// said is the server's own text, if it is worth showing.
	said string
	// page: it looks like something that was meant for a browser.
	page bool
}

func (n *notAnAnswer) Error() string {
	if n.said == "" {
		return n.what
	}
	return n.what + ": " + sanitize.Quote(n.said, 80)
}

// parseURL never quotes the text: it may hold a token.
func parseURL(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || hostName(u) == "" || sanitize.Text(hostName(u)) != hostName(u) {
		return nil, errors.New("not an http or https URL with a host name, nor interface:NAME, command:/PATH, static:ADDRESS or router")
	}
	return u, nil
}

// hostName is what tells sources apart.
func hostName(u *url.URL) string {
	return strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
}

// displayName is all of a URL that is ever shown.
func displayName(u *url.URL) string {
	name, port := hostName(u), u.Port()
	if port != "" && port != map[string]string{"http": "80", "https": "443"}[u.Scheme] {
		name = net.JoinHostPort(name, port)
	}
	return sanitize.Line(name, maxProblem)
}

// ask sends one request over a connection of its own. It uses a bare transport, which follows no redirect, keeps no
// cookie and wraps no URL into its errors.
func (w *web) ask(ctx context.Context) (netip.Addr, Egress, error) {
	var last atomic.Pointer[reached] // nil: there was no connection
	var http1 http.Protocols
	http1.SetHTTP1(true)
	// The context that a transport dials with has no deadline, and so a name with several addresses would never get past
	// the first one that is dead.
	dialed := func(address string) roots.Dialer {
		return func(context.Context) (net.Conn, error) {
			conn, err := w.dial(ctx, "tcp4", address)
			if err == nil {
				last.Store(&reached{conn, w.egress.of(conn)})
			}
			return conn, err
		}
	}
	transport := &http.Transport{
		DialContext: func(_ context.Context, _, address string) (net.Conn, error) { return dialed(address)(ctx) },
		Proxy:       nil, // the address would be the proxy's
		DialTLSContext: func(_ context.Context, _, address string) (net.Conn, error) {
			host, _, err := net.SplitHostPort(address)
			if err != nil {
				return nil, err
			}
			return w.authorities.Connect(ctx, dialed(address), &tls.Config{ServerName: host, MinVersion: tls.VersionTLS12})
		},
		Protocols:              &http1,
		DisableKeepAlives:      true,
		DisableCompression:     true,
		MaxResponseHeaderBytes: maxHeader,
	}
	// Ends a handshake that ctx has cut short.
	defer transport.CloseIdleConnections()

	var connected atomic.Bool // with the handshake done: the faults of that say more than that an answer is bad
	trace := &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { connected.Store(true) }}
	response, err := transport.RoundTrip(w.request(httptrace.WithClientTrace(ctx, trace)))
	at := last.Load()
	if at == nil {
		return netip.Addr{}, Egress{}, unreachable{err}
	}
	if err != nil && connected.Load() {
		err = unread(ctx, err)
	}
	if err != nil {
		return netip.Addr{}, at.egress, sinkhole.Explain(at.conn, err)
	}
	defer response.Body.Close()
	address, err := read(response, w.url.Path == tracePath)
	bad, ok := errors.AsType[*notAnAnswer](err)
	switch {
	case ok && (w.url.RawQuery != "" || w.url.User != nil || !isWord(w.url.Path)):
		// A server may repeat what it was asked, and that may be a token.
		bad.said = ""
	case err != nil && !ok:
		err = unread(ctx, err)
	}
	return address, at.egress, sinkhole.Explain(at.conn, err)
}

// reached is an established connection.
type reached struct {
	conn   net.Conn
	egress Egress
}

// isWord reports whether a path is that of a page for everybody, such as /getip. A token would be longer, or have digits.
func isWord(path string) bool {
	page := strings.TrimPrefix(path, "/")
	return path == tracePath || len(page) <= 8 && !strings.ContainsFunc(page, func(r rune) bool { return r < 'a' || r > 'z' })
}

func (w *web) request(ctx context.Context) *http.Request {
	r := &http.Request{
		Method: http.MethodGet,
		URL:    w.url,
		Host:   w.url.Host,
		Header: http.Header{"Accept": {"text/plain"}, "User-Agent": {w.agent}},
	}
	if user := w.url.User; user != nil {
		password, _ := user.Password()
		r.SetBasicAuth(user.Username(), password)
	}
	return r.WithContext(ctx)
}

// read takes the address out of a response whose whole body is one, or one line of which is in a trace.
func read(response *http.Response, trace bool) (netip.Addr, error) {
	html := strings.HasPrefix(response.Header.Get("Content-Type"), "text/html")
	status := response.StatusCode
	if status != http.StatusOK {
		bad := &notAnAnswer{what: statusText(status), page: html || status == http.StatusNetworkAuthenticationRequired}
		if status >= 300 && status < 400 {
			bad.what += ", a redirect, not followed"
			bad.page = true
		}
		return netip.Addr{}, bad
	}
	if coding := response.Header.Get("Content-Encoding"); coding != "" && coding != "identity" {
		return netip.Addr{}, &notAnAnswer{what: "a compressed answer, which was not asked for", page: html}
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, maxBody+1))
	if err != nil {
		return netip.Addr{}, err
	}
	if len(body) > maxBody {
		return netip.Addr{}, &notAnAnswer{what: fmt.Sprintf("an answer of more than %d bytes", maxBody), page: html}
	}
	// Nothing else tells 203.0.113.1 from the beginning of 203.0.113.17 when a connection breaks.
	unbounded := response.ContentLength < 0 && len(response.TransferEncoding) == 0
	if unbounded && !bytes.HasSuffix(body, []byte("\n")) {
		return netip.Addr{}, &notAnAnswer{what: "an answer without a length or a line end, perhaps cut short", page: html}
	}
	return parseBody(string(body), trace)
}

// statusText is in our own words: what a server writes after the number can be anything.
func statusText(status int) string {
	if text := http.StatusText(status); text != "" {
		return fmt.Sprintf("%d %s", status, text)
	}
	return fmt.Sprintf("status %d", status)
}
