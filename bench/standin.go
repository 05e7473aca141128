package main

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// standIn is a running ddns-batch sandbox.
type standIn struct {
	process   *exec.Cmd
	said      *bufio.Reader
	port      string
	passwords map[string]string // by domain
}

var (
	endpointLine = regexp.MustCompile(`^endpoint  https://127\.0\.0\.1:(\d+)/`)
	domainLine   = regexp.MustCompile(`^domain    (\S+)  password (\S+)`)
	heardLine    = regexp.MustCompile(`^heard     (\d+) updates?, (\d+) accepted; .* (\d+) TLS handshakes?$`)
)

// serve starts a stand-in that knows the records of hosts, says address, and takes delay for every answer.
func (s *site) serve(hosts string, delay time.Duration, address string, more ...string) (*standIn, error) {
	in := &standIn{passwords: map[string]string{}}
	in.process = exec.Command(s.program, append([]string{"sandbox", "--listen", "127.0.0.1:0", "--config", hosts,
		"--delay", delay.String(), "--tls-cert", s.certificate, "--tls-key", s.key, "--sandbox-ip", address}, more...)...)
	in.process.Stderr = os.Stderr
	stdout, err := in.process.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := in.process.Start(); err != nil {
		return nil, err
	}
	s.standIns = append(s.standIns, in)
	in.said = bufio.NewReader(stdout)
	for {
		line, err := in.said.ReadString('\n')
		if err != nil {
			return nil, fmt.Errorf("the stand-in: %w", errors.Join(err, in.process.Wait()))
		}
		if m := endpointLine.FindStringSubmatch(line); m != nil {
			in.port = m[1]
		}
		if m := domainLine.FindStringSubmatch(line); m != nil {
			in.passwords[m[1]] = m[2]
		}
		if strings.HasPrefix(line, "serving") {
			return in, nil
		}
	}
}

// heard is what a stand-in heard while it served.
type heard struct {
	updates, accepted, handshakes int
	odd                           []string
}

// stop ends the stand-in.
func (in *standIn) stop() (heard, error) {
	var h heard
	if err := in.process.Process.Signal(os.Interrupt); err != nil {
		return h, err
	}
	rest, err := io.ReadAll(in.said)
	if err := errors.Join(err, in.process.Wait()); err != nil {
		return h, fmt.Errorf("the stand-in: %w", err)
	}
	for line := range strings.Lines(string(rest)) {
		line = strings.TrimSuffix(line, "\n")
		if m := heardLine.FindStringSubmatch(line); m != nil {
			h.updates, _ = strconv.Atoi(m[1])
			h.accepted, _ = strconv.Atoi(m[2])
			h.handshakes, _ = strconv.Atoi(m[3])
		} else {
			h.odd = append(h.odd, strings.TrimPrefix(line, "odd       "))
		}
	}
	return h, nil
}

// answers is how long one answer takes over a connection that is kept: the delay, and what its timer is late.
func (in *standIn) answers(authority string) (time.Duration, error) {
	trusted, err := trust(authority)
	if err != nil {
		return 0, err
	}
	client := http.Client{Transport: &http.Transport{TLSClientConfig: trusted}}
	defer client.CloseIdleConnections()
	var all []time.Duration
	for range 21 {
		began := time.Now()
		response, err := client.Get("https://127.0.0.1:" + in.port + "/getip")
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

// trust believes nobody but the authority in a file.
func trust(authority string) (*tls.Config, error) {
	text, err := os.ReadFile(authority)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("%s: no certificate in it", authority)
	}
	return &tls.Config{RootCAs: pool}, nil
}

// busy is the processor time that the stand-in has used so far; 0 where the system does not tell.
func (in *standIn) busy() time.Duration {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", in.process.Process.Pid))
	_, after, found := strings.Cut(string(stat), ") ")
	fields := strings.Fields(after)
	if err != nil || !found || len(fields) < 13 {
		return 0
	}
	const tick = 10 * time.Millisecond // what the kernel shows to programs, on every architecture that Debian has
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return time.Duration(user+system) * tick
}
