package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"time"
)

// selfSigned makes a certificate for names, valid for a century around now, and the file of roots that believes it.
func selfSigned(names ...string) (*tls.Config, []byte) {
	certificate, roots := dated(time.Now().AddDate(-50, 0, 0), time.Now().AddDate(50, 0, 0), names...)
	return &tls.Config{Certificates: []tls.Certificate{certificate}}, roots
}

// dated makes a certificate that signs itself and is valid between two times.
func dated(from, to time.Time, names ...string) (tls.Certificate, []byte) {
	key := mustValue(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	template := &x509.Certificate{
		SerialNumber:          mustValue(rand.Int(rand.Reader, big.NewInt(1<<62))),
		Subject:               pkix.Name{CommonName: "stand-in " + names[0]},
		DNSNames:              names,
		NotBefore:             from,
		NotAfter:              to,
		IsCA:                  true,
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der := mustValue(x509.CreateCertificate(rand.Reader, template, template, key.Public(), key))
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}
