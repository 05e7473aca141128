package namecheap

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strings"
	"testing"
)

// Words of this machine are shown as they are. Words that may come from outside are shown as far as they are words.
func TestWhoseWordsAreShown(t *testing.T) {
	const secret = "0123-4567-89ab-cdef"
	op := func(err error) error { return &net.OpError{Op: "remote error", Err: err} }
	certificate := func(err error) error { return &tls.CertificateVerificationError{Err: err} }
	for name, c := range map[string]struct {
		err         error
		long, short string // with a long secret and with a short one
	}{
		"a name server":      {&net.DNSError{Name: "ddns4.example.net", Err: "no such host"}, "look-up of ddns4.example.net: no such host", "look-up of ddns4.example.net: no such host"},
		"TLS":                {op(errors.New("tls: protocol version not supported")), "tls: protocol version not supported", "tls: protocol version not supported"},
		"the setting":        {fmt.Errorf("wrapped: %w", errProxySetting), errProxySetting.Error(), errProxySetting.Error()},
		"a status":           {fmt.Errorf("wrapped: %w", proxyRefusal(407)), "the proxy answered 407 Proxy Authentication Required", "the proxy answered 407 Proxy Authentication Required"},
		"an unknown status":  {proxyRefusal(599), "the proxy answered 599", "the proxy answered 599"},
		"what a proxy said":  {errors.New("malformed HTTP response \"no " + secret + "\""), "malformed HTTP response \"no [hidden]", "no connection; the reason is not shown, as it could hold a password"},
		"a known authority":  {certificate(x509.UnknownAuthorityError{}), "the certificate is signed by an unknown authority", "the certificate is signed by an unknown authority"},
		"a certificate says": {certificate(errors.New("x509: not good for " + secret)), "the certificate was not accepted: not good for [hidden]", "the certificate was not accepted"},
	} {
		t.Run(name, func(t *testing.T) {
			if e := direct.notConnected(t.Context(), c.err, 0, redactor{[]string{secret}}); e.Message != c.long || !e.Unsent {
				t.Errorf("got %q, want %q", e.Message, c.long)
			}
			if e := direct.notConnected(t.Context(), c.err, 0, redactor{[]string{secret, "no"}}); e.Message != c.short {
				t.Errorf("with a short password: got %q, want %q", e.Message, c.short)
			}
		})
	}
	if e := direct.notConnected(t.Context(), op(errors.New(strings.Repeat("x\n", 300))), 0, redactor{}); len(e.Message) > maxMessage || strings.Contains(e.Message, "\n") {
		t.Errorf("%q", e.Message)
	}
	if e := direct.notConnected(t.Context(), os.ErrClosed, 0, redactor{}); e.Message != "file already closed" {
		t.Errorf("%q", e.Message)
	}
}

// direct is a client without a proxy.
var direct = &Client{proxy: func() (*url.URL, error) { return nil, nil }}
