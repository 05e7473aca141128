package publicip

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"ddns-batch/internal/sanitize"
)

func TestSourcesThatAreUnderstood(t *testing.T) {
	for _, c := range []struct {
		text, key, name string
		kind            SourceKind
	}{
		{"https://API.example.com/ip?x=1", "url:api.example.com", "api.example.com", URLSource},
		{"http://api.example.com.:8080", "url:api.example.com", "api.example.com:8080", URLSource},
		{"interface:ppp0", "interface:ppp0", "interface:ppp0", InterfaceSource},
		{"interface:Ethernet 2", "interface:Ethernet 2", "interface:Ethernet 2", InterfaceSource},
		{"interface:eth0:1", "interface:eth0:1", "interface:eth0:1", InterfaceSource},
		{"static:203.0.113.7", "static:203.0.113.7", "static:203.0.113.7", StaticSource},
		{"router", "router", "router", RouterSource},
		{"router:192.168.1.1", "router:192.168.1.1", "router:192.168.1.1", RouterSource},
	} {
		t.Run(c.text, func(t *testing.T) {
			s, err := ParseSource(c.text)
			must(t, err)
			if s.Kind != c.kind || s.Key != c.key || s.Name != c.name {
				t.Errorf("%+v", s)
			}
		})
	}
}

func TestSourcesThatAreNot(t *testing.T) {
	const canary = "c4n4ry-t0ken"
	for _, c := range []struct{ text, want string }{
		{"", "nor interface:NAME, command:/PATH, static:ADDRESS or router"},
		{"eth0", "nor interface:NAME"},
		{"Router", "nor interface:NAME"},
		{"file:///" + canary, "nor interface:NAME"},
		{"interface", "the name of a network interface is needed"},
		{"interface:", "the name of a network interface is needed"},
		{"interface: " + canary, "the name of a network interface is needed"},
		{"interface:../" + canary, "the name of a network interface is needed"},
		{"interface:" + canary + "\x00", "the name of a network interface is needed"},
		{"command", "whole path"},
		{"command:", "whole path"},
		{"command:wan-ip " + canary, "whole path"},
		{"command:./wan-ip " + canary, "whole path"},
		{"static", "not an IPv4 address"},
		{"static:" + canary, "not an IPv4 address"},
		{"static:2001:db8::7", "not an IPv4 address"},
		{"static:::ffff:203.0.113.7", "not an IPv4 address"},
		{"static: 203.0.113.7", "not an IPv4 address"},
		{"router:", "router alone is the default one"},
		{"router:" + canary, "router alone is the default one"},
		{"router:fe80::1", "not an IPv4 address"},
	} {
		t.Run(c.text, func(t *testing.T) {
			_, err := ParseSource(c.text)
			if err == nil {
				t.Fatal("understood")
			}
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, want %q", err, c.want)
			}
			if strings.Contains(err.Error(), canary) {
				t.Errorf("the source is shown: %v", err)
			}
		})
	}
}

func TestBindings(t *testing.T) {
	for text, good := range map[string]bool{
		"eth0": true, "Ethernet 2": true, "192.0.2.1": true, "127.0.0.1": true,
		"": false, " eth0": false, "a/b": false, "0.0.0.0": false, "224.0.0.1": false, "2001:db8::1": false, "eth\x00": false,
	} {
		if err := CheckBind(text); (err == nil) != good {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func FuzzParseSource(f *testing.F) {
	for _, text := range []string{
		"https://one.example.com/?t=1", "http://[::1]:80", "http://\u05eb", "interface:eth0", "interface:\x01", "command:/bin/echo 203.0.113.7", "command:/bin/echo | x",
		"command:/bin/\x1b[31m", "command:/bin/echo &", "command:/bin/echo \x00", "http://.", "static:203.0.113.7", "static:x", "router", "router:192.0.2.1", "router:", "command", "",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := ParseSource(text)
		if err != nil {
			if s.Kind != "" {
				t.Errorf("%q: a source beside the error %v", text, err)
			}
			// Nothing of what follows the kind is in it.
			kind, rest, _ := strings.Cut(text, ":")
			for _, secret := range []string{kind + ":c4n4ry" + rest, text + ":\x00c4n4ry"} {
				if _, err := ParseSource(secret); err != nil && strings.Contains(err.Error(), "c4n4ry") {
					t.Errorf("%q: it is shown: %v", secret, err)
				}
			}
			return
		}
		if s.Kind == "" || !strings.HasPrefix(s.Key, string(s.Kind)) {
			t.Errorf("%q: %+v", text, s)
		}
		if s.Name == "" || utf8.RuneCountInString(s.Name) > maxProblem || strings.ContainsFunc(s.Name, func(r rune) bool { return !unicode.IsPrint(r) }) {
			t.Errorf("%q: name %q", text, s.Name)
		}
		if s.Kind == CommandSource && s.Name != sanitize.Line("command:"+strings.Fields(text[len("command:"):])[0], maxProblem) {
			t.Errorf("%q: the arguments are shown: %q", text, s.Name)
		}
		if again, err := ParseSource(text); err != nil || again.Key != s.Key {
			t.Errorf("%q: not the same twice", text)
		}
	})
}
