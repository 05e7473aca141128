package heartbeat

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"ddns-batch/internal/exitstatus"
	"ddns-batch/internal/provider"
	"ddns-batch/internal/roots"
	"ddns-batch/internal/testnet"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// token is the secret part of the URLs.
const token = "c4naryT0ken"

// service writes down what it is asked, and answers with answer, or with 200 where that is nil.
type service struct {
	*httptest.Server
	answer http.HandlerFunc

	mu    sync.Mutex
	heard []string
}

func newService(t *testing.T) *service {
	s := &service{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		s.mu.Lock()
		s.heard = append(s.heard, fmt.Sprintf("%s %s %s", r.Method, r.URL.RequestURI(), body))
		s.mu.Unlock()
		if s.answer != nil {
			s.answer(w, r)
		}
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *service) monitor(style Style, path string) Monitor {
	return Monitor{URL: provider.NewSecret(s.URL + path), Style: style, UserAgent: "test"}
}

// heardOf is what the service heard, with rid in place of the run's id.
func (s *service) heardOf(r *Run) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []string
	for _, h := range s.heard {
		all = append(all, strings.ReplaceAll(h, r.id, "RID"))
	}
	return all
}

func same(t *testing.T, got []string, want ...string) {
	t.Helper()
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("heard\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestHealthchecks(t *testing.T) {
	for verdict, path := range map[Verdict]string{Up: "", Down: "/fail", Unclear: "/log"} {
		s := newService(t)
		r := s.monitor(Healthchecks, "/ping/"+token).Begin()
		if err := r.End(t.Context(), End{Verdict: verdict, Report: "2 records\n"}); err != nil {
			t.Error(err)
		}
		same(t, s.heardOf(r), "POST /ping/"+token+"/start?rid=RID ", "POST /ping/"+token+path+"?rid=RID 2 records\n")
	}
	s := newService(t)
	r := s.monitor(Healthchecks, "/"+token+"/?create=1").Begin()
	if err := r.End(t.Context(), End{Verdict: Down, Report: strings.Repeat("ü", mostReport)}); err != nil {
		t.Error(err)
	}
	same(t, s.heardOf(r), "POST /"+token+"/start?create=1&rid=RID ", "POST /"+token+"/fail?create=1&rid=RID "+strings.Repeat("ü", mostReport/2))
}

func TestPush(t *testing.T) {
	for verdict, status := range map[Verdict]string{Up: "up", Down: "down", Unclear: "up"} {
		s := newService(t)
		r := s.monitor(Push, "/api/push/"+token+"?status=up&msg=OK&ping=").Begin()
		if err := r.End(t.Context(), End{Verdict: verdict, Summary: "2 up to date; 1 not", Took: 1234 * time.Millisecond}); err != nil {
			t.Error(err)
		}
		same(t, s.heardOf(r), "GET /api/push/"+token+"?msg=2+up+to+date%3B+1+not&ping=1234&status="+status+" ")
	}
}

func TestIDs(t *testing.T) {
	if a, b := newID(), newID(); a == b || len(a) != 36 || a[14] != '4' || !strings.ContainsRune("89ab", rune(a[19])) {
		t.Errorf("%s, %s", a, b)
	}
}

// Whatever the service does is said without the URL, and what may pass is tried once more.
func TestAServiceThatDoesNotTakeIt(t *testing.T) {
	const elsewhere = "https://elsewhere.example.net/" + token
	for _, c := range []struct {
		name     string
		answer   http.HandlerFunc
		want     string
		attempts int
	}{
		{"it does not know the check", func(w http.ResponseWriter, _ *http.Request) { http.Error(w, token, http.StatusNotFound) }, "404 Not Found", 1},
		{"it says so politely", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "OK (not found)") }, "the service says: not found", 1},
		{"it has had enough", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "OK (rate limited)") }, "the service says: rate limited", 1},
		{"it redirects", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, elsewhere, http.StatusFound) }, "302 Found, a redirect, not followed", 1},
		{"it is down", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) }, "503 Service Unavailable", 2},
		{"it closes the connection", func(w http.ResponseWriter, _ *http.Request) {
			panic(http.ErrAbortHandler)
		}, "the connection was closed before the answer was complete", 2},
		{"it repeats the request as an answer", func(w http.ResponseWriter, r *http.Request) {
			conn, _, _ := w.(http.Hijacker).Hijack()
			_, _ = io.WriteString(conn, r.URL.Path+"\r\n\r\n")
			_ = conn.Close()
		}, "no readable answer", 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newService(t)
			s.answer = c.answer
			r := s.monitor(Push, "/"+token).Begin()
			if err := r.End(t.Context(), End{}); err == nil || err.Error() != c.want {
				t.Errorf("%v, want %s", err, c.want)
			}
			if n := len(s.heardOf(r)); n != c.attempts {
				t.Errorf("%d attempts, want %d", n, c.attempts)
			}
		})
	}
	m := Monitor{URL: provider.NewSecret("http://" + testnet.Refusing(t) + "/" + token), Style: Push}
	if err := m.Begin().End(t.Context(), End{}); err == nil || err.Error() != "cannot connect: connection refused" {
		t.Errorf("nobody listens: %v", err)
	}
}

func TestURLsThatAreNone(t *testing.T) {
	for _, text := range []string{"", token, "ftp://host/" + token, "https:///" + token, "https://ho st/" + token, "hc-ping.com/" + token} {
		m := Monitor{URL: provider.NewSecret(text)}
		if err := m.Check(); err != errNotURL {
			t.Errorf("%q: %v", text, err)
		}
		if err := m.Begin().End(t.Context(), End{}); err != errNotURL {
			t.Errorf("%q: %v", text, err)
		}
	}
	if err := (Monitor{URL: provider.NewSecret("http://127.0.0.1:8000/ping/" + token)}).Check(); err != nil {
		t.Error(err)
	}
}

// A service that does not answer keeps nobody longer than its context.
func TestAServiceThatHangs(t *testing.T) {
	for name, style := range map[string]Style{"at the beginning": Healthchecks, "at the end": Push} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancelCause(t.Context())
			listener := testnet.Listen(t, func(conn net.Conn) {
				if _, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
					cancel(io.ErrNoProgress)
				}
				testnet.ReadOn(conn)
			})
			m := Monitor{URL: provider.NewSecret("http://" + listener.Address + "/" + token), Style: style}
			if err := m.Begin().End(ctx, End{}); err != io.ErrNoProgress {
				t.Errorf("%v", err)
			}
		})
	}
}

// The certificate is checked, and the user of a URL is sent.
func TestOverTLS(t *testing.T) {
	authority := testnet.NewAuthority("authority")
	var said []string
	listener := testnet.ListenTLS(t, authority.Config("hc.example.net"), func(conn net.Conn) {
		r, err := http.ReadRequest(bufio.NewReader(conn))
		if err != nil {
			return
		}
		user, password, _ := r.BasicAuth()
		said = append(said, user+":"+password)
		_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
	})
	m := Monitor{
		URL: provider.NewSecret("https://me:" + token + "@hc.example.net/push"), Style: Push, Authorities: roots.Only(authority.Pool()),
		Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, listener.Address)
		},
	}
	if err := m.Begin().End(t.Context(), End{}); err != nil {
		t.Error(err)
	}
	m.Authorities = roots.Only(testnet.NewAuthority("another").Pool())
	if err := m.Begin().End(t.Context(), End{}); err == nil || !strings.Contains(err.Error(), "unknown authority") {
		t.Errorf("%v", err)
	}
	same(t, said, "me:"+token)
}

func TestVerdictOf(t *testing.T) {
	for status, want := range map[exitstatus.Status][2]Verdict{
		exitstatus.OK:         {Up, Up},
		exitstatus.NotAsAsked: {Down, Unclear},
		exitstatus.NoAddress:  {Down, Unclear},
		exitstatus.Terminated: {Down, Unclear},
	} {
		for i, passing := range []bool{false, true} {
			if got := VerdictOf(status, passing); got != want[i] {
				t.Errorf("status %d, passing %t: %d, want %d", status, passing, got, want[i])
			}
		}
	}
}
