package roots

import (
	"crypto/x509"
	"os"
	"strings"
	"testing"
)

// BenchmarkAuthorities compares what a run pays for the system's authorities: the bundle alone, and the bundle followed
// by the folders, as crypto/x509 reads them.
func BenchmarkAuthorities(b *testing.B) {
	if readBundle() == nil {
		b.Skip("this system has no bundle")
	}
	b.Run("bundle", func(b *testing.B) {
		for b.Loop() {
			readBundle()
		}
	})
	b.Run("whole", func(b *testing.B) {
		for b.Loop() {
			readWhole(b)
		}
	})
}

// readWhole reads what crypto/x509 reads on this system, which it does only once a process.
func readWhole(b *testing.B) *x509.CertPool {
	pool := readBundle()
	for _, folder := range []string{"/etc/ssl/certs", "/etc/pki/tls/certs"} {
		entries, err := os.ReadDir(folder)
		if err != nil {
			continue
		}
		for _, e := range entries {
			// crypto/x509 passes over links within the folder.
			if to, err := os.Readlink(folder + "/" + e.Name()); err == nil && !strings.Contains(to, "/") {
				continue
			}
			if text, err := os.ReadFile(folder + "/" + e.Name()); err == nil {
				pool.AppendCertsFromPEM(text)
			}
		}
	}
	return pool
}
