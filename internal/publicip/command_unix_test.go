//go:build unix

package publicip

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"strings"
	"testing"
)

// program is the source that plays this.
func program(what string, arguments ...string) string {
	return strings.Join(append([]string{"command:" + executable(), playing, what}, arguments...), " ")
}

func executable() string {
	path, err := os.Executable()
	if err != nil {
		panic(err)
	}
	return path
}

func TestPrograms(t *testing.T) {
	const canary = "c4n4ry-t0ken"
	t.Setenv("EXAMPLE_COM_DDNS_PASSWORD", canary)
	for _, c := range []struct {
		name, source, want string
	}{
		{"prints an address", program("say", "203.0.113.7"), "203.0.113.7"},
		{"writes to stderr too", program("complain"), "203.0.113.7"},
		{"reads, and finds nothing", program("read"), "203.0.113.7"},
		{"prints two addresses", program("say", "203.0.113.7", "203.0.113.8"), "not one IPv4 address"},
		{"prints its arguments", program("say", canary), "not one IPv4 address"},
		{"prints nothing", program("say"), "an empty answer"},
		{"prints a page", program("say", "<!DOCTYPE", "203.0.113.7"), "a web page, not an address"},
		{"prints an IPv6 address", program("say", "2001:db8::7"), "an IPv6 address, an IPv4 one is needed"},
		{"prints an address and fails", program("fail"), "the program failed: exit status 3"},
		{"prints for ever", program("flood"), "more than 4 KiB of output"},
		{"is not there", "command:/nowhere/wan-ip " + canary, "the program cannot be started: no such file or directory"},
		{"is a folder", "command:/", "the program cannot be started: is a directory"},
	} {
		t.Run(c.name, func(t *testing.T) {
			finding, err := Find(t.Context(), Query{Sources: []string{c.source}, Documentation: true})
			a := finding.Answers[0]
			if strings.Contains(fmt.Sprintf("%+v %v", finding, err), canary) {
				t.Errorf("the token is shown: %+v", a)
			}
			if err == nil && a.Address.String() == c.want {
				return
			}
			if err == nil || a.Problem != c.want {
				t.Errorf("%v, %v: %+v, want %q", finding.Address, err, a, c.want)
			}
			wantKind(t, err, TooFew)
		})
	}
}

func TestAProgramSeesNoPassword(t *testing.T) {
	t.Setenv("EXAMPLE_COM_DDNS_PASSWORD", "c4nary&p/w")
	t.Setenv("PATH", "/somewhere/else")
	s, err := ParseSource(program("environment"))
	must(t, err)
	output, err := command{s.arguments}.run(t.Context())
	must(t, err)
	if want := "LANG=C;PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin /\n"; output != want {
		t.Errorf("environment and folder %q, want %q", output, want)
	}
}

func TestNoShellReadsACommand(t *testing.T) {
	finding, err := Find(t.Context(), Query{Sources: []string{program("say", "$(echo", "203.0.113.7)", "*", "~")}})
	wantKind(t, err, TooFew)
	if p := finding.Answers[0].Problem; p != "not one IPv4 address" {
		t.Errorf("problem %q", p)
	}
	for _, line := range []string{"/bin/echo x | cut -c1", "/bin/sh -c 'echo 203.0.113.7'", `/bin/echo "203.0.113.7"`, "/bin/echo `id`", "/bin/a && /bin/b", "/bin/a > /tmp/b", "/bin/echo a\x00b"} {
		if _, err := ParseSource("command:" + line); err == nil {
			t.Errorf("%q is understood", line)
		}
	}
	s, err := ParseSource("command:/usr/bin/curl  -4 https://ip.example.com/?a=1&b=2")
	must(t, err)
	if want := []string{"/usr/bin/curl", "-4", "https://ip.example.com/?a=1&b=2"}; !slices.Equal(s.arguments, want) {
		t.Errorf("arguments %q", s.arguments)
	}
	if s.Name != "command:/usr/bin/curl" {
		t.Errorf("name %q", s.Name)
	}
}

func TestAProgramHas5Seconds(t *testing.T) {
	if sourceLimit.Seconds() != 5 {
		t.Fatalf("the limit is %v", sourceLimit)
	}
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	must(t, err)
	defer listener.Close()
	s, err := ParseSource(program("hang", listener.Addr().String()))
	must(t, err)
	ctx, cancel := contextUntilTwoHold(t, listener)
	_, _, err = command{s.arguments}.ask(ctx)
	if ctx.Err() == nil || problem(err, sourceLimit) != "not waited for" {
		t.Errorf("error %v", err)
	}
	cancel()
}

// contextUntilTwoHold ends once two processes hold on to the listener. The test waits until both have ended.
func contextUntilTwoHold(t *testing.T, listener net.Listener) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	t.Cleanup(func() {
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	go func() {
		ended <- func() error {
			var held []net.Conn
			for range 2 {
				conn, err := listener.Accept()
				if err != nil {
					return err
				}
				held = append(held, conn)
			}
			cancel()
			return gone(held...)
		}()
	}()
	return ctx, cancel
}

// gone waits until the processes at the other ends have ended.
func gone(held ...net.Conn) error {
	for _, conn := range held {
		// A killed process may leave a reset behind instead of an end.
		_, _ = io.Copy(io.Discard, conn)
		if err := conn.Close(); err != nil {
			return err
		}
	}
	return nil
}

func TestWhatAProgramLeavesBehindIsEnded(t *testing.T) {
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	must(t, err)
	defer listener.Close()
	s, err := ParseSource(program("leave", listener.Addr().String()))
	must(t, err)
	left := make(chan net.Conn, 1)
	go func() {
		conn, err := listener.Accept()
		if err == nil {
			left <- conn
		}
		close(left)
	}()
	_, _, err = command{s.arguments}.ask(t.Context())
	if got := problem(err, 0); got != "the program ended, but something that it started still holds its output" {
		t.Errorf("problem %q", got)
	}
	if conn, ok := <-left; ok {
		must(t, gone(conn))
	}
}
