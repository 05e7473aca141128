package main

import (
	"bytes"
	"crypto/x509"
	"flag"
	"io"
	"os"
	"runtime"
	"strconv"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain makes this test binary the program as well: scripts run it as a real process in a world of their own.
func TestMain(m *testing.M) {
	testscript.Main(suite{m}, map[string]func(){
		"ddns-batch": func() {
			status := execute(scriptWorld())
			lookBack()
			os.Exit(status)
		},
	})
}

// suite runs twice as many tests at once as there are processors, unless -parallel says otherwise: most of them wait for
// a time to pass. The detector of data races keeps processors busy enough.
type suite struct{ *testing.M }

func (s suite) Run() int {
	flag.Parse()
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "test.parallel" })
	if !given && !racing() {
		_ = flag.Set("test.parallel", strconv.Itoa(2*runtime.GOMAXPROCS(0)))
	}
	return s.M.Run()
}

// Variables through which a script shapes the world of the programs it runs.
const (
	dialVariable       = "TEST_DIAL"       // where connections go; see redirected
	rootsVariable      = "TEST_ROOTS"      // the only certificates that are believed, in this file
	clockVariable      = "TEST_CLOCK"      // the clock is this duration off
	zoneVariable       = "TEST_ZONE"       // local time is this duration ahead of UTC
	transcriptVariable = "TEST_TRANSCRIPT" // stdout and stderr are copied to this file
	aftermathVariable  = "TEST_AFTERMATH"  // what the run left behind in its process is written to this file
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

// inside is a run in this process, on a system of its own.
type inside struct {
	args    []string
	env     map[string]string
	now     func() time.Time // nil: the real clock
	dial    string           // where connections go, see redirected; empty: where they lead
	signals chan os.Signal   // nil: none will come
	stdout  io.Writer        // nil: into what run returns
}

func (i inside) run() finished {
	var out, errs bytes.Buffer
	w := world{
		args: i.args, now: i.now, local: time.UTC, signals: i.signals,
		lookup: func(name string) (string, bool) {
			value, set := i.env[name]
			return value, set
		},
		stdout: stream{Writer: &out}, stderr: stream{Writer: &errs},
		hostname: func() (string, error) { return "nas", nil },
	}
	if i.now == nil {
		w.now = time.Now
	}
	if i.dial != "" {
		w.dial = redirected(i.dial)
	}
	if i.stdout != nil {
		w.stdout.Writer = i.stdout
	}
	began := time.Now()
	status := execute(w)
	return finished{status: status, stdout: out.String(), stderr: errs.String(), took: time.Since(began)}
}

func mustValue[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}
