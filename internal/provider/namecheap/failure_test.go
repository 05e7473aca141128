package namecheap

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strings"
	"syscall"
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
		"a name server":      {&net.DNSError{Name: "ddns4.example.net", Err: "no such host"}, "cannot resolve ddns4.example.net: no such host", "cannot resolve ddns4.example.net: no such host"},
		"TLS":                {op(errors.New("tls: protocol version not supported")), "tls: protocol version not supported", "tls: protocol version not supported"},
		"the setting":        {fmt.Errorf("wrapped: %w", errProxySetting), errProxySetting.Error(), errProxySetting.Error()},
		"a status":           {fmt.Errorf("wrapped: %w", proxyRefusal(407)), "it answered 407 Proxy Authentication Required", "it answered 407 Proxy Authentication Required"},
		"an unknown status":  {proxyRefusal(599), "it answered 599", "it answered 599"},
		"what a proxy said":  {errors.New("malformed HTTP response \"no " + secret + "\""), "malformed HTTP response \"no [hidden]", "no connection; the reason is not shown, because it could contain a password"},
		"a known authority":  {certificate(x509.UnknownAuthorityError{}), "the certificate is signed by an unknown authority", "the certificate is signed by an unknown authority"},
		"a certificate says": {certificate(errors.New("x509: not good for " + secret)), "the certificate was rejected: not good for [hidden]", "the certificate was rejected"},
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

func TestTheProxyIsNamed(t *testing.T) {
	refused := &net.OpError{Op: "dial", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
	notProved := &tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}
	late, cancelLate := context.WithTimeout(t.Context(), 0)
	defer cancelLate()
	interrupted, interrupt := context.WithCancel(t.Context())
	interrupt()
	const plain = "http://proxy.example.net:3128"
	for name, c := range map[string]struct {
		ctx         context.Context
		setting     string
		err         error
		want, class string
	}{
		"nobody listens there":        {t.Context(), plain, proxyError{refused}, "the proxy proxy.example.net:3128 (HTTPS_PROXY): " + syscall.ECONNREFUSED.Error(), ""},
		"it refuses":                  {t.Context(), "http://me:hunter2@proxy.example.net", proxyError{proxyRefusal(403)}, "the proxy proxy.example.net:80 (HTTPS_PROXY): it answered 403 Forbidden", ""},
		"it is not found":             {t.Context(), "socks5://hunter2@proxy.example.net", proxyError{&net.DNSError{Name: "proxy.example.net", Err: "no such host"}}, "the proxy proxy.example.net:1080 (HTTPS_PROXY): no such host", ""},
		"it cannot prove who it is":   {t.Context(), "https://proxy.example.net", proxyError{notProved}, "the proxy proxy.example.net:443 (HTTPS_PROXY): the certificate is signed by an unknown authority", "certificate"},
		"it does not answer in time":  {late, plain, proxyError{refused}, "the proxy proxy.example.net:3128 (HTTPS_PROXY): no connection in 0 ms", ""},
		"it opens TLS":                {t.Context(), plain, notProved, "the certificate is signed by an unknown authority, through the proxy proxy.example.net:3128 (HTTPS_PROXY)", "certificate"},
		"the run was interrupted":     {interrupted, plain, proxyError{refused}, "interrupted", ""},
		"a slash in the password":     {t.Context(), "http://me:77/hunter2@proxy.example.net:3128", proxyError{refused}, "the proxy (HTTPS_PROXY): " + syscall.ECONNREFUSED.Error(), ""},
		"a slash, and no such host":   {t.Context(), "http://hun/ter2@proxy.example.net:3128", proxyError{&net.DNSError{Name: "hun", Err: "no such host"}}, "the proxy (HTTPS_PROXY): no such host", ""},
		"a question mark in the same": {t.Context(), "http://me:77?hunter2@proxy.example.net:3128", proxyError{refused}, "the proxy (HTTPS_PROXY): " + syscall.ECONNREFUSED.Error(), ""},
		"a hash in the same":          {t.Context(), "http://me:77#hunter2@proxy.example.net:3128", proxyError{refused}, "the proxy (HTTPS_PROXY): " + syscall.ECONNREFUSED.Error(), ""},
	} {
		t.Run(name, func(t *testing.T) {
			via, err := url.Parse(c.setting)
			if err != nil {
				t.Fatal(err)
			}
			client := &Client{proxy: func() (*url.URL, error) { return via, nil }}
			e := client.notConnected(c.ctx, c.err, 0, redactor{})
			if e.Message != c.want || string(e.Class) != cmp.Or(c.class, "transient") {
				t.Errorf("%s: %q, want %q", e.Class, e.Message, c.want)
			}
		})
	}
}

// direct is a client without a proxy.
var direct = &Client{proxy: func() (*url.URL, error) { return nil, nil }}
