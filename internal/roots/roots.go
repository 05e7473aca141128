// Package roots makes TLS connections that trust the system's certificate authorities, without reading all of them
// where the system's bundle is enough. It never trusts more than the system does, and never skips a verification.
//
// On Linux Go reads the bundle and then every file of the certificate folders, which mostly hold the same authorities
// again. That is the largest part of a short run. What a part of the authorities verifies, all of them verify; so the
// bundle is tried first, and what it does not verify is asked of all of them, over a connection of its own.
package roots

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"os"
	"sync"
	"time"
)

// Authorities are who may say that a server is the one it claims to be. The nil value is all that the system trusts.
type Authorities struct {
	// pool gives those that are tried first; nil for all that the system trusts.
	pool func() *x509.CertPool
	// only: no others are tried.
	only bool
}

// System are the authorities that the system trusts. It begins to read them at once and does not wait for that.
func System() *Authorities {
	a := &Authorities{pool: sync.OnceValue(readBundle)}
	go a.pool()
	return a
}

// Only are the authorities of pool and no others.
func Only(pool *x509.CertPool) *Authorities {
	return &Authorities{pool: func() *x509.CertPool { return pool }, only: true}
}

// Dialer opens a connection to a server, as often as it is called.
type Dialer func(context.Context) (net.Conn, error)

// Connect opens a connection and makes it one that is encrypted to the server named in c, whose RootCAs are set here.
// The error of a server that cannot prove its name is the one that all authorities together give.
func (a *Authorities) Connect(ctx context.Context, dial Dialer, c *tls.Config) (*tls.Conn, error) {
	if a == nil {
		return handshake(ctx, dial, c, nil)
	}
	first := a.pool()
	conn, err := handshake(ctx, dial, c, first)
	if refused := (*tls.CertificateVerificationError)(nil); first != nil && !a.only && errors.As(err, &refused) {
		return handshake(ctx, dial, c, nil)
	}
	return conn, err
}

// handshakeLimit bounds a handshake, so that a server that is slow leaves time for something else.
const handshakeLimit = 10 * time.Second

func handshake(ctx context.Context, dial Dialer, c *tls.Config, pool *x509.CertPool) (*tls.Conn, error) {
	plain, err := dial(ctx)
	if err != nil {
		return nil, err
	}
	c = c.Clone()
	c.RootCAs = pool
	conn := tls.Client(plain, c)
	ctx, cancel := context.WithTimeout(ctx, handshakeLimit)
	defer cancel()
	if err := conn.HandshakeContext(ctx); err != nil {
		_ = plain.Close()
		return nil, err
	}
	return conn, nil
}

// readBundle reads the file in which the system has its authorities; nil if there is none that can be used.
func readBundle() *x509.CertPool {
	files := bundles
	if named := os.Getenv("SSL_CERT_FILE"); named != "" && len(bundles) > 0 {
		files = []string{named}
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			continue
		}
		// As crypto/x509 does: the first that can be read is the only one.
		pool := x509.NewCertPool()
		if !pool.AppendCertsFromPEM(text) {
			return nil
		}
		return pool
	}
	return nil
}
