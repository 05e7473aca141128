// Package roots makes TLS connections that trust the system's certificate authorities, without reading all of them
// where a few are enough. It never trusts more than the system does, and never skips a verification.
//
// On Linux Go reads the bundle and then every file of the certificate folders, which mostly hold the same authorities
// again. That is the largest part of a short run. What a part of the authorities verifies, all of them verify; so a part
// is tried first: those of the bundle by which earlier runs verified their servers, or the whole bundle where that is not
// known. What they do not verify is asked of all that the system trusts, over a connection of its own.
package roots

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"slices"
	"sync"
	"time"
)

// Authorities are who may say that a server is the one it claims to be. The nil value is all that the system trusts.
type Authorities struct {
	// bundle gives the text of the system's bundle, nil where there is none; pool those that are tried first, nil for all
	// that the system trusts.
	bundle func() []byte
	pool   func() *x509.CertPool
	// only: no others are tried, and none are remembered.
	only bool

	mu       sync.Mutex // guards all below
	expected []fingerprint
	proven   []fingerprint // each once
	// insufficient: some server was verified by all that the system trusts, and not by the pool.
	insufficient bool
}

// System are the authorities that the system trusts. It begins to read them at once and does not wait for that.
func System() *Authorities {
	a := &Authorities{bundle: sync.OnceValue(readBundle)}
	a.pool = sync.OnceValue(a.choose)
	go a.bundle()
	return a
}

// Only are the authorities of pool and no others.
func Only(pool *x509.CertPool) *Authorities {
	return &Authorities{pool: func() *x509.CertPool { return pool }, only: true}
}

// Expect says by which authorities servers are likely to be verified: those that Proven gave in an earlier run. It has no
// effect after the first Connect. What is not in the bundle, or is no fingerprint, is passed over.
func (a *Authorities) Expect(remembered string) {
	if a == nil || a.only {
		return
	}
	a.mu.Lock()
	a.expected = parseFingerprints(remembered)
	a.mu.Unlock()
	go a.pool()
}

// Proven names the authorities by which servers were verified so far, and then the expected ones that verified none: in
// all no more than a few. It is empty where there is nothing to remember.
func (a *Authorities) Proven() string {
	if a == nil || a.only {
		return ""
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	return formatFingerprints(a.proven, a.expected)
}

// All is everybody who is trusted, in the form that tls.Config has for it; nil are all that the system trusts.
func (a *Authorities) All() *x509.CertPool {
	if a == nil || !a.only {
		return nil
	}
	return a.pool()
}

// Dialer opens a connection to a server, as often as it is called.
type Dialer func(context.Context) (net.Conn, error)

// Connect opens a connection and makes it one that is encrypted to the server named in c, whose RootCAs are set here.
// The error of a server that cannot prove its name is the one that all authorities together give.
func (a *Authorities) Connect(ctx context.Context, dial Dialer, c *tls.Config) (*tls.Conn, error) {
	if a == nil {
		return handshake(ctx, dial, c, nil)
	}
	first := a.first()
	conn, err := handshake(ctx, dial, c, first)
	if refused := (*tls.CertificateVerificationError)(nil); first != nil && !a.only && errors.As(err, &refused) {
		if conn, err = handshake(ctx, dial, c, nil); err == nil {
			a.mu.Lock()
			a.insufficient = true
			a.mu.Unlock()
		}
	}
	if err == nil && !a.only {
		a.note(conn.ConnectionState().VerifiedChains)
	}
	return conn, err
}

// first are the authorities that the next connection tries first. After one server that needed all of them that is all:
// the other connections to it need them too.
func (a *Authorities) first() *x509.CertPool {
	a.mu.Lock()
	all := a.insufficient
	a.mu.Unlock()
	if all {
		return nil
	}
	return a.pool()
}

// note remembers by whom a server was verified, where the system has a bundle in which to look for that one.
func (a *Authorities) note(chains [][]*x509.Certificate) {
	if len(chains) == 0 || len(bundles) == 0 {
		return
	}
	by := fingerprintOf(chains[0][len(chains[0])-1])
	a.mu.Lock()
	defer a.mu.Unlock()
	if !slices.Contains(a.proven, by) {
		a.proven = append(a.proven, by)
	}
}

// choose makes the pool that is tried first.
func (a *Authorities) choose() *x509.CertPool {
	text := a.bundle()
	a.mu.Lock()
	expected := a.expected
	a.mu.Unlock()
	if pool := pick(text, expected); pool != nil {
		return pool
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		return nil
	}
	return pool
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
