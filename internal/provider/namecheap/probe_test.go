package namecheap_test

import (
	"context"
	"crypto/tls"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"ddns-batch/internal/provider"
	"ddns-batch/internal/provider/namecheap"
	"ddns-batch/internal/roots"
)

func TestAProbeIsNoUpdate(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet || r.URL.String() != "/getip" {
			t.Errorf("heard %s %s", r.Method, r.URL)
		}
		w.WriteHeader(http.StatusTeapot)
	}))
	defer server.Close()
	c, err := namecheap.New(namecheap.Options{
		Endpoint: server.URL + "/update", Authorities: roots.Only(server.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs),
	})
	if err != nil {
		t.Fatal(err)
	}
	p, err := c.Probe(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if p.Status != http.StatusTeapot || p.Took <= 0 || time.Since(p.Date).Abs() > time.Minute || !p.Expires.Equal(server.Certificate().NotAfter) {
		t.Errorf("got %+v", p)
	}
}

func TestAProbeTellsWhyThereIsNoAnswer(t *testing.T) {
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
	server.StartTLS()
	defer server.Close()
	for name, c := range map[string]struct {
		endpoint string
		class    provider.Class
	}{
		"a certificate of nobody's": {server.URL + "/update", provider.Certificate},
		"nobody listens":            {"http://127.0.0.1:1/update", provider.Transient},
	} {
		t.Run(name, func(t *testing.T) {
			client, err := namecheap.New(namecheap.Options{Endpoint: c.endpoint})
			if err != nil {
				t.Fatal(err)
			}
			_, err = client.Probe(context.Background())
			var e *provider.Error
			if !errors.As(err, &e) || e.Class != c.class {
				t.Errorf("got %v, want class %s", err, c.class)
			}
		})
	}
}
