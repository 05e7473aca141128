package main

import (
	"crypto/x509"
	"fmt"
	"math"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"ddns-batch/internal/provider/namecheap/sandbox"
	"ddns-batch/internal/publicip"
)

// The benchmarks run the whole program as a process of its own, over TLS, against a stand-in in this one. What counts
// are ratios and differences, so that they can be compared from one machine to another; all figures are medians.

// BenchmarkMoved sends every record because the address has changed. The ideal is the look-up of the address, and as
// many service times as the busiest worker has records.
func BenchmarkMoved(b *testing.B) {
	for _, bench := range []struct {
		records, workers int
		served           time.Duration
	}{{50, 16, 50 * time.Millisecond}, {10000, 64, 5 * time.Millisecond}} {
		b.Run(fmt.Sprintf("%d records, %d workers, %s", bench.records, bench.workers, bench.served), func(b *testing.B) {
			h := newHousehold(b, bench.records, bench.workers, bench.served)
			h.run(b)
			rounds := (bench.records + bench.workers - 1) / bench.workers
			var ratio, handshakes, peak []float64
			for b.Loop() {
				h.move()
				ideal := h.lookUp(b) + time.Duration(rounds)*bench.served
				before, heard := h.server.Handshakes(), len(h.server.Heard())
				run := h.run(b)
				if sent := len(h.server.Heard()) - heard; sent != bench.records {
					b.Fatalf("%d records were sent", sent)
				}
				ratio = append(ratio, float64(run.took)/float64(ideal))
				handshakes = append(handshakes, float64(h.server.Handshakes()-before-h.query.Agree)/float64(bench.workers))
				peak = append(peak, run.peak)
			}
			b.ReportMetric(median(ratio), "times-ideal")
			b.ReportMetric(slices.Max(handshakes), "handshakes/worker")
			b.ReportMetric(median(peak), "MiB-peak")
		})
	}
}

// BenchmarkNothingToDo is what cron calls nearly every time.
func BenchmarkNothingToDo(b *testing.B) {
	for _, records := range []int{1, 50, 1000, 10000} {
		b.Run(fmt.Sprintf("%d records", records), func(b *testing.B) {
			h := newHousehold(b, records, 16, 0)
			h.run(b)
			heard := len(h.server.Heard())
			var beyond, cpu, peak []float64
			for b.Loop() {
				lookUp := h.lookUp(b)
				run := h.run(b)
				beyond = append(beyond, milliseconds(run.took-lookUp))
				cpu = append(cpu, milliseconds(run.cpu))
				peak = append(peak, run.peak)
			}
			if sent := len(h.server.Heard()) - heard; sent > 0 {
				b.Fatalf("%d records were sent", sent)
			}
			b.ReportMetric(median(beyond), "ms-beyond-look-up")
			b.ReportMetric(median(cpu), "ms-CPU")
			b.ReportMetric(median(peak), "MiB-peak")
		})
	}
}

// household is a configuration with its state, and the stand-in that it updates.
type household struct {
	server *sandbox.Server
	query  publicip.Query
	dir    string
	env    []string
	moves  int
}

// newHousehold has domains of 100 records.
func newHousehold(b *testing.B, records, workers int, served time.Duration) *household {
	b.Helper()
	certificate, authority := selfSigned("ddns.example.net", "*.sandbox.example.net")
	o := sandbox.Options{Address: rehearsalAddress, ServiceTime: served, TLS: certificate}
	h := &household{dir: b.TempDir()}
	h.env = append(os.Environ(), rootsVariable+"="+filepath.Join(h.dir, "roots.pem"), peakVariable+"="+filepath.Join(h.dir, "peak"))
	var yaml strings.Builder
	for i := range records {
		d := i / 100
		domain, variable := fmt.Sprintf("d%d.example.com", d), fmt.Sprintf("D%d_PASSWORD", d)
		if d == len(o.Domains) {
			o.Domains = append(o.Domains, sandbox.Domain{Name: domain, Password: sandbox.PasswordFor(domain)})
			h.env = append(h.env, variable+"="+sandbox.PasswordFor(domain))
		}
		host := fmt.Sprintf("h%d", i)
		o.Domains[d].Hosts = append(o.Domains[d].Hosts, host)
		fmt.Fprintf(&yaml, "  - host: %s\n    domain: %s\n    password_env: %s\n", host, domain, variable)
	}
	h.server = mustValue(sandbox.Start(o))
	b.Cleanup(h.server.Close)
	h.env = append(h.env, dialVariable+"="+h.server.Addr().String())
	h.query = publicip.Query{
		Sources: h.server.Sources()[:2], Agree: 2, Documentation: true,
		Dial: h.server.Dial, RootCAs: x509.NewCertPool(),
	}
	h.query.RootCAs.AppendCertsFromPEM(authority)
	head := fmt.Sprintf("endpoint: https://ddns.example.net/update\nconcurrency: %d\nip: {sources: [%s], agree: 2, allow: [203.0.113.0/24]}\nrecords:\n",
		workers, strings.Join(h.query.Sources, ", "))
	for name, content := range map[string]string{"hosts.yaml": head + yaml.String(), "roots.pem": string(authority)} {
		if err := os.WriteFile(filepath.Join(h.dir, name), []byte(content), 0o600); err != nil {
			b.Fatal(err)
		}
	}
	return h
}

// move changes the external address.
func (h *household) move() {
	h.moves++
	h.server.SetAddress(netip.AddrFrom4([4]byte{203, 0, 113, byte(8 + h.moves%2)}))
}

// lookUp is how long it takes to find the address.
func (h *household) lookUp(b *testing.B) time.Duration {
	began := time.Now()
	if _, err := publicip.Find(b.Context(), h.query); err != nil {
		b.Fatal(err)
	}
	return time.Since(began)
}

// used is what a run of the program cost.
type used struct {
	took, cpu time.Duration
	peak      float64 // MiB; not a number where the system does not tell
}

func (h *household) run(b *testing.B) used {
	b.Helper()
	program := exec.Command("ddns-batch", "-c", filepath.Join(h.dir, "hosts.yaml"), "--state", filepath.Join(h.dir, "state.json"))
	program.Env = h.env
	began := time.Now()
	if said, err := program.CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, said)
	}
	u := used{took: time.Since(began), cpu: program.ProcessState.UserTime() + program.ProcessState.SystemTime(), peak: math.NaN()}
	if text, err := os.ReadFile(filepath.Join(h.dir, "peak")); err == nil {
		u.peak = mustValue(strconv.ParseFloat(string(text), 64)) / 1024
	}
	return u
}

// notePeak is for a program that is measured: it writes down the most memory that it had, in KiB. What the system tells
// a parent of that begins with the parent's own.
func notePeak() {
	file := os.Getenv(peakVariable)
	status, err := os.ReadFile("/proc/self/status")
	if file == "" || err != nil {
		return
	}
	for line := range strings.Lines(string(status)) {
		if value, found := strings.CutPrefix(line, "VmHWM:"); found {
			_ = os.WriteFile(file, []byte(strings.Fields(value)[0]), 0o600)
		}
	}
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func median(values []float64) float64 {
	slices.Sort(values)
	return (values[(len(values)-1)/2] + values[len(values)/2]) / 2
}
