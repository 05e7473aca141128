package roots

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ddns-batch/internal/testnet"
)

// serve answers TLS handshakes with a certificate for name, until the test ends, and counts the connections.
func serve(t *testing.T, a *testnet.Authority, name string, until time.Time) *testnet.Listener {
	config := &tls.Config{Certificates: []tls.Certificate{a.Certificate(time.Now().Add(-2*time.Hour), until, name)}}
	return testnet.ListenTLS(t, config, func(conn net.Conn) { _ = conn.(*tls.Conn).Handshake() })
}

const wanted = "ddns.example.com"

// TestConnectAsAChild is not a test of its own: it is what TestWhoIsTrusted starts, since crypto/x509 reads the system's
// authorities once a process.
func TestConnectAsAChild(t *testing.T) {
	address := os.Getenv("ROOTS_ADDRESS")
	if address == "" {
		return
	}
	dial := func(ctx context.Context) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "tcp4", address)
	}
	a := System()
	if os.Getenv("ROOTS_WHOLE") != "" {
		a = nil
	}
	a.Expect(os.Getenv("ROOTS_EXPECTED"))
	said := "trusted"
	for range 1 + len(os.Getenv("ROOTS_AGAIN")) {
		conn, err := a.Connect(t.Context(), dial, &tls.Config{ServerName: wanted, MinVersion: tls.VersionTLS12})
		if err != nil {
			said = "refused: " + err.Error()
			continue
		}
		_ = conn.Close()
	}
	fmt.Printf("%s\n%s\n", said, a.Proven())
}

// connectAs connects to address as a process of its own, with these variables, and returns what it says of that and by
// whom the server was verified.
func connectAs(t *testing.T, address string, variables ...string) (said, proven string) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestConnectAsAChild$")
	cmd.Env = append([]string{"ROOTS_ADDRESS=" + address}, variables...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	lines := strings.Split(string(out), "\n")
	return lines[0], lines[1]
}

func TestWhoIsTrusted(t *testing.T) {
	signer, other := testnet.NewAuthority("signer"), testnet.NewAuthority("other")
	good := time.Now().Add(time.Hour)
	write := func(dir, name string, content []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	both := append(append([]byte{}, other.PEM...), signer.PEM...)
	for name, c := range map[string]struct {
		file, folder []byte // what SSL_CERT_FILE and the folder of SSL_CERT_DIR hold; nil: there is no such file
		prepare      func(t *testing.T, file string)
		serverName   string
		until        time.Time
		trusted      bool
		connections  int
	}{
		"the authority is in the bundle":                   {file: both, trusted: true, connections: 1},
		"the authority is in the folder only":              {file: other.PEM, folder: signer.PEM, trusted: true, connections: 2},
		"the authority is in neither":                      {file: other.PEM, folder: other.PEM, connections: 2},
		"there is no bundle":                               {folder: signer.PEM, trusted: true, connections: 1},
		"the bundle is a dead link":                        {folder: signer.PEM, trusted: true, connections: 1, prepare: func(t *testing.T, file string) { link(t, file+".gone", file) }},
		"the bundle is a folder":                           {folder: signer.PEM, trusted: true, connections: 1, prepare: func(t *testing.T, file string) { folder(t, file) }},
		"the bundle holds no certificate":                  {file: []byte("none"), folder: signer.PEM, trusted: true, connections: 1},
		"the certificate is expired":                       {file: both, until: time.Now().Add(-time.Hour), connections: 2},
		"the certificate is for another name":              {file: both, serverName: "other.example.net", connections: 2},
		"there are no authorities at all":                  {connections: 1},
		"the bundle cannot be read, and the folder has it": {file: both, folder: signer.PEM, trusted: true, connections: 1, prepare: unreadable},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			file, folder := filepath.Join(dir, "bundle.pem"), filepath.Join(dir, "certs")
			if err := os.Mkdir(folder, 0o755); err != nil {
				t.Fatal(err)
			}
			if c.file != nil {
				write(dir, "bundle.pem", c.file)
			}
			if c.folder != nil {
				write(folder, "one.pem", c.folder)
			}
			if c.prepare != nil {
				c.prepare(t, file)
			}
			if c.serverName == "" {
				c.serverName = wanted
			}
			if c.until.IsZero() {
				c.until = good
			}
			server := serve(t, signer, c.serverName, c.until)
			connect := func(more ...string) string {
				said, proven := connectAs(t, server.Address, append([]string{"SSL_CERT_FILE=" + file, "SSL_CERT_DIR=" + folder}, more...)...)
				if want := remembered(signer); said == "trusted" && len(more) == 0 && proven != want {
					t.Errorf("verified by %q, want %q", proven, want)
				}
				return said
			}
			said := connect()
			if (said == "trusted") != c.trusted {
				t.Errorf("it is %s", said)
			}
			if n := server.Accepted(); n != c.connections {
				t.Errorf("%d connections, want %d", n, c.connections)
			}
			if whole := connect("ROOTS_WHOLE=yes"); undated(whole) != undated(said) {
				t.Errorf("the bundle first: %s\nall at once:      %s", said, whole)
			}
		})
	}
}

// undated leaves out the time of day that an error about an expired certificate holds.
func undated(s string) string { before, _, _ := strings.Cut(s, ": current time "); return before }

func link(t *testing.T, to, at string) {
	t.Helper()
	if err := os.Symlink(to, at); err != nil {
		t.Fatal(err)
	}
}

func folder(t *testing.T, at string) {
	t.Helper()
	if err := os.Mkdir(at, 0o755); err != nil {
		t.Fatal(err)
	}
}

// unreadable makes of the bundle what nobody can read, root included: a link to itself.
func unreadable(t *testing.T, file string) {
	t.Helper()
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	link(t, file, file)
}

func TestOnlyThoseThatAreGiven(t *testing.T) {
	signer, other := testnet.NewAuthority("signer"), testnet.NewAuthority("other")
	server := serve(t, signer, wanted, time.Now().Add(time.Hour))
	dial := func(ctx context.Context) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "tcp4", server.Address)
	}
	for name, a := range map[string]*testnet.Authority{"the signer": signer, "another": other} {
		conn, err := Only(a.Pool()).Connect(t.Context(), dial, &tls.Config{ServerName: wanted, MinVersion: tls.VersionTLS12})
		if (err == nil) != (name == "the signer") {
			t.Errorf("%s: %v", name, err)
		}
		if err == nil {
			_ = conn.Close()
		}
	}
	if n := server.Accepted(); n != 2 {
		t.Errorf("%d connections, want one for each", n)
	}
}

func TestADialThatFailsIsNotRepeated(t *testing.T) {
	dials := 0
	dial := func(context.Context) (net.Conn, error) { dials++; return nil, os.ErrDeadlineExceeded }
	if _, err := System().Connect(t.Context(), dial, &tls.Config{ServerName: wanted}); err == nil || dials != 1 {
		t.Errorf("%d dials, error %v", dials, err)
	}
}
