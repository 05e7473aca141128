package publicip

import (
	"context"
	"crypto/tls"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"ddns-batch/internal/roots"
	"ddns-batch/internal/testnet"
)

// proxyName is in the environment of all tests. Nothing may ever dial it.
const proxyName = "proxy.example.net:3128"

func TestMain(m *testing.M) {
	if len(os.Args) > 2 && os.Args[1] == playing {
		play(os.Args[2], os.Args[3:])
		syscall.Exit(0) // os.Exit takes a second with the race detector
	}
	// The system takes the first thread for the process where it shows its routes: no test may lead that one elsewhere.
	runtime.LockOSThread()
	for _, name := range []string{"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"} {
		os.Setenv(name, "http://"+proxyName)
	}
	os.Unsetenv("NO_PROXY")
	os.Unsetenv("no_proxy")
	goleak.VerifyTestMain(m)
}

// internet is a small internet on loopback: names that lead to servers, and an authority that vouches for them.
type internet struct {
	tb        testing.TB
	authority *testnet.Authority

	mu     sync.Mutex
	routes map[string]string
	dialed []string // "network name:port", in order
}

func newInternet(tb testing.TB) *internet {
	tb.Helper()
	return &internet{tb: tb, authority: testnet.NewAuthority("test authority"), routes: make(map[string]string)}
}

func must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

// certificate is one for name, good for an hour around now plus shift.
func (w *internet) certificate(name string, shift time.Duration) tls.Certificate {
	w.tb.Helper()
	middle := time.Now().Add(shift)
	return w.authority.Certificate(middle.Add(-time.Hour), middle.Add(time.Hour), name)
}

// listener is a server that writes down what it heard.
type listener struct {
	*httptest.Server
	mu    sync.Mutex
	heard []*http.Request
}

func (l *listener) requests() []*http.Request {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.heard)
}

// serve starts a server; with a certificate it speaks TLS, and offers HTTP/2 as well.
func (w *internet) serve(handler http.HandlerFunc, certificate *tls.Certificate) *listener {
	l := new(listener)
	l.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		l.mu.Lock()
		l.heard = append(l.heard, r)
		l.mu.Unlock()
		handler(rw, r)
	}))
	l.Config.ErrorLog = log.New(io.Discard, "", 0)
	if certificate == nil {
		l.Start()
	} else {
		l.TLS = &tls.Config{Certificates: []tls.Certificate{*certificate}}
		l.EnableHTTP2 = true
		l.StartTLS()
	}
	w.tb.Cleanup(l.Close)
	return l
}

// site is an https server behind port 443 of name.
func (w *internet) site(name string, handler http.HandlerFunc) *listener {
	certificate := w.certificate(name, 0)
	l := w.serve(handler, &certificate)
	w.route(name+":443", l)
	return l
}

func (w *internet) route(address string, l *listener) {
	w.routes[address] = l.Listener.Addr().String()
}

// dial knows the names of this internet and no others.
func (w *internet) dial(ctx context.Context, network, address string) (net.Conn, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.dialed = append(w.dialed, network+" "+address)
	to, ok := w.routes[address]
	if !ok {
		return nil, &net.OpError{Op: "dial", Net: network, Err: &net.DNSError{Err: "no such host", Name: address, IsNotFound: true}}
	}
	return new(net.Dialer).DialContext(ctx, network, to)
}

// query asks the https sites of these names, all of which must agree.
func (w *internet) query(names ...string) Query {
	q := Query{Documentation: true, Dial: w.dial, Authorities: roots.Only(w.authority.Pool()), UserAgent: "ddns-batch/test"}
	for _, name := range names {
		q.Sources = append(q.Sources, "https://"+name)
	}
	return q
}

// says answers everything with text.
func says(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, text) }
}
