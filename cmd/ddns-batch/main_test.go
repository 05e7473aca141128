package main

import (
	"context"
	"crypto/x509"
	"io"
	"net"
	"os"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain makes this test binary the program as well: scripts run it as a real process in a world of their own.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"ddns-batch": func() { os.Exit(execute(scriptWorld())) },
	})
}

// Variables through which a script shapes the world of the programs it runs.
const (
	dialVariable       = "TEST_DIAL"       // every connection goes to this address
	rootsVariable      = "TEST_ROOTS"      // the only certificates that are believed, in this file
	clockVariable      = "TEST_CLOCK"      // the clock is this duration off
	transcriptVariable = "TEST_TRANSCRIPT" // stdout and stderr are copied to this file
)

// scriptWorld is the real one, except for where connections end, for whose certificates count, and for the clock.
func scriptWorld() world {
	w := realWorld()
	w.local = time.UTC
	w.hostname = func() (string, error) { return "nas", nil }
	if to := os.Getenv(dialVariable); to != "" {
		w.dial = func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, to)
		}
	}
	if file := os.Getenv(rootsVariable); file != "" {
		w.rootCAs = x509.NewCertPool()
		w.rootCAs.AppendCertsFromPEM(mustValue(os.ReadFile(file)))
	}
	if text := os.Getenv(clockVariable); text != "" {
		off := mustValue(time.ParseDuration(text))
		w.now = func() time.Time { return time.Now().Add(off) }
	}
	if file := os.Getenv(transcriptVariable); file != "" {
		transcript := mustValue(os.OpenFile(file, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600))
		w.stdout.Writer = io.MultiWriter(w.stdout.Writer, transcript)
		w.stderr.Writer = io.MultiWriter(w.stderr.Writer, transcript)
	}
	return w
}

func mustValue[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}
