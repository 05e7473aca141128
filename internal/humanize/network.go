package humanize

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"ddns-batch/internal/sanitize"
)

// NetworkFault words the failures of a request that took so long which say themselves what happened, and reports whether
// err is one. No URL, address or text of a server is in it.
func NetworkFault(err error, took time.Duration) (words string, ok bool) {
	if lookup, ok := errors.AsType[*net.DNSError](err); ok {
		return "the name cannot be resolved: " + sanitize.Text(lookup.Err), true
	}
	if certificate, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return sanitize.Text(strings.TrimPrefix(certificate.Err.Error(), "x509: ")), true
	}
	if refusal, ok := errors.AsType[ProxyRefusal](err); ok {
		return refusal.Error(), true
	}
	if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() {
		return "no answer in " + Took(took), true
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return "the connection was closed before the answer was complete", true
	}
	return "", false
}

// SystemFault is what the system said of a connection, without the addresses of both ends and the names of its functions.
// It reports whether the system said anything.
func SystemFault(err error) (words string, ok bool) {
	if operation, is := errors.AsType[*net.OpError](err); is {
		words, ok = operation.Err.Error(), true
	}
	if call, is := errors.AsType[*os.SyscallError](err); is {
		words, ok = call.Err.Error(), true
	}
	return sanitize.Text(words), ok
}

// ConnectFault is what the system said of a connection that could not be made, to a server or to a proxy before it. It reports
// whether the system said anything.
func ConnectFault(err error) (words string, ok bool) {
	words, ok = SystemFault(err)
	if operation, is := errors.AsType[*net.OpError](err); is && operation.Op == "proxyconnect" {
		return "cannot connect to the proxy: " + words, ok
	}
	return "cannot connect: " + words, ok
}

// ProxyRefusal is the status that a proxy answers in place of making a connection.
type ProxyRefusal int

func (status ProxyRefusal) Error() string { return "the proxy answered " + HTTPStatus(int(status)) }

// HTTPStatus is the status of an answer with its name, as "503 Service Unavailable", or without one if it has none: what a server writes after
// the number can be anything.
func HTTPStatus(code int) string {
	return strings.TrimSpace(fmt.Sprintf("%d %s", code, http.StatusText(code)))
}

// CheckProxy is for http.Transport.OnProxyConnectResponse, and gives an error that NetworkFault words.
func CheckProxy(_ context.Context, _ *url.URL, _ *http.Request, answer *http.Response) error {
	if answer.StatusCode == http.StatusOK {
		return nil
	}
	return ProxyRefusal(answer.StatusCode)
}
