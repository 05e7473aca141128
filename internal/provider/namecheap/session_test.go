package namecheap

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"ddns-batch/internal/provider"
)

// kept is an answer on a connection that may be kept.
func kept(status, more, body string) string {
	return fmt.Sprintf("HTTP/1.1 %s\r\n%sContent-Length: %d\r\n\r\n%s", status, more, len(body), body)
}

const confirmation = `<interface-response><IP>203.0.113.7</IP><ErrCount>0</ErrCount><Done>true</Done></interface-response>`

// requests are what a server has heard, over all its connections.
type requests struct {
	mu   sync.Mutex
	list []string
}

func (r *requests) add(request string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.list = append(r.list, request)
}

func (r *requests) all() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.list)
}

// talk answers the requests of each connection in turn, and writes down their methods, with ! where the end is asked for.
// An answer that is empty ends the connection, and so does a request for the end that is answered.
func talk(heard *requests, answers ...string) func(net.Conn) {
	return func(conn net.Conn) {
		in := bufio.NewReader(conn)
		for _, answer := range answers {
			r, err := http.ReadRequest(in)
			if err != nil {
				return
			}
			method := r.Method
			if r.Close {
				method += "!"
				answer = strings.Replace(answer, "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nConnection: close\r\n", 1)
			}
			heard.add(method)
			if _, err := io.WriteString(conn, answer); err != nil || answer == "" || r.Close {
				return
			}
		}
	}
}

func TestWhatASessionProves(t *testing.T) {
	ok := kept("200 OK", "", confirmation)
	blocked := kept("429 Too Many Requests", "Connection: close\r\n", "slow down")
	for name, c := range map[string]struct {
		answers []string
		// sends: the last of so many updates is announced, unless last is false.
		sends int
		last  bool
		// proved of them, and the methods that were heard.
		proved int
		heard  string
	}{
		"one by itself":                             {[]string{ok}, 1, true, 1, "GET!"},
		"several, with the end announced":           {[]string{ok, ok, ok}, 3, true, 3, "GET GET GET!"},
		"several, with the end as an afterthought":  {[]string{ok, ok, kept("200 OK", "", "")}, 2, false, 2, "GET GET OPTIONS!"},
		"one, and nobody answers the afterthought":  {[]string{ok, ""}, 1, false, 1, "GET OPTIONS!"},
		"not the second if the end is not granted":  {[]string{ok, ok, ""}, 2, false, 1, "GET GET OPTIONS!"},
		"not a refusal after which nothing is said": {[]string{ok, kept("400 Bad Request", "", ""), ""}, 2, false, 1, "GET GET OPTIONS!"},
		"not a refusal that ends it without a word": {[]string{ok, kept("400 Bad Request", "", "")}, 2, true, 1, "GET GET!"},
		"none with one too many":                    {[]string{ok, ok + ok}, 2, true, 0, "GET GET!"},
		"none with one too many before":             {[]string{ok + ok, ok}, 1, false, 0, "GET"},
		"not even the only one":                     {[]string{ok + ok}, 1, true, 0, "GET!"},
		"none with early hints too many":            {[]string{ok + "HTTP/1.1 103 Early Hints\r\n\r\n"}, 1, true, 0, "GET!"},
		"early hints before are no answers":         {[]string{"HTTP/1.1 103 Early Hints\r\n\r\n" + ok, ok}, 2, true, 2, "GET GET!"},
		"a refusal that ends the connection":        {[]string{ok, blocked}, 2, false, 2, "GET GET"},
		"but no success that does":                  {[]string{ok, strings.Replace(ok, "\r\n", "\r\nConnection: close\r\n", 1)}, 2, false, 1, "GET GET"},
		"nothing of what was not answered":          {[]string{ok, ok, ""}, 3, false, 1, "GET GET GET"},
	} {
		t.Run(name, func(t *testing.T) {
			var heard requests
			endpoint := serve(t, talk(&heard, c.answers...))
			client := newClient(t, Options{Endpoint: endpoint})
			s := client.Open()
			for i := range c.sends {
				if s.Over() {
					t.Fatalf("it is over after %d", i)
				}
				_ = s.Send(t.Context(), update(), c.last && i == c.sends-1)
			}
			proved, err := s.Prove(t.Context())
			if proved != c.proved || (err == nil) != (proved == c.sends) {
				t.Errorf("%d are proved, %v", proved, err)
			}
			if e, ok := err.(*provider.Error); err != nil && (!ok || !e.Uncounted || e.Unchanged || e.Class != provider.Transient) {
				t.Errorf("got %#v", err)
			}
			if s.Over() {
				t.Error("it is over after it began anew")
			}
			if got := strings.Join(heard.all(), " "); got != c.heard {
				t.Errorf("heard %s", got)
			}
		})
	}
}

// An end that was announced and does not come leaves open whose answer announced it.
func TestAnEndThatDoesNotComeProvesNothing(t *testing.T) {
	endpoint := serve(t, func(conn net.Conn) {
		in := bufio.NewReader(conn)
		for i := range 2 {
			r, err := http.ReadRequest(in)
			if err != nil {
				return
			}
			more := ""
			if r.Close {
				more = "Connection: close\r\n"
			}
			_, _ = io.WriteString(conn, kept("200 OK", more, confirmation))
			if i == 1 {
				_, _ = io.Copy(io.Discard, conn)
			}
		}
		// The client closes its side first, and this one goes on.
		<-t.Context().Done()
	})
	client := newClient(t, Options{Endpoint: endpoint})
	s := client.Open()
	for i := range 2 {
		if err := s.Send(t.Context(), update(), i == 1); err != nil {
			t.Fatal(err)
		}
	}
	proved, err := s.Prove(t.Context())
	if e, ok := err.(*provider.Error); proved != 1 || !ok || !e.Uncounted {
		t.Errorf("%d are proved, %v", proved, err)
	}
	if !client.alone.Load() {
		t.Error("it goes on to send several over one connection")
	}
}

// A busy endpoint is asked again over the connection that is there, unless its answer is too long to be read.
func TestAnAnswerThatIsNoneKeepsTheConnection(t *testing.T) {
	for _, c := range []struct {
		name, answer string
		connections  int32
	}{
		{"a short page", kept("503 Service Unavailable", "", "busy"), 1},
		{"a long page", kept("503 Service Unavailable", "", strings.Repeat("busy ", 10_000)), 1},
		{"chunks", "HTTP/1.1 502 Bad Gateway\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbusy\r\n0\r\n\r\n", 1},
		{"no body", kept("500 Internal Server Error", "", ""), 1},
		{"a page that is not read to its end", kept("503 Service Unavailable", "", strings.Repeat("busy ", 20_000)), 3},
		{"one that ends the connection", kept("503 Service Unavailable", "Connection: close\r\n", "busy"), 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			var heard requests
			var connections atomic.Int32
			answers := slices.Repeat([]string{c.answer}, 3)
			endpoint := serve(t, func(conn net.Conn) {
				connections.Add(1)
				talk(&heard, answers...)(conn)
			})
			s := newClient(t, Options{Endpoint: endpoint}).Open()
			for range 3 {
				if s.Over() {
					_, _ = s.Prove(t.Context())
				}
				if e, ok := s.Send(t.Context(), update(), false).(*provider.Error); !ok || e.Class != provider.Transient || e.Unanswered {
					t.Errorf("got %#v", e)
				}
			}
			_, _ = s.Prove(t.Context())
			if n := connections.Load(); n != c.connections {
				t.Errorf("%d connections", n)
			}
		})
	}
}

// A connection that has carried all that it may ends by itself, before the server ends it unasked.
func TestAConnectionEndsByItselfInTheEnd(t *testing.T) {
	var heard requests
	s := newClient(t, Options{Endpoint: serve(t, talk(&heard, slices.Repeat([]string{kept("200 OK", "", confirmation)}, maxRequests)...))}).Open()
	for i := range maxRequests {
		if err := s.Send(t.Context(), update(), false); err != nil || s.Over() != (i == maxRequests-1) {
			t.Fatalf("after %d: %v, over: %v", i+1, err, s.Over())
		}
	}
	if proved, err := s.Prove(t.Context()); proved != maxRequests || err != nil {
		t.Errorf("%d are proved, %v", proved, err)
	}
	if got := heard.all()[maxRequests-1]; got != "GET!" {
		t.Errorf("the last request is %s", got)
	}
}

// A server that does not say that it ends a connection gets one for each update from then on.
func TestAServerThatDoesNotAnnounceTheEndIsAskedOneByOne(t *testing.T) {
	var heard requests
	endpoint := serve(t, func(conn net.Conn) {
		heard.add(readRequest(conn))
		_, _ = io.WriteString(conn, kept("200 OK", "", confirmation))
	})
	client := newClient(t, Options{Endpoint: endpoint})
	if err := client.Update(t.Context(), update()); err != nil {
		t.Fatal(err)
	}
	s := client.Open()
	if err := s.Send(t.Context(), update(), false); err != nil || !s.Over() {
		t.Errorf("%v, and another one may follow", err)
	}
	if proved, err := s.Prove(t.Context()); proved != 1 || err != nil {
		t.Errorf("%d are proved, %v", proved, err)
	}
	if all := heard.all(); len(all) != 2 || !strings.HasSuffix(all[1], "\r\nConnection: close\r\n\r\n") {
		t.Errorf("heard %q", all)
	}
}
