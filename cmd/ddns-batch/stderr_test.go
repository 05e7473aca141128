package main

import (
	"io"
	"net"
	"net/http"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"ddns-batch/internal/testnet"
)

// ourLine is what this program writes to stderr: an error, a warning, a hint or a detail of them, or a line of the log.
var ourLine = regexp.MustCompile(`^(nas: )?(ddns-batch: (error|warning|hint): .*|  .*|time="[^"]*" level=.*)$`)

// Libraries print to stderr by themselves: net/http what a server sent too much, with the password in it if the server
// repeats the request; the resolver and HTTP/2 what GODEBUG asks for. None of that is let through.
func TestNobodyElseWritesToStderr(t *testing.T) {
	t.Parallel()
	proper := func(r *http.Request) string { return kept(confirmation(r.URL.Query().Get("ip"))) }
	for name, surplus := range map[string]func(r *http.Request) string{
		"the request as surplus": func(r *http.Request) string { return "GET " + r.URL.RequestURI() + " HTTP/1.1\r\n\r\n" },
		"a second reply":         proper,
		"early hints too late": func(r *http.Request) string {
			return "HTTP/1.1 103 Early Hints\r\nLink: " + r.URL.RequestURI() + "\r\n\r\n"
		},
		"a header that is none": func(r *http.Request) string { return r.URL.RawQuery + "\r\n\r\n" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := twoDomains(t, "slow")
			done := make(chan struct{}, 1)
			m.be("example.com", func(conn net.Conn, q *http.Request, _ string) {
				_, _ = io.WriteString(conn, proper(q))
				_, _ = io.WriteString(conn, surplus(q))
				done <- struct{}{}
				testnet.ReadOn(conn)
			})
			// The connection of the first lies idle, and is listened to, until this one is answered.
			m.be("slow.example.com", func(conn net.Conn, q *http.Request, _ string) {
				<-done
				_, _ = io.WriteString(conn, proper(q))
			})
			if e := m.run("--only", "example.net"); e.status != 0 {
				t.Fatalf("status %d\n%s%s", e.status, e.stdout, e.stderr)
			}
			// The resolver is one more that could say something.
			m.dials[sourceHosts[0]] = "dns:" + testnet.NameServer(t, testnet.NoSuchName).String()
			m.env["GODEBUG"] = "netdns=go+9,http2debug=2,http2client=1"
			for _, args := range []string{"-q --force", "--force", "--force --log-level trace"} {
				e := m.run(strings.Fields(args)...)
				for line := range strings.Lines(e.stderr) {
					if !ourLine.MatchString(strings.TrimSuffix(line, "\n")) {
						t.Errorf("%s: not a line of ours: %q", args, line)
					}
				}
				if args == "-q --force" && e.stderr != "" {
					t.Errorf("a quiet run writes %q", e.stderr)
				}
			}
		})
	}
}

func TestWhatLibrariesPrintGoesNowhere(t *testing.T) {
	t.Parallel()
	out, err := exec.Command("noisy").CombinedOutput()
	if err != nil || string(out) != "the program\n" {
		t.Errorf("%v, printed %q", err, out)
	}
}
