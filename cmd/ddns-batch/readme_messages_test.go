package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"ddns-batch/internal/provider/namecheap/sandbox"
	"ddns-batch/internal/state"
)

// TestReadmeQuotesMessagesAsTheyAppear provokes every trouble that the README speaks of, and looks for its words in what
// the program says. Three dots stand for anything.
func TestReadmeQuotesMessagesAsTheyAppear(t *testing.T) {
	said := everyTrouble(t)
	section := find(t, sections(t), "Troubleshooting")
	quoted := regexp.MustCompile("`([^`]+)`")
	quotes := 0
	for line := range strings.Lines(section.text) {
		if runtime.GOOS == "windows" && strings.Contains(line, "chmod") {
			continue // Windows has no modes to complain about.
		}
		cell, _, inTable := strings.Cut(strings.TrimPrefix(line, "| "), " | ")
		if !inTable || !strings.HasPrefix(line, "| ") {
			continue
		}
		for _, q := range quoted.FindAllStringSubmatch(cell, -1) {
			quotes++
			pattern := strings.ReplaceAll(regexp.QuoteMeta(q[1]), "…", ".+")
			if !regexp.MustCompile(pattern).MatchString(said) {
				t.Errorf("nothing said %q", q[1])
			}
		}
	}
	if quotes < 20 {
		t.Errorf("only %d messages were found", quotes)
	}
	if t.Failed() {
		t.Log("what was said:\n" + said)
	}
}

// TestReadmeSaysWhatToDoAboutEveryClass: each class of failure has a row.
func TestReadmeSaysWhatToDoAboutEveryClass(t *testing.T) {
	rows := find(t, sections(t), "Troubleshooting").rows()
	classes := regexp.MustCompile(`(?m)^\t\w+ +Class += "([a-z]+)"`).FindAllStringSubmatch(readProject(t, "internal/provider/provider.go"), -1)
	if len(classes) == 0 {
		t.Error("there are no classes")
	}
	for _, class := range classes {
		found := false
		for _, row := range rows {
			found = found || len(row) == 3 && row[1] == class[1] && row[2] != ""
		}
		if !found {
			t.Errorf("no row says what to do about %s", class[1])
		}
	}
}

// talker runs the program in one folder, and keeps all that it says.
type talker struct {
	t    *testing.T
	dir  string
	env  []string
	said bytes.Buffer
}

func (w *talker) run(line string) {
	w.t.Helper()
	cmd := exec.Command("ddns-batch", strings.Fields(line)...)
	cmd.Dir = w.dir
	cmd.Env = append([]string{
		"PATH=" + os.Getenv("PATH"), "SystemRoot=" + os.Getenv("SystemRoot"), "HOME=" + w.dir, "AppData=" + w.dir, "LocalAppData=" + w.dir,
		"PASSWORD=" + canary("example.com"),
	}, w.env...)
	cmd.Stdout, cmd.Stderr = &w.said, &w.said
	fmt.Fprintf(&w.said, "$ ddns-batch %s\n", line)
	_ = cmd.Run() // Every run here fails: that is what it is for.
	if strings.Contains(w.said.String(), "cAnArY") {
		w.t.Fatalf("the password is in %s", w.said.String())
	}
}

func (w *talker) file(name string, mode os.FileMode, lines ...string) {
	w.t.Helper()
	if err := os.WriteFile(filepath.Join(w.dir, name), []byte(strings.Join(lines, "\n")+"\n"), mode); err != nil {
		w.t.Fatal(err)
	}
}

// zones makes a YAML file with the apex of each of these domains of example.com.
func (w *talker) zones(name string, names []string, more ...string) {
	lines := []string{"records:"}
	for _, n := range names {
		lines = append(lines, fmt.Sprintf(`  - {host: "@", domain: %s.example.com, password_env: PASSWORD}`, n))
	}
	w.file(name, 0o600, append(append(lines, "retries: 0", "state: "+name+".json"), more...)...)
}

func everyTrouble(t *testing.T) string {
	w := &talker{t: t, dir: t.TempDir()}
	w.run("--dry-run") // before there is any file
	w.sandboxFaults()
	w.oddAnswers()
	w.passwords()
	w.state()
	w.sources()
	return w.said.String()
}

func (w *talker) sandboxFaults() {
	// badip keeps everything behind it from being sent, and blocked the whole batch.
	faults := []string{"norecord", "nodomain", "badpass", "503", "reset", "truncated", "html", "noip", "wrongip", "badip"}
	line := "--sandbox --concurrency 1 -c faults.yaml"
	for _, f := range faults {
		line += " --sandbox-fault " + f + ".example.com=" + f
	}
	w.zones("faults.yaml", faults)
	w.run(line)
	w.zones("blocked.yaml", []string{"blocked"})
	w.run("--sandbox -c blocked.yaml --sandbox-fault blocked.example.com=blocked")
	w.zones("hang.yaml", []string{"hang"}, "request_timeout: 100ms")
	w.run("--sandbox -c hang.yaml --sandbox-fault hang.example.com=hang")
}

// oddAnswers are those that the sandbox does not give.
func (w *talker) oddAnswers() {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		switch r.URL.Query().Get("domain") {
		case "refused.example.com":
			fmt.Fprint(out, `<interface-response><ErrCount>1</ErrCount><errors><Err1>Not today</Err1></errors><Done>true</Done></interface-response>`)
		case "redirect.example.com":
			http.Redirect(out, r, "https://portal.example.net/", http.StatusFound)
		case "request.example.com":
			out.WriteHeader(http.StatusBadRequest)
		case "cloudflare.example.com":
			out.Header().Set("Cf-Mitigated", "challenge")
			out.WriteHeader(http.StatusForbidden)
		case "twice.example.com":
			conn, _, err := http.NewResponseController(out).Hijack()
			if err == nil {
				_, _ = io.WriteString(conn, strings.Repeat("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 2))
				_ = conn.Close()
			}
		}
	}))
	certificate, roots := selfSigned("ddns.example.net")
	server.TLS = certificate
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // of handshakes that fail because they should
	server.StartTLS()
	defer server.Close()
	w.file("roots.pem", 0o600, string(roots))
	_, others := selfSigned("ddns.example.net")
	w.file("others.pem", 0o600, string(others))

	settings := []string{"ip: {allow: [203.0.113.0/24]}", "concurrency: 1", "endpoint: https://ddns.example.net/update"}
	w.zones("odd.yaml", []string{"refused", "redirect", "request", "twice", "cloudflare"}, settings...)
	w.env = []string{"TEST_DIAL=" + server.Listener.Addr().String(), "TEST_ROOTS=" + filepath.Join(w.dir, "roots.pem")}
	w.run("-c odd.yaml --ip 203.0.113.7")
	w.zones("down.yaml", []string{"one", "two", "three", "four"}, "ip: {allow: [203.0.113.0/24]}", "concurrency: 1", "endpoint: http://127.0.0.1:1/update")
	down := w.env
	w.env = nil
	w.run("-c down.yaml --ip 203.0.113.7")
	w.env = down
	settings[2] = "endpoint: https://elsewhere.example.org/update"
	w.zones("elsewhere.yaml", []string{"name"}, settings...)
	w.run("-c elsewhere.yaml --ip 203.0.113.7")
	w.env[1] = "TEST_ROOTS=" + filepath.Join(w.dir, "others.pem")
	w.run("-c odd.yaml --ip 203.0.113.7 --force --state unknown.json")
	w.env = nil
}

func (w *talker) passwords() {
	w.run("--domain example.com")
	record := `  - {host: "@", domain: %[1]s, password_env: %[2]s}`
	w.file("missing.yaml", 0o600, "records:", fmt.Sprintf(record, "example.com", "PASSWORD"),
		fmt.Sprintf(record, "example.net", "NOT_SET"), fmt.Sprintf(record, "example.org", "NOT_SET_EITHER"),
		"endpoint: http://127.0.0.1:1/update", "ip: {allow: [203.0.113.0/24]}", "retries: 0")
	w.run("-c missing.yaml --ip 203.0.113.7")
	w.file("open.env", 0o644, "NOT_SET=x")
	w.run("-c missing.yaml --env-file open.env")
}

func (w *talker) state() {
	w.zones("state.yaml", []string{"one"})
	for _, content := range []string{`{"version": 99}`, `{"version": 1, "rec`, `{"version": 1, "records": [{}], "domains": [{"domain": "example.com"}]}`} {
		w.file("state.sandbox.json", 0o600, content)
		w.run("--sandbox -c state.yaml --state state.json")
	}
	lock, err := state.Acquire(context.Background(), filepath.Join(w.dir, "held.sandbox.json"), time.Minute, time.Now)
	if err != nil {
		w.t.Fatal(err)
	}
	defer lock.Release()
	w.run("--sandbox -c state.yaml --state held.json --timeout 100ms")
}

func (w *talker) sources() {
	n, err := startNetwork(sandbox.Options{}, true)
	if err != nil {
		w.t.Fatal(err)
	}
	server := n.server
	defer server.Close()
	w.file("roots.pem", 0o600, string(n.roots))
	w.zones("sources.yaml", []string{"one"}, "ip:", "  allow: [203.0.113.0/24]",
		"  sources: [https://one.sandbox.example.net, https://two.sandbox.example.net, https://three.sandbox.example.net]")
	w.env = []string{"TEST_DIAL=" + server.Addr().String(), "TEST_ROOTS=" + filepath.Join(w.dir, "roots.pem")}
	for _, addresses := range [][3]string{
		{"203.0.113.1", "203.0.113.2", "203.0.113.3"},
		{"100.64.0.1", "100.64.0.1", "100.64.0.1"},
		{"9.9.9.9", "9.9.9.9", "9.9.9.9"},
	} {
		for i, a := range addresses {
			server.SetSource(i, sandbox.Source{Address: netip.MustParseAddr(a)})
		}
		w.run("-c sources.yaml")
	}
	server.Close()
	w.run("-c sources.yaml")
}
