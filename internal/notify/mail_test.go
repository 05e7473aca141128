package notify

import (
	"fmt"
	"io"
	"net"
	"strings"
	"testing"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// mailbox is an SMTP server that takes mail for root@example.com from a user with a password.
type mailbox struct{ mails chan string }

// session is one connection to it.
type session struct {
	*mailbox
	user, envelope string
}

// startMailbox starts one on loopback, and returns its address.
func startMailbox(t *testing.T) (*mailbox, string) {
	t.Helper()
	box := &mailbox{mails: make(chan string, 1)}
	server := smtp.NewServer(box)
	server.Domain, server.AllowInsecureAuth, server.ErrorLog = "mail.example.com", true, silent{}
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = server.Serve(listener)
	}()
	t.Cleanup(func() {
		_ = server.Close()
		<-ended
	})
	return box, listener.Addr().String()
}

type silent struct{}

func (silent) Printf(string, ...any) {}
func (silent) Println(...any)        {}

func (b *mailbox) NewSession(*smtp.Conn) (smtp.Session, error) { return &session{mailbox: b}, nil }

func (s *session) AuthMechanisms() []string { return []string{sasl.Plain} }

func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if password != token {
			return smtp.ErrAuthFailed
		}
		s.user = user
		return nil
	}), nil
}

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	if s.user == "" {
		return smtp.ErrAuthRequired
	}
	s.envelope = s.user + ": " + from
	return nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	if to != "root@example.com" {
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such user; you said " + token}
	}
	s.envelope += " -> " + to
	return nil
}

func (s *session) Data(r io.Reader) error {
	mail, err := io.ReadAll(r)
	s.mails <- s.envelope + "\n" + strings.ReplaceAll(string(mail), "\r\n", "\n")
	return err
}

func (*session) Reset()        {}
func (*session) Logout() error { return nil }

func TestMail(t *testing.T) {
	box, address := startMailbox(t)
	url := func(password, to string) string {
		return fmt.Sprintf("smtp://nas:%s@%s/?from=nas@example.com&to=%s&encryption=None&usestarttls=no&subject=ddns-batch", password, address, to)
	}
	if err := send(t, url(token, "root@example.com")); err != nil {
		t.Fatal(err)
	}
	mail := <-box.mails
	if !strings.HasPrefix(mail, "nas: nas@example.com -> root@example.com\n") || !strings.Contains(mail, "Subject: ddns-batch\n") || !strings.HasSuffix(mail, "\n\n"+text+"\n") {
		t.Errorf("it got\n%s", mail)
	}
	for name, c := range map[string]struct{ url, want string }{
		"a wrong password":   {url("wrong-"+token, "root@example.com"), "the mail server rejected it with code 535"},
		"an unknown address": {url(token, "rot@example.com"), "the mail server rejected it with code 550"},
	} {
		if err := send(t, c.url); err == nil || err.Error() != c.want {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
}
