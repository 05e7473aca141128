package main

import (
	"fmt"
	"strings"
	"testing"

	"ddns-batch/internal/testnet"
)

// reachOnly lets the programs of m reach only a world, by HTTPS_PROXY, and trust its certificates as the system's own.
func (m *machine) reachOnly(answers map[string]string) *world {
	w, proxy := m.startWorld(answers)
	m.env["HTTPS_PROXY"] = "http://" + proxy
	m.env["SSL_CERT_FILE"], m.env["SSL_CERT_DIR"] = m.env[rootsVariable], "/nowhere"
	return w
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
	w := m.reachOnly(map[string]string{
		"discord.com": "204 ", "hooks.slack.com": "200 ok", "slack.com": `200 {"ok": true}`,
		"api.telegram.org": `200 {"ok": true, "result": {"message_id": 1}}`,
	})
	e := m.mustRun(statusOK, "notify", "test")
	if !strings.HasSuffix(e.stdout, "\n4 ok, 0 warnings, 0 problems\n") {
		t.Errorf("%s%s", e.stdout, e.stderr)
	}
	heard, line := w.since(), "nas: a test from ddns-batch: this is what a notification looks like"
	for _, want := range []string{
		"POST https://discord.com/api/webhooks/1234567890/cAnArY-discord", "POST https://hooks.slack.com/services/TCANARY12/BCANARY12/cAnArYslackhook123456789",
		"POST https://slack.com/api/chat.postMessage Bearer xoxb-123456789012-1234567890123-cAnArYslacktoken12345678",
		"POST https://api.telegram.org/bot110201543:cAnArYtelegram0123456789abcdefghijk/sendMessage",
	} {
		got := 0
		for _, h := range heard {
			if strings.HasPrefix(h, want) && strings.Contains(h, line) {
				got++
			}
		}
		if got != 1 {
			t.Errorf("%d times %s with the line in %q", got, want, heard)
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
			m.reachOnly(c.answers)
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
		m.reachOnly(map[string]string{"discord.com": "204 ", "hooks.slack.com": "200 ok", "slack.com": "200 {}", "api.telegram.org": "200 {}"})
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
