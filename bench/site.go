package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// site is where the measuring takes place.
type site struct {
	program string // ddns-batch, as it is built from this tree for a release
	empty   string // a Go program that does nothing
	disk    string // a folder on a disk
	memory  string // one on a memory file system, or else on a disk too
	inRAM   bool
	// authorities is what every program is told to believe: the system's certificates and the stand-in's.
	authorities      string
	certificate, key string
}

// newSite builds the program, and makes the folders and a certificate.
func newSite() (*site, error) {
	out, err := filepath.Abs("out")
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(filepath.Join("..", "cmd", "ddns-batch")); err != nil {
		return nil, errors.New("this is not the folder bench: start this with make bench")
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
	// The program's own module.
	if err := release("..", s.program, "./cmd/ddns-batch"); err != nil {
		return nil, err
	}
	source := filepath.Join(s.memory, "empty.go")
	s.empty = filepath.Join(s.memory, "empty")
	if err := os.WriteFile(source, []byte("package main\n\nfunc main() {}\n"), 0o600); err != nil {
		return nil, err
	}
	if err := release(".", s.empty, source); err != nil {
		return nil, err
	}
	return s, s.certify()
}

// release builds a program as for a release.
func release(dir, program, source string) error {
	build := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", program, source)
	build.Dir = dir
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		return fmt.Errorf("go build: %w", err)
	}
	return nil
}

// size is that of the program, in bytes.
func (s *site) size() (int64, error) {
	info, err := os.Stat(s.program)
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// close removes everything but the program.
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
