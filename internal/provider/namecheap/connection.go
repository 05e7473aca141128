package namecheap

import (
	"bufio"
	"context"
	"errors"
	"io"
	"math"
	"net"
	"net/http"
	"os"
	"time"
)

const (
	// maxInterim is how many informational replies (1xx) may come before a reply.
	maxInterim = 5
	// maxRequests is how many requests one connection carries: servers that limit them allow a thousand.
	maxRequests = 1000
	// drainTimeout is for the body of a reply whose status already says everything.
	drainTimeout = time.Second
	// endTimeout is for the end of the stream after a reply that announces it.
	endTimeout = 2 * time.Second
)

// connection is an HTTP/1.1 connection that counts: a reply belongs to the request before it only if no other reply
// stands between them, and HTTP/1.1 has no other way to tell.
type connection struct {
	conn net.Conn
	raw  *limited
	in   *bufio.Reader

	requests, replies int
	// asked: the last request asked the server to end the connection. announced: the last reply says that it does.
	asked, announced bool
	// surplus: something came that nobody asked for.
	surplus bool
	// broken: a reply was not read to its end, so that nothing can be said of what follows.
	broken bool
	// lingers: the server said that it ends the connection, and did not in time.
	lingers bool
	over    bool // nothing more can be sent
}

func newConnection(conn net.Conn) *connection {
	raw := &limited{Conn: conn}
	return &connection{conn: conn, raw: raw, in: bufio.NewReader(raw)}
}

// limited is a connection of which no more than left bytes are read.
type limited struct {
	net.Conn
	left int
}

var errTooMuch = errors.New("a header that is too long")

func (l *limited) Read(p []byte) (int, error) {
	if l.left <= 0 {
		return 0, errTooMuch
	}
	n, err := l.Conn.Read(p[:min(len(p), l.left)])
	l.left -= n
	return n, err
}

// within lets reads and writes fail once ctx is over, until it is released. false: they fail from now on.
func within(ctx context.Context, conn net.Conn) (release func() bool) {
	return context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
}

// reply is what came for a request.
type reply struct {
	*http.Response
	// body is at most one byte longer than maxBody; broken says why it is not whole.
	body   []byte
	broken error
}

// unanswered is an error before the first byte of a reply.
type unanswered struct{ error }

func (e unanswered) Unwrap() error { return e.error }

// roundTrip sends a request, which ends the connection if last, and reads the reply to it. header is the request without its
// last, empty line.
func (c *connection) roundTrip(ctx context.Context, header string, last bool) (reply, error) {
	release := within(ctx, c.conn)
	defer func() { c.over = !release() || c.over }()
	c.requests++
	c.asked = last || c.requests == maxRequests
	c.over = c.asked
	if c.asked {
		header += "Connection: close\r\n"
	}
	if _, err := io.WriteString(c.conn, header+"\r\n"); err != nil {
		c.over = true
		return reply{}, unanswered{err}
	}
	resp, err := c.readHeader()
	if err != nil {
		c.broken, c.over = true, true
		return reply{}, err
	}
	r := reply{Response: resp}
	c.readBody(ctx, &r)
	c.replies++
	c.announced = resp.Close
	c.broken = r.broken != nil || resp.StatusCode == http.StatusSwitchingProtocols
	c.surplus = !c.broken && c.in.Buffered() > 0
	c.over = c.over || c.broken || c.surplus || resp.Close
	return r, nil
}

func (c *connection) readHeader() (*http.Response, error) {
	for range maxInterim {
		c.raw.left = maxHeader
		if _, err := c.in.Peek(1); err != nil {
			return nil, unanswered{err}
		}
		resp, err := http.ReadResponse(c.in, &http.Request{Method: http.MethodGet})
		if err != nil || resp.StatusCode >= 200 || resp.StatusCode == http.StatusSwitchingProtocols {
			return resp, err
		}
	}
	return nil, errors.New("too many informational replies")
}

// readBody reads the body even where the status says enough: the connection can carry another request only after that.
func (c *connection) readBody(ctx context.Context, r *reply) {
	if r.StatusCode != http.StatusOK {
		ctx, cancel := context.WithTimeout(ctx, drainTimeout)
		defer cancel()
		release := within(ctx, c.conn)
		defer func() { c.over = !release() || c.over }()
	}
	c.raw.left = math.MaxInt
	r.body, r.broken = io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if r.broken == nil && len(r.body) > maxBody {
		r.broken = errTooLong
	}
}

// finish checks what comes after the last reply, and closes the connection. It reports whether each reply belongs to the
// request before it.
//
// If the server sends one reply too many, every later reply answers the request before its own, and the last one is still to
// come or never sent. So if the server was asked to end the connection, and the last reply says that it does, that reply
// answers the last request, and all others belong to theirs. If a server announces the end without being asked, the last
// reply counts only if, as far as can be seen, the server has read all requests, and only as a failure: that may be why it
// ends the connection.
func (c *connection) finish(ctx context.Context, success bool) (counted bool) {
	defer func() { _ = c.conn.Close() }()
	if c.surplus || c.broken {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, endTimeout)
	defer cancel()
	defer within(ctx, c.conn)()
	granted := c.asked && c.announced
	if granted || c.replies == 1 {
		// All replies that were asked for have come, so closing this side delays none. Some servers wait for it.
		_ = c.closeWrite()
	}
	c.raw.left = maxHeader
	_, err := c.in.ReadByte()
	c.surplus = err == nil
	// The answer to the last request may still be to come, and the one that announced the end may have been another's.
	c.lingers = granted && errors.Is(err, os.ErrDeadlineExceeded)
	switch {
	case c.surplus || c.lingers || !c.announced:
		return false
	case granted:
		return true
	default:
		// A system that closes a connection before all was read from it resets it.
		return !success && err == io.EOF && c.closeWrite() == nil
	}
}

func (c *connection) closeWrite() error {
	if half, ok := c.conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}
