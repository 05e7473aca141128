// Package testnet is what the tests need of a network: certificates of an authority of their own, name servers, and
// servers that do with a connection whatever a test wants.
// It listens on loopback only, connects to nothing else, and no part of the program imports it.
package testnet

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"time"
)

// Authority signs certificates. Its own is valid for a century before and after now.
type Authority struct {
	// PEM is its certificate as a file of roots holds it.
	PEM []byte

	root *x509.Certificate
	key  *ecdsa.PrivateKey
}

// NewAuthority makes an authority that nobody trusts yet.
func NewAuthority(name string) *Authority {
	now := time.Now()
	a := &Authority{key: must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))}
	a.root = &x509.Certificate{
		SerialNumber: serial(), Subject: pkix.Name{CommonName: name}, NotBefore: now.AddDate(-100, 0, 0), NotAfter: now.AddDate(100, 0, 0),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der := a.sign(a.root)
	a.root = must(x509.ParseCertificate(der))
	a.PEM = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	return a
}

// Pool trusts this authority and no other.
func (a *Authority) Pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.root)
	return pool
}

// Certificate is for names, IP addresses among them, and valid between two times.
func (a *Authority) Certificate(from, to time.Time, names ...string) tls.Certificate {
	template := &x509.Certificate{
		SerialNumber: serial(), Subject: pkix.Name{CommonName: names[0]}, NotBefore: from, NotAfter: to,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	for _, name := range names {
		if ip := net.ParseIP(name); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, name)
		}
	}
	return tls.Certificate{Certificate: [][]byte{a.sign(template)}, PrivateKey: a.key}
}

// Config is that of a server with a certificate for names that is valid for years.
func (a *Authority) Config(names ...string) *tls.Config {
	now := time.Now()
	return &tls.Config{Certificates: []tls.Certificate{a.Certificate(now.AddDate(-90, 0, 0), now.AddDate(90, 0, 0), names...)}}
}

func (a *Authority) sign(template *x509.Certificate) []byte {
	return must(x509.CreateCertificate(rand.Reader, template, a.root, a.key.Public(), a.key))
}

func serial() *big.Int {
	return must(rand.Int(rand.Reader, big.NewInt(1<<62)))
}

// must is for what fails only where nothing works.
func must[V any](value V, err error) V {
	if err != nil {
		panic(err)
	}
	return value
}
