package namecheap

import (
	"context"
	"errors"
	"time"

	"ddns-batch/internal/provider"
)

// session is a provider.Session: the claims of one connection at a time.
type session struct {
	client *Client
	conn   *connection // nil while nothing is connected
	// sent counts since the last Prove, and before those that were over before there was a connection.
	sent, before int
	success      bool // of the last update
}

func (s *session) Send(ctx context.Context, u provider.Update, last bool) error {
	s.sent++
	if e := unfit(u); e != nil {
		return e
	}
	began := time.Now()
	words := redactor{[]string{password(u)}}
	if s.conn == nil {
		conn, err := s.client.connect(ctx)
		if err != nil {
			return s.client.notConnected(ctx, err, time.Since(began), words)
		}
		s.conn, s.before = conn, s.sent-1
	}
	r, err := s.conn.roundTrip(ctx, s.client.request(u), last || s.client.alone.Load())
	if err != nil {
		return noAnswer(ctx, err, time.Since(began))
	}
	e := judge(ctx, r, u, time.Since(began), words)
	if s.success = e == nil; s.success {
		return nil
	}
	return e
}

// judge says what the reply r means for the update u; nil is success.
func judge(ctx context.Context, r reply, u provider.Update, took time.Duration, words redactor) *provider.Error {
	e := judgeStatus(r.Response, words)
	switch {
	case e != nil:
	case r.broken != nil && !errors.Is(r.broken, errTooLong):
		e = brokenOff(ctx, r.broken, took)
	default:
		e = judgeReply(r.body, u.Address, words)
	}
	if e != nil {
		e.RetryAfter = retryAfter(r.Header, time.Now())
	}
	return e
}

func (s *session) Over() bool { return s.conn != nil && s.conn.over }

// Prove believes the first reply of a connection unless one comes that was not asked for: it can have taken no other's
// place. Of the others it believes all or none.
func (s *session) Prove(ctx context.Context) (int, error) {
	sent, before, conn := s.sent, s.before, s.conn
	s.sent, s.conn = 0, nil
	if conn == nil {
		return sent, nil
	}
	replies := conn.replies
	if !conn.over && replies > 0 {
		// Nothing follows after all. This method does nothing and needs no password (RFC 9110, 9.3.7).
		ctx, cancel := context.WithTimeout(ctx, connectTimeout)
		_, _ = conn.roundTrip(ctx, s.client.header("OPTIONS", "*"), true)
		cancel()
	}
	if conn.asked && conn.replies == conn.requests && !conn.announced {
		s.client.alone.Store(true)
	}
	counted := conn.finish(ctx, s.success)
	if conn.lingers {
		s.client.alone.Store(true)
	}
	switch {
	case conn.surplus:
		return before, uncounted("more replies than requests on a connection, so none of them counts")
	case replies > 1 && !counted:
		return before + 1, uncounted("the connection ended before its replies could be counted")
	default:
		return sent, nil
	}
}

func uncounted(message string) *provider.Error {
	return &provider.Error{Class: provider.Transient, Message: message, Uncounted: true}
}
