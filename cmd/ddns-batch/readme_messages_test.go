package main

import (
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"ddns-batch/internal/provider/namecheap/sandbox"
	"ddns-batch/internal/state"
	"ddns-batch/internal/testnet"
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

// talker is a machine that keeps all that the program says on it.
type talker struct {
	*machine
	said strings.Builder
}

func newTalker(t *testing.T) *talker {
	w := &talker{machine: newMachine(t)}
	for _, variable := range []string{"HOME", "AppData", "LocalAppData"} {
		w.env[variable] = w.dir
	}
	w.env["SystemRoot"], w.env["PASSWORD"] = os.Getenv("SystemRoot"), canary("example.com")
	w.canaries = append(w.canaries, canary("example.com"))
	w.dials["127.0.0.1"] = testnet.Refusing(t)
	return w
}

func (w *talker) say(line string) {
	w.Helper()
	p := w.process("ddns-batch", strings.Fields(line)...)
	p.Dir, p.Stderr = w.dir, p.Stdout
	fmt.Fprintf(&w.said, "$ ddns-batch %s\n%s", line, p.start().end().stdout)
}

func (w *talker) file(name string, mode os.FileMode, lines ...string) {
	w.Helper()
	w.must(os.Chmod(w.write(name, strings.Join(lines, "\n")+"\n"), mode))
}

// yamlFor makes a YAML file with the apex of each of these domains of example.com.
func (w *talker) yamlFor(name string, names []string, more ...string) {
	lines := []string{"records:"}
	for _, n := range names {
		lines = append(lines, fmt.Sprintf(`  - {host: "@", domain: %s.example.com, password_env: PASSWORD}`, n))
	}
	w.file(name, 0o600, append(append(lines, "retries: 0", "state: "+name+".json"), more...)...)
}

func everyTrouble(t *testing.T) string {
	w := newTalker(t)
	w.say("--dry-run") // before there is any file
	w.sandboxFaults()
	w.oddAnswers()
	w.passwordFaults()
	w.states()
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
	w.yamlFor("faults.yaml", faults)
	w.say(line)
	w.yamlFor("blocked.yaml", []string{"blocked"})
	w.say("--sandbox -c blocked.yaml --sandbox-fault blocked.example.com=blocked")
	w.yamlFor("hang.yaml", []string{"hang"}, "request_timeout: 100ms")
	w.say("--sandbox -c hang.yaml --sandbox-fault hang.example.com=hang")
}

// oddAnswers are those that the sandbox does not give.
func (w *talker) oddAnswers() {
	w.be("refused.example.com", body(refusal("Not today")))
	w.be("redirect.example.com", say("HTTP/1.1 302 Found\r\nLocation: https://portal.example.net/\r\nContent-Length: 0\r\n\r\n"))
	w.be("request.example.com", say("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"))
	w.be("cloudflare.example.com", say("HTTP/1.1 403 Forbidden\r\nCf-Mitigated: challenge\r\nContent-Length: 0\r\n\r\n"))
	w.be("twice.example.com", say(strings.Repeat("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 2)))
	settings := []string{"ip: {allow: [203.0.113.0/24]}", "concurrency: 1", "endpoint: https://" + endpointHost + "/update"}
	w.yamlFor("odd.yaml", []string{"refused", "redirect", "request", "twice", "cloudflare"}, settings...)
	w.say("-c odd.yaml --ip 203.0.113.7")
	w.yamlFor("down.yaml", []string{"one", "two", "three", "four"}, "ip: {allow: [203.0.113.0/24]}", "concurrency: 1", "endpoint: http://127.0.0.1:1/update")
	w.say("-c down.yaml --ip 203.0.113.7")
	settings[2] = "endpoint: https://" + elsewhere + "/update"
	w.yamlFor("elsewhere.yaml", []string{"name"}, settings...)
	w.say("-c elsewhere.yaml --ip 203.0.113.7")
	w.show(endpointHost, stranger)
	w.say("-c odd.yaml --ip 203.0.113.7 --force --state unknown.json")
}

func (w *talker) passwordFaults() {
	w.say("--domain example.com")
	record := `  - {host: "@", domain: %[1]s, password_env: %[2]s}`
	w.file("missing.yaml", 0o600, "records:", fmt.Sprintf(record, "example.com", "PASSWORD"),
		fmt.Sprintf(record, "example.net", "NOT_SET"), fmt.Sprintf(record, "example.org", "NOT_SET_EITHER"),
		"endpoint: http://127.0.0.1:1/update", "ip: {allow: [203.0.113.0/24]}", "retries: 0")
	w.say("-c missing.yaml --ip 203.0.113.7")
	w.file("open.env", 0o644, "NOT_SET=x")
	w.say("-c missing.yaml --env-file open.env")
}

func (w *talker) states() {
	w.yamlFor("state.yaml", []string{"one"})
	for _, content := range []string{`{"version": 99}`, `{"version": 1, "rec`, `{"version": 1, "records": [{}], "domains": [{"domain": "example.com"}]}`} {
		w.file("state.sandbox.json", 0o600, content)
		w.say("--sandbox -c state.yaml --state state.json")
	}
	lock := mustValue(state.Acquire(w.Context(), filepath.Join(w.dir, "held.sandbox.json"), time.Minute, time.Now))
	defer lock.Release()
	w.say("--sandbox -c state.yaml --state held.json --timeout 100ms")
}

func (w *talker) sources() {
	w.yamlFor("sources.yaml", []string{"one"}, "ip:", "  allow: [203.0.113.0/24]",
		"  sources: [https://one.sandbox.example.net, https://two.sandbox.example.net, https://three.sandbox.example.net]")
	for _, addresses := range [][3]string{
		{"203.0.113.1", "203.0.113.2", "203.0.113.3"},
		{"100.64.0.1", "100.64.0.1", "100.64.0.1"},
		{"9.9.9.9", "9.9.9.9", "9.9.9.9"},
	} {
		for i, a := range addresses {
			w.server.SetSource(i, sandbox.Source{Address: netip.MustParseAddr(a)})
		}
		w.say("-c sources.yaml")
	}
	w.server.Close()
	w.say("-c sources.yaml")
}
