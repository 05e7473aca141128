package cli

import (
	"context"
	"crypto/x509"
	"io"
	"log"
	"net"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"golang.org/x/term"

	"ddns-batch/internal/program"
	"ddns-batch/internal/timezone"
)

// System is everything outside the program that it may touch besides files: a test is another system.
type System struct {
	Args   []string
	Lookup func(variable string) (value string, set bool)
	// Variables lists the names of all variables; nil where there is no list.
	Variables func() []string
	Stdin     Input
	Stdout    Stream
	Stderr    Stream
	Now       func() time.Time
	// Signals carries the requests to stop, in the order in which they came.
	Signals <-chan os.Signal
	// Hostname is the name of this machine, for lines that end in somebody's mail.
	Hostname func() (string, error)
	// Local is the zone in which times are shown.
	Local *time.Location
	// UnknownZone is what TZ says if that is no zone; Local is UTC then.
	UnknownZone string
	// Dial and RootCAs replace the system's network and certificates where they are set.
	Dial    func(ctx context.Context, network, address string) (net.Conn, error)
	RootCAs *x509.CertPool
}

// Stream is stdout or stderr.
type Stream struct {
	io.Writer
	Terminal bool
	Width    int // in columns; 0 where there is no terminal
	outlet   *outlet
}

// limited is the stream for a program that does not wait for a reader who does not read; see outlet.
func (s Stream) limited(limit time.Duration, over context.Context) Stream {
	s.outlet = &outlet{to: s.certain(), limit: limit, over: over.Done()}
	s.Writer = pipe{s.outlet}
	return s
}

// flush waits until what was written is out, as long as outlet.flush does.
func (s Stream) flush() error { return s.outlet.flush() }

// renew is limited for a stream that is limited already.
func (s Stream) renew(over context.Context) { s.outlet.renew(over) }

// RealSystem is the one that a process finds itself in.
func RealSystem() System {
	// A reader that goes away must not end a run half-way: the write fails, and the run goes on.
	signal.Ignore(syscall.SIGPIPE)
	signals := make(chan os.Signal, 2)
	for _, s := range []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP} {
		// What nohup, or a shell that starts this in the background, has switched off stays off.
		if !signal.Ignored(s) {
			signal.Notify(signals, s)
		}
	}
	program.CloseInheritedOnExec()
	stderr := os.Stderr
	silenceLibraries()
	local, unknown := timezone.System()
	return System{
		Args:        os.Args[1:],
		Lookup:      os.LookupEnv,
		Variables:   variables,
		Stdin:       openInput(os.Stdin, signals),
		Stdout:      openStream(os.Stdout),
		Stderr:      openStream(stderr),
		Now:         time.Now,
		Signals:     signals,
		Hostname:    os.Hostname,
		Local:       local,
		UnknownZone: unknown,
	}
}

// variables are the names in this process's environment.
func variables() []string {
	var names []string
	for _, v := range os.Environ() {
		name, _, _ := strings.Cut(v, "=")
		names = append(names, name)
	}
	return names
}

// silenceLibraries keeps libraries from writing to stderr by themselves: net/http logs what a server sent too much, with
// the password where the server repeats the request, logrus complains of a log that it cannot write, and the resolver
// explains itself where GODEBUG asks for that. What the runtime says of a panic is not affected.
func silenceLibraries() {
	log.SetOutput(io.Discard)
	if null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0); err == nil {
		os.Stderr = null
	}
	if settings := os.Getenv("GODEBUG"); settings != "" {
		_ = os.Setenv("GODEBUG", withoutResolverDebug(settings))
	}
}

// withoutResolverDebug is the value of GODEBUG without the debug level in netdns=go+2. The choice of a resolver stays.
func withoutResolverDebug(settings string) string {
	var kept []string
	for setting := range strings.SplitSeq(settings, ",") {
		if value, ok := strings.CutPrefix(setting, "netdns="); ok {
			setting = "netdns="
			for mode := range strings.SplitSeq(value, "+") {
				if mode == "go" || mode == "cgo" {
					setting += mode
				}
			}
		}
		kept = append(kept, setting)
	}
	return strings.Join(kept, ",")
}

func openStream(f *os.File) Stream {
	s := Stream{Writer: pipe{f}, Terminal: term.IsTerminal(int(f.Fd()))}
	if s.Terminal {
		if width, _, err := term.GetSize(int(f.Fd())); err == nil {
			s.Width = width
		}
	}
	return s
}

// machine is the name of this machine, or a stand-in that shows that there is none.
func (s System) machine() string {
	if name, err := s.Hostname(); err == nil && name != "" {
		return name
	}
	return "unknown-machine"
}

// getenv is lookup for those who do not tell an empty variable from one that is not set.
func (s System) getenv(variable string) string {
	value, _ := s.Lookup(variable)
	return value
}
