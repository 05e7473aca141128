package sandbox_test

import (
	"context"
	"io"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"ddns-batch/internal/provider/namecheap/sandbox"
)

// source asks one URL the way package publicip does: with the sandbox's Dial.
func source(t *testing.T, s *sandbox.Server, url string) (status int, body string, err error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if !strings.Contains(t.Name(), "Hang") {
		ctx = t.Context()
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := (&http.Transport{DialContext: s.Dial, DisableKeepAlives: true}).RoundTrip(r)
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(b), err
}

func TestEverySourceSaysTheAddress(t *testing.T) {
	s := start(t, sandbox.Options{})
	urls := s.Sources()
	if len(urls) != 3 || len(slices.Compact(slices.Sorted(slices.Values(urls)))) != 3 {
		t.Fatalf("sources %q", urls)
	}
	for _, want := range []string{"203.0.113.7", "198.51.100.9"} {
		s.SetAddress(netip.MustParseAddr(want))
		for _, url := range append(urls, "http://"+s.Addr().String()+"/getip") {
			if status, body, err := source(t, s, url); status != 200 || strings.TrimSpace(body) != want || err != nil {
				t.Errorf("%s: %d %q %v", url, status, body, err)
			}
		}
		trace := "http://www.example.com/cdn-cgi/trace"
		if _, body, _ := source(t, s, trace); strings.Count(body, "\nip="+want+"\n") != 1 {
			t.Errorf("trace: %q", body)
		}
	}
	if got := s.Asked(); len(got) != 10 || got[0] != "one.sandbox.example.net" || got[3] != "127.0.0.1" {
		t.Errorf("asked %q", got)
	}
	if odd := s.Violations(); odd != nil {
		t.Errorf("violations %q", odd)
	}
}

func TestASourceCanBeScripted(t *testing.T) {
	s := start(t, sandbox.Options{})
	url := s.Sources()[1]
	for _, c := range []struct {
		name   string
		source sandbox.Source
		status int
		body   string
	}{
		{"another address", sandbox.Source{Address: netip.MustParseAddr("198.51.100.20")}, 200, "198.51.100.20"},
		{"a page", sandbox.Source{Status: 502, Body: "<html>nginx/1.18.0.1"}, 502, "<html>nginx/1.18.0.1"},
		{"nothing special", sandbox.Source{}, 200, "203.0.113.7"},
	} {
		s.SetSource(1, c.source)
		if status, body, err := source(t, s, url); status != c.status || body != c.body || err != nil {
			t.Errorf("%s: %d %q %v", c.name, status, body, err)
		}
		if _, body, _ := source(t, s, s.Sources()[0]); body != "203.0.113.7" {
			t.Errorf("%s: the source beside it says %q", c.name, body)
		}
	}
	s.SetSource(1, sandbox.Source{Reset: true})
	if _, _, err := source(t, s, url); err == nil {
		t.Error("no reset")
	}
}

func TestASourceCanHang(t *testing.T) {
	s := start(t, sandbox.Options{})
	s.SetSource(2, sandbox.Source{Hang: true})
	if _, _, err := source(t, s, s.Sources()[2]); err == nil || !strings.Contains(err.Error(), "deadline") {
		t.Errorf("got %v", err)
	}
}

func TestAnotherPathIsNotThere(t *testing.T) {
	s := start(t, sandbox.Options{})
	for _, path := range []string{"/", "/update/", "/favicon.ico"} {
		if status, _, _ := source(t, s, "http://"+s.Addr().String()+path); status != 404 {
			t.Errorf("%s: %d", path, status)
		}
	}
	if n := len(s.Violations()); n != 3 {
		t.Errorf("%d violations", n)
	}
}

func TestServiceTimePassesBeforeTheAddressToo(t *testing.T) {
	const served = 20 * time.Millisecond
	s := start(t, sandbox.Options{ServiceTime: served})
	began := time.Now()
	if status, _, err := source(t, s, s.Sources()[0]); status != 200 || err != nil || time.Since(began) < served {
		t.Errorf("%d, %v after %s", status, err, time.Since(began))
	}
}
