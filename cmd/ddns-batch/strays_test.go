package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"ddns-batch/internal/cli"
	"ddns-batch/internal/provider"
	"ddns-batch/internal/record"
)

// strayKind is a reply that nobody asked for, and what the server says to the requests.
type strayKind struct {
	name string
	// reply is the stray.
	reply string
	// refused: the server refuses h1, whose stray success must not be believed. Otherwise it stores everything, and no
	// stray refusal must be.
	refused bool
}

func updateReply(address string) string {
	body := `<interface-response><IP>` + address + `</IP><ErrCount>0</ErrCount><Done>true</Done></interface-response>`
	return fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
}

func refusalReply(words string) string {
	body := `<interface-response><ErrCount>1</ErrCount><errors><Err1>` + words + `</Err1></errors><Done>true</Done></interface-response>`
	return fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
}

const strayAddress = "203.0.113.91"

var strayKinds = []strayKind{
	{"success", updateReply(strayAddress), true},
	{"refusal", refusalReply("No Records updated. A record not Found;"), false},
	{"400", "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n", false},
	{"success that announces an end", strings.Replace(updateReply(strayAddress), "\r\n", "\r\nConnection: close\r\n", 1), true},
	{"408 that announces an end", "HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", false},
}

// strayHabit is what else a server does.
type strayHabit struct {
	// always: the strays come after the first reply of every connection, not only of the run. ends: after them it ends the
	// connection. silent: it does not say that it ends a connection when it is asked to.
	always, ends, silent bool
	concurrency          int
}

var strayHabits = []strayHabit{
	{concurrency: 1}, {concurrency: 3}, {concurrency: 1, silent: true}, {concurrency: 1, ends: true}, {concurrency: 1, always: true},
}

// strayServer answers updates of example.com and example.net, and sends strays after its first reply.
type strayServer struct {
	address string
	kind    strayKind
	habit   strayHabit
	count   int
	delay   time.Duration

	mu      sync.Mutex
	replied bool
	holds   map[record.Name]string
	wrong   int // requests with a wrong password
}

// serve is one connection.
func (s *strayServer) serve(conn net.Conn) {
	in := bufio.NewReader(conn)
	for first := true; ; first = false {
		request, err := http.ReadRequest(in)
		if err != nil {
			return
		}
		reply, strays := s.answer(request, first)
		if request.Close && !s.habit.silent {
			reply = strings.Replace(reply, "\r\n", "\r\nConnection: close\r\n", 1)
		}
		if _, err := io.WriteString(conn, reply); err != nil {
			return
		}
		for range strays {
			time.Sleep(s.delay)
			if _, err := io.WriteString(conn, s.kind.reply); err != nil {
				return
			}
		}
		if request.Close || strays > 0 && s.habit.ends {
			return
		}
	}
}

func (s *strayServer) answer(r *http.Request, first bool) (reply string, strays int) {
	if r.Method != http.MethodGet {
		return "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 0
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.kind.reply != "" && (!s.replied || s.habit.always && first) {
		s.replied, strays = true, s.count
	}
	query := r.URL.Query()
	name := record.Name{Host: query.Get("host"), Domain: query.Get("domain")}
	switch {
	case query.Get("password") != canary("example.com"):
		s.wrong++
		return refusalReply("Passwords do not match"), strays
	case s.kind.refused && name.Host == "h1":
		return refusalReply("No Records updated. A record not Found;"), strays
	}
	s.holds[name] = query.Get("ip")
	return updateReply(query.Get("ip")), strays
}

// strayRig runs the program in this process against a server that is not polite.
type strayRig struct {
	*testing.T
	roots *x509.CertPool
	tls   *tls.Config
	state []byte // in which example.com holds 203.0.113.7
	dir   string
	// tunnels counts the connections through the proxy.
	tunnels atomic.Int32
}

const strayHosts = `records:
  - {hosts: [h0, h1, h2, h3], domain: example.com, password_env: EXAMPLE_COM_DDNS_PASSWORD}
  - {hosts: [h0, h1, h2, h3, h4], domain: example.net, password_env: EXAMPLE_NET_DDNS_PASSWORD}
endpoint: https://ddns.example.net/update
retries: 1
request_timeout: 5s
ip: {allow: [203.0.113.0/24]}
`

func newStrayRig(t *testing.T) *strayRig {
	config, roots := selfSigned("ddns.example.net")
	r := &strayRig{T: t, roots: x509.NewCertPool(), tls: config}
	r.roots.AppendCertsFromPEM(roots)
	s := &strayServer{}
	dir := quickDir(t)
	if status, said := r.run(s, dir, "203.0.113.7", "--only", "*.example.com"); status != 0 {
		t.Fatalf("the first run: status %d\n%s", status, said)
	}
	r.state = mustValue(os.ReadFile(filepath.Join(dir, "state.json")))
	return r
}

// run is one run of the program in dir, and what it said.
func (r *strayRig) run(s *strayServer, dir, address string, args ...string) (status int, said string) {
	r.Helper()
	if s.holds == nil {
		s.holds = map[record.Name]string{}
	}
	listener := mustValue(tls.Listen("tcp", "127.0.0.1:0", r.tls))
	over, end := context.WithCancel(context.Background())
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			serving.Go(func() {
				defer conn.Close()
				defer context.AfterFunc(over, func() { _ = conn.Close() })()
				s.serve(conn)
			})
		}
	})
	defer serving.Wait()
	defer listener.Close()
	defer end()
	s.address = listener.Addr().String()
	dial := func(ctx context.Context, network, to string) (net.Conn, error) {
		if strings.HasPrefix(to, "proxy.") {
			r.tunnels.Add(1)
			return tunnelTo(ctx, s.address)
		}
		return new(net.Dialer).DialContext(ctx, network, s.address)
	}
	yaml := filepath.Join(dir, "hosts.yaml")
	if err := os.WriteFile(yaml, []byte(strayHosts), 0o644); err != nil {
		r.Fatal(err)
	}
	var out bytes.Buffer
	status = cli.Main(cli.System{
		Args: append([]string{"-c", yaml, "--state", filepath.Join(dir, "state.json"), "--ip", address, "-o", "json"}, args...),
		Lookup: func(name string) (string, bool) {
			switch name {
			case "EXAMPLE_COM_DDNS_PASSWORD":
				return canary("example.com"), true
			case "EXAMPLE_NET_DDNS_PASSWORD":
				return canary("example.net"), true
			}
			return "", false
		},
		Stdout: cli.Stream{Writer: &out}, Stderr: cli.Stream{Writer: &out}, Now: time.Now, Local: time.UTC,
		Hostname: func() (string, error) { return "nas", nil }, Dial: dial, RootCAs: r.roots,
	})
	return status, out.String()
}

// tunnelTo is a connection to an HTTP proxy that knows one way.
func tunnelTo(ctx context.Context, address string) (net.Conn, error) {
	far, err := new(net.Dialer).DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	listener := mustValue(net.Listen("tcp", "127.0.0.1:0"))
	defer listener.Close()
	near, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		return nil, err
	}
	conn := mustValue(listener.Accept())
	go func() {
		if request, err := http.ReadRequest(bufio.NewReader(conn)); err == nil && request.Method == http.MethodConnect {
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\n\r\n")
			var both sync.WaitGroup
			both.Go(func() { _, _ = io.Copy(far, conn); _ = far.(*net.TCPConn).CloseWrite() })
			_, _ = io.Copy(conn, far)
			_ = conn.(*net.TCPConn).CloseWrite()
			both.Wait()
		}
		_, _ = far.Close(), conn.Close()
	}()
	return near, nil
}

// check is one run with strays. It reports whether a stray was believed.
func (r *strayRig) check(s *strayServer) (believed bool) {
	r.Helper()
	dir := mustValue(os.MkdirTemp(r.dir, "run"))
	if err := os.WriteFile(filepath.Join(dir, "state.json"), r.state, 0o600); err != nil {
		r.Fatal(err)
	}
	_, said := r.run(s, dir, strayAddress, "--concurrency", fmt.Sprint(s.habit.concurrency))
	var read document
	if err := json.Unmarshal([]byte(said), &read); err != nil {
		r.Errorf("not one JSON document: %q", said)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, rec := range read.Records {
		host, domain, _ := strings.Cut(rec.Name, ".")
		holds := s.holds[record.Name{Host: host, Domain: domain}]
		if rec.Result == "updated" && holds != strayAddress || rec.Result == "failed" && holds == strayAddress {
			believed = true
			r.Errorf("%s is %s, and holds %q: %+v", rec.Name, rec.Result, holds, rec.Error)
		}
		// What was not believed was sent again, and came to what the server says to it.
		struck := s.kind.refused && host == "h1"
		if domain == "example.com" && !s.habit.always && (struck && rec.Error.Class != provider.Record || !struck && rec.Result != "updated") {
			r.Errorf("%s is %s: %+v", rec.Name, rec.Result, rec.Error)
		}
	}
	var saved struct {
		Records []struct{ Host, Domain, IP string }
	}
	if err := json.Unmarshal(mustValue(os.ReadFile(filepath.Join(dir, "state.json"))), &saved); err != nil {
		r.Fatal(err)
	}
	for _, rec := range saved.Records {
		// What the server was never asked to change holds what it held.
		holds, asked := s.holds[record.Name{Host: rec.Host, Domain: rec.Domain}]
		if !asked && rec.Domain == "example.com" {
			holds = "203.0.113.7"
		}
		if rec.IP != "" && rec.IP != holds {
			believed = true
			r.Errorf("%s.%s holds %q, and %s is remembered", rec.Host, rec.Domain, holds, rec.IP)
		}
	}
	if s.wrong > 1 && !s.habit.always {
		believed = true
		r.Errorf("a wrong password was sent %d times", s.wrong)
	}
	if holdsPassword([]byte(said), []string{canary("example.com"), canary("example.net")}) {
		r.Errorf("a password is in\n%s", said)
	}
	return believed
}

// A reply names no record. Whatever a server sends without being asked, and whenever it does, no record gets the
// answer that was meant for another one, and no password that a stray accepts is sent again.
func TestSoakAStrayReplyIsNobodysAnswer(t *testing.T) {
	r := newStrayRig(t)
	for way, proxy := range map[string]string{"direct": "", "proxy": "http://proxy.example.org:3128"} {
		t.Run(way, func(t *testing.T) {
			for _, variable := range []string{"HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy"} {
				t.Setenv(variable, "")
			}
			t.Setenv("HTTPS_PROXY", proxy)
			r := &strayRig{T: t, roots: r.roots, tls: r.tls, state: r.state, dir: quickDir(t)}
			var mu sync.Mutex
			runs, believed := map[string]int{}, map[string]int{}
			var all sync.WaitGroup
			places := make(chan struct{}, 8)
			n := 0
			// A round is 30 runs; after five of them each server has had each habit.
			for rounds := newSoak(t, 1, 1).fewer(60); rounds.more(); n++ {
				for _, delay := range []time.Duration{0, 500 * time.Microsecond, time.Millisecond, 3 * time.Millisecond, 20 * time.Millisecond} {
					for _, kind := range strayKinds {
						for count := 1; count <= 2; count++ {
							n++
							s := &strayServer{kind: kind, habit: strayHabits[n%len(strayHabits)], count: count, delay: delay}
							places <- struct{}{}
							all.Go(func() {
								defer func() { <-places }()
								wrong := r.check(s)
								mu.Lock()
								defer mu.Unlock()
								key := fmt.Sprintf("%5d µs, %d, %s, %s", delay.Microseconds(), count, kind.name, way)
								if runs[key]++; wrong {
									believed[key]++
								}
							})
						}
					}
				}
			}
			all.Wait()
			for _, key := range slices.Sorted(maps.Keys(runs)) {
				t.Logf("%s: %d of %d runs believe one", key, believed[key], runs[key])
			}
			if asked := r.tunnels.Load() > 0; asked != (proxy != "") {
				t.Errorf("a proxy was asked: %v", asked)
			}
		})
	}
}
