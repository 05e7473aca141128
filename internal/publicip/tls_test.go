package publicip

import (
	"crypto/tls"
	"strings"
	"testing"
	"time"
)

func TestCertificates(t *testing.T) {
	for _, c := range []struct {
		name      string
		of        string
		shift     time.Duration
		stranger  bool
		problem   string
		outOfDate bool
	}{
		{"expired", one, -48 * time.Hour, false, "certificate has expired or is not yet valid: ", true},
		{"not valid yet", one, 48 * time.Hour, false, "certificate has expired or is not yet valid: ", true},
		{"for another name", two, 0, false, "certificate is valid for two.example.net, not one.example.com", false},
		{"by an unknown authority", one, 0, true, "certificate signed by unknown authority", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newInternet(t)
			certificate := w.certificate(c.of, c.shift)
			if c.stranger {
				certificate = newInternet(t).certificate(c.of, 0)
			}
			site := w.serve(says("203.0.113.7"), &certificate)
			w.route(one+":443", site)
			finding, err := Find(t.Context(), w.query(one))
			if e := wantKind(t, err, Certificate); e.OutOfDate != c.outOfDate {
				t.Errorf("out of date: %v", e.OutOfDate)
			} else if strings.Contains(e.Hint(), "clock") != c.outOfDate {
				t.Errorf("hint %q", e.Hint())
			}
			if p := finding.Answers[0].Problem; !strings.HasPrefix(p, c.problem) {
				t.Errorf("problem %q, want %q", p, c.problem)
			}
			if len(site.requests()) != 0 {
				t.Error("a request was sent")
			}
		})
	}
}

func TestOldTLSIsNotSpoken(t *testing.T) {
	w := newInternet(t)
	site := w.site(one, says("203.0.113.7"))
	site.TLS.MinVersion, site.TLS.MaxVersion = tls.VersionTLS10, tls.VersionTLS11
	finding, err := Find(t.Context(), w.query(one))
	wantKind(t, err, TooFew)
	if p := finding.Answers[0].Problem; !strings.Contains(p, "protocol version") {
		t.Errorf("problem %q", p)
	}
}
