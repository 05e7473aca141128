package main

import (
	"bufio"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"ddns-batch/internal/provider"
	"ddns-batch/internal/record"
	"ddns-batch/internal/testnet"
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

var strayKinds = []strayKind{
	{"success", kept(confirmation(awayAddress.String())), true},
	{"refusal", kept(refusal("No Records updated. A record not Found;")), false},
	{"400", "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n", false},
	{"success that announces an end", strings.Replace(kept(confirmation(awayAddress.String())), "\r\n", "\r\nConnection: close\r\n", 1), true},
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
	kind  strayKind
	habit strayHabit
	count int
	delay time.Duration

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
		return kept(refusal("Passwords do not match")), strays
	case s.kind.refused && name.Host == "h1":
		return kept(refusal("No Records updated. A record not Found;")), strays
	}
	s.holds[name] = query.Get("ip")
	return kept(confirmation(query.Get("ip"))), strays
}

// strays is a machine whose second domain has the wrong password, for runs against servers that are not polite.
type strays struct {
	*machine
	proxy  string // the value of HTTPS_PROXY
	before []byte // a state in which example.com holds homeAddress
	// tunnels counts the connections through the proxy.
	tunnels atomic.Int32
}

func newStrays(t *testing.T) *strays {
	r := &strays{machine: newMachine(t, zone{"example.com", hostsUpTo(4)}, zone{"example.net", hostsUpTo(5)})}
	r.configure(map[string]string{"retries": "1", "request_timeout": "5s"})
	state := filepath.Join(r.dir, "first.json")
	if e := r.against(&strayServer{}, state, homeAddress, "--only", "*.example.com"); e.status != statusOK {
		t.Fatalf("the first run: status %d\n%s%s", e.status, e.stdout, e.stderr)
	}
	r.before = []byte(r.content(state))
	return r
}

// against is one run of the program against a server.
func (r *strays) against(s *strayServer, state string, address netip.Addr, args ...string) finished {
	r.Helper()
	s.holds = map[record.Name]string{}
	server := testnet.ListenTLS(r, &tls.Config{GetCertificate: r.certificate}, s.serve)
	defer server.Close()
	tunnel := newProxy(r, server.Address)
	defer tunnel.Close()
	p := r.command(append([]string{"--state", state, "--ip", address.String(), "-o", "json"}, args...)...)
	p.Env = append(p.Env, dialVariable+"="+server.Address+" proxy.example.org="+tunnel.Address, "HTTPS_PROXY="+r.proxy)
	e := p.start().end()
	r.tunnels.Add(int32(tunnel.Accepted()))
	return e
}

// check is one run with strays. It reports whether a stray was believed.
func (r *strays) check(s *strayServer) (believed bool) {
	r.Helper()
	state := filepath.Join(mustValue(os.MkdirTemp(r.dir, "run")), "state.json")
	if err := os.WriteFile(state, r.before, 0o600); err != nil {
		r.Error(err)
	}
	e := r.against(s, state, awayAddress, "--concurrency", fmt.Sprint(s.habit.concurrency))
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, rec := range e.document.Records {
		host, domain, _ := strings.Cut(rec.Name, ".")
		holds := s.holds[record.Name{Host: host, Domain: domain}]
		if rec.Result == "updated" && holds != awayAddress.String() || rec.Result == "failed" && holds == awayAddress.String() {
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
	if err := json.Unmarshal(mustValue(os.ReadFile(state)), &saved); err != nil {
		r.Error(err)
	}
	for _, rec := range saved.Records {
		// What the server was never asked to change holds what it held.
		holds, asked := s.holds[record.Name{Host: rec.Host, Domain: rec.Domain}]
		if !asked && rec.Domain == "example.com" {
			holds = homeAddress.String()
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
	return believed
}

// A reply names no record. Whatever a server sends without being asked, and whenever it does, no record gets the
// answer that was meant for another one, and no password that a stray accepts is sent again.
func TestSoakAStrayReplyIsNobodysAnswer(t *testing.T) {
	t.Parallel()
	r := newStrays(t)
	for way, proxy := range map[string]string{"direct": "", "proxy": "http://proxy.example.org:3128"} {
		t.Run(way, func(t *testing.T) {
			r.T, r.proxy = t, proxy
			r.tunnels.Store(0)
			var mu sync.Mutex
			runs, believed := map[string]int{}, map[string]int{}
			var all sync.WaitGroup
			places := make(chan struct{}, 8)
			n := 0
			// A round is 50 runs; after five of them each server has had each habit.
			for rounds := newSoak(t, 1).fewer(60); rounds.more(); n++ {
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
