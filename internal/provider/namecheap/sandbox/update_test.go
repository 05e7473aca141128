package sandbox_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"ddns-batch/internal/provider/namecheap/sandbox"
)

// ask sends a request as it stands and returns the status and the body.
func ask(t *testing.T, r *http.Request) (int, string) {
	t.Helper()
	transport := &http.Transport{DisableKeepAlives: true}
	resp, err := transport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

func TestABadlyFormedRequestIsAViolation(t *testing.T) {
	good := "host=www&domain=example.com&password=" + url.QueryEscape(canary) + "&ip=203.0.113.7"
	for _, c := range []struct {
		name   string
		method string
		query  string
		header string
		body   string
		want   string
		// what the lenient sandbox answers
		confirmed bool
	}{
		{name: "POST", method: "POST", want: "method POST instead of GET", confirmed: true},
		{name: "a body", body: "x", want: "a request body", confirmed: true},
		{name: "a cookie", header: "Cookie", want: "a header Cookie", confirmed: true},
		{name: "a referer", header: "Referer", want: "a header Referer", confirmed: true},
		{name: "basic authentication", header: "Authorization", want: "a header Authorization", confirmed: true},
		{name: "no ip", query: strings.Replace(good, "&ip=203.0.113.7", "", 1), want: "ip stands 0 times in the query", confirmed: true},
		{name: "ip twice", query: good + "&ip=203.0.113.8", want: "ip stands 2 times in the query", confirmed: true},
		{name: "a key too many", query: good + "&myip=1", want: "1 keys too many in the query", confirmed: true},
		{name: "no password", query: strings.Replace(good, "password", "pass", 1), want: "password stands 0 times in the query"},
		{name: "an upper-case host", query: strings.Replace(good, "www", "WWW", 1), want: `host "WWW" is not in lower case`, confirmed: true},
		{name: "an upper-case domain", query: strings.Replace(good, "com", "Com", 1), want: `domain "example.Com" is not in lower case`, confirmed: true},
		{name: "an empty host", query: strings.Replace(good, "www", "", 1), want: "host is empty"},
		{name: "an IPv6 address", query: strings.Replace(good, "203.0.113.7", "2001:db8::1", 1), want: "ip is not an IPv4 address"},
		{name: "a short address", query: strings.Replace(good, "203.0.113.7", "203.0.113", 1), want: "ip is not an IPv4 address"},
		{name: "a password that is not encoded", query: strings.Replace(good, "%26", "&", 1), want: "1 keys too many in the query"},
		{name: "an encoding that is none", query: good + "%zz", want: "a query that cannot be read", confirmed: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, lenient := range []bool{false, true} {
				s := start(t, sandbox.Options{Lenient: lenient})
				query := c.query
				if query == "" {
					query = good
				}
				r := httptest.NewRequest(c.method, s.Endpoint()+"?"+query, strings.NewReader(c.body))
				r.RequestURI = ""
				if c.header != "" {
					r.Header.Set(c.header, canary)
				}
				status, body := ask(t, r)
				if lenient {
					if status != http.StatusOK || strings.Contains(body, "<ErrCount>0</ErrCount>") != c.confirmed {
						t.Errorf("lenient: %d %s", status, body)
					}
				} else if status != http.StatusBadRequest || s.Records()[www].IsValid() || s.Heard()[0].Accepted {
					t.Errorf("strict: %d %s", status, body)
				}
				odd := s.Violations()
				if !slices.Contains(odd, c.want) {
					t.Errorf("lenient %t: violations %q", lenient, odd)
				}
				shown := fmt.Sprintf("%q %+v %s", odd, s.Heard(), body)
				if strings.Contains(shown, canary) || strings.Contains(shown, url.QueryEscape(canary)) {
					t.Errorf("the password is shown: %s", shown)
				}
			}
		})
	}
}
