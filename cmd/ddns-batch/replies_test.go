package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// corpus are replies as they have been seen or as they might be, and what each must come to; see the package that judges
// them.
const corpus = "../../internal/provider/namecheap/testdata"

// reply is one of the corpus.
type reply struct {
	file, class, message string
	// unchanged: it proves that the record did not change.
	unchanged bool
	answer    string
}

// result of an update that gets this reply.
func (p reply) result() string {
	switch {
	case p.class == "ok":
		return "updated"
	case p.unchanged:
		return "failed"
	default:
		return "unconfirmed"
	}
}

// stops: it keeps records of other domains from being sent.
func (p reply) stops() bool { return p.class == "blocked" || p.class == "address" }

func (p reply) play(conn net.Conn, _ *http.Request, _ string) { _, _ = io.WriteString(conn, p.answer) }

func readReplies(t *testing.T) []reply {
	t.Helper()
	f, err := os.Open(filepath.Join(corpus, "expected.txt"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var replies []reply
	for lines := bufio.NewScanner(f); lines.Scan(); {
		words := strings.Fields(lines.Text())
		p := reply{file: words[0], class: words[1]}
		if len(words) > 2 {
			p.unchanged, p.message = strings.Contains(words[2], "u"), strings.Join(words[3:], " ")
		}
		p.answer = string(mustValue(os.ReadFile(filepath.Join(corpus, "replies", p.file))))
		if filepath.Ext(p.file) != ".http" {
			p.answer = headerOf(p.answer) + p.answer
		}
		replies = append(replies, p)
	}
	if len(replies) < 100 {
		t.Fatalf("only %d replies", len(replies))
	}
	return replies
}

// Each reply is given to the first record of a domain. The second one must be updated, unless the reply is about the
// password or the domain.
func TestEveryReplyToOneRecordOfEachDomain(t *testing.T) {
	t.Parallel()
	m := twoDomains(t)
	var yaml strings.Builder
	yaml.WriteString("records:\n")
	domains := map[string]reply{}
	for i, p := range readReplies(t) {
		if p.stops() {
			continue
		}
		domain := fmt.Sprintf("r%d.example.org", i)
		domains[domain] = p
		m.be(domain, p.play)
		m.be("www."+domain, well)
		fmt.Fprintf(&yaml, "  - {hosts: [\"@\", www], domain: %s, password_env: EXAMPLE_COM_DDNS_PASSWORD}\n", domain)
	}
	yaml.WriteString("state: state/state.json\nendpoint: https://ddns.example.net/update\nretries: 0\nconcurrency: 8\n" +
		"ip: {sources: [https://one.sandbox.example.net, https://two.sandbox.example.net], allow: [203.0.113.0/24]}\n")
	m.write("hosts.yaml", yaml.String())
	e := m.run("-o", "json", "--log-level", "trace")
	if e.status != 1 {
		t.Errorf("status %d", e.status)
	}
	for domain, p := range domains {
		got := e.document.of(domain)
		class := p.class
		if class == "ok" {
			class = ""
		}
		if got.Result != p.result() || string(got.Error.Class) != class || strings.Join(strings.Fields(got.Error.Message), " ") != p.message || got.Attempts != 1 {
			t.Errorf("%s: %+v", p.file, got)
		}
		second := "updated"
		if class == "credentials" || class == "domain" {
			second = "skipped"
		}
		if got := e.document.of("www." + domain); got.Result != second {
			t.Errorf("the other record beside %s: %+v", p.file, got)
		}
	}
}

// well is no trick: a confirmation.
func well(conn net.Conn, _ *http.Request, body string) {
	_, _ = io.WriteString(conn, headerOf(body)+body)
}

// What is about the address or about everybody ends the batch there, and holds what was left in the next run.
func TestEveryReplyThatStopsTheBatch(t *testing.T) {
	t.Parallel()
	for _, p := range readReplies(t) {
		if !p.stops() {
			continue
		}
		t.Run(p.file, func(t *testing.T) {
			m := twoDomains(t, "struck", "later")
			m.configure(map[string]string{"concurrency": "1"})
			m.confirmAndMove()
			m.be("struck.example.com", p.play)
			e := m.run("-o", "json", "--log-level", "trace")
			for name, result := range map[string]string{"example.com": "updated", "struck.example.com": p.result(),
				"later.example.com": "skipped", "example.net": "skipped", "www.example.net": "skipped"} {
				got := e.document.of(name)
				if got.Result != result || result != "updated" && string(got.Error.Class) != p.class {
					t.Errorf("%+v", got)
				}
			}
			m.be("struck.example.com", nil)
			heard := len(m.server.Heard())
			after := m.run("-o", "json")
			for name, action := range map[string]string{"example.com": "keep", "struck.example.com": "hold", "later.example.com": "hold", "www.example.net": "hold"} {
				if got := after.document.of(name); got.Action != action {
					t.Errorf("in the next run: %+v", got)
				}
			}
			if e.status != 1 || after.status != 1 || len(m.server.Heard()) != heard {
				t.Errorf("status %d, then %d, and %d updates were heard", e.status, after.status, len(m.server.Heard())-heard)
			}
			// Whoever asks for it is not held up.
			if forced := m.run("-o", "json", "--force"); forced.status != 0 {
				t.Errorf("with --force: status %d\n%s", forced.status, forced.stdout)
			}
			m.published(awayAddress)
		})
	}
}
