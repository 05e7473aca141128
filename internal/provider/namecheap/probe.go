package namecheap

import (
	"context"
	"io"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
	"time"
)

// Probe is what is learnt of the endpoint's host without touching a record.
type Probe struct {
	// Status is that of the answer; any is a sign of life.
	Status int
	Took   time.Duration
	// Date is the server's clock, to the second; zero if it did not say.
	Date time.Time
	// Expires is when the certificate does; zero without TLS.
	Expires time.Time
}

// Probe asks the endpoint's host for the address that it sees, which is no update and holds no password. The error is a
// *provider.Error, as of Update.
func (c *Client) Probe(ctx context.Context) (Probe, error) {
	var connected atomic.Bool
	began := time.Now()
	trace := &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { connected.Store(true) }}
	u := *c.endpoint
	u.Path, u.RawPath = "/getip", ""
	request := (&http.Request{Method: http.MethodGet, URL: &u, Host: u.Host, Header: http.Header{"User-Agent": {c.userAgent}}}).
		WithContext(httptrace.WithClientTrace(ctx, trace))
	resp, err := c.transport.RoundTrip(request)
	if err != nil {
		if !connected.Load() {
			return Probe{}, c.notConnected(ctx, err, time.Since(began), redactor{})
		}
		return Probe{}, noAnswer(ctx, err, time.Since(began))
	}
	defer func() { _ = resp.Body.Close() }()
	// The connection is kept only if its answer was read; what it says is of no interest.
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, maxBody))
	p := Probe{Status: resp.StatusCode, Took: time.Since(began)}
	p.Date, _ = http.ParseTime(resp.Header.Get("Date"))
	if resp.TLS != nil && len(resp.TLS.PeerCertificates) > 0 {
		p.Expires = resp.TLS.PeerCertificates[0].NotAfter
	}
	return p, nil
}
