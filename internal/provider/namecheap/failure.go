package namecheap

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"syscall"
	"time"

	"ddns-batch/internal/humanize"
	"ddns-batch/internal/provider"
	"ddns-batch/internal/sanitize"
	"ddns-batch/internal/sinkhole"
)

// errProxySetting does not quote the setting, which may hold the proxy's password.
var errProxySetting = errors.New("HTTPS_PROXY is not a URL; write % as %25 in its password")

// proxyRefusal is the status with which a proxy answered instead of connecting. Its own words are not shown: they may hold
// the password that it was sent.
type proxyRefusal int

func (status proxyRefusal) Error() string { return "it answered " + humanize.HTTPStatus(int(status)) }

// notConnected says why there was no connection, so that nothing was sent. Certificates are among the reasons, because they
// are checked before anything is sent.
func (c *Client) notConnected(ctx context.Context, err error, took time.Duration, words redactor) *provider.Error {
	e := &provider.Error{Class: provider.Transient, Unchanged: true, Unsent: true, Unanswered: true}
	words.secrets = append(words.secrets, c.proxySecrets()...)
	if notProved, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		e.Class, e.Unanswered = provider.Certificate, false
		e.Message, e.OutOfDate = certificate(notProved.Err, words)
	} else {
		e.Message = whyNotConnected(ctx, err, took, words)
	}
	if e.Message == "" {
		e.Message = "no connection; the reason is not shown, because it could contain a password"
	}
	if !errors.Is(ctx.Err(), context.Canceled) {
		e.Message = sanitize.Line(c.blame(err, e.Message), maxMessage)
	}
	return e
}

// blame says beside the message whose fault it may be. A proxy is named before it if the failure is on the way to the proxy
// or its own, and behind it if it is on the way from there to the endpoint. Without a proxy it is said to which address
// the endpoint's name was resolved, if no server on the internet has that.
func (c *Client) blame(err error, message string) string {
	via, broken := c.proxy()
	if sunk, ok := errors.AsType[*sinkhole.Error](err); ok && via == nil {
		return fmt.Sprintf("%s was resolved to %s, perhaps by %s: %s", sunk.Host, sunk.Where(), sunk.By(), message)
	}
	if broken != nil || via == nil {
		return message
	}
	if _, ofProxy := errors.AsType[proxyError](err); ofProxy {
		return proxyName(via) + ": " + message
	}
	return message + ", through " + proxyName(via)
}

// proxyName is how a proxy is shown. Where the URL has more than a host, a "/", "?" or "#" in a password has cut it there,
// and what is taken for the host is a part of the password.
func proxyName(via *url.URL) string {
	if strings.Trim(via.Path, "/") != "" || via.RawQuery != "" || via.Fragment != "" {
		return "the proxy (HTTPS_PROXY)"
	}
	return "the proxy " + hostPort(via) + " (HTTPS_PROXY)"
}

// whyNotConnected is the reason in a few words. What this machine says is shown as it is; what may be in the words of a
// proxy or of a server goes through words.
func whyNotConnected(ctx context.Context, err error, took time.Duration, words redactor) string {
	var look *net.DNSError
	var timeout net.Error
	var errno syscall.Errno
	var operation *net.OpError
	var refusal proxyRefusal
	switch {
	case ctx.Err() != nil:
		return cutShort(ctx, "no connection in "+humanize.Took(took))
	case errors.As(err, &look) && errors.As(err, &proxyError{}):
		return look.Err // see proxyName
	case errors.As(err, &look):
		return "cannot resolve " + look.Name + ": " + look.Err
	case errors.As(err, &timeout) && timeout.Timeout():
		return "no connection in " + humanize.Took(took)
	case errors.As(err, &errno):
		return errno.Error()
	case errors.As(err, &refusal):
		return refusal.Error()
	case errors.Is(err, errProxySetting):
		return errProxySetting.Error()
	case errors.As(err, &operation):
		return operation.Err.Error()
	default:
		return words.quote(err.Error())
	}
}

// proxySecrets are what the proxy is sent to be let through: a user and a password, or a token in place of the user.
func (c *Client) proxySecrets() []string {
	via, err := c.proxy()
	if err != nil || via == nil || via.User == nil {
		return nil
	}
	if password, ok := via.User.Password(); ok {
		return []string{password}
	}
	return []string{via.User.Username()}
}

// certificate puts the reason in a few words. outOfDate: it is the time that does not fit, and a wrong clock here would
// look the same.
func certificate(err error, words redactor) (message string, outOfDate bool) {
	var invalid x509.CertificateInvalidError
	var name x509.HostnameError
	var authority x509.UnknownAuthorityError
	switch {
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		if cert := invalid.Cert; cert != nil {
			return fmt.Sprintf("the certificate is valid from %s to %s, but not now according to this machine's clock",
				cert.NotBefore.Format(time.DateOnly), cert.NotAfter.Format(time.DateOnly)), true
		}
		return "the certificate has expired, or is not valid yet", true
	case errors.As(err, &name):
		return "the certificate is not for " + name.Host, false
	case errors.As(err, &authority):
		return "the certificate is signed by an unknown authority", false
	default:
		return strings.TrimSuffix("the certificate was rejected: "+words.quote(strings.TrimPrefix(err.Error(), "x509: ")), ": "), false
	}
}

// noAnswer says why the request got no readable answer. It does not quote err, which may quote what came instead of an
// answer, and that may be the request.
func noAnswer(ctx context.Context, err error, took time.Duration) *provider.Error {
	return lost(ctx, err, "no answer in "+humanize.Took(took), "the connection was lost before a readable reply")
}

// brokenOff says why the body of the answer could not be read to its end.
func brokenOff(ctx context.Context, err error, took time.Duration) *provider.Error {
	return lost(ctx, err, "no complete reply in "+humanize.Took(took), "the reply was cut off")
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
