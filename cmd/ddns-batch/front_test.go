package main

import (
	"context"
	"crypto/tls"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"sync"
	"testing"
	"time"

	"ddns-batch/internal/provider/namecheap/sandbox"
	"ddns-batch/internal/record"
)

// front stands between the program and the stand-in: it lets requests pass, or plays a trick instead.
type front struct {
	address string
	behind  *httputil.ReverseProxy // the stand-in
	// roots believe all certificates but the stranger's.
	roots []byte

	over context.Context // ends when the test does

	mu     sync.Mutex
	tricks map[string]play // by the name of a record or the host name of a source
	played map[string]int
	proofs map[string]proof // by host name
	odd    []string         // what came with an update, and should not have
}

// play answers a request on a connection that is its own. body is what a well-behaved server would have said.
type play func(conn net.Conn, r *http.Request, body string)

// proof is a certificate that a front shows.
type proof int

const (
	good     proof = iota
	expired        // yesterday
	coming         // valid from tomorrow on
	misnamed       // for www.example.org
	stranger       // signed by nobody who is known
)

func newFront(t *testing.T, stand *sandbox.Server) *front {
	t.Helper()
	now := time.Now()
	f := &front{tricks: map[string]play{}, played: map[string]int{}, proofs: map[string]proof{}}
	transport := &http.Transport{DialContext: stand.Dial}
	f.behind = &httputil.ReverseProxy{Transport: transport, ErrorLog: log.New(io.Discard, "", 0), Rewrite: func(r *httputil.ProxyRequest) {
		r.Out.URL.Scheme, r.Out.URL.Host = "http", "stand-in"
	}}
	names := []string{"*.example.net", "*.sandbox.example.net"}
	certificates := map[proof]*tls.Certificate{}
	for _, c := range []struct {
		proof    proof
		names    []string
		from, to time.Time
	}{
		{good, names, now.AddDate(-50, 0, 0), now.AddDate(50, 0, 0)},
		{expired, names, now.AddDate(0, -3, 0), now.AddDate(0, 0, -1)},
		{coming, names, now.AddDate(0, 0, 1), now.AddDate(0, 3, 0)},
		{misnamed, []string{"www.example.org"}, now.AddDate(0, -1, 0), now.AddDate(0, 1, 0)},
		{stranger, names, now.AddDate(0, -1, 0), now.AddDate(0, 1, 0)},
	} {
		certificate, root := dated(c.from, c.to, c.names...)
		certificates[c.proof] = &certificate
		if c.proof != stranger {
			f.roots = append(f.roots, root...)
		}
	}
	listener := mustValue(net.Listen("tcp", "127.0.0.1:0"))
	f.address = listener.Addr().String()
	server := &http.Server{Handler: f, ErrorLog: log.New(io.Discard, "", 0)}
	over, end := context.WithCancel(context.Background())
	f.over = over
	var serving sync.WaitGroup
	serving.Go(func() {
		_ = server.Serve(tls.NewListener(listener, &tls.Config{GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
			f.mu.Lock()
			defer f.mu.Unlock()
			return certificates[f.proofs[hello.ServerName]], nil
		}}))
	})
	t.Cleanup(func() {
		end()
		_ = server.Close()
		serving.Wait()
		transport.CloseIdleConnections()
		if f.odd != nil {
			t.Errorf("updates came with %q", f.odd)
		}
	})
	return f
}

// set lets a record or a source play a trick from now on; nil ends it.
func (f *front) set(name string, p play) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.tricks[name] = p
}

// show lets a host show this certificate from now on.
func (f *front) show(host string, p proof) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.proofs[host] = p
}

// plays counts how often a record or a source has played its trick.
func (f *front) plays(name string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.played[name]
}

func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name, body := r.Host, "203.0.113.91\n"
	if r.URL.Path == "/update" {
		query := r.URL.Query()
		name = record.Name{Host: query.Get("host"), Domain: query.Get("domain")}.String()
		body = `<interface-response><IP>` + query.Get("ip") + `</IP><ErrCount>0</ErrCount><Done>true</Done></interface-response>`
	}
	f.mu.Lock()
	for header := range r.Header {
		// Above all nobody asks for a compressed answer: it would have to be unpacked.
		if r.URL.Path == "/update" && header != "User-Agent" && !(header == "Connection" && r.Close) {
			f.odd = append(f.odd, "a header "+header)
		}
	}
	p := f.tricks[name]
	if p != nil {
		f.played[name]++
	}
	f.mu.Unlock()
	if p == nil {
		f.behind.ServeHTTP(w, r)
		return
	}
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	defer conn.Close()
	defer context.AfterFunc(f.over, func() { _ = conn.Close() })()
	p(conn, r, body)
}

// doorway accepts connections, plays with each of them until the test ends, and counts them.
func doorway(t *testing.T, play func(net.Conn)) (address string, visits func() int) {
	t.Helper()
	listener := mustValue(net.Listen("tcp", "127.0.0.1:0"))
	over, end := context.WithCancel(context.Background())
	var mu sync.Mutex
	var count int
	var all sync.WaitGroup
	all.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			count++
			mu.Unlock()
			all.Go(func() {
				defer conn.Close()
				defer context.AfterFunc(over, func() { _ = conn.Close() })()
				play(conn)
			})
		}
	})
	t.Cleanup(func() {
		end()
		_ = listener.Close()
		all.Wait()
	})
	return listener.Addr().String(), func() int {
		mu.Lock()
		defer mu.Unlock()
		return count
	}
}

// refusing is an address on loopback at which connections are refused, and which nobody else can have meanwhile: it is
// the near end of a connection.
func refusing(t *testing.T) string {
	t.Helper()
	address, _ := doorway(t, listenOn)
	conn := mustValue(net.Dial("tcp", address))
	t.Cleanup(func() { _ = conn.Close() })
	return conn.LocalAddr().String()
}

// listenOn reads until the other side has had enough.
func listenOn(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) }

// nameServer is one that answers every question like this; nil: with silence.
func nameServer(t *testing.T, answer func(question []byte) []byte) string {
	t.Helper()
	conn := mustValue(net.ListenPacket("udp4", "127.0.0.1:0"))
	var asking sync.WaitGroup
	asking.Go(func() {
		question := make([]byte, 1500)
		for {
			n, from, err := conn.ReadFrom(question)
			if err != nil {
				return
			}
			if answer != nil {
				_, _ = conn.WriteTo(answer(question[:n]), from)
			}
		}
	})
	t.Cleanup(func() {
		_ = conn.Close()
		asking.Wait()
	})
	return conn.LocalAddr().String()
}

// noSuchName answers a question with NXDOMAIN.
func noSuchName(question []byte) []byte {
	question[2] |= 0x80
	question[3] = 0x83
	return question
}
