package sandbox_test

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"ddns-batch/internal/provider"
	"ddns-batch/internal/provider/namecheap"
	"ddns-batch/internal/provider/namecheap/sandbox"
	"ddns-batch/internal/record"
	"ddns-batch/internal/roots"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const canary = "c4nary&p/w"

var (
	www     = record.Name{Host: "www", Domain: "example.com"}
	address = netip.MustParseAddr("203.0.113.7")
)

func start(t *testing.T, o sandbox.Options) *sandbox.Server {
	t.Helper()
	if o.Domains == nil {
		o.Domains = []sandbox.Domain{{Name: "example.com", Password: canary, Hosts: []string{"@", "www", "*"}}}
	}
	if !o.Address.IsValid() {
		o.Address = address
	}
	s, err := sandbox.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func client(t *testing.T, s *sandbox.Server) *namecheap.Client {
	t.Helper()
	c, err := namecheap.New(namecheap.Options{Endpoint: s.Endpoint()})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func to(name record.Name) provider.Update {
	return provider.Update{Name: name, Address: address, Password: provider.NewSecret(canary)}
}

func TestAnUpdateIsConfirmedPublishedAndWrittenDown(t *testing.T) {
	s := start(t, sandbox.Options{})
	if before := s.Records(); len(before) != 3 || before[www].IsValid() {
		t.Errorf("published before: %v", before)
	}
	if err := client(t, s).Update(t.Context(), to(www)); err != nil {
		t.Fatal(err)
	}
	if got := s.Records()[www]; got != address {
		t.Errorf("published %s", got)
	}
	heard := s.Heard()
	if len(heard) != 1 || heard[0].Name != www || heard[0].Address != address || !heard[0].Accepted || !heard[0].PasswordMatched || heard[0].At.IsZero() {
		t.Errorf("heard %+v", heard)
	}
	if odd := s.Violations(); odd != nil || s.Connections() != 1 || s.Handshakes() != 0 {
		t.Errorf("%d connections, %d handshakes, violations %q", s.Connections(), s.Handshakes(), odd)
	}
}

func TestRefusalsAreThoseOfTheEndpoint(t *testing.T) {
	s := start(t, sandbox.Options{})
	c := client(t, s)
	for _, test := range []struct {
		name    string
		update  provider.Update
		class   provider.Class
		message string
	}{
		{"another password", provider.Update{Name: www, Address: address, Password: provider.NewSecret("other")}, provider.Credentials, "Passwords do not match"},
		{"another domain", to(record.Name{Host: "www", Domain: "example.org"}), provider.Domain, "Domain name not found"},
		{"another host", to(record.Name{Host: "ftp", Domain: "example.com"}), provider.Record, "No Records updated. A record not Found;"},
		{"the full name as host", to(record.Name{Host: "www.example.com", Domain: "example.com"}), provider.Record, "No Records updated. A record not Found;"},
	} {
		t.Run(test.name, func(t *testing.T) {
			e, ok := c.Update(t.Context(), test.update).(*provider.Error)
			if !ok || e.Class != test.class || e.Message != test.message || !e.Unchanged || !e.Quoted {
				t.Errorf("got %#v", e)
			}
		})
	}
	if odd := s.Violations(); odd != nil {
		t.Errorf("violations %q", odd)
	}
	for _, q := range s.Heard() {
		if q.Accepted {
			t.Errorf("accepted %+v", q)
		}
	}
}

func TestEachFaultIsSeenByTheClientAsWhatItIs(t *testing.T) {
	for _, c := range []struct {
		fault     sandbox.Fault
		class     provider.Class
		unchanged bool
		published netip.Addr
	}{
		{sandbox.BadPassword, provider.Credentials, true, netip.Addr{}},
		{sandbox.NoRecord, provider.Record, true, netip.Addr{}},
		{sandbox.NoDomain, provider.Domain, true, netip.Addr{}},
		{sandbox.BadIP, provider.Address, true, netip.Addr{}},
		{sandbox.Blocked, provider.Blocked, true, netip.Addr{}},
		{sandbox.Unavailable, provider.Transient, false, netip.Addr{}},
		{sandbox.Hang, provider.Transient, false, netip.Addr{}},
		{sandbox.Reset, provider.Transient, false, netip.Addr{}},
		{sandbox.Truncated, provider.Transient, false, netip.Addr{}},
		{sandbox.HTML, provider.Transient, false, netip.Addr{}},
		{sandbox.NoIP, provider.Unconfirmed, false, address},
		{sandbox.WrongIP, provider.Mismatch, false, netip.MustParseAddr("192.0.2.1")},
	} {
		t.Run(string(c.fault), func(t *testing.T) {
			fault, err := sandbox.ParseFault(string(c.fault))
			if err != nil || fault != c.fault {
				t.Fatalf("parsed as %q, %v", fault, err)
			}
			s := start(t, sandbox.Options{Faults: map[record.Name]sandbox.Fault{www: fault}})
			nc := client(t, s)
			for attempt := range 2 {
				ctx, cancel := t.Context(), func() {}
				if fault == sandbox.Hang {
					ctx, cancel = context.WithTimeout(ctx, 30*time.Millisecond)
				}
				e, ok := nc.Update(ctx, to(www)).(*provider.Error)
				cancel()
				if !ok || e.Class != c.class || e.Unchanged != c.unchanged || e.Unsent {
					t.Fatalf("attempt %d: %#v", attempt, e)
				}
				if want := fault == sandbox.Blocked; (e.RetryAfter == 10*time.Minute) != want {
					t.Errorf("Retry-After %s", e.RetryAfter)
				}
			}
			if got := s.Records()[www]; got != c.published {
				t.Errorf("published %s", got)
			}
			if err := nc.Update(t.Context(), to(record.Name{Host: "@", Domain: "example.com"})); err != nil {
				t.Errorf("the record beside it: %v", err)
			}
			s.ClearFault(www)
			if err := nc.Update(t.Context(), to(www)); err != nil {
				t.Errorf("after the fault: %v", err)
			}
			s.SetFault(www, fault)
			s.SetFault(record.Name{Host: "@", Domain: "example.com"}, sandbox.BadIP)
			if odd := s.Violations(); odd != nil {
				t.Errorf("violations %q", odd)
			}
		})
	}
}

func TestAResetIsOneAndNotAnEnd(t *testing.T) {
	s := start(t, sandbox.Options{Faults: map[record.Name]sandbox.Fault{www: sandbox.Reset}})
	err := client(t, s).Update(t.Context(), to(www))
	// "reset by peer" on Unix; "forcibly closed" on Windows. An orderly end has no such addition.
	if e, ok := err.(*provider.Error); !ok || !strings.HasPrefix(e.Message, "the connection was lost before a readable reply: ") {
		t.Errorf("got %v", err)
	}
}

func TestAnUnknownFaultListsTheKnownOnes(t *testing.T) {
	for _, s := range []string{"", "500", "BadPass"} {
		_, err := sandbox.ParseFault(s)
		if err == nil || !strings.Contains(err.Error(), fmt.Sprintf("%q", s)) || !strings.Contains(err.Error(), "badpass, norecord, nodomain, badip, blocked, 503, hang, reset, truncated, html, noip, wrongip") {
			t.Errorf("%q: %v", s, err)
		}
	}
}

func TestOnlyLoopbackIsListenedOn(t *testing.T) {
	for _, address := range []string{"0.0.0.0:0", ":0", "[::]:0", "192.0.2.1:0", "nonsense", "127.0.0.1:http:1"} {
		if s, err := sandbox.Start(sandbox.Options{Listen: address}); err == nil {
			s.Close()
			t.Errorf("%q: listens", address)
		}
	}
	s := start(t, sandbox.Options{Listen: "localhost:0"})
	if !s.Addr().Addr().IsLoopback() || s.Endpoint() != "http://"+s.Addr().String()+"/update" {
		t.Errorf("listens on %s, %s", s.Addr(), s.Endpoint())
	}
	if again, err := sandbox.Start(sandbox.Options{Listen: s.Addr().String()}); err == nil {
		again.Close()
		t.Error("two listen on one port")
	}
}

func TestCloseEndsWhatHangs(t *testing.T) {
	s := start(t, sandbox.Options{Faults: map[record.Name]sandbox.Fault{www: sandbox.Hang}})
	result := make(chan error, 1)
	go func() { result <- client(t, s).Update(context.Background(), to(www)) }()
	for len(s.Heard()) == 0 {
		time.Sleep(time.Millisecond)
	}
	s.Close()
	s.Close()
	if e, ok := (<-result).(*provider.Error); !ok || e.Class != provider.Transient {
		t.Errorf("got %#v", e)
	}
}

// Of a client that still owes a part of its body net/http does not notice that it is gone.
func TestCloseEndsWhatHangsBeforeTheWholeRequestCame(t *testing.T) {
	s := start(t, sandbox.Options{Lenient: true, Faults: map[record.Name]sandbox.Fault{www: sandbox.Hang}})
	conn := dial(t, s)
	defer conn.Close()
	_, err := io.WriteString(conn, "POST /update?host=www&domain=example.com HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nhalf")
	if err != nil {
		t.Fatal(err)
	}
	for len(s.Heard()) == 0 {
		time.Sleep(time.Millisecond)
	}
	s.Close()
}

func TestNothingIsOpenOnceTheClientsAreGone(t *testing.T) {
	s := start(t, sandbox.Options{Faults: map[record.Name]sandbox.Fault{www: sandbox.Hang}})
	ctx, cancel := context.WithCancel(t.Context())
	var waiting sync.WaitGroup
	waiting.Go(func() { _ = client(t, s).Update(ctx, to(www)) })
	for len(s.Heard()) == 0 {
		runtime.Gosched()
	}
	if n := s.Open(); n != 1 {
		t.Errorf("%d open while a client waits", n)
	}
	cancel()
	waiting.Wait()
	for s.Open() > 0 {
		runtime.Gosched()
	}
}

func TestServiceTimePassesBeforeTheAnswer(t *testing.T) {
	s := start(t, sandbox.Options{ServiceTime: 20 * time.Millisecond})
	began := time.Now()
	if err := client(t, s).Update(t.Context(), to(www)); err != nil || time.Since(began) < 20*time.Millisecond {
		t.Errorf("%v after %s", err, time.Since(began))
	}
}

func TestManyRecordsByManyWorkers(t *testing.T) {
	const domains, hosts, workers = 10, 300, 8
	config := make([]sandbox.Domain, domains)
	for d := range config {
		config[d] = sandbox.Domain{Name: fmt.Sprintf("d%d.example.com", d), Password: canary}
		for h := range hosts {
			config[d].Hosts = append(config[d].Hosts, fmt.Sprintf("h%d", h))
		}
	}
	s := start(t, sandbox.Options{Domains: config})
	c := client(t, s)
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			session := c.Open()
			for i := w; i < domains*hosts; i += workers {
				name := record.Name{Host: config[i%domains].Hosts[i/domains], Domain: config[i%domains].Name}
				if err := session.Send(t.Context(), to(name), false); err != nil {
					t.Error(err)
					return
				}
			}
			if proved, err := session.Prove(t.Context()); proved != domains*hosts/workers || err != nil {
				t.Errorf("%d are proved: %v", proved, err)
			}
		})
	}
	wg.Wait()
	for name, addr := range s.Records() {
		if addr != address {
			t.Fatalf("%s holds %s", name, addr)
		}
	}
	if len(s.Heard()) != domains*hosts || s.Connections() != workers {
		t.Errorf("heard %d requests over %d connections", len(s.Heard()), s.Connections())
	}
}

func BenchmarkUpdate(b *testing.B) {
	s, err := sandbox.Start(sandbox.Options{Domains: []sandbox.Domain{{Name: "example.com", Password: canary, Hosts: []string{"www"}}}})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	c, err := namecheap.New(namecheap.Options{Endpoint: s.Endpoint()})
	if err != nil {
		b.Fatal(err)
	}
	b.SetParallelism(4)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := c.Update(b.Context(), to(www)); err != nil {
				b.Error(err)
			}
		}
	})
}

func TestPasswordsOfTheSandboxAreFixedAndLookReal(t *testing.T) {
	if p := sandbox.PasswordFor("example.com"); len(p) != 32 || strings.Trim(p, "0123456789abcdef") != "" || p != sandbox.PasswordFor("example.com") || p == sandbox.PasswordFor("example.net") {
		t.Errorf("got %q", p)
	}
}

func TestHandshakesAreCounted(t *testing.T) {
	// httptest has a certificate for 127.0.0.1 that nobody has to make.
	borrowed := httptest.NewTLSServer(nil)
	config, trusted := borrowed.TLS, borrowed.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
	borrowed.Close()
	config.NextProtos = nil
	s := start(t, sandbox.Options{TLS: config})
	c, err := namecheap.New(namecheap.Options{Endpoint: s.Endpoint(), Authorities: roots.Only(trusted)})
	if err != nil {
		t.Fatal(err)
	}
	session := c.Open()
	for range 3 {
		if err := session.Send(t.Context(), to(www), false); err != nil {
			t.Fatal(err)
		}
	}
	s.SetFault(www, sandbox.Reset)
	if e, ok := session.Send(t.Context(), to(www), false).(*provider.Error); !ok || e.Class != provider.Transient {
		t.Errorf("a reset: %#v", e)
	}
	// Only the first answer is surely the first record's: the end of the connection was not granted.
	if proved, err := session.Prove(t.Context()); proved != 1 || err == nil {
		t.Errorf("%d are proved, %v", proved, err)
	}
	conn, err := net.Dial("tcp", s.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	_ = conn.Close()
	distrusting := tls.Client(dial(t, s), &tls.Config{ServerName: "other.example.com"})
	if err := distrusting.Handshake(); err == nil {
		t.Error("the certificate is good for other.example.com")
	}
	_ = distrusting.Close()
	if s.Handshakes() != 2 || !strings.HasPrefix(s.Endpoint(), "https://127.0.0.1:") {
		t.Errorf("%d handshakes, %s", s.Handshakes(), s.Endpoint())
	}
}

func dial(t *testing.T, s *sandbox.Server) net.Conn {
	t.Helper()
	conn, err := s.Dial(t.Context(), "tcp4", "192.0.2.1:443")
	if err != nil {
		t.Fatal(err)
	}
	return conn
}
