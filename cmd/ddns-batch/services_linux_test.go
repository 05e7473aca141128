package main

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"

	"ddns-batch/internal/testnet"
)

// world is what is behind a proxy: services whose hosts shoutrrr knows. It writes down what they hear.
type world struct {
	mu    sync.Mutex
	heard []string
	// answers is what each host answers, with its status before it; one that is missing is not reached by the proxy.
	answers map[string]string
}

// startWorld lets the programs of m reach only that world, by HTTPS_PROXY, and trust its certificates as the system's own.
func (m *machine) startWorld(answers map[string]string) *world {
	w := &world{answers: answers}
	listener := testnet.Listen(m, w.connect)
	m.env["HTTPS_PROXY"] = "http://" + listener.Address
	m.env["SSL_CERT_FILE"], m.env["SSL_CERT_DIR"] = m.env[rootsVariable], "/nowhere"
	return w
}

// connect is one connection to the proxy.
func (w *world) connect(conn net.Conn) {
	request, err := http.ReadRequest(bufio.NewReader(conn))
	if err != nil || request.Method != http.MethodConnect {
		w.hear(fmt.Sprintf("not CONNECT: %v", err))
		return
	}
	host, _, _ := net.SplitHostPort(request.Host)
	w.mu.Lock()
	answer, known := w.answers[host]
	w.mu.Unlock()
	if !known {
		_, _ = io.WriteString(conn, "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
		return
	}
	_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\n\r\n")
	secure := tls.Server(conn, authority().Config(host))
	if request, err = http.ReadRequest(bufio.NewReader(secure)); err != nil {
		return // It does not trust the certificate.
	}
	body, _ := io.ReadAll(request.Body)
	w.hear(fmt.Sprintf("%s https://%s%s %s %s", request.Method, request.Host, request.URL.RequestURI(), request.Header.Get("Authorization"), body))
	status, said, _ := strings.Cut(answer, " ")
	_, _ = fmt.Fprintf(secure, "HTTP/1.1 %s X\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s", status, len(said), said)
}

func (w *world) hear(what string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.heard = append(w.heard, what)
}

// fixedHosts are URLs of services that are always at the same place, with a token in each that nobody but they may see.
func (m *machine) fixedHosts() {
	m.env["NOTIFY_URLS"] = "discord://cAnArY-discord@1234567890 slack://hook:TCANARY12-BCANARY12-cAnArYslackhook123456789@webhook " +
		"slack://xoxb:123456789012-1234567890123-cAnArYslacktoken12345678@C001CHANNEL telegram://110201543:cAnArYtelegram0123456789abcdefghijk@telegram?chats=@you"
	m.canaries = append(m.canaries, "cAnArY-discord", "cAnArYslackhook123456789", "cAnArYslacktoken12345678", "cAnArYtelegram0123456789abcdefghijk")
	m.configure(map[string]string{"notify": "{urls_env: NOTIFY_URLS}"})
}

// Services at fixed hosts get the line, in their own protocols.
func TestNotificationsToFixedHosts(t *testing.T) {
	t.Parallel()
	m := newMachine(t, numbered("example.com", 2))
	m.fixedHosts()
	w := m.startWorld(map[string]string{
		"discord.com": "204 ", "hooks.slack.com": "200 ok", "slack.com": `200 {"ok": true}`,
		"api.telegram.org": `200 {"ok": true, "result": {"message_id": 1}}`,
	})
	e := m.mustRun(statusOK, "notify", "test")
	if !strings.HasSuffix(e.stdout, "\n4 ok, 0 warnings, 0 problems\n") {
		t.Errorf("%s%s", e.stdout, e.stderr)
	}
	line := "nas: a test from ddns-batch: this is what a notification looks like"
	for _, want := range []string{
		"POST https://discord.com/api/webhooks/1234567890/cAnArY-discord", "POST https://hooks.slack.com/services/TCANARY12/BCANARY12/cAnArYslackhook123456789",
		"POST https://slack.com/api/chat.postMessage Bearer xoxb-123456789012-1234567890123-cAnArYslacktoken12345678",
		"POST https://api.telegram.org/bot110201543:cAnArYtelegram0123456789abcdefghijk/sendMessage",
	} {
		got := 0
		for _, heard := range w.heard {
			if strings.HasPrefix(heard, want) && strings.Contains(heard, line) {
				got++
			}
		}
		if got != 1 {
			t.Errorf("%d times %s with the line in %q", got, want, w.heard)
		}
	}
}

// Whatever they answer instead, it is said what kind of failure it is, and none counts as delivered.
func TestNotificationsThatFixedHostsDoNotTake(t *testing.T) {
	t.Parallel()
	const proxy = "the proxy answered 502 Bad Gateway"
	const hidden = "the service rejected it; the reason is not shown, because it could contain the URL"
	for _, c := range []struct {
		name    string
		answers map[string]string
		want    [4]string // of Discord, a webhook and a token of Slack, and Telegram
	}{
		{"they want other tokens", map[string]string{
			"discord.com": "401 {}", "hooks.slack.com": "403 cAnArYslackhook123456789", "slack.com": `200 {"ok": false, "error": "cAnArYslacktoken12345678"}`,
			"api.telegram.org": `401 {"ok": false, "error_code": 401, "description": "cAnArYtelegram0123456789abcdefghijk"}`,
		}, [4]string{"the service rejected it: 401 Unauthorized", hidden, hidden, "the service rejected it: 401 Unauthorized"}},
		{"a portal answers", map[string]string{
			"discord.com": "404 <html>", "hooks.slack.com": "404 ", "slack.com": "200 <html>", "api.telegram.org": "200 <html>",
		}, [4]string{"the service rejected it: 404 Not Found", "the service rejected it: 404 Not Found",
			"something other than the service answers (a captive portal?)", "something other than the service answers (a captive portal?)"}},
		{"the proxy does not reach them", nil,
			[4]string{proxy, proxy, proxy, proxy}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			m := newMachine(t, numbered("example.com", 2))
			m.fixedHosts()
			m.startWorld(c.answers)
			m.sees(c.want)
		})
	}
	t.Run("there is no proxy", func(t *testing.T) {
		t.Parallel()
		m := newMachine(t, numbered("example.com", 2))
		m.fixedHosts()
		m.env["HTTPS_PROXY"] = "http://" + testnet.Refusing(t)
		const refused = "cannot connect to the proxy: connection refused"
		m.sees([4]string{refused, refused, refused, refused})
	})
	t.Run("they are believed to be somebody else", func(t *testing.T) {
		t.Parallel()
		m := newMachine(t, numbered("example.com", 2))
		m.fixedHosts()
		m.startWorld(map[string]string{"discord.com": "", "hooks.slack.com": "", "slack.com": "", "api.telegram.org": ""})
		m.env["SSL_CERT_FILE"] = m.write("others.pem", string(testnet.NewAuthority("somebody else").PEM))
		const unknown = "certificate signed by unknown authority"
		m.sees([4]string{unknown, unknown, unknown, unknown})
	})
}

// sees fails unless notify test says of each of the fixed hosts why it did not take the line.
func (m *machine) sees(want [4]string) {
	m.Helper()
	e := m.run("notify", "test")
	for i, service := range []string{"discord", "slack", "slack", "telegram"} {
		line := fmt.Sprintf("problem  notification %d (%s)", i+1, service)
		line = fmt.Sprintf("%-36s%s\n", line, want[i])
		if !strings.Contains(e.stdout, line) {
			m.Errorf("no %q, status %d:\n%s%s", line, e.status, e.stdout, e.stderr)
		}
	}
}
