package namecheap

import (
	"context"
	"crypto/tls"
	"net/http"
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
	began := time.Now()
	conn, err := c.connect(ctx)
	if err != nil {
		return Probe{}, c.notConnected(ctx, err, time.Since(began), redactor{})
	}
	defer conn.finish(ctx, false)
	r, err := conn.roundTrip(ctx, c.header("GET", "/getip"), true)
	if err != nil {
		return Probe{}, noAnswer(ctx, err, time.Since(began))
	}
	p := Probe{Status: r.StatusCode, Took: time.Since(began)}
	p.Date, _ = http.ParseTime(r.Header.Get("Date"))
	if over, ok := conn.conn.(*tls.Conn); ok {
		p.Expires = over.ConnectionState().PeerCertificates[0].NotAfter
	}
	return p, nil
}
