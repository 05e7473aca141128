package notify

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"ddns-batch/internal/provider"
	"ddns-batch/internal/testnet"
)

const (
	token = "cAnArYt0ken"
	text  = "nas: git.example.net failed\nnas: hint: look"
)

func send(t *testing.T, url string) error {
	t.Helper()
	all := Recipients(provider.NewSecret(url))
	if len(all) != 1 {
		t.Fatalf("%d recipients", len(all))
	}
	err := all[0].Send(t.Context(), text)
	if said := fmt.Sprint(all, err); strings.Contains(said, token) {
		t.Errorf("the token is in %s", said)
	}
	return err
}

// Each service on loopback gets the text, in its own protocol.
func TestServicesGetTheText(t *testing.T) {
	heard := make(chan string, 10)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		heard <- fmt.Sprintf("%s %s %s %s", r.Method, r.URL.Path, r.Header.Get("X-Gotify-Key"), body)
		_, _ = io.WriteString(w, `{"id": 1}`)
	}))
	defer server.Close()
	host := server.Listener.Addr().String()
	for name, c := range map[string]struct{ url, path string }{
		"ntfy":    {"ntfy://" + host + "/" + token + "?scheme=http", "/" + token},
		"gotify":  {"gotify://" + host + "/AzyoeNS.D4iJLVa?disabletls=yes", "/message"},
		"generic": {"generic+http://" + host + "/hook/" + token, "/hook/" + token},
		"webhook": {"generic://" + host + "/hook/" + token + "?template=json&disabletls=yes", "/hook/" + token},
	} {
		if err := send(t, c.url); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got := strings.ReplaceAll(<-heard, `\n`, "\n")
		if !strings.HasPrefix(got, "POST "+c.path+" ") || !strings.Contains(got, text) {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// Whatever goes wrong is said without a word of the URL.
func TestWhatGoesWrong(t *testing.T) {
	answering := func(code int, answer string) string {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { http.Error(w, cmp.Or(answer, r.URL.String()), code) }))
		t.Cleanup(server.Close)
		return server.Listener.Addr().String()
	}
	closing := testnet.Listen(t, func(conn net.Conn) { _, _ = http.ReadRequest(bufio.NewReader(conn)) }).Address
	babbling := testnet.Listen(t, func(conn net.Conn) { _, _ = io.WriteString(conn, "220 "+token+"\r\n") }).Address
	for _, c := range []struct{ name, url, want string }{
		{"no URL", token, errNotURL.Error()},
		{"an unknown service", "ntfyy://host/" + token, errUnknown.Error()},
		{"a token in the place of the service", token + "://host/", errUnknown.Error()},
		{"nobody would see it", "logger://" + token, errUnknown.Error()},
		{"a URL that the service does not understand", "telegram://" + token, errNotOne.Error()},
		{"nobody listens", "ntfy://" + testnet.Refusing(t) + "/" + token + "?scheme=http", "cannot connect: connection refused"},
		{"nobody listens, and its service keeps only texts", "generic+http://" + testnet.Refusing(t) + "/" + token, "cannot connect: connection refused"},
		{"it closes the connection", "generic+http://" + closing + "/" + token, "the connection was closed before the answer was complete"},
		{"it speaks something else", "generic+http://" + babbling + "/" + token, "no readable answer"},
		{"it wants another token", "ntfy://" + answering(http.StatusForbidden, "") + "/" + token + "?scheme=http", "the service rejected it: 403 Forbidden"},
		{"a webhook that is gone", "generic+http://" + answering(http.StatusGone, "") + "/" + token, "the service rejected it: 410 Gone"},
		{"a webhook that is out of order", "generic+http://" + answering(http.StatusServiceUnavailable, "") + "/" + token, "the service failed: 503 Service Unavailable"},
		{"it says why", "gotify://" + answering(http.StatusUnauthorized, `{"error": "Unauthorized", "errorCode": 401, "errorDescription": "`+token+`"}`) + "/AzyoeNS.D4iJLVa?disabletls=yes",
			"the service rejected it; the reason is not shown, because it could contain the URL"},
		{"a portal", "ntfy://" + answering(http.StatusOK, "") + "/" + token + "?scheme=http", "something other than the service answers (a captive portal?)"},
	} {
		if err := send(t, c.url); err == nil || err.Error() != c.want {
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		}
	}
}

func TestAServiceThatHangs(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	late := errors.New("late")
	listener := testnet.Listen(t, func(conn net.Conn) {
		cancel(late)
		testnet.ReadOn(conn)
	})
	r := Recipients(provider.NewSecret("ntfy://" + listener.Address + "/" + token + "?scheme=http"))[0]
	if err := r.Send(ctx, text); err != late {
		t.Errorf("%v", err)
	}
}

func TestNames(t *testing.T) {
	var names []string
	for _, r := range Recipients(provider.NewSecret("ntfy://ntfy.example.net/" + token + "\n\tdiscord://t@1  " + token)) {
		names = append(names, r.Name)
	}
	if got := strings.Join(names, ", "); got != "notification 1 (ntfy), notification 2 (discord), notification 3" {
		t.Error(got)
	}
}
