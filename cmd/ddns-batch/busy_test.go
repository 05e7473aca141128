package main

import (
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"ddns-batch/internal/provider"
	"ddns-batch/internal/testnet"
)

// busy asks for some time, on a connection that may be kept.
func busy(conn net.Conn, _ *http.Request, _ string) {
	_, _ = io.WriteString(conn, "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 120\r\nContent-Length: 4\r\n\r\nbusy")
	testnet.ReadOn(conn)
}

// A record whose answer asks for two minutes is not sent again after half a second, and not in the next run either.
func TestABusyEndpointIsGivenItsTime(t *testing.T) {
	t.Parallel()
	m := twoDomains(t, "www")
	m.configure(map[string]string{"retries": "2"})
	m.confirmAndMove()
	m.be("www.example.com", busy)
	e := m.run("-o", "json")
	if got := e.document.of("www.example.com"); e.status != 1 || got.Result != "unconfirmed" || got.Attempts != 1 || got.Error.Class != provider.Transient {
		t.Errorf("status %d, %+v", e.status, got)
	}
	m.be("www.example.com", nil)
	e = m.run("-o", "json")
	if got := e.document.of("www.example.com"); e.status != 1 || got.Action != "hold" || got.Reason != "failing" || got.Error.Message != "503 Service Unavailable" {
		t.Errorf("in the next run: status %d, %+v", e.status, got)
	}
	if n := m.timesPlayed("www.example.com"); n != 1 {
		t.Errorf("it was asked %d times", n)
	}
	if e = m.run("-o", "json", "--retry"); e.status != 0 {
		t.Errorf("with --retry: status %d\n%s", e.status, e.stdout)
	}
	m.published(awayAddress)
}

// An endpoint that is down is tried with three records, and the next run begins with the others.
func TestAnEndpointThatIsDownIsNotAskedForEachRecord(t *testing.T) {
	t.Parallel()
	m := twoDomains(t, "a", "b", "c", "d", "e")
	m.configure(map[string]string{"concurrency": "1"})
	m.confirmAndMove()
	for name, way := range map[string]func(){
		"refused": func() { m.dials[endpointHost] = testnet.Refusing(t) },
		"silent":  func() { m.dials[endpointHost] = testnet.Listen(t, testnet.Reset).Address },
	} {
		way()
		e := m.run("-o", "json")
		count := map[string]int{}
		for _, got := range e.document.Records {
			count[got.Result]++
			if got.Error.Class != provider.Transient || got.Result == "skipped" && got.Error.Message != "not sent: 3 records in a row got no answer" {
				t.Errorf("%s: %+v", name, got)
			}
		}
		if e.status != 1 || count["failed"] != 3 || count["skipped"] != 5 {
			t.Errorf("%s: status %d, %v", name, e.status, count)
		}
		if e = m.run(); !strings.Contains(e.stdout, "3 records in a row got no answer") || strings.Contains(e.stdout, "--retry") {
			t.Errorf("%s", e.stdout)
		}
	}
	delete(m.dials, endpointHost)
	// Some have failed often enough by now to be held for some minutes.
	if e := m.run("-o", "json", "--retry"); e.status != 0 {
		t.Errorf("when it is up again: status %d\n%s", e.status, e.stdout)
	}
	m.published(awayAddress)
}
