package main

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"time"

	"ddns-batch/internal/provider/namecheap/sandbox"
)

// batch is what has to be sent, and how long the stand-in takes for each answer.
type batch struct {
	records, workers int
	delay            time.Duration
	domains          int // 0: as few as hold the records
}

// zones have 100 records each, or fewer where there are to be more; Namecheap allows 150. No two records have the same host: ddclient and inadyn would take
// them for one.
func (b batch) zones() []sandbox.Domain {
	var all []sandbox.Domain
	size := 100
	if b.domains > 0 {
		size = (b.records + b.domains - 1) / b.domains
	}
	for i := range b.records {
		if i%size == 0 {
			name := fmt.Sprintf("d%d.example.com", i/size)
			all = append(all, sandbox.Domain{Name: name, Password: sandbox.PasswordFor(name)})
		}
		z := &all[len(all)-1]
		z.Hosts = append(z.Hosts, fmt.Sprintf("h%d", i))
	}
	return all
}

// ideal is the time for sending alone, when every worker is always waiting for an answer and each takes service.
func (b batch) ideal(service time.Duration) time.Duration {
	return time.Duration((b.records+b.workers-1)/b.workers) * service
}

// addresses are what the stand-in says in turn.
var addresses = [2]string{"203.0.113.7", "203.0.113.91"}

// table is a batch with the stand-in that it is sent to.
type table struct {
	batch
	zones   []sandbox.Domain
	site    *site
	dir     string // for configurations
	state   string // for what programs remember
	report  string // the file for ddns-batch's JSON report; empty: it writes a text that nobody reads
	stand   *sandbox.Server
	address int // of addresses, what the stand-in says
}

// lay starts the stand-in for a batch. What programs remember is kept in a folder of its own in memory, or else on the
// disk.
func (s *site) lay(b batch, onDisk bool) (*table, error) {
	t := &table{batch: b, zones: b.zones(), site: s}
	var err error
	if t.dir, err = os.MkdirTemp(s.memory, "batch-"); err != nil {
		return nil, err
	}
	t.state, t.report = t.dir, filepath.Join(t.dir, "report.json")
	if onDisk {
		if t.state, err = os.MkdirTemp(s.disk, "state-"); err != nil {
			return nil, err
		}
	}
	certificate, err := tls.LoadX509KeyPair(s.certificate, s.key)
	if err != nil {
		return nil, err
	}
	t.stand, err = sandbox.Start(sandbox.Options{
		Domains: t.zones, Address: netip.MustParseAddr(addresses[0]), ServiceTime: b.delay,
		TLS: &tls.Config{Certificates: []tls.Certificate{certificate}}, Lenient: true,
	})
	return t, err
}

// move changes what the stand-in says.
func (t *table) move() {
	t.address = 1 - t.address
	t.stand.SetAddress(netip.MustParseAddr(addresses[t.address]))
}

// clear ends the stand-in. It is an error if it did not accept so many updates, and no other ones. On a busy machine
// ddns-batch sends some again, whose connection answered too late to be believed.
func (t *table) clear(expected int) error {
	t.stand.Close()
	heard, accepted := t.stand.Heard(), 0
	for _, r := range heard {
		if r.Accepted {
			accepted++
		}
	}
	if accepted < expected || accepted != len(heard) {
		return fmt.Errorf("the stand-in heard %d updates and accepted %d, not %d", len(heard), accepted, expected)
	}
	return nil
}

// serviceTime is how long one answer takes over a connection that is kept: the delay, and what its timer is late.
func (t *table) serviceTime() (time.Duration, error) {
	// The certificate is not what is measured.
	client := http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	defer client.CloseIdleConnections()
	var all []time.Duration
	for range 21 {
		began := time.Now()
		response, err := client.Get("https://" + t.host("127.0.0.1") + "/getip")
		if err != nil {
			return 0, err
		}
		_, err = io.Copy(io.Discard, response.Body)
		if err := errors.Join(err, response.Body.Close()); err != nil {
			return 0, err
		}
		all = append(all, time.Since(began))
	}
	return median(all), nil
}

// records is the list of records as ddns-batch reads it.
func (t *table) records() string {
	var b strings.Builder
	b.WriteString("records:\n")
	for i, z := range t.zones {
		for _, host := range z.Hosts {
			fmt.Fprintf(&b, "  - host: %q\n    domain: %s\n    password_env: D%d_PASSWORD\n", host, z.Name, i)
		}
	}
	return b.String()
}

func (t *table) write(name, content string) (string, error) {
	path := filepath.Join(t.dir, name)
	return path, os.WriteFile(path, []byte(content), 0o600)
}

// host is the stand-in under one of its names, "localhost" or "127.0.0.1".
func (t *table) host(name string) string { return fmt.Sprintf("%s:%d", name, t.stand.Addr().Port()) }
