package main

import (
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"ddns-batch/internal/testnet"
)

// impolite are answers with more to them than was asked for, each of which repeats the request, and with it the password.
var impolite = map[string]play{
	"surplus bytes": func(conn net.Conn, r *http.Request, body string) {
		_, _ = io.WriteString(conn, kept(body)+"GET "+r.RequestURI+" HTTP/1.1\r\n\r\n")
		testnet.ReadOn(conn)
	},
	"a second reply": func(conn net.Conn, r *http.Request, body string) {
		_, _ = io.WriteString(conn, kept(body))
		_, _ = io.WriteString(conn, keptHeader("X-Request: "+r.RequestURI+"\r\n", body)+body)
		testnet.ReadOn(conn)
	},
	"a second reply that is none": func(conn net.Conn, r *http.Request, body string) {
		_, _ = io.WriteString(conn, kept(body))
		_, _ = io.WriteString(conn, "HTTP/1.1 "+r.RequestURI+"\r\n\r\n")
		testnet.ReadOn(conn)
	},
	"early hints": func(conn net.Conn, r *http.Request, body string) {
		_, _ = io.WriteString(conn, "HTTP/1.1 103 Early Hints\r\nLink: <"+r.RequestURI+">; rel=preload\r\n\r\n"+kept(body))
		testnet.ReadOn(conn)
	},
	"early hints afterwards": func(conn net.Conn, r *http.Request, body string) {
		_, _ = io.WriteString(conn, kept(body)+"HTTP/1.1 103 Early Hints\r\nLink: <"+r.RequestURI+">; rel=preload\r\n\r\n")
		testnet.ReadOn(conn)
	},
	"a header": func(conn net.Conn, r *http.Request, body string) {
		_, _ = io.WriteString(conn, keptHeader("X-Request: "+r.RequestURI+"\r\n"+r.URL.RawQuery+": yes\r\n", body)+body)
		testnet.ReadOn(conn)
	},
	"a header and a body": func(conn net.Conn, r *http.Request, body string) {
		body = r.RequestURI + body
		_, _ = io.WriteString(conn, keptHeader("Set-Cookie: "+r.RequestURI+"\r\n", body)+body)
		testnet.ReadOn(conn)
	},
	"the request itself": repeat,
}

// Nobody but the program writes to its stderr, not even of an answer that is worth it, and a password stands nowhere.
func TestAServerThatIsNotPolite(t *testing.T) {
	t.Parallel()
	for name, answer := range impolite {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := twoDomains(t)
			m.configure(map[string]string{"concurrency": "1", "request_timeout": "500ms"})
			m.confirmAndMove()
			m.be("example.com", answer)
			m.be("example.net", answer)
			m.be(endpointHost, answer)
			for _, args := range []string{"--force -q", "--force", "--force -o json", "--force --log-level trace", "--force --log-level trace --log-file " + filepath.Join(m.dir, "log"), "doctor"} {
				e := m.run(strings.Fields(args)...)
				if e.status != 0 && e.status != 1 {
					t.Errorf("%s: status %d\n%s%s", args, e.status, e.stdout, e.stderr)
				}
				for line := range strings.Lines(e.stderr) {
					if args == "--force --log-level trace" && strings.HasPrefix(line, "time=") {
						continue
					}
					t.Errorf("%s: on stderr stands %s", args, line)
				}
			}
		})
	}
}
