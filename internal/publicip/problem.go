package publicip

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"os"
	"strings"
	"time"

	"ddns-batch/internal/sanitize"
)

// maxProblem is the longest Answer.Problem, in characters.
const maxProblem = 200

// problem words why a source gave no address.
func problem(err error, took time.Duration) string {
	return sanitize.Line(describe(err, took), maxProblem)
}

func describe(err error, took time.Duration) string {
	if errors.Is(err, context.Canceled) {
		return "not waited for"
	}
	if lookup, ok := errors.AsType[*net.DNSError](err); ok {
		return "the name cannot be resolved: " + lookup.Err
	}
	if certificate, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return strings.TrimPrefix(certificate.Err.Error(), "x509: ")
	}
	if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() {
		return "no answer in " + seconds(took)
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return "the connection was closed before the answer was complete"
	}
	text := err.Error()
	// What the system said, without the addresses of both ends and the names of its functions.
	if operation, ok := errors.AsType[*net.OpError](err); ok {
		text = operation.Err.Error()
	}
	if call, ok := errors.AsType[*os.SyscallError](err); ok {
		text = call.Err.Error()
	}
	if _, ok := errors.AsType[unreachable](err); ok {
		return "cannot connect: " + text
	}
	return text
}

// seconds is a duration as a person would say it.
func seconds(d time.Duration) string {
	if d < time.Second {
		return fmt.Sprintf("%d ms", d.Milliseconds())
	}
	return fmt.Sprintf("%g s", math.Round(d.Seconds()*10)/10)
}
