package publicip

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
	"unicode"
	"unicode/utf8"
)

// page is a handler for one fixed reply.
func page(status int, body string, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// raw is a handler that writes bytes of its own and hangs up.
func raw(reply string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			return
		}
		_, _ = io.WriteString(conn, reply)
		_ = conn.Close()
	}
}

func zipped(text string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = io.WriteString(w, text)
	_ = w.Close()
	return b.String()
}

func TestRepliesThatHoldNoAddress(t *testing.T) {
	const html = "text/html; charset=utf-8"
	for _, c := range []struct {
		name    string
		handler http.HandlerFunc
		problem string
		portal  bool // the hint is about a hotspot
	}{
		{"a bad gateway that names its version", page(502, "<html><hr><center>nginx/1.18.0.1</center></html>", "Content-Type", html),
			"502 Bad Gateway", true},
		{"the address with a bad status", page(500, "203.0.113.7"), "500 Internal Server Error", false},
		{"created", page(201, "203.0.113.7"), "201 Created", false},
		{"partial content", page(206, "203.0.113.7"), "206 Partial Content", false},
		{"no content", page(204, ""), "204 No Content", false},
		{"a status of its own", page(522, "error code: 522"), "status 522", false},
		{"a status line with an address", raw("HTTP/1.1 403 \x1b[31m1.0.1.1\r\n\r\n"), "403 Forbidden", false},
		{"a login is needed first", page(511, "", "Content-Type", "text/plain"), "511 Network Authentication Required", true},
		{"a cookie with an address", page(200, "error code: 1034\n", "Set-Cookie", "__cf_bm=1.0.1.1-1757; path=/"),
			`not one IPv4 address: "error code: 1034"`, false},
		{"a challenge page with a path", page(200, `<!DOCTYPE html><svg><path d="M1.2.1.1 0 0 1 203.0.113.7"/></svg>`, "Content-Type", html),
			"a web page, not an address", true},
		{"several addresses", page(200, "203.0.113.7, 203.0.113.8"), `not one IPv4 address: "203.0.113.7, 203.0.113.8"`, false},
		{"a comma at the end", page(200, "203.0.113.7,"), `not one IPv4 address: "203.0.113.7,"`, false},
		{"two lines", page(200, "203.0.113.7\n203.0.113.7\n"), `not one IPv4 address: "203.0.113.7\n203.0.113.7"`, false},
		{"an IPv6 address", page(200, "2001:db8::7\n"), `an IPv6 address, an IPv4 one is needed: "2001:db8::7"`, false},
		{"an IPv4 address written as IPv6", page(200, "::ffff:203.0.113.7"),
			`an IPv6 address, an IPv4 one is needed: "::ffff:203.0.113.7"`, false},
		{"leading zeros", page(200, "203.0.113.007"), `not one IPv4 address: "203.0.113.007"`, false},
		{"three parts", page(200, "203.0.113"), `not one IPv4 address: "203.0.113"`, false},
		{"a port", page(200, "203.0.113.7:80"), `not one IPv4 address: "203.0.113.7:80"`, false},
		{"too many requests", page(200, `{"error": "Too Many Requests"}`),
			`not one IPv4 address: "{\"error\": \"Too Many Requests\"}"`, false},
		{"nothing", page(200, ""), "an empty answer", false},
		{"blanks", page(200, " \r\n\t\n"), "an empty answer", false},
		{"a mark at the beginning", page(200, "\ufeff203.0.113.7"), `an IPv4 address with a hidden character: "\ufeff203.0.113.7"`, false},
		{"a zero byte at the end", page(200, "203.0.113.7\x00\n"), `an IPv4 address with a hidden character: "203.0.113.7\x00"`, false},
		{"a no-break space", page(200, "203.0.113.7\u00a0"), `an IPv4 address with a hidden character: "203.0.113.7\u00a0"`, false},
		{"UTF-16", page(200, "7\x00.\x007\x00.\x007\x00.\x007\x00"), `an IPv4 address with a hidden character: "7\x00.\x007\x00.\x007\x00.\x007\x00"`, false},
		{"two addresses in two lines of their own", page(200, "7.7.7.\n7"), `not one IPv4 address: "7.7.7.\n7"`, false},
		{"a page with a mark at the beginning", page(200, "\ufeff<html>"), "a web page, not an address", true},
		{"colours", page(200, "\x1b[31mred\x1b[0m\u202e\x00\xff"), `not one IPv4 address: "\x1b[31mred\x1b[0m\u202e\x00\xff"`, false},
		{"an address after 4 KiB of blanks", page(200, strings.Repeat(" ", 4086)+"203.0.113.7"), "an answer of more than 4096 bytes", false},
		{"compressed", page(200, zipped("203.0.113.7"), "Content-Encoding", "gzip"), "a compressed answer, which was not asked for", false},
		{"compressed only in name", page(200, "203.0.113.7", "Content-Encoding", "br"), "a compressed answer, which was not asked for", false},
		{"compressed without saying so", page(200, zipped("203.0.113.7")), "", false},
		{"less than was promised", raw("HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n203.0.113.7"),
			"the connection was closed before the answer was complete", false},
		{"no length, and a connection that is cut", cutOff, "an answer without a length or a line end, perhaps cut short", false},
		{"no length and no line end", raw("HTTP/1.0 200 OK\r\n\r\n203.0.113.7"),
			"an answer without a length or a line end, perhaps cut short", false},
		{"no reply", raw(""), "the connection was closed before the answer was complete", false},
		{"not HTTP", raw("203.0.113.7\r\n\r\n"), "an answer that cannot be read", false},
		{"the question, given back", raw("GET /?token=secret HTTP/1.1\r\n\r\n"), "an answer that cannot be read", false},
		{"the question in a header that is none", raw("HTTP/1.1 200 OK\r\n/?token=secret\r\n\r\n"), "an answer that cannot be read", false},
		{"the question in a trailer", raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n/?token=secret\r\n\r\n"), "an answer that cannot be read", false},
		{"a header without end", page(200, "203.0.113.7", "X-Long", strings.Repeat("1.0.1.1 ", 4<<10)), "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newInternet(t)
			w.site(one, c.handler)
			finding, err := Find(t.Context(), w.query(one))
			if finding.Address.IsValid() {
				t.Fatalf("took %v", finding.Address)
			}
			e := wantKind(t, err, TooFew)
			if portal := strings.Contains(e.Hint(), "hotspot"); portal != c.portal {
				t.Errorf("hint %q", e.Hint())
			}
			p := finding.Answers[0].Problem
			if !strings.HasSuffix(p, c.problem) {
				t.Errorf("problem %q, want %q", p, c.problem)
			}
			if p == "" || utf8.RuneCountInString(p) > 200 || strings.ContainsFunc(p, func(r rune) bool { return !unicode.IsPrint(r) }) {
				t.Errorf("not a short printable line: %q", p)
			}
		})
	}
}

// cutOff ends the connection without the words with which TLS ends one, as somebody on the way can.
func cutOff(w http.ResponseWriter, _ *http.Request) {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		return
	}
	_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\n\r\n203.0.113.7")
	_ = conn.(*tls.Conn).NetConn().Close()
}

func TestRepliesThatHoldOne(t *testing.T) {
	trace := "fl=1f1\nh=one.example.com\nip=203.0.113.7\nts=1.0\nuag=curl/1.2.1.1 a=b\nwarp=off\n"
	for _, c := range []struct {
		name, path string
		handler    http.HandlerFunc
	}{
		{"bare", "", says("203.0.113.7")},
		{"with blanks around", "/ip", says("\r\n \t203.0.113.7 \r\n")},
		{"as much as is read", "/", says("203.0.113.7" + strings.Repeat("\n", 4096-11))},
		{"called a web page", "/", page(200, "203.0.113.7", "Content-Type", "text/html")},
		{"in pieces", "/", raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n203\r\n8\r\n.0.113.7\r\n0\r\n\r\n")},
		{"without a length, but a line", "/", raw("HTTP/1.0 200 OK\r\n\r\n203.0.113.7\n")},
		{"after early hints", "/", raw("HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n203.0.113.7")},
		{"a trace", "/cdn-cgi/trace", says(trace)},
		{"a trace with a query", "/cdn-cgi/trace?x=1", says(strings.ReplaceAll(trace, "\n", "\r\n"))},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newInternet(t)
			w.site(one, c.handler)
			q := w.query(one)
			q.Sources[0] += c.path
			finding, err := Find(t.Context(), q)
			must(t, err)
			if finding.Address != home {
				t.Errorf("address %v", finding.Address)
			}
		})
	}
}

func TestAServerThatSpeaksNoTLSLooksLikeAHotspot(t *testing.T) {
	w := newInternet(t)
	w.route(one+":443", w.serve(says("203.0.113.7"), nil))
	_, err := Find(t.Context(), w.query(one))
	if e := wantKind(t, err, TooFew); !strings.Contains(e.Hint(), "hotspot") {
		t.Errorf("hint %q", e.Hint())
	}
}

// These run on fake time and without a network. The bubble ends only when every goroutine in it has: what Find, and the
// HTTP client below it, leave behind is a failure.
func TestServersThatTakeTheirTime(t *testing.T) {
	reply := func(w io.Writer) error {
		_, err := io.WriteString(w, "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n203.0.113.7")
		return err
	}
	readRequest := func(conn net.Conn) error {
		_, err := http.ReadRequest(bufio.NewReader(conn))
		return err
	}
	untilClosed := func(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) }

	for _, c := range []struct {
		name    string
		source  string
		serve   func(net.Conn)
		problem string // empty: it answers
		took    time.Duration
	}{
		{"answers, and would keep the connection", "http://" + one, func(conn net.Conn) {
			if readRequest(conn) == nil && reply(conn) == nil {
				untilClosed(conn)
			}
		}, "", 0},
		{"never answers", "http://" + one, untilClosed, "no answer in 5 s", 5 * time.Second},
		{"never shakes hands", "https://" + one, untilClosed, "no answer in 5 s", 5 * time.Second},
		{"sends byte by byte for ever", "http://" + one, func(conn net.Conn) {
			err := readRequest(conn)
			if err == nil {
				_, err = io.WriteString(conn, "HTTP/1.1 200 OK\r\n\r\n203.0.113.7")
			}
			for err == nil {
				time.Sleep(100 * ms)
				_, err = io.WriteString(conn, " ")
			}
		}, "no answer in 5 s", 5 * time.Second},
		{"sends a header line by line for ever", "http://" + one, func(conn net.Conn) {
			err := readRequest(conn)
			if err == nil {
				_, err = io.WriteString(conn, "HTTP/1.1 200 OK\r\n")
			}
			for err == nil {
				time.Sleep(100 * ms)
				_, err = io.WriteString(conn, "X: 1\r\n")
			}
		}, "no answer in 5 s", 5 * time.Second},
		{"sends for ever, and fast", "http://" + one, func(conn net.Conn) {
			err := readRequest(conn)
			if err == nil {
				_, err = io.WriteString(conn, "HTTP/1.1 200 OK\r\n\r\n")
			}
			for err == nil {
				_, err = io.WriteString(conn, strings.Repeat("1.0.1.1\n", 100))
			}
		}, "an answer of more than 4096 bytes", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				q := Query{Sources: []string{c.source}, Documentation: true}
				var servers sync.WaitGroup
				q.Dial = func(context.Context, string, string) (net.Conn, error) {
					client, server := net.Pipe()
					servers.Go(func() {
						defer server.Close()
						c.serve(server)
					})
					return client, nil
				}
				began := time.Now()
				finding, err := Find(t.Context(), q)
				if took := time.Since(began); took != c.took {
					t.Errorf("took %v, want %v", took, c.took)
				}
				servers.Wait() // each ends when it is hung up on
				if c.problem == "" {
					must(t, err)
				} else {
					wantKind(t, err, TooFew)
				}
				if p := finding.Answers[0].Problem; p != c.problem {
					t.Errorf("problem %q, want %q", p, c.problem)
				}
			})
		})
	}
}

func TestNoConnectionIn5SecondsIsOffline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := Query{Sources: []string{"https://" + one, "https://" + two}}
		q.Dial = func(ctx context.Context, _, _ string) (net.Conn, error) {
			if _, ok := ctx.Deadline(); !ok {
				t.Error("dialed without a deadline")
			}
			<-ctx.Done()
			return nil, ctx.Err()
		}
		finding, err := Find(t.Context(), q)
		wantKind(t, err, Offline)
		for _, a := range finding.Answers {
			if a.Problem != "no answer in 5 s" {
				t.Errorf("problem %q", a.Problem)
			}
		}
	})
}
