package config

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"ddns-batch/internal/record"
)

// FuzzParse holds the promises of Config for every file that is accepted, and that an error of any other never shows
// what stands where a password could.
func FuzzParse(f *testing.F) {
	example, err := os.ReadFile("../../examples/hosts.yaml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(example))
	for _, p := range problems(f) {
		f.Add(p.file)
	}
	for _, more := range []string{
		"", "  - {hosts: [\"*.ü\", _a.b], domain: example.net, password_file: p}", "timeout: 0x1p-2s\nrefresh_after: 0",
		"ip: {allow: [192.0.2.0/24, 0.0.0.0/0]}", "!!binary x: !!str 1", "? [" + canary + "]\n: x", "state: !!int \"" + canary + "\"",
	} {
		f.Add(minimal + more)
	}
	f.Add("!00\n*") // a mark that begins nothing once it is a letter
	f.Fuzz(func(t *testing.T, data string) {
		c, err := Parse("hosts.yaml", []byte(data))
		if err == nil {
			holds(t, c)
			return
		}
		var problems Problems
		if !errors.As(err, &problems) || len(problems) == 0 {
			t.Fatalf("%T is not Problems", err)
		}
		for i, p := range problems {
			if i > 0 && p.Line < problems[i-1].Line && p.Further == 0 {
				t.Errorf("%v comes after %v", p, problems[i-1])
			}
		}
		if strings.Contains(err.Error(), canary) && !public(data) {
			t.Errorf("a value is quoted: %v", err)
		}
	})
}

// public says whether the canary stands where a value may be quoted.
func public(data string) bool {
	var root yaml.Node
	if yaml.Unmarshal([]byte(data), &root) != nil {
		return false
	}
	var walk func(n *yaml.Node, key string) bool
	walk = func(n *yaml.Node, key string) bool {
		switch n.Kind {
		case yaml.ScalarNode:
			return slices.Contains([]string{"host", "hosts", "domain", "allow"}, key) && strings.Contains(n.Value, canary)
		case yaml.MappingNode:
			for i := 0; i+1 < len(n.Content); i += 2 {
				if walk(n.Content[i+1], n.Content[i].Value) {
					return true
				}
			}
			return false
		}
		for _, element := range n.Content {
			if walk(element, key) {
				return true
			}
		}
		return false
	}
	return walk(&root, "-")
}

// holds checks every promise that Config makes.
func holds(t *testing.T, c *Config) {
	t.Helper()
	seen := map[record.Name]bool{}
	for _, r := range c.Records {
		if seen[r.Name] {
			t.Errorf("%v appears twice", r.Name)
		}
		seen[r.Name] = true
		host, err := hostName(r.Name.Host, r.Name.Domain)
		domain, err2 := domainName(r.Name.Domain)
		if err != nil || err2 != nil || host != r.Name.Host || domain != r.Name.Domain || len(r.Name.String()) > 253 {
			t.Errorf("%+v is not normalised: %v, %v", r.Name, err, err2)
		}
		if strings.Trim(r.Name.String(), "abcdefghijklmnopqrstuvwxyz0123456789-_.*") != "" {
			t.Errorf("%+v holds other characters", r.Name)
		}
		p := r.Password
		if (p.Env == "") == (p.File == "") || p.Env != "" && !isVariable(p.Env) || looksLikePassword(p.String()) || p.Line < 1 || p.Column < 1 {
			t.Errorf("a password reference is not sound: %+v", p)
		}
	}
	for promise, kept := range map[string]bool{
		"records":         len(c.Records) > 0,
		"concurrency":     1 <= c.Concurrency && c.Concurrency <= 256,
		"retries":         0 <= c.Retries && c.Retries <= 10,
		"timeout":         c.Timeout > 0,
		"request_timeout": c.RequestTimeout > 0,
		"refresh_after":   c.RefreshAfter >= 0,
		"agree":           1 <= c.IP.Agree && c.IP.Agree <= len(c.IP.Sources),
		"endpoint":        checkEndpoint(c.Endpoint) == nil,
		"state":           !hasControl(c.State) && !hasControl(c.EnvFile),
	} {
		if !kept {
			t.Errorf("%s is not as promised: %+v", promise, c)
		}
	}
	for _, prefix := range c.IP.Allow {
		if !prefix.IsValid() || !prefix.Addr().Is4() || prefix != netip.PrefixFrom(prefix.Masked().Addr(), prefix.Bits()) {
			t.Errorf("%v is no IPv4 range", prefix)
		}
	}
}

// FuzzEnvFile holds that what is said about an env file depends on nothing but which of its lines are bad.
func FuzzEnvFile(f *testing.F) {
	for _, line := range []string{"A=" + canary, "export A='" + canary + "'", canary, "=", "A =x", "# x", "\ufeff", "A=\"", "export", "1A=x", "A=x\x00"} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		if strings.ContainsAny(line, "\n") {
			return
		}
		data := "A=first\n" + line + "\nB=last\n"
		found, repeated, problems := parseEnvFile("hosts.env", data, map[string]bool{"A": true, "B": true})
		for _, p := range append(repeated, problems...) {
			bad, blanks := "hosts.env:2: is not of the form NAME=value", "hosts.env:2: has spaces around =; write NAME=value"
			twice := fmt.Sprintf("hosts.env:%d: %%s is also set on line %%d; this line is used", p.Line)
			if said := p.Error(); said != bad && said != blanks && said != fmt.Sprintf(twice, "A", 1) && said != fmt.Sprintf(twice, "B", 2) {
				t.Errorf("said %q", said)
			}
		}
		if found.values["B"] != (assignment{"last", 3}) || found.values["A"].line < 1 || found.values["A"].line > 2 || len(found.values) != 2 {
			t.Errorf("found %v", found)
		}
	})
}
