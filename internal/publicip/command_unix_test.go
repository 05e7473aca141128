//go:build unix

package publicip

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

// programSource is the source that plays this.
func programSource(what string, arguments ...string) string {
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
		{"prints an address", programSource("say", "203.0.113.7"), "203.0.113.7"},
		{"writes to stderr too", programSource("complain"), "203.0.113.7"},
		{"prints two addresses", programSource("say", "203.0.113.7", "203.0.113.8"), "not one IPv4 address"},
		{"prints a hidden character", programSource("say", "203.0.113.7\u200b"), "an IPv4 address with a hidden character"},
		{"prints its arguments", programSource("say", canary), "not one IPv4 address"},
		{"prints nothing", programSource("say"), "an empty answer"},
		{"prints a page", programSource("say", "<!DOCTYPE", "203.0.113.7"), "a web page, not an address"},
		{"prints an IPv6 address", programSource("say", "2001:db8::7"), "an IPv6 address, an IPv4 one is needed"},
		{"prints an address and fails", programSource("fail"), "the program failed: exit status 3"},
		{"is not there", "command:/nowhere/wan-ip " + canary, "the program cannot be started: no such file or directory"},
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

func TestNoShellReadsACommand(t *testing.T) {
	finding, err := Find(t.Context(), Query{Sources: []string{programSource("say", "$(echo", "203.0.113.7)", "*", "~")}})
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
