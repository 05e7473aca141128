package notify

import (
	"bufio"
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

// Mail is handed to a server that speaks SMTP.
func TestMail(t *testing.T) {
	mails := make(chan string, 1)
	listener := testnet.Listen(t, func(conn net.Conn) {
		in := bufio.NewScanner(conn)
		_, _ = io.WriteString(conn, "220 mail.example.com\r\n")
		var mail strings.Builder
		reading := false
		for in.Scan() {
			line := in.Text()
			answer := "250 ok"
			switch {
			case reading && line == ".":
				reading = false
				mails <- mail.String()
			case reading:
				fmt.Fprintln(&mail, line)
				continue
			case line == "DATA":
				reading, answer = true, "354 go on"
			case line == "QUIT":
				answer = "221 bye"
			default:
				fmt.Fprintln(&mail, line)
			}
			_, _ = io.WriteString(conn, answer+"\r\n")
		}
	})
	if err := send(t, "smtp://"+listener.Address+"/?from=nas@example.com&to=root@example.com&auth=None&encryption=None&usestarttls=no&subject=ddns-batch"); err != nil {
		t.Fatal(err)
	}
	mail := <-mails
	for _, want := range []string{"MAIL FROM:<nas@example.com>", "RCPT TO:<root@example.com>", "Subject: ddns-batch", strings.Split(text, "\n")[0]} {
		if !strings.Contains(mail, want) {
			t.Errorf("%q is not in\n%s", want, mail)
		}
	}
}

// Whatever goes wrong is said without a word of the URL.
func TestWhatGoesWrong(t *testing.T) {
	status := func(code int) string {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { http.Error(w, r.URL.String(), code) }))
		t.Cleanup(server.Close)
		return server.Listener.Addr().String()
	}
	for _, c := range []struct{ name, url, want string }{
		{"no URL", token, errNotURL.Error()},
		{"an unknown service", "ntfyy://host/" + token, errUnknown.Error()},
		{"a token in the place of the service", token + "://host/", errUnknown.Error()},
		{"nobody would see it", "logger://" + token, errUnknown.Error()},
		{"a URL that the service does not understand", "telegram://" + token, errNotOne.Error()},
		{"nobody listens", "ntfy://" + testnet.Refusing(t) + "/" + token + "?scheme=http", "cannot connect: connection refused"},
		{"it wants another token", "ntfy://" + status(http.StatusForbidden) + "/" + token + "?scheme=http", "403 Forbidden"},
		{"a webhook that is gone", "generic+http://" + status(http.StatusGone) + "/" + token, "it was not accepted; the reason is not shown, because it could contain the URL"},
		{"a portal", "ntfy://" + status(http.StatusOK) + "/" + token + "?scheme=http", "something other than the service answers (a captive portal?)"},
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
