// Package sandbox is a stand-in, on loopback, for Namecheap's update endpoint and name servers, and for the services that
// tell a machine its address: real requests, real reply bodies, passwords and records of its own, failures on demand.
// It never opens a connection, never listens anywhere but on loopback, and keeps of a password only whether it was right.
package sandbox

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log"
	"maps"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"ddns-batch/internal/record"
)

// Domain is one domain that the sandbox knows, with its one password and the hosts that have a dynamic record.
type Domain struct {
	Name     string
	Password string
	Hosts    []string
}

// Options is what Start needs. The zero Options is a sandbox that knows no domain.
type Options struct {
	// Listen is host:port on loopback; empty is 127.0.0.1 and any free port.
	Listen string
	// Domains are in lower case, as the requests must be.
	Domains []Domain
	// Held is what records hold from the start, as from earlier updates; one that is not named here holds nothing yet.
	Held map[record.Name]netip.Addr
	// Address is what the address sources say.
	Address netip.Addr
	// Faults strike on every attempt, until ClearFault.
	Faults map[record.Name]Fault
	// ServiceTime passes before each answer, of the update script and of the address sources.
	ServiceTime time.Duration
	// Around, if set, stands before all handlers: it may let a request pass to next, or answer it in a way of its own.
	Around func(next http.Handler) http.Handler
	// TLS turns http into https. Its certificate should be good for 127.0.0.1.
	TLS *tls.Config
	// Lenient answers requests that are odd (a header too much, upper case, keys of its own) as the real endpoint
	// would, and only notes them. Otherwise they get a 400.
	Lenient bool
}

// Request is one request to the update script, as it was heard.
type Request struct {
	// Name and Address are what was asked for; Address is invalid if it was none.
	Name    record.Name
	Address netip.Addr
	At      time.Time
	// PasswordMatched: it was the domain's.
	PasswordMatched bool
	// Accepted: the answer said that the record now holds Address. Whether it arrived is another matter.
	Accepted bool
}

// maxKept bounds what is remembered of requests, so that a sandbox may run for months.
const maxKept = 1 << 17

// Server is a running sandbox. Its methods may be called from many goroutines, Close too.
type Server struct {
	options  Options
	listener net.Listener
	http     *http.Server
	done     context.Context // ends waiting handlers
	end      context.CancelFunc
	handlers sync.WaitGroup
	served   chan struct{}
	packets  net.PacketConn // for DNS
	endDNS   func()

	connections, open, handshakes atomic.Int64

	mu         sync.Mutex
	closed     bool
	domains    map[string]*zone
	faults     map[record.Name]Fault
	address    netip.Addr
	sources    [sourceCount]Source
	heard      []Request
	asked      []string
	violations []string
}

// zone is a domain and what its records hold: each host with a record, with the zero Addr until the first update.
type zone struct {
	password string
	records  map[string]netip.Addr
}

// Start listens and serves until Close. It fails if Listen is not a loopback address or cannot be had.
func Start(o Options) (*Server, error) {
	listener, err := listen(o.Listen)
	if err != nil {
		return nil, err
	}
	packets, err := listenDNS(listener, o.Listen)
	if err != nil {
		_ = listener.Close()
		return nil, err
	}
	done, end := context.WithCancel(context.Background())
	s := &Server{
		options: o, listener: listener, done: done, end: end, served: make(chan struct{}),
		domains: map[string]*zone{}, faults: maps.Clone(o.Faults), address: o.Address,
	}
	for _, d := range o.Domains {
		z := &zone{password: d.Password, records: make(map[string]netip.Addr, len(d.Hosts))}
		for _, host := range d.Hosts {
			z.records[host] = o.Held[record.Name{Host: host, Domain: d.Name}]
		}
		s.domains[d.Name] = z
	}
	var handler http.Handler = http.HandlerFunc(s.serve)
	if o.Around != nil {
		handler = o.Around(handler)
	}
	s.http = &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: time.Minute,
		ConnState: func(_ net.Conn, state http.ConnState) {
			switch state {
			case http.StateNew:
				s.connections.Add(1)
				s.open.Add(1)
			case http.StateClosed, http.StateHijacked:
				s.open.Add(-1)
			}
		},
		// A client that goes away, or does not trust the certificate, is nothing to print.
		ErrorLog: log.New(io.Discard, "", 0),
	}
	if o.TLS != nil {
		listener = tls.NewListener(listener, s.counting(o.TLS))
	}
	go func() {
		defer close(s.served)
		_ = s.http.Serve(listener)
	}()
	s.startDNS(packets)
	return s, nil
}

func listen(address string) (net.Listener, error) {
	if address == "" {
		address = "127.0.0.1:0"
	}
	tcp, err := net.ResolveTCPAddr("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("%q is not an address to listen on; write 127.0.0.1:8080", address)
	}
	if !tcp.IP.IsLoopback() {
		return nil, fmt.Errorf("%q is not a loopback address; write 127.0.0.1:%d", address, tcp.Port)
	}
	listener, err := net.ListenTCP("tcp", tcp)
	if err != nil {
		return nil, fmt.Errorf("cannot listen on %s: %w", tcp, causeOf(err))
	}
	return listener, nil
}

// causeOf is what the system said, without the addresses.
func causeOf(err error) error {
	if op, ok := errors.AsType[*net.OpError](err); ok {
		return op.Err
	}
	return err
}

// counting is config with every handshake counted.
func (s *Server) counting(config *tls.Config) *tls.Config {
	config = config.Clone()
	choose := config.GetConfigForClient
	config.GetConfigForClient = func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
		s.handshakes.Add(1)
		if choose != nil {
			return choose(hello)
		}
		return nil, nil
	}
	return config
}

// Close ends everything, waiting requests too, and returns when no handler runs any more. It may be called again.
func (s *Server) Close() {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.end()
	_ = s.http.Close()
	<-s.served
	s.endDNS()
	s.handlers.Wait()
}

// Addr is the address it listens on.
func (s *Server) Addr() netip.AddrPort { return netip.MustParseAddrPort(s.listener.Addr().String()) }

// Endpoint is the URL of the update script.
func (s *Server) Endpoint() string {
	return s.scheme() + "://" + s.listener.Addr().String() + "/update"
}

func (s *Server) scheme() string {
	if s.options.TLS != nil {
		return "https"
	}
	return "http"
}

// Dial connects to the sandbox whatever address is asked for, so that nothing given this function can reach the
// network.
func (s *Server) Dial(ctx context.Context, _, _ string) (net.Conn, error) {
	return new(net.Dialer).DialContext(ctx, "tcp", s.listener.Addr().String())
}

// Records is what the records hold: every one with its address, an invalid one before its first update.
func (s *Server) Records() map[record.Name]netip.Addr {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := map[record.Name]netip.Addr{}
	for domain, z := range s.domains {
		for host, addr := range z.records {
			all[record.Name{Host: host, Domain: domain}] = addr
		}
	}
	return all
}

// Heard lists the requests to the update script in the order in which their answers were decided.
func (s *Server) Heard() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.heard)
}

// Violations lists, in words without any password, what was wrong or odd about requests.
func (s *Server) Violations() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.violations)
}

// Connections counts the TCP connections accepted so far.
func (s *Server) Connections() int { return int(s.connections.Load()) }

// Open counts the TCP connections that have not ended yet. With none of them no answer to an update is still to be
// decided, whatever became of the client.
func (s *Server) Open() int { return int(s.open.Load()) }

// Handshakes counts the TLS handshakes that clients began so far.
func (s *Server) Handshakes() int { return int(s.handshakes.Load()) }

// SetFault lets every further update of a record end in fault.
func (s *Server) SetFault(name record.Name, fault Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.faults == nil {
		s.faults = map[record.Name]Fault{}
	}
	s.faults[name] = fault
}

// ClearFault ends what SetFault or Options.Faults began.
func (s *Server) ClearFault(name record.Name) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.faults, name)
}

// PasswordFor is the one password of a domain in sandboxes that are not given any: fixed, and in the form of a real one.
func PasswordFor(domain string) string {
	sum := sha256.Sum256([]byte("ddns-batch sandbox " + domain))
	return hex.EncodeToString(sum[:16])
}

// appendBounded forgets the older half of a list that is full.
func appendBounded[T any](list []T, item T) []T {
	if len(list) >= maxKept {
		list = slices.Clone(list[len(list)/2:])
	}
	return append(list, item)
}
