package namecheap

import (
	"context"
	"net"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"ddns-batch/internal/provider"
	"ddns-batch/internal/record"
	"ddns-batch/internal/testnet"
)

func success(t *testing.T) []byte {
	return answerOf(t, filepath.Join("testdata", "replies", "ok-today.xml"))
}

func TestTheRequestOnTheWireIsExactlyThis(t *testing.T) {
	heard := make(chan string, 1)
	endpoint := serve(t, func(conn net.Conn) {
		heard <- readRequest(conn)
		_, _ = conn.Write(success(t))
	})
	u := update()
	u.Name = record.Name{Host: "*.A", Domain: "Example.com"}
	u.Password = provider.NewSecret("  p&w +%é/\"  ")
	if err := newClient(t, Options{Endpoint: endpoint, UserAgent: "ddns-batch/1.2.3"}).Update(t.Context(), u); err != nil {
		t.Fatal(err)
	}
	host := strings.TrimSuffix(strings.TrimPrefix(endpoint, "http://"), "/update")
	want := "GET /update?host=%2A.a&domain=example.com&password=p%26w%20%2B%25%C3%A9%2F%22&ip=203.0.113.7 HTTP/1.1\r\n" +
		"Host: " + host + "\r\nUser-Agent: ddns-batch/1.2.3\r\nConnection: close\r\n\r\n"
	if got := <-heard; got != want {
		t.Errorf("\n got %q\nwant %q", got, want)
	}
}

func TestWhatMustNotReachTheWireDoesNot(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*provider.Update)
		class  provider.Class
	}{
		{"no password", func(u *provider.Update) { u.Password = provider.Secret{} }, provider.Password},
		{"a blank password", func(u *provider.Update) { u.Password = provider.NewSecret(" \t") }, provider.Password},
		{"an empty host", func(u *provider.Update) { u.Name.Host = "" }, provider.Request},
		{"an empty domain", func(u *provider.Update) { u.Name.Domain = "" }, provider.Request},
		{"no address", func(u *provider.Update) { u.Address = netip.Addr{} }, provider.Address},
		{"an IPv6 address", func(u *provider.Update) { u.Address = netip.MustParseAddr("2001:db8::1") }, provider.Address},
		{"a mapped address", func(u *provider.Update) { u.Address = netip.MustParseAddr("::ffff:203.0.113.7") }, provider.Address},
	} {
		t.Run(c.name, func(t *testing.T) {
			client := newClient(t, Options{Endpoint: "http://127.0.0.1/update", Dial: func(context.Context, string, string) (net.Conn, error) {
				t.Error("a connection was opened")
				return nil, os.ErrClosed
			}})
			u := update()
			c.change(&u)
			e, ok := client.Update(t.Context(), u).(*provider.Error)
			if !ok || e.Class != c.class || !e.Unsent || !e.Unchanged {
				t.Errorf("got %#v", e)
			}
		})
	}
}

func TestAnEndpointThatIsNoneIsRefusedWithoutQuotingIt(t *testing.T) {
	for name, endpoint := range map[string]string{
		"empty":                     "",
		"no host":                   "https:///update",
		"plain http to the world":   "http://dynamicdns.park-your-domain.com/update",
		"plain http, private":       "http://192.168.1.1/update",
		"another scheme":            "ftp://127.0.0.1/update",
		"a user":                    "https://me:hunter2@127.0.0.1/update",
		"a query":                   "https://127.0.0.1/update?password=hunter2",
		"an empty query":            "https://127.0.0.1/update?",
		"a fragment":                "https://127.0.0.1/update#hunter2",
		"no URL":                    "https://127.0.0.1:hunter2/%zz",
		"loopback in the name only": "http://127.0.0.1.example.com/update",
	} {
		if c, err := New(Options{Endpoint: endpoint}); err == nil || c != nil {
			t.Errorf("%s: accepted", name)
		} else if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: quoted in %q", name, err)
		}
	}
	for _, endpoint := range []string{
		"https://dynamicdns.park-your-domain.com/update", "http://127.0.0.1:8080/update", "http://[::1]/x/y", "http://localhost/update", "https://192.168.1.1",
	} {
		if _, err := New(Options{Endpoint: endpoint}); err != nil {
			t.Errorf("%s: %v", endpoint, err)
		}
	}
}

func TestARequestWrittenToADeadConnectionIsNotRepeated(t *testing.T) {
	for _, c := range []struct {
		name string
		end  func(net.Conn)
	}{
		{"closed", func(net.Conn) {}},
		{"reset", func(conn net.Conn) { _ = conn.(*net.TCPConn).SetLinger(0) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			var requests atomic.Int32
			keep := []byte(strings.Replace(string(success(t)), "Connection: close\r\n", "", 1))
			endpoint := serve(t, func(conn net.Conn) {
				readRequest(conn)
				requests.Add(1)
				_, _ = conn.Write(keep)
				if readRequest(conn) != "" {
					requests.Add(1)
				}
				c.end(conn)
			})
			s := newClient(t, Options{Endpoint: endpoint}).Open()
			if err := s.Send(t.Context(), update(), false); err != nil {
				t.Fatal(err)
			}
			e, ok := s.Send(t.Context(), update(), false).(*provider.Error)
			if !ok || e.Class != provider.Transient || e.Unchanged || e.Unsent || !e.Unanswered {
				t.Errorf("got %#v", e)
			}
			// The first reply was the first one's all the same.
			if proved, err := s.Prove(t.Context()); proved != 2 || err != nil {
				t.Errorf("%d are proved: %v", proved, err)
			}
			if n := requests.Load(); n != 2 {
				t.Errorf("2 updates were %d requests", n)
			}
		})
	}
}

func TestTheLongestReplyIsReadWholeAndNothingBeyond(t *testing.T) {
	reply, err := os.ReadFile("testdata/replies/ok-today.xml")
	if err != nil {
		t.Fatal(err)
	}
	for extra, want := range map[int]bool{0: true, 1: false} {
		body := slices.Concat(reply, []byte(strings.Repeat("\n", maxBody-len(reply)+extra)))
		answer := "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + string(body)
		if err := updateAgainst(t, []byte(answer)); (err == nil) != want {
			t.Errorf("%d bytes: %v", len(body), err)
		}
	}
}

// inTime runs one update in a bubble with a clock of its own, over a pipe on whose other end talk sits. At most 30 s
// are given; it reports how long the update took.
func inTime(t *testing.T, talk func(net.Conn)) (e *provider.Error, took time.Duration) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe()
		client, err := New(Options{Endpoint: "http://127.0.0.1/update", Dial: func(context.Context, string, string) (net.Conn, error) { return near, nil }})
		if err != nil {
			t.Fatal(err)
		}
		done := make(chan struct{})
		go func() {
			defer close(done)
			defer far.Close()
			readRequest(far)
			talk(far)
		}()
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		began := time.Now()
		e, _ = client.Update(ctx, update()).(*provider.Error)
		took = time.Since(began)
		<-done
	})
	return e, took
}

func TestTheDeadlineHoldsForEveryPartOfTheAnswer(t *testing.T) {
	for _, c := range []struct {
		name    string
		talk    func(net.Conn)
		message string
	}{
		{"silence", testnet.ReadOn, "no answer in 30 s"},
		{"half a header", func(conn net.Conn) {
			_, _ = conn.Write([]byte("HTTP/1.1 200 OK\r\nContent-"))
			testnet.ReadOn(conn)
		}, "no answer in 30 s"},
		{"silence after the header", func(conn net.Conn) {
			_, _ = conn.Write([]byte("HTTP/1.1 200 OK\r\nContent-Length: 400\r\n\r\n"))
			testnet.ReadOn(conn)
		}, "no complete reply in 30 s"},
		{"one byte a second", func(conn net.Conn) {
			_, _ = conn.Write([]byte("HTTP/1.1 200 OK\r\n\r\n"))
			for {
				time.Sleep(time.Second)
				if _, err := conn.Write([]byte(" ")); err != nil {
					return
				}
			}
		}, "no complete reply in 30 s"},
	} {
		t.Run(c.name, func(t *testing.T) {
			e, took := inTime(t, c.talk)
			if e == nil || e.Class != provider.Transient || e.Message != c.message || e.Unchanged || took != 30*time.Second {
				t.Errorf("after %s: %#v", took, e)
			}
		})
	}
}

func TestAnUpdateThatNeverGotAConnectionIsUnsent(t *testing.T) {
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = closed.Close()
	over, cancel := context.WithCancel(t.Context())
	cancel()
	late, cancel := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer cancel()
	for _, c := range []struct {
		name    string
		ctx     context.Context
		dial    func(context.Context, string, string) (net.Conn, error)
		message string
	}{
		{"interrupted before", over, nil, "interrupted"},
		{"too late before", late, nil, "no connection in "},
		{"name not found", t.Context(), func(context.Context, string, string) (net.Conn, error) {
			return nil, &net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", Name: "dynamicdns.example.com", IsNotFound: true}}
		}, "cannot resolve dynamicdns.example.com: no such host"},
		{"dial out of time", t.Context(), func(context.Context, string, string) (net.Conn, error) { return nil, os.ErrDeadlineExceeded }, "no connection in "},
		{"words with line breaks", t.Context(), func(context.Context, string, string) (net.Conn, error) {
			return nil, &net.AddrError{Err: "bad\r\naddress", Addr: "host"}
		}, "address host: bad address"},
	} {
		t.Run(c.name, func(t *testing.T) {
			client := newClient(t, Options{Endpoint: "http://" + closed.Addr().String() + "/update", Dial: c.dial})
			e, ok := client.Update(c.ctx, update()).(*provider.Error)
			if !ok || e.Class != provider.Transient || !e.Unsent || !e.Unchanged || e.Quoted || !strings.HasPrefix(e.Message, c.message) {
				t.Errorf("got %#v", e)
			}
		})
	}
	t.Run("refused by the other side", func(t *testing.T) {
		client := newClient(t, Options{Endpoint: "http://" + closed.Addr().String() + "/update"})
		e, ok := client.Update(t.Context(), update()).(*provider.Error)
		// The words are the system's.
		if !ok || e.Class != provider.Transient || !e.Unsent || !e.Unchanged || !strings.Contains(e.Message, "refused") || strings.Contains(e.Message, "127.0.0.1") {
			t.Errorf("got %#v", e)
		}
	})
	t.Run("a proxy setting that is no URL", func(t *testing.T) {
		client := newClient(t, Options{Endpoint: "https://dynamicdns.example.com/update", Proxy: func(u *url.URL) (*url.URL, error) {
			if u.RawQuery != "" {
				t.Error("the proxy function was shown the query")
			}
			return nil, &url.Error{Op: "parse", URL: "http://me:hunter2@proxy", Err: os.ErrInvalid}
		}})
		e, ok := client.Update(t.Context(), update()).(*provider.Error)
		if !ok || !e.Unsent || !strings.Contains(e.Message, "HTTPS_PROXY is not a URL") || strings.Contains(e.Message, "hunter2") {
			t.Errorf("got %#v", e)
		}
	})
}

func TestTheConnectionBreaksOff(t *testing.T) {
	for _, c := range []struct {
		name    string
		talk    func(net.Conn)
		message string
	}{
		{"before the answer", func(net.Conn) {}, "the connection was lost before a readable reply"},
		{"reset before the answer", func(conn net.Conn) { _ = conn.(*net.TCPConn).SetLinger(0) }, "the connection was lost before a readable reply: "},
		{"in the header", func(conn net.Conn) { _, _ = conn.Write([]byte("HTTP/1.1 200 O")) }, "the connection was lost before a readable reply"},
		{"a header without end", func(conn net.Conn) {
			_, _ = conn.Write([]byte("HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", 4*maxHeader)))
			testnet.ReadOn(conn)
		}, "the connection was lost before a readable reply"},
		{"in a chunk", func(conn net.Conn) {
			_, _ = conn.Write([]byte("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n40\r\nhalf"))
		}, "the reply was cut off"},
	} {
		t.Run(c.name, func(t *testing.T) {
			endpoint := serve(t, func(conn net.Conn) {
				readRequest(conn)
				c.talk(conn)
			})
			e, ok := newClient(t, Options{Endpoint: endpoint}).Update(t.Context(), update()).(*provider.Error)
			if !ok || e.Class != provider.Transient || e.Unchanged || e.Unsent || !strings.HasPrefix(e.Message, c.message) {
				t.Errorf("got %#v", e)
			}
		})
	}
}

func TestAnEndlessBodyIsNotReadToItsEnd(t *testing.T) {
	endpoint := serve(t, func(conn net.Conn) {
		readRequest(conn)
		_, _ = conn.Write([]byte("HTTP/1.1 200 OK\r\n\r\n<interface-response>"))
		for block := []byte(strings.Repeat("x", 64<<10)); ; {
			if _, err := conn.Write(block); err != nil {
				return
			}
		}
	})
	e, ok := newClient(t, Options{Endpoint: endpoint}).Update(t.Context(), update()).(*provider.Error)
	if !ok || e.Class != provider.Transient || e.Message != "a reply longer than 64 KiB" {
		t.Errorf("got %#v", e)
	}
}

func TestRetryAfter(t *testing.T) {
	const date = "Date: Mon, 23 Nov 2026 03:00:00 GMT\r\n"
	for _, c := range []struct {
		name, header string
		want         time.Duration
	}{
		{"none", "", 0},
		{"seconds", "Retry-After: 120\r\n", 2 * time.Minute},
		{"a date, by the server's clock", date + "Retry-After: Mon, 23 Nov 2026 04:00:00 GMT\r\n", time.Hour},
		{"a date that is past", date + "Retry-After: Mon, 23 Nov 2026 02:00:00 GMT\r\n", 1},
		{"a past date, by this clock", "Retry-After: Mon, 23 Nov 1998 02:00:00 GMT\r\n", 1},
		{"no seconds at all", "Retry-After: 0\r\n", 1},
		{"more than can be counted", "Retry-After: 99999999999999999999\r\n", 1<<63 - 1},
		{"more than a duration holds", "Retry-After: 9999999999999\r\n", 1<<63 - 1},
		{"below zero", "Retry-After: -5\r\n", 0},
		{"words", "Retry-After: soon\r\n", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, status := range []string{"429 Too Many Requests", "503 Service Unavailable"} {
				err := updateAgainst(t, []byte("HTTP/1.1 "+status+"\r\n"+c.header+"Content-Length: 0\r\nConnection: close\r\n\r\n"))
				if e := err.(*provider.Error); e.RetryAfter != c.want {
					t.Errorf("%s: got %s, want %s", status, e.RetryAfter, c.want)
				}
			}
		})
	}
}
