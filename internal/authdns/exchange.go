package authdns

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"time"

	"github.com/miekg/dns"

	"ddns-batch/internal/humanize"
	"ddns-batch/internal/sanitize"
)

const (
	// advertised is the longest datagram that servers are asked for: it passes every usual path in one piece.
	advertised = 1232
	// bufferSize is more than that, for servers that do not listen.
	bufferSize = 4096
)

// wire sends one question to one server and waits for the answer. It holds no state between two questions.
type wire struct {
	dial    func(ctx context.Context, network, address string) (net.Conn, error)
	timeout time.Duration
}

// inquiry is one question as it goes over the wire.
type inquiry struct {
	question
	id uint16
	// edns is the message with an OPT record (RFC 6891), plain the one without, for servers that do not know it.
	edns, plain []byte
}

// newInquiry fails for names that no server can be asked for.
func newInquiry(q question) (inquiry, bool) {
	m := new(dns.Msg)
	m.SetQuestion(q.name, dns.TypeA) // with a random id
	m.RecursionDesired = false
	plain, err := m.Pack()
	if err != nil {
		return inquiry{}, false
	}
	m.SetEdns0(advertised, false)
	edns, err := m.Pack()
	// The library packs names that are longer than DNS allows.
	_, ok := dns.IsDomainName(q.name)
	return inquiry{q, m.Id, edns, plain}, ok && err == nil
}

// ask returns what the server says, or why there is no answer. It takes at most the time-out of the wire for the
// datagrams, that time again if the server refuses EDNS, and once more for TCP. It returns soon after ctx ends; the Status
// is then Unknown.
func (w wire) ask(ctx context.Context, to netip.AddrPort, q question) Answer {
	// Every exchange has a socket of its own: a forger would have to guess the port as well as the id.
	i, ok := newInquiry(q)
	if !ok {
		return Answer{Detail: "no name server can be queried for this name"}
	}
	reply, err := w.overUDP(ctx, to, i)
	if errors.Is(err, errTruncated) {
		reply, err = w.overTCP(ctx, to, i)
	}
	if err != nil {
		return w.failure(ctx, err)
	}
	return judge(reply, q)
}

// open connects, and sees to it that the connection ends when ctx does. Calling done ends it too.
func (w wire) open(ctx context.Context, network string, to netip.AddrPort) (conn net.Conn, done func(), err error) {
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	limited, cancel := context.WithTimeout(ctx, w.timeout)
	defer cancel()
	conn, err = w.dial(limited, network, to.String())
	if err != nil {
		return nil, nil, err
	}
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	return conn, func() { stop(); conn.Close() }, nil
}

// overUDP sends the question, and once more when half of the time has brought no answer. Either answer will do.
//
// There are servers that do not know EDNS, and firewalls that drop what they do not know. So the second message is
// without it, and so is the one after an error that may mean the EDNS: for that one the time begins anew.
func (w wire) overUDP(ctx context.Context, to netip.AddrPort, i inquiry) (*dns.Msg, error) {
	conn, done, err := w.open(ctx, "udp", to)
	if err != nil {
		return nil, err
	}
	defer done()
	buffer := make([]byte, bufferSize)
	var fault error // the last message that was no answer
	refused := false
	message := i.edns
	for left := 2; left > 0; {
		left--
		reply, err := tryOnce(conn, w.timeout/2, i, message, buffer)
		message = i.plain
		if _, ok := errors.AsType[unusable](err); ok {
			fault = err
		} else if err == nil && !refused && mayRefuseEDNS(reply) {
			// Also where this is the second message: the error may be a late answer to the first one.
			refused, left = true, 2
		} else if !errors.Is(err, os.ErrDeadlineExceeded) {
			return reply, err
		}
	}
	if fault != nil {
		return nil, fault
	}
	return nil, os.ErrDeadlineExceeded
}

// tryOnce sends one datagram and waits for its answer. The time runs from the moment when the datagram is sent, so that
// a machine with too much to do does not blame the server. An error that is unusable means that the wait is over, and
// that something else arrived during it.
func tryOnce(conn net.Conn, wait time.Duration, i inquiry, message, buffer []byte) (*dns.Msg, error) {
	if err := conn.SetWriteDeadline(time.Now().Add(wait)); err != nil {
		return nil, err
	}
	if _, err := conn.Write(message); err != nil {
		return nil, err
	}
	if err := conn.SetReadDeadline(time.Now().Add(wait)); err != nil {
		return nil, err
	}
	var fault error
	for {
		n, err := conn.Read(buffer)
		if n == 0 && err != nil {
			if fault != nil && errors.Is(err, os.ErrDeadlineExceeded) {
				return nil, fault
			}
			return nil, err
		}
		reply, err := accept(buffer[:n], i.id, i.question, n == len(buffer))
		if err == nil || errors.Is(err, errTruncated) {
			return reply, err
		}
		// The real answer may still come.
		fault = err
	}
}

// overTCP asks for what does not fit into a datagram. There EDNS has nothing to say.
func (w wire) overTCP(ctx context.Context, to netip.AddrPort, i inquiry) (*dns.Msg, error) {
	began := time.Now()
	conn, done, err := w.open(ctx, "tcp", to)
	if err != nil {
		return nil, err
	}
	defer done()
	if err := conn.SetDeadline(began.Add(w.timeout)); err != nil {
		return nil, err
	}
	framed := &dns.Conn{Conn: conn}
	if _, err := framed.Write(i.plain); err != nil {
		return nil, err
	}
	answer, err := framed.ReadMsgHeader(nil)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, dns.ErrShortRead) {
		return nil, unusable("the connection was closed before the answer was complete")
	}
	if err != nil {
		return nil, err
	}
	reply, err := accept(answer, i.id, i.question, false)
	if errors.Is(err, errTruncated) {
		err = unusable("the answer is truncated over TCP too")
	}
	return reply, err
}

// over reports whether ctx has ended. A connection that has its deadline may notice that an instant earlier than it says
// so itself.
func over(ctx context.Context) bool {
	deadline, limited := ctx.Deadline()
	return ctx.Err() != nil || limited && !time.Now().Before(deadline)
}

// failure words why there is no answer.
func (w wire) failure(ctx context.Context, err error) Answer {
	if over(ctx) {
		return abandoned(ctx)
	}
	if fault, ok := errors.AsType[unusable](err); ok {
		return Answer{Status: Malformed, Detail: string(fault)}
	}
	if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() {
		return Answer{Status: Timeout, Detail: "no answer in " + humanize.Took(w.timeout)}
	}
	text, ok := humanize.SystemFault(err)
	if !ok {
		text = err.Error()
	}
	return Answer{Status: Unreachable, Detail: sanitize.Line("cannot be queried: "+text, maxDetail)}
}
