package namecheap

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"syscall"
	"time"

	"ddns-batch/internal/provider"
)

// notConnected says why no connection was had, and so nothing was sent. Certificates are among the reasons: they are
// checked before anything is sent.
func (c *Client) notConnected(ctx context.Context, err error, took time.Duration, words wording) *provider.Error {
	e := &provider.Error{Class: provider.Transient, Unchanged: true, Unsent: true, Unanswered: true}
	var notProved *tls.CertificateVerificationError
	var look *net.DNSError
	var timeout net.Error
	var errno syscall.Errno
	switch {
	case errors.As(err, &notProved):
		e.Class, e.Unanswered = provider.Certificate, false
		e.Message, e.OutOfDate = certificate(notProved.Err)
		e.Message = words.line(e.Message)
	case ctx.Err() != nil:
		e.Message = cutShort(ctx, "no connection in "+inWords(took))
	case errors.As(err, &look):
		e.Message = words.line("look-up of " + look.Name + ": " + look.Err)
	case errors.As(err, &timeout) && timeout.Timeout():
		e.Message = "no connection in " + inWords(took)
	case errors.As(err, &errno):
		e.Message = words.line(errno.Error())
	default:
		e.Message = words.line(err.Error())
	}
	var ofProxy proxyError
	if errors.As(err, &ofProxy) && ctx.Err() == nil {
		e.Message = words.line("proxy: " + e.Message)
	}
	return c.hideProxy(e)
}

// hideProxy removes the password of the proxy: the message may be in the proxy's words.
func (c *Client) hideProxy(e *provider.Error) *provider.Error {
	if via, err := c.proxy(); err == nil && via != nil && via.User != nil {
		password, _ := via.User.Password()
		// What is sent to the proxy is the base64 form of both.
		for _, secret := range []string{via.User.Username() + ":" + password, password} {
			e.Message = wording{password: secret}.line(e.Message)
		}
	}
	return e
}

// certificate puts the reason in a few words. outOfDate: it is the time that does not fit, and a wrong clock here would
// look the same.
func certificate(err error) (message string, outOfDate bool) {
	var invalid x509.CertificateInvalidError
	var name x509.HostnameError
	var authority x509.UnknownAuthorityError
	switch {
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		if cert := invalid.Cert; cert != nil {
			return fmt.Sprintf("the certificate is valid from %s to %s, and not now by this machine's clock",
				cert.NotBefore.Format(time.DateOnly), cert.NotAfter.Format(time.DateOnly)), true
		}
		return "the certificate has expired, or is not valid yet", true
	case errors.As(err, &name):
		return "the certificate is for another name than " + name.Host, false
	case errors.As(err, &authority):
		return "the certificate is signed by an unknown authority", false
	default:
		return "the certificate was not accepted: " + err.Error(), false
	}
}

// noAnswer says why the request got no readable answer. It does not quote err, which may quote what came instead of an
// answer, and that may be the request.
func noAnswer(ctx context.Context, err error, took time.Duration) *provider.Error {
	return lost(ctx, err, "no answer in "+inWords(took), "the connection broke off before a readable answer")
}

// brokenOff says why the body of the answer could not be read to its end.
func brokenOff(ctx context.Context, err error, took time.Duration) *provider.Error {
	return lost(ctx, err, "no whole answer in "+inWords(took), "the answer broke off")
}

func lost(ctx context.Context, err error, late, broken string) *provider.Error {
	e := &provider.Error{Class: provider.Transient, Message: broken, Unanswered: errors.As(err, &unanswered{})}
	var errno syscall.Errno
	switch {
	case ctx.Err() != nil:
		e.Message = cutShort(ctx, late)
	case errors.As(err, &errno):
		e.Message += ": " + errno.Error()
	}
	return e
}

func cutShort(ctx context.Context, late string) string {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return late
	}
	return "interrupted"
}

func inWords(d time.Duration) string {
	if d < time.Second {
		return fmt.Sprintf("%d ms", d.Milliseconds())
	}
	return fmt.Sprintf("%d s", d.Round(time.Second)/time.Second)
}
