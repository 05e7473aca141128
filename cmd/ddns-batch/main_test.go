package main

import (
	"crypto/x509"
	"fmt"
	"io"
	"log"
	"os"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain makes this test binary the program as well: scripts run it as a real process in a world of their own.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"ddns-batch": func() {
			status := execute(scriptWorld())
			notePeak()
			lookBack()
			os.Exit(status)
		},
		// A program whose libraries have something to say.
		"noisy": func() {
			stderr := realWorld().stderr
			log.Print("net/http")
			fmt.Fprintln(os.Stderr, "logrus")
			fmt.Fprintln(stderr, "the program")
			os.Exit(0)
		},
	})
}

// Variables through which a script shapes the world of the programs it runs.
const (
	dialVariable       = "TEST_DIAL"       // where connections go; see redirected
	rootsVariable      = "TEST_ROOTS"      // the only certificates that are believed, in this file
	clockVariable      = "TEST_CLOCK"      // the clock is this duration off
	zoneVariable       = "TEST_ZONE"       // local time is this duration ahead of UTC
	transcriptVariable = "TEST_TRANSCRIPT" // stdout and stderr are copied to this file
	aftermathVariable  = "TEST_AFTERMATH"  // what the run left behind in its process is written to this file
	peakVariable       = "TEST_PEAK"       // how much memory the program had at most is written to this file
)

// scriptWorld is the real one, except for where connections end, for whose certificates count, and for the clock.
func scriptWorld() world {
	w := realWorld()
	w.local = time.UTC
	w.hostname = func() (string, error) { return "nas", nil }
	if to := os.Getenv(dialVariable); to != "" {
		w.dial = redirected(to)
	}
	if file := os.Getenv(rootsVariable); file != "" {
		w.rootCAs = x509.NewCertPool()
		w.rootCAs.AppendCertsFromPEM(mustValue(os.ReadFile(file)))
	}
	if text := os.Getenv(clockVariable); text != "" {
		off := mustValue(time.ParseDuration(text))
		w.now = func() time.Time { return time.Now().Add(off) }
	}
	if text := os.Getenv(zoneVariable); text != "" {
		w.local = time.FixedZone("", int(mustValue(time.ParseDuration(text)).Seconds()))
	}
	if file := os.Getenv(transcriptVariable); file != "" {
		transcript := mustValue(os.OpenFile(file, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600))
		w.stdout.Writer = pipe{io.MultiWriter(w.stdout.certain(), transcript)}
		w.stderr.Writer = pipe{io.MultiWriter(w.stderr.certain(), transcript)}
	}
	return w
}

func mustValue[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}
