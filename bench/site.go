package main

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// site is where the measuring takes place.
type site struct {
	program string // ddns-batch, as it is built from this tree
	disk    string // a folder on a disk
	memory  string // one on a memory file system, or else on a disk too
	inRAM   bool
	// authorities is what every program is told to believe: the system's certificates and the stand-in's.
	authorities      string
	certificate, key string
}

// newSite builds the program, and makes the folders and a certificate.
func newSite() (*site, error) {
	out, err := filepath.Abs(filepath.Join("bench", "out"))
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat("bench"); err != nil {
		return nil, errors.New("start this in the folder above bench: go run ./bench")
	}
	s := &site{program: filepath.Join(out, "ddns-batch")}
	if err := os.MkdirAll(out, 0o700); err != nil {
		return nil, err
	}
	if s.disk, err = os.MkdirTemp(out, "run-"); err != nil {
		return nil, err
	}
	if s.memory, err = os.MkdirTemp("/dev/shm", "ddns-batch-"); err == nil {
		s.inRAM = true
	} else if s.memory, err = os.MkdirTemp("", "ddns-batch-"); err != nil {
		return nil, err
	}
	build := exec.Command("go", "build", "-o", s.program, "./cmd/ddns-batch")
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		return nil, fmt.Errorf("go build: %w", err)
	}
	return s, s.certify()
}

func (s *site) close() {
	_ = os.RemoveAll(s.memory)
	_ = os.RemoveAll(s.disk)
}

// certify makes a certificate for loopback.
func (s *site) certify() error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "ddns-batch bench"},
		DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true,
		KeyUsage:    x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return err
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	// Reading the system's certificates is a part of what every program does in earnest.
	systems, _ := os.ReadFile("/etc/ssl/certs/ca-certificates.crt")
	s.certificate, s.key = filepath.Join(s.memory, "certificate.pem"), filepath.Join(s.memory, "key.pem")
	s.authorities = filepath.Join(s.memory, "authorities.pem")
	return errors.Join(
		os.WriteFile(s.certificate, certificate, 0o600),
		os.WriteFile(s.key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}), 0o600),
		os.WriteFile(s.authorities, append(systems, certificate...), 0o600))
}

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
