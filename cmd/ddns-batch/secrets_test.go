package main

import (
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ddns-batch/internal/testnet"
)

// mistaken is a password that stands where none belongs.
const mistaken = "cAnArY-0123456789"

// yamlMistakes are files in which it does.
var yamlMistakes = map[string]string{
	"password instead of password_env":  `records: [{host: www, domain: example.com, password: cAnArY-0123456789}]`,
	"in the place of a variable's name": `records: [{host: www, domain: example.com, password_env: cAnArY-0123456789}]`,
	"with a dollar":                     `records: [{host: www, domain: example.com, password_env: $cAnArY-0123456789}]`,
	"in a list":                         `records: [{host: www, domain: example.com, password_env: [cAnArY-0123456789]}]`,
	"in a map":                          `records: [{host: www, domain: example.com, password_env: {is: cAnArY-0123456789}}]`,
	"as a tag":                          `records: [{host: www, domain: example.com, password_env: !cAnArY-0123456789 x}]`,
	"behind an anchor":                  "a: &a cAnArY-0123456789\nrecords: [{host: www, domain: example.com, password_env: *a, password: *a}]",
	"in an unknown alias":               `records: [{host: www, domain: example.com, password_env: *cAnArY-0123456789}]`,
	"in both":                           `records: [{host: www, domain: example.com, password_env: cAnArY-0123456789, password_file: cAnArY-0123456789}]`,
	"in place of a record":              `records: [cAnArY-0123456789]`,
	"in place of the records":           `records: cAnArY-0123456789`,
	"in place of everything":            `cAnArY-0123456789`,
	"without a blank":                   "records:\n  - host: www\n    domain: example.com\n    password_env:cAnArY-0123456789\n",
	"behind a tab":                      "records:\n  - host: www\n    domain: example.com\n\tpassword_env: cAnArY-0123456789\n",
	"in an open quote":                  `records: [{host: www, domain: example.com, password_env: "cAnArY-0123456789}]`,
	"with a wrong escape":               `records: [{host: www, domain: example.com, password_env: "\cAnArY-0123456789"}]`,
	"twice":                             `records: [{host: www, domain: example.com, password_env: cAnArY-0123456789, password_env: cAnArY-0123456789}]`,
	"in a second document":              "records: [{host: www, domain: example.com, password_env: X}]\n---\ncAnArY-0123456789",
	"as a duration":                     "timeout: cAnArY-0123456789\nrecords: [{host: www, domain: example.com, password_env: X}]",
	"as a number":                       "concurrency: cAnArY-0123456789\nrecords: [{host: www, domain: example.com, password_env: X}]",
	"under an unknown key":              "passwords: {example.com: cAnArY-0123456789}\nrecords: [{host: www, domain: example.com, password_env: X}]",
	"as an env file's content":          "env_file: {EXAMPLE: cAnArY-0123456789}\nrecords: [{host: www, domain: example.com, password_env: X}]",
	"in the endpoint":                   "endpoint: https://me:cAnArY-0123456789@ddns.example.net/update\nrecords: [{host: www, domain: example.com, password_env: X}]",
	"in the endpoint's query":           "endpoint: https://ddns.example.net/update?password=cAnArY-0123456789\nrecords: [{host: www, domain: example.com, password_env: X}]",
	"in an endpoint that is no URL":     "endpoint: 'https://ddns.example.net:cAnArY-0123456789/%zz'\nrecords: [{host: www, domain: example.com, password_env: X}]",
	"in a source":                       "ip: {sources: ['https://me:cAnArY-0123456789@one.example.net']}\nrecords: [{host: www, domain: example.com, password_env: X}]",
	"in the place of the name of URLs":  "notify: {urls_env: 'ntfy://ntfy.example.net/cAnArY-0123456789'}\nrecords: [{host: www, domain: example.com, password_env: X}]",
	"in a list of URLs":                 "notify: ['ntfy://ntfy.example.net/cAnArY-0123456789']\nrecords: [{host: www, domain: example.com, password_env: X}]",
	"as the name of a URL":              "heartbeat: {url_env: cAnArY-0123456789, style: cAnArY-0123456789}\nrecords: [{host: www, domain: example.com, password_env: X}]",
	"in a source that is no URL":        "ip: {sources: ['cAnArY-0123456789', 'ftp://cAnArY-0123456789', 'https://x:cAnArY-0123456789/']}\nrecords: [{host: www, domain: example.com, password_env: X}]",
}

// envMistakes are env files with lines that are none. Y is the variable that is asked for.
var envMistakes = map[string]string{
	"a password alone":      "cAnArY-0123456789\n",
	"a colon":               "Y: cAnArY-0123456789\n",
	"a blank":               "Y cAnArY-0123456789\n",
	"a space before it":     "Y = cAnArY-0123456789\n",
	"no name":               "=cAnArY-0123456789\n",
	"a name that is none":   "cAnArY-0123456789=x\n",
	"an open quote":         "Y=\"cAnArY-0123456789\n",
	"a control character":   "Y=cAnArY-0123456789\x07\n",
	"a zero":                "Y=cAnArY-0123456789\x00\n",
	"two lines in quotes":   "Y='cAnArY-0123456789\ncAnArY-0123456789'\n",
	"twice":                 "Y=cAnArY-0123456789\nY=cAnArY-0123456789x\ncAnArY-0123456789\n",
	"a mark and no UTF-8":   "\xff\xfecAnArY-0123456789\n",
	"many lines of that":    strings.Repeat("cAnArY-0123456789\n", 20),
	"too much for one line": "Y=" + strings.Repeat("cAnArY-0123456789", 1000) + "\n",
}

// Whatever is wrong with a file, what is said of it does not repeat a password that stands in the wrong place.
func TestPasswordsInTheWrongPlace(t *testing.T) {
	t.Parallel()
	commands := [][]string{{}, {"-q"}, {"-o", "json", "--log-level", "trace"}, {"--dry-run"}, {"--dry-run", "--verify", "-o", "json"}, {"--wait", "1s"},
		{"--sandbox", "--all", "--log-level", "trace"}, {"--sandbox", "-o", "json"}, {"validate"}, {"validate", "-o", "json"}, {"status"}, {"status", "-o", "json"},
		{"status", "--sandbox"}, {"explain", "*"}, {"explain", "www.example.com"}, {"explain", "www.example.com", "-o", "json"}, {"history"}, {"history", "-o", "json"},
		{"doctor"}, {"doctor", "-o", "json"}, {"doctor", "--sandbox"}, {"report", "--html", "-"}, {"report", "--html", "page.html"}}
	// Nobody answers there, whatever is asked.
	nowhere := testnet.Refusing(t)
	try := func(t *testing.T, yaml, env string) (statuses []int) {
		dir := t.TempDir()
		for name, content := range map[string]string{"hosts.yaml": yaml, "hosts.env": env} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		for _, command := range commands {
			if command = slices.Clone(command); slices.Contains(command, "page.html") {
				command[len(command)-1] = filepath.Join(dir, "page.html")
			}
			e := inside{
				args: append([]string{"--config", filepath.Join(dir, "hosts.yaml"), "--state", filepath.Join(dir, "state.json")}, command...),
				dial: nowhere,
			}.run()
			if strings.Contains(strings.ToLower(e.stdout+e.stderr), "canary") {
				t.Errorf("%q, status %d: %s%s", command, e.status, e.stdout, e.stderr)
			}
			statuses = append(statuses, e.status)
		}
		if found := findCanaries(dir, []string{mistaken}, []string{filepath.Join(dir, "hosts.yaml"), filepath.Join(dir, "hosts.env")}); found != nil {
			t.Errorf("a password is in %q", found)
		}
		return statuses
	}
	for name, yaml := range yamlMistakes {
		t.Run("the YAML file, "+name, func(t *testing.T) {
			if statuses := try(t, yaml, ""); statuses[0] == 0 {
				t.Error("it is no mistake")
			}
		})
	}
	good := "env_file: hosts.env\ndns: {nameservers: [\"" + nowhere + "\"]}\nreport_file: page.html\n" +
		"records: [{host: www, domain: example.com, password_env: Y}, {host: x, domain: example.com, password_env: Z}]"
	for name, env := range envMistakes {
		t.Run("the env file, "+name, func(t *testing.T) { try(t, good, env) })
	}
	t.Run("none is in the wrong place", func(t *testing.T) {
		if statuses := try(t, good, "Y=cAnArY-0123456789\nZ='cAnArY-0123456789'\n"); slices.Contains(statuses, 2) {
			t.Errorf("some of %q do not look at the files: %d", commands, statuses)
		}
	})
}

// disguised is a password in ways that the program does not know how to undo.
func disguised(password string) []string {
	groups := ""
	for i, c := range hex.EncodeToString([]byte(password)) {
		if i > 0 && i%4 == 0 {
			groups += "-"
		}
		groups += string(c)
	}
	return []string{
		base64.StdEncoding.EncodeToString([]byte("x" + password)), groups, base32.StdEncoding.EncodeToString([]byte(password)), strings.Join(strings.Split(password, ""), "."),
	}
}

// A server that knows the password may say it, in any way that it likes. Nothing of that is kept or shown.
func TestAServerThatRepeatsThePassword(t *testing.T) {
	t.Parallel()
	echo := func(answer func(password, query string) string) play {
		return func(conn net.Conn, r *http.Request, _ string) {
			_, _ = io.WriteString(conn, answer(r.URL.Query().Get("password"), r.URL.RawQuery))
		}
	}
	refuse := func(words string) string {
		text := refusal("<![CDATA[" + words + "]]>")
		return headerOf(text) + text
	}
	answers := []play{
		echo(func(p, _ string) string { return refuse("not " + p) }),
		echo(func(p, _ string) string { return refuse(url.QueryEscape(p) + " is wrong") }),
		echo(func(p, _ string) string { return refuse(base64.StdEncoding.EncodeToString([]byte(p))) }),
		echo(func(p, _ string) string { return refuse(strings.ToUpper(p)) }),
		echo(func(p, _ string) string { return refuse(disguised(p)[0]) }),
		echo(func(p, _ string) string { return refuse("in groups: " + disguised(p)[1]) }),
		echo(func(p, _ string) string { return refuse("code " + disguised(p)[2]) }),
		echo(func(p, _ string) string { return refuse(disguised(p)[3] + " is not known") }),
		echo(func(p, _ string) string { return refuse(strings.Repeat("x", 190) + p) }),
		echo(func(_, q string) string { return refuse("/update?" + q) }),
		echo(func(p, _ string) string { return headerOf(p) + p }),
		echo(func(p, q string) string {
			return "HTTP/1.1 500 " + p + "\r\nX-Query: " + q + "\r\nContent-Length: 0\r\n\r\n"
		}),
		echo(func(_, q string) string {
			return "HTTP/1.1 302 Found\r\nLocation: https://" + q + ".example.org/?" + q + "\r\n\r\n"
		}),
		echo(func(_, q string) string { return q + " HTTP/1.1\r\n\r\n" }),
		echo(func(_, q string) string { return "HTTP/1.1 200 OK\r\n" + q + "\r\n\r\n" }),
		echo(func(_, q string) string {
			return "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n" + q + "\r\n\r\n"
		}),
		echo(func(_, q string) string {
			return "HTTP/1.1 429 Slow\r\nRetry-After: " + q + "\r\nContent-Length: 0\r\n\r\n"
		}),
	}
	hosts := hostsUpTo(len(answers))
	m := twoDomains(t, hosts...)
	m.confirmAndMove()
	for i, answer := range answers {
		m.be(hosts[i]+".example.com", answer)
	}
	m.env["GODEBUG"] = "http2debug=2,http1debug=1"
	m.canaries = append(m.canaries, base64.StdEncoding.EncodeToString([]byte(canary("example.com"))))
	m.canaries = append(m.canaries, disguised(canary("example.com"))...)
	for _, args := range []string{
		"--log-level trace --log-format text --ip-file " + m.dir + "/ip",
		"--log-level trace --log-format json --retry --force -o json",
		"--force --log-level trace --log-format json --log-file " + m.dir + "/log",
		"-q --retry", "--dry-run --all", "status", "status -o json",
	} {
		if e := m.run(strings.Fields(args)...); e.status > 1 || e.stdout == "" && e.stderr == "" && !strings.HasPrefix(args, "-q") {
			t.Errorf("%s: status %d\n%s%s", args, e.status, e.stdout, e.stderr)
		}
	}
}
