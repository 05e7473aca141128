package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
)

// impolite are answers with more to them than was asked for, each of which repeats the request, and with it the password.
var impolite = map[string]play{
	"surplus bytes": func(conn net.Conn, r *http.Request, body string) {
		_, _ = io.WriteString(conn, keptHeader("", body)+body+"GET "+r.RequestURI+" HTTP/1.1\r\n\r\n")
		listenOn(conn)
	},
	"a second reply": func(conn net.Conn, r *http.Request, body string) {
		_, _ = io.WriteString(conn, keptHeader("", body)+body)
		_, _ = io.WriteString(conn, keptHeader("X-Request: "+r.RequestURI+"\r\n", body)+body)
		listenOn(conn)
	},
	"a second reply that is none": func(conn net.Conn, r *http.Request, body string) {
		_, _ = io.WriteString(conn, keptHeader("", body)+body)
		_, _ = io.WriteString(conn, "HTTP/1.1 "+r.RequestURI+"\r\n\r\n")
		listenOn(conn)
	},
	"early hints": func(conn net.Conn, r *http.Request, body string) {
		_, _ = io.WriteString(conn, "HTTP/1.1 103 Early Hints\r\nLink: <"+r.RequestURI+">; rel=preload\r\n\r\n"+keptHeader("", body)+body)
		listenOn(conn)
	},
	"early hints afterwards": func(conn net.Conn, r *http.Request, body string) {
		_, _ = io.WriteString(conn, keptHeader("", body)+body+"HTTP/1.1 103 Early Hints\r\nLink: <"+r.RequestURI+">; rel=preload\r\n\r\n")
		listenOn(conn)
	},
	"a header": func(conn net.Conn, r *http.Request, body string) {
		_, _ = io.WriteString(conn, keptHeader("X-Request: "+r.RequestURI+"\r\n"+r.URL.RawQuery+": yes\r\n", body)+body)
		listenOn(conn)
	},
	"a header and a body": func(conn net.Conn, r *http.Request, body string) {
		body = r.RequestURI + body
		_, _ = io.WriteString(conn, keptHeader("Set-Cookie: "+r.RequestURI+"\r\n", body)+body)
		listenOn(conn)
	},
	"the request itself": repeat,
}

// keptHeader is headerOf for a connection that may be kept.
func keptHeader(more, body string) string {
	return fmt.Sprintf("HTTP/1.1 200 OK\r\n%sContent-Length: %d\r\n\r\n", more, len(body))
}

// Nobody but the program writes to its stderr, not even of an answer that is worth it, and a password stands nowhere.
func TestAServerThatIsNotPolite(t *testing.T) {
	t.Parallel()
	for name, answer := range impolite {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.configure(map[string]string{"concurrency": "1", "request_timeout": "2s"})
			r.settle()
			r.front.set("example.com", answer)
			r.front.set("example.net", answer)
			r.front.set(endpointHost, answer)
			for _, args := range []string{"--force -q", "--force", "--force -o json", "--force --log-level trace", "--force --log-level trace --log-file " + filepath.Join(r.dir, "log"), "doctor"} {
				e := r.run(strings.Fields(args)...)
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
