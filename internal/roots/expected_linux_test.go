package roots

import (
	"bytes"
	"crypto/x509"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"ddns-batch/internal/testnet"
)

// What is remembered decides who is tried first, and never who is trusted.
func TestRememberedAuthoritiesAreTriedFirst(t *testing.T) {
	signer, other, gone := testnet.NewAuthority("signer"), testnet.NewAuthority("other"), testnet.NewAuthority("gone")
	both := []*testnet.Authority{other, signer}
	for name, c := range map[string]struct {
		file, folder []*testnet.Authority
		expected     []*testnet.Authority
		hostile      string // is remembered, too
		trusted      bool
		connections  int
	}{
		"it is the right one":            {file: both, expected: []*testnet.Authority{signer}, trusted: true, connections: 1},
		"one of two is":                  {file: both, expected: []*testnet.Authority{other, signer}, trusted: true, connections: 1},
		"the server has another one now": {file: both, expected: []*testnet.Authority{other}, trusted: true, connections: 2},
		"the system has dropped it":      {file: []*testnet.Authority{other}, expected: []*testnet.Authority{signer}, connections: 2},
		"it was never the system's":      {file: both, expected: []*testnet.Authority{gone}, trusted: true, connections: 1},
		"it is in the folder only":       {file: []*testnet.Authority{other}, folder: []*testnet.Authority{signer}, expected: []*testnet.Authority{signer}, trusted: true, connections: 2},
		"what is remembered is no such":  {file: both, hostile: "../x zz " + strings.Repeat("0", 64), trusted: true, connections: 1},
		"the system has no authorities":  {expected: []*testnet.Authority{signer}, connections: 1},
		"it is remembered very often":    {file: both, expected: slices.Repeat([]*testnet.Authority{signer}, 99), trusted: true, connections: 1},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			file, folder := filepath.Join(dir, "bundle.pem"), filepath.Join(dir, "certs")
			if err := os.Mkdir(folder, 0o755); err != nil {
				t.Fatal(err)
			}
			write(t, file, c.file)
			write(t, filepath.Join(folder, "more.pem"), c.folder)
			server := serve(t, signer, wanted, time.Now().Add(time.Hour))
			memory := c.hostile
			for _, a := range c.expected {
				memory += " " + remembered(a)
			}
			said, proven := connectAs(t, server.Address, "SSL_CERT_FILE="+file, "SSL_CERT_DIR="+folder, "ROOTS_EXPECTED="+memory)
			if n := server.Accepted(); (said == "trusted") != c.trusted || n != c.connections {
				t.Errorf("it is %s, after %d connections", said, n)
			}
			// The one that has proved itself comes first.
			want := []string{}
			if c.trusted {
				want = append(want, remembered(signer))
			}
			for _, a := range c.expected {
				if f := remembered(a); !slices.Contains(want, f) {
					want = append(want, f)
				}
			}
			if got := strings.Fields(proven); !slices.Equal(got, want) {
				t.Errorf("remembered are %q, want %q", got, want)
			}
		})
	}
}

// remembered is how an authority is remembered.
func remembered(a *testnet.Authority) string {
	return formatFingerprints([]fingerprint{fingerprintOfText(a.PEM)}, nil)
}

// write writes the certificates of all into one file.
func write(t *testing.T, path string, all []*testnet.Authority) {
	t.Helper()
	var text []byte
	for _, a := range all {
		text = append(text, a.PEM...)
	}
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

// A server that needs all authorities of the system is asked in vain once, not once for each connection.
func TestAllAuthoritiesAreTriedFirstOnceTheyWereNeeded(t *testing.T) {
	signer, other := testnet.NewAuthority("signer"), testnet.NewAuthority("other")
	dir := t.TempDir()
	file := filepath.Join(dir, "bundle.pem")
	write(t, file, []*testnet.Authority{other})
	write(t, filepath.Join(dir, "more.pem"), []*testnet.Authority{signer})
	server := serve(t, signer, wanted, time.Now().Add(time.Hour))
	said, _ := connectAs(t, server.Address, "SSL_CERT_FILE="+file, "SSL_CERT_DIR="+dir, "ROOTS_AGAIN=xxx")
	if n := server.Accepted(); said != "trusted" || n != 5 {
		t.Errorf("it is %s, and four connections took %d", said, n)
	}
}

func TestOnlyExpectedAuthoritiesAreRead(t *testing.T) {
	first, second, third := testnet.NewAuthority("first"), testnet.NewAuthority("second"), testnet.NewAuthority("third")
	bundle := slices.Concat([]byte("# first\n"), first.PEM, []byte("\n# second\n"), second.PEM, []byte("-----BEGIN CERTIFICATE-----\ncut"), third.PEM)
	pool := func(all ...*testnet.Authority) *x509.CertPool {
		p := x509.NewCertPool()
		for _, a := range all {
			p.AppendCertsFromPEM(a.PEM)
		}
		return p
	}
	for name, c := range map[string]struct {
		bundle   []byte
		expected []*testnet.Authority
		want     *x509.CertPool
	}{
		"one":                         {bundle, []*testnet.Authority{second}, pool(second)},
		"two":                         {bundle, []*testnet.Authority{second, first}, pool(first, second)},
		"one behind one that is cut":  {bundle, []*testnet.Authority{third}, nil},
		"none":                        {bundle, nil, nil},
		"one with other line ends":    {bytes.ReplaceAll(bundle, []byte("\n"), []byte("\r\n")), []*testnet.Authority{first}, nil},
		"one of a bundle that is cut": {bundle[:len(first.PEM)/2], []*testnet.Authority{first}, nil},
	} {
		var expected []fingerprint
		for _, a := range c.expected {
			expected = append(expected, fingerprintOfText(a.PEM))
		}
		got := pick(c.bundle, expected)
		if (got == nil) != (c.want == nil) || got != nil && !got.Equal(c.want) {
			t.Errorf("%s: others are read", name)
		}
	}
}

func TestNothingIsRememberedOfAuthoritiesThatAreGiven(t *testing.T) {
	for name, a := range map[string]*Authorities{"none": nil, "a pool": Only(x509.NewCertPool())} {
		a.Expect(strings.Repeat("0", 16))
		if got := a.Proven(); got != "" {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestFewAuthoritiesAreRemembered(t *testing.T) {
	var now, before []fingerprint
	for i := range byte(12) {
		now, before = append(now, fingerprint{i}), append(before, fingerprint{i, 1})
	}
	got := parseFingerprints(formatFingerprints(now, before))
	if want := slices.Concat(now, before[:4]); !slices.Equal(got, want) {
		t.Errorf("%x, want %x", got, want)
	}
}
