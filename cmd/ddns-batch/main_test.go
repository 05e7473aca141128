package main

import (
	"bytes"
	"crypto/x509"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"ddns-batch/internal/cli"
)

// TestMain makes this test binary the program as well: scripts run it as a real process in a system of its own.
func TestMain(m *testing.M) {
	testscript.Main(suite{m}, map[string]func(){
		"ddns-batch": func() {
			status := cli.Main(scriptSystem())
			lookBack()
			os.Exit(status)
		},
		// A program whose libraries have something to say.
		"noisy": func() {
			stderr := cli.RealSystem().Stderr
			log.Print("net/http")
			fmt.Fprintln(os.Stderr, "logrus")
			fmt.Fprintln(stderr, "the program")
			os.Exit(0)
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

// Variables through which a script shapes the system of the programs it runs.
const (
	dialVariable       = "TEST_DIAL"       // where connections go; see redirected
	rootsVariable      = "TEST_ROOTS"      // the only certificates that are trusted, in this file
	clockVariable      = "TEST_CLOCK"      // the clock is this duration off; or @FILE, and then by what stands in the file
	zoneVariable       = "TEST_ZONE"       // local time is this duration ahead of UTC; "system" is the real one
	transcriptVariable = "TEST_TRANSCRIPT" // stdout and stderr are copied to this file
	aftermathVariable  = "TEST_AFTERMATH"  // what the run left behind in its process is written to this file
)

// scriptSystem is the real one, except for where connections end, for whose certificates count, and for the clock.
func scriptSystem() cli.System {
	w := cli.RealSystem()
	zone := w.Local
	w.Local = time.UTC
	w.Hostname = func() (string, error) { return "nas", nil }
	if to := os.Getenv(dialVariable); to != "" {
		w.Dial = redirected(to)
	}
	if file := os.Getenv(rootsVariable); file != "" {
		w.RootCAs = x509.NewCertPool()
		w.RootCAs.AppendCertsFromPEM(mustValue(os.ReadFile(file)))
	}
	if text := os.Getenv(clockVariable); text != "" {
		w.Now = clock(text)
	}
	if text := os.Getenv(zoneVariable); text == "system" {
		w.Local = zone
	} else if text != "" {
		w.Local = time.FixedZone("", int(mustValue(time.ParseDuration(text)).Seconds()))
	}
	if file := os.Getenv(transcriptVariable); file != "" {
		transcript := mustValue(os.OpenFile(file, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600))
		w.Stdout = w.Stdout.Copied(transcript)
		w.Stderr = w.Stderr.Copied(transcript)
	}
	return w
}

// clock is the clock that a variable describes.
func clock(text string) func() time.Time {
	file, changes := strings.CutPrefix(text, "@")
	off := func() time.Duration { return mustValue(time.ParseDuration(text)) }
	if changes {
		off = func() time.Duration { return mustValue(time.ParseDuration(string(mustValue(os.ReadFile(file))))) }
	}
	return func() time.Time { return time.Now().Add(off()) }
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
	w := cli.System{
		Args: i.args, Now: i.now, Local: time.UTC, Signals: i.signals, RootCAs: authority().Pool(),
		Lookup: func(name string) (string, bool) {
			value, set := i.env[name]
			return value, set
		},
		Stdout: cli.Stream{Writer: &out}, Stderr: cli.Stream{Writer: &errs},
		Hostname: func() (string, error) { return "nas", nil },
	}
	if i.now == nil {
		w.Now = time.Now
	}
	if i.dial != "" {
		w.Dial = redirected(i.dial)
	}
	if i.stdout != nil {
		w.Stdout.Writer = i.stdout
	}
	began := time.Now()
	status := cli.Main(w)
	return finished{status: status, stdout: out.String(), stderr: errs.String(), took: time.Since(began)}
}

func mustValue[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}
