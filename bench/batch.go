package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// batch is what has to be sent, and how long the stand-in takes for each answer.
type batch struct {
	records, workers int
	delay            time.Duration
}

// zone is one domain. No two records have the same host: ddclient and inadyn would take them for one.
type zone struct {
	domain string
	hosts  []string
}

// zones have 100 records each; Namecheap allows 150.
func (b batch) zones() []zone {
	var all []zone
	for i := range b.records {
		if i%100 == 0 {
			all = append(all, zone{domain: fmt.Sprintf("d%d.example.com", i/100)})
		}
		z := &all[len(all)-1]
		z.hosts = append(z.hosts, fmt.Sprintf("h%d", i))
	}
	return all
}

// ideal is the time for sending alone, when every worker is always waiting for an answer and each takes service.
func (b batch) ideal(service time.Duration) time.Duration {
	return time.Duration((b.records+b.workers-1)/b.workers) * service
}

// table is a batch with the stand-ins that it is sent to. The first is the endpoint; both say an address, each its own,
// so that a program which asks the one and then the other finds that everything has moved.
type table struct {
	batch
	zones  []zone
	site   *site
	dir    string // for configurations
	state  string // for what programs remember
	report string // the file for ddns-batch's JSON report; empty: it writes a text that nobody reads
	stands [2]*standIn
}

// addresses are what the two stand-ins say.
var addresses = [2]string{"203.0.113.7", "203.0.113.91"}

// lay starts the stand-ins for a batch. What programs remember is kept in a folder of its own in memory, or else on the
// disk.
func (s *site) lay(b batch, onDisk bool) (*table, error) { return s.layZones(b, b.zones(), onDisk) }

// layZones is lay for records of one's own, some of which may fail.
func (s *site) layZones(b batch, zones []zone, onDisk bool, faults ...string) (*table, error) {
	t := &table{batch: b, zones: zones, site: s}
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
	records := filepath.Join(t.dir, "records.yaml")
	if err := os.WriteFile(records, []byte(t.records()), 0o600); err != nil {
		return nil, err
	}
	for i := range t.stands {
		var more []string
		for _, fault := range faults {
			more = append(more, "--sandbox-fault", fault)
		}
		if t.stands[i], err = s.serve(records, b.delay, addresses[i], more...); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// clear ends the stand-ins, and returns what the endpoint heard.
func (t *table) clear() (heard, error) {
	if _, err := t.stands[1].stop(); err != nil {
		return heard{}, err
	}
	return t.stands[0].stop()
}

// records is the list of records as ddns-batch reads it.
func (t *table) records() string {
	var b strings.Builder
	b.WriteString("records:\n")
	for i, z := range t.zones {
		for _, host := range z.hosts {
			fmt.Fprintf(&b, "  - host: %q\n    domain: %s\n    password_env: D%d_PASSWORD\n", host, z.domain, i)
		}
	}
	return b.String()
}

func (t *table) write(name, content string) (string, error) {
	path := filepath.Join(t.dir, name)
	return path, os.WriteFile(path, []byte(content), 0o600)
}

// update is the address of the endpoint, without a scheme; localhost is another name for the same.
func (t *table) update() string { return "127.0.0.1:" + t.stands[0].port }

// source is where stand-in i says its address, without a scheme.
func (t *table) source(i int) string { return "localhost:" + t.stands[i].port }
