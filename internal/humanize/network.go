package humanize

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
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
