package testnet

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"sync"
	"sync/atomic"
)

// TB is the part of testing.TB that this package uses, so that others than tests may have servers, too.
type TB interface{ Cleanup(f func()) }

// Listener accepts connections until its test ends.
type Listener struct {
	// Address is host:port.
	Address string

	accepted atomic.Int32
	close    func()
}

// Accepted is how many connections came.
func (l *Listener) Accepted() int { return int(l.accepted.Load()) }

// Close ends it before its test does. It may be called again.
func (l *Listener) Close() { l.close() }

// Listen plays with each connection in a goroutine of its own, and closes it when play returns or the test ends. It waits
// for all of them then.
func Listen(tb TB, play func(net.Conn)) *Listener {
	return serve(tb, must(net.Listen("tcp4", "127.0.0.1:0")), play)
}

// ListenTLS is Listen for a server that shakes hands first.
func ListenTLS(tb TB, config *tls.Config, play func(net.Conn)) *Listener {
	return serve(tb, must(tls.Listen("tcp4", "127.0.0.1:0", config)), play)
}

func serve(tb TB, listener net.Listener, play func(net.Conn)) *Listener {
	l := &Listener{Address: listener.Addr().String()}
	over, end := context.WithCancel(context.Background())
	var all sync.WaitGroup
	all.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			l.accepted.Add(1)
			all.Go(func() {
				defer conn.Close()
				defer context.AfterFunc(over, func() { _ = conn.Close() })()
				play(conn)
			})
		}
	})
	l.close = func() {
		end()
		_ = listener.Close()
		all.Wait()
	}
	tb.Cleanup(l.close)
	return l
}

// Refusing is an address at which connections are refused, and which nobody else can have meanwhile: it is the near end
// of a connection.
func Refusing(tb TB) string {
	conn := must(net.Dial("tcp4", Listen(tb, ReadOn).Address))
	tb.Cleanup(func() { _ = conn.Close() })
	return conn.LocalAddr().String()
}

// ReadOn reads until the other side has had enough.
func ReadOn(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) }

// Reset closes the connection beneath conn so that the other side meets a reset, not an end.
func Reset(conn net.Conn) {
	if over, ok := conn.(*tls.Conn); ok {
		conn = over.NetConn()
	}
	_ = conn.(*net.TCPConn).SetLinger(0)
	_ = conn.Close()
}

// Forward carries bytes between a connection and an address until both sides have ended, as a proxy does once it has
// agreed.
func Forward(conn net.Conn, address string) {
	far, err := net.Dial("tcp", address)
	if err != nil {
		return
	}
	defer far.Close()
	var back sync.WaitGroup
	back.Go(func() {
		_, _ = io.Copy(conn, far)
		endOf(conn)
	})
	_, _ = io.Copy(far, conn)
	endOf(far)
	back.Wait()
}

// endOf tells the other side that nothing more is sent.
func endOf(conn net.Conn) {
	if c, ok := conn.(interface{ CloseWrite() error }); ok {
		_ = c.CloseWrite()
	}
}
