package config

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"ddns-batch/internal/provider"
	"ddns-batch/internal/record"
)

var draft = Draft{
	Intro: []string{"taken from ddclient.conf"},
	Entries: []DraftEntry{
		{Domain: "example.com", Hosts: []string{"@", "www", "no", "1e3", "*.dev", "*"}, Password: PasswordRef{Env: "EXAMPLE_COM_DDNS_PASSWORD"},
			Comments: []string{"line 3", "two\nlines"}},
		{Domain: "xn--bcher-kva.example", Hosts: []string{"*"}, Password: PasswordRef{File: "a # b: c"}},
	},
	Outro:     []string{"left out: line 9"},
	EnvFile:   "hosts.env",
	Variables: []DraftVariable{{"EXAMPLE_COM_DDNS_PASSWORD", provider.NewSecret(`"a b#c"`)}, {"OTHER", provider.Secret{}}},
}

const drafted = `# taken from ddclient.conf
records:
  # line 3
  # two lines
  - hosts: ["@", www, "no", "1e3", "*.dev", "*"]
    domain: example.com
    password_env: EXAMPLE_COM_DDNS_PASSWORD

  - host: "*"
    domain: "bücher.example"
    password_file: "a # b: c"

  # left out: line 9

env_file: hosts.env
`

func TestADraftIsWrittenAsSomebodyWould(t *testing.T) {
	if got := string(draft.YAML()); got != drafted {
		t.Errorf("got\n%s\nwant\n%s", got, drafted)
	}
	env := string(draft.Env())
	if !strings.Contains(env, "\nEXAMPLE_COM_DDNS_PASSWORD=\"\"a b#c\"\"\n# OTHER=\n") {
		t.Errorf("got\n%s", env)
	}
	found, _, problems := parseEnvFile("hosts.env", env, map[string]bool{"EXAMPLE_COM_DDNS_PASSWORD": true, "OTHER": true})
	if problems != nil || len(found.values) != 1 || found.values["EXAMPLE_COM_DDNS_PASSWORD"].value != `"a b#c"` {
		t.Errorf("read back: %v %v", found, problems)
	}
}

func TestALongListOfHostsGoesOnInTheNextLine(t *testing.T) {
	var hosts []string
	for c := 'a'; c <= 'z'; c++ {
		hosts = append(hosts, strings.Repeat(string(c), 12))
	}
	d := Draft{Entries: []DraftEntry{{Domain: "example.com", Hosts: hosts, Password: PasswordRef{Env: "P"}}}}
	text := string(d.YAML())
	for line := range strings.Lines(text) {
		if len(line) > widestHosts+2 {
			t.Errorf("%d characters: %s", len(line), line)
		}
	}
	c, err := Parse("hosts.yaml", []byte(text))
	if err != nil || len(c.Records) != len(hosts) {
		t.Errorf("%v\n%s", err, text)
	}
}

func FuzzADraftIsReadAsItWasMeant(f *testing.F) {
	f.Add("www", "example.com", "s3cret")
	f.Add("*.a", "bücher.example", ` "quoted" `)
	f.Add("no", "example.co.uk", "'")
	f.Add("12", "example.com", "a=b#c")
	f.Fuzz(func(t *testing.T, host, domain, password string) {
		name, err := ParseName(host, domain)
		if err != nil {
			return
		}
		secret := provider.NewSecret(password)
		variable := new(VariableNames).For(name.Domain)
		d := Draft{
			Intro: []string{host}, Outro: []string{domain},
			Entries: []DraftEntry{{Domain: name.Domain, Hosts: []string{name.Host}, Password: PasswordRef{Env: variable}, Comments: []string{host + password}}},
			EnvFile: "hosts.env", Variables: []DraftVariable{{variable, secret}},
			Schema: "/usr/share/doc/ddns-batch/docs/hosts.schema.json",
		}
		const first = "# yaml-language-server: $schema=/usr/share/doc/ddns-batch/docs/hosts.schema.json\n"
		if !bytes.HasPrefix(d.YAML(), []byte(first)) {
			t.Fatalf("%s", d.YAML())
		}
		c, err := Parse("hosts.yaml", d.YAML())
		if err != nil || len(c.Records) != 1 || c.Records[0].Name != name || c.Records[0].Password.Env != variable {
			t.Fatalf("%q %q: %v\n%s", host, domain, err, d.YAML())
		}
		if secret.IsZero() || Writable(secret) != "" {
			return
		}
		found, _, problems := parseEnvFile("hosts.env", string(d.Env()), map[string]bool{variable: true})
		if problems != nil || found.values[variable].value != password {
			t.Fatalf("%q is read as %q, %v", password, found.values[variable].value, problems)
		}
	})
}

func TestNamesFromElsewhere(t *testing.T) {
	for _, c := range []struct {
		host, domain string
		want         record.Name
	}{
		{"", "Example.COM.", record.Name{Host: "@", Domain: "example.com"}},
		{"@.example.com", "example.com", record.Name{Host: "@", Domain: "example.com"}},
		{"example.com", "example.com", record.Name{Host: "@", Domain: "example.com"}},
		{"WWW.example.com.", "example.com", record.Name{Host: "www", Domain: "example.com"}},
		{"*.example.com", "example.com", record.Name{Host: "*", Domain: "example.com"}},
		{"*.dev", "example.com", record.Name{Host: "*.dev", Domain: "example.com"}},
		{"www.bücher.example", "bücher.example", record.Name{Host: "www", Domain: "xn--bcher-kva.example"}},
	} {
		if got, err := ParseName(c.host, c.domain); err != nil || got != c.want {
			t.Errorf("%q of %q: %v, %v", c.host, c.domain, got, err)
		}
	}
	for _, c := range [][2]string{{"a b", "example.com"}, {"0123456789abcdef0123", "example.com"}, {"www", "co.uk"}, {"www", ""}, {"https://x", "example.com"}} {
		if got, err := ParseName(c[0], c[1]); err == nil {
			t.Errorf("%q: %v", c, got)
		}
	}
	for full, want := range map[string]record.Name{
		"a.b.example.co.uk": {Host: "a.b", Domain: "example.co.uk"},
		"example.com":       {Host: "@", Domain: "example.com"},
		"*.example.com":     {Host: "*", Domain: "example.com"},
	} {
		if got, err := SplitName(full); err != nil || got != want {
			t.Errorf("%q: %v, %v", full, got, err)
		}
	}
	if got, err := SplitName("co.uk"); err == nil {
		t.Errorf("a public suffix: %v", got)
	}
}

func TestVariablesHaveNamesOfTheirOwn(t *testing.T) {
	var names []string
	var variables VariableNames
	variables.Take("A_B_EXAMPLE_COM_DDNS_PASSWORD_3")
	for _, domain := range []string{"a-b.example.com", "a.b.example.com", "1and1.example.com", "a-b.example.com"} {
		name := variables.For(domain)
		if !IsVariable(name) {
			t.Errorf("%s is no variable", name)
		}
		names = append(names, name)
	}
	if want := []string{"A_B_EXAMPLE_COM_DDNS_PASSWORD", "A_B_EXAMPLE_COM_DDNS_PASSWORD_2", "_1AND1_EXAMPLE_COM_DDNS_PASSWORD",
		"A_B_EXAMPLE_COM_DDNS_PASSWORD_4"}; !slices.Equal(names, want) {
		t.Errorf("%q", names)
	}
}

func TestHostsAreSorted(t *testing.T) {
	hosts := []string{"*", "www", "*.dev", "@", "git"}
	SortHosts(hosts)
	if want := []string{"@", "www", "git", "*", "*.dev"}; !slices.Equal(hosts, want) {
		t.Errorf("%q", hosts)
	}
}
