package roots

import (
	"crypto/x509"
	"encoding/pem"
	"os"
	"strings"
	"testing"
)

// BenchmarkAuthorities compares what a run pays for the system's authorities: three of the bundle that are remembered,
// the bundle, and the bundle followed by the folders, as crypto/x509 reads them.
func BenchmarkAuthorities(b *testing.B) {
	bundle := readBundle()
	if bundle == nil {
		b.Skip("this system has no bundle")
	}
	var some []fingerprint
	for rest := bundle; len(some) < 3; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			b.Skip("this system's bundle has less than three authorities")
		}
		some = append(some, fingerprintOfText(pem.EncodeToMemory(block)))
	}
	b.Run("remembered", func(b *testing.B) {
		for b.Loop() {
			if pick(readBundle(), some) == nil {
				b.Fatal("they are not found")
			}
		}
	})
	b.Run("bundle", func(b *testing.B) {
		for b.Loop() {
			x509.NewCertPool().AppendCertsFromPEM(readBundle())
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
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(readBundle())
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
