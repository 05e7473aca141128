package publicip

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"testing"
	"time"
)

// BenchmarkFind compares the look-up at two sources over TLS with a single bare request to one of them. The sources take
// 20 ms each, as ones that are near do.
func BenchmarkFind(b *testing.B) {
	w := newInternet(b)
	answer := func(rw http.ResponseWriter, r *http.Request) {
		select {
		case <-time.After(20 * time.Millisecond):
			_, _ = io.WriteString(rw, "203.0.113.7")
		case <-r.Context().Done():
		}
	}
	w.site(one, answer)
	w.site(two, answer)
	q := w.query(one, two)

	var bare, whole time.Duration
	for b.Loop() {
		began := time.Now()
		bareRequest(b, w)
		bare += time.Since(began)

		began = time.Now()
		if _, err := Find(b.Context(), q); err != nil {
			b.Fatal(err)
		}
		whole += time.Since(began)
	}
	b.ReportMetric(float64(whole)/float64(bare), "times-bare-request")
	b.ReportMetric(float64(whole.Microseconds())/1000/float64(b.N), "ms/look-up")
}

func bareRequest(b *testing.B, w *internet) {
	b.Helper()
	client := http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, w.routes[address])
		},
		TLSClientConfig:   &tls.Config{RootCAs: w.authority.Pool()},
		DisableKeepAlives: true,
	}}
	response, err := client.Get("https://" + one)
	must(b, err)
	_, err = io.Copy(io.Discard, response.Body)
	must(b, err)
	must(b, response.Body.Close())
}

func BenchmarkCheck(b *testing.B) {
	for b.Loop() {
		_ = Check(home, nil, true)
	}
}
