package namecheap

import (
	"context"
	"crypto/tls"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"ddns-batch/internal/provider"
	"ddns-batch/internal/roots"
	"ddns-batch/internal/testnet"
)

// secure serves handler over TLS until the test ends.
func secure(t *testing.T, config *tls.Config, handler http.HandlerFunc) (endpoint string) {
	t.Helper()
	server := httptest.NewUnstartedServer(handler)
	server.TLS = config
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	return server.URL + "/update"
}

func confirm(w http.ResponseWriter, r *http.Request) {
	_, _ = io.WriteString(w, `<interface-response><IP>`+r.URL.Query().Get("ip")+`</IP><ErrCount>0</ErrCount><Done>true</Done></interface-response>`)
}

// shifted is the configuration of a server whose certificate is valid for two hours, around a time that is so far from now.
func shifted(a *testnet.Authority, by time.Duration) *tls.Config {
	middle := time.Now().Add(by)
	return &tls.Config{Certificates: []tls.Certificate{a.Certificate(middle.Add(-time.Hour), middle.Add(time.Hour), "127.0.0.1")}}
}

func TestACertificateThatIsNoProofIsNotSentAPassword(t *testing.T) {
	trusted, stranger := testnet.NewAuthority("trusted"), testnet.NewAuthority("stranger")
	for _, c := range []struct {
		name      string
		config    *tls.Config
		message   string
		outOfDate bool
	}{
		{"expired", shifted(trusted, -24*time.Hour), "but not now according to this machine's clock", true},
		{"not valid yet", shifted(trusted, 24*time.Hour), "but not now according to this machine's clock", true},
		{"for another name", trusted.Config("www.example.org"), "the certificate is not for 127.0.0.1", false},
		{"of an unknown authority", stranger.Config("127.0.0.1"), "unknown authority", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			endpoint := secure(t, c.config, func(http.ResponseWriter, *http.Request) { t.Error("a request was sent") })
			e, ok := newClient(t, Options{Endpoint: endpoint, Authorities: roots.Only(trusted.Pool())}).Update(t.Context(), update()).(*provider.Error)
			if !ok || e.Class != provider.Certificate || !e.Unchanged || !strings.Contains(e.Message, c.message) || e.OutOfDate != c.outOfDate {
				t.Errorf("got %#v", e)
			}
		})
	}
}

func TestATLSServerOfThePastIsRefused(t *testing.T) {
	ca := testnet.NewAuthority("test authority")
	config := ca.Config("127.0.0.1")
	config.MinVersion, config.MaxVersion = tls.VersionTLS10, tls.VersionTLS11
	endpoint := secure(t, config, func(http.ResponseWriter, *http.Request) { t.Error("a request was sent") })
	e, ok := newClient(t, Options{Endpoint: endpoint, Authorities: roots.Only(ca.Pool())}).Update(t.Context(), update()).(*provider.Error)
	if !ok || e.Class != provider.Transient || !e.Unsent || !strings.Contains(e.Message, "tls") {
		t.Errorf("got %#v", e)
	}
}

func TestPlainHTTPInThePlaceOfTLSIsNotSentAPassword(t *testing.T) {
	endpoint := serve(t, func(conn net.Conn) {
		b := make([]byte, 1)
		_, _ = conn.Read(b)
		_, _ = conn.Write([]byte("HTTP/1.1 400 Bad Request\r\n\r\n"))
	})
	e, ok := newClient(t, Options{Endpoint: strings.Replace(endpoint, "http", "https", 1)}).Update(t.Context(), update()).(*provider.Error)
	if !ok || e.Class != provider.Transient || !e.Unsent || !e.Unchanged {
		t.Errorf("got %#v", e)
	}
}

func TestARedirectIsNotFollowedAnywhere(t *testing.T) {
	ca := testnet.NewAuthority("test authority")
	elsewhere := serve(t, func(conn net.Conn) {
		t.Error("the other host heard something")
	})
	for _, c := range []struct {
		name     string
		status   int
		location string
		message  string
	}{
		{"to itself", http.StatusFound, "/update?password=" + escape(canary), "302 Found"},
		{"to http", http.StatusFound, strings.Replace(elsewhere, "127.0.0.1", "localhost", 1), "302 Found, to localhost"},
		{"to another host", http.StatusFound, elsewhere, "302 Found, to 127.0.0.1"},
		{"to another host for good", http.StatusMovedPermanently, elsewhere, "301 Moved Permanently, to 127.0.0.1"},
		{"to look at another host", http.StatusSeeOther, elsewhere, "303 See Other, to 127.0.0.1"},
		{"as it is to another host", http.StatusTemporaryRedirect, elsewhere, "307 Temporary Redirect, to 127.0.0.1"},
		{"as it is to another host for good", http.StatusPermanentRedirect, elsewhere, "308 Permanent Redirect, to 127.0.0.1"},
		{"to a host named like the password", http.StatusFound, "https://" + escape(canary) + ".example.org/", "302 Found"},
		{"nowhere", http.StatusFound, "", "302 Found"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var requests atomic.Int32
			endpoint := secure(t, ca.Config("127.0.0.1"), func(w http.ResponseWriter, r *http.Request) {
				requests.Add(1)
				if len(r.Header) != 2 || r.Header.Get("User-Agent") != "ddns-batch" || r.Header.Get("Connection") != "close" {
					t.Errorf("headers %v", r.Header)
				}
				if c.location != "" {
					w.Header().Set("Location", c.location)
				}
				w.WriteHeader(c.status)
				confirm(w, r)
			})
			e, ok := newClient(t, Options{Endpoint: endpoint, Authorities: roots.Only(ca.Pool())}).Update(t.Context(), update()).(*provider.Error)
			if !ok || e.Class != provider.Redirect || !e.Unchanged || !strings.HasPrefix(e.Message, c.message) || requests.Load() != 1 {
				t.Errorf("%d requests, %#v", requests.Load(), e)
			}
			mustHide(t, e)
		})
	}
}

// A good answer may name another host, in headers that browsers heed. It is a good answer, and the next request goes where
// the first one went.
func TestAHostNamedInAnAnswerGetsNoRequest(t *testing.T) {
	ca := testnet.NewAuthority("test authority")
	elsewhere := serve(t, func(net.Conn) { t.Error("the other host heard something") })
	host := strings.TrimSuffix(strings.TrimPrefix(elsewhere, "http://"), "/update")
	endpoint := secure(t, ca.Config("127.0.0.1"), func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Refresh", "0; url="+elsewhere+"?"+r.URL.RawQuery)
		w.Header().Set("Alt-Svc", `http/1.1="`+host+`"; persist=1`)
		w.Header().Set("Link", "<"+elsewhere+">; rel=preload")
		w.Header().Set("Location", elsewhere)
		confirm(w, r)
	})
	client := newClient(t, Options{Endpoint: endpoint, Authorities: roots.Only(ca.Pool())})
	for range 3 {
		if err := client.Update(t.Context(), update()); err != nil {
			t.Error(err)
		}
	}
}

func TestManyUpdatesShareFewConnections(t *testing.T) {
	const workers, updates = 8, 320
	ca := testnet.NewAuthority("test authority")
	var handshakes atomic.Int32
	config := ca.Config("127.0.0.1")
	config.VerifyConnection = func(tls.ConnectionState) error {
		handshakes.Add(1)
		return nil
	}
	var now, most atomic.Int32
	endpoint := secure(t, config, func(w http.ResponseWriter, r *http.Request) {
		for n := now.Add(1); ; {
			m := most.Load()
			if n <= m || most.CompareAndSwap(m, n) {
				break
			}
		}
		defer now.Add(-1)
		if r.ProtoMajor != 1 {
			t.Errorf("spoke %s", r.Proto)
		}
		confirm(w, r)
	})
	client := newClient(t, Options{Endpoint: endpoint, Authorities: roots.Only(ca.Pool())})
	var wg sync.WaitGroup
	for worker := range workers {
		wg.Go(func() {
			s := client.Open()
			for i := range updates / workers {
				// Half of them learn only afterwards that nothing follows.
				last := worker%2 == 0 && i == updates/workers-1
				if err := s.Send(t.Context(), update(), last); err != nil {
					t.Error(err)
				}
			}
			if proved, err := s.Prove(t.Context()); proved != updates/workers || err != nil {
				t.Errorf("%d are proved: %v", proved, err)
			}
		})
	}
	wg.Wait()
	if n := handshakes.Load(); n != workers {
		t.Errorf("%d handshakes for %d updates by %d workers", n, updates, workers)
	}
	if n := most.Load(); n > workers {
		t.Errorf("%d requests at once by %d workers", n, workers)
	}
}

func TestADialDoesNotOutliveItsUpdate(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	client := newClient(t, Options{
		Endpoint: "https://dynamicdns.example.net/update",
		Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
			cancel()
			<-ctx.Done()
			close(ended)
			return nil, ctx.Err()
		},
		Proxy: func(*url.URL) (*url.URL, error) { return nil, nil },
	})
	e, ok := client.Update(ctx, update()).(*provider.Error)
	if !ok || !e.Unsent || e.Message != "interrupted" {
		t.Errorf("got %#v", e)
	}
	<-ended
}
