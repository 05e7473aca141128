package config

import (
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"ddns-batch/internal/record"
)

func TestParse(t *testing.T) {
	c, err := Parse("me/hosts.yaml", []byte(`
records:
  - host: "@"
    domain: Example.COM.
    password_env: A
  - hosts: [Git, vpn., "*", "*.Dev", _acme.b, bücher]
    domain: example.net
    password_file: net/password
env_file: hosts.env
state: var/state.json
endpoint: http://127.0.0.1:8080/update
concurrency: 256
timeout: 1h
request_timeout: 1.5s
retries: 0
refresh_after: 0
verify: true
report_file: page.html
status_file: status.json
metrics_file: ../ddns.prom
on_change: [/usr/local/bin/restart, "-v"]
on_news: [/usr/bin/mail]
heartbeat: {url_file: heartbeat-url, style: push}
notify: {urls_env: URLS, changes: false}
dns: {resolver: "192.0.2.53", nameservers: ["127.0.0.1:5353"]}
ip:
  sources: [http://ipecho.example.net/plain]
  agree: 1
  allow: [198.51.100.0/24, 203.0.113.7]
  bind: eth0
`))
	if err != nil {
		t.Fatal(err)
	}
	net := PasswordRef{File: "net/password", Line: 8, Column: 20}
	want := &Config{
		Path: "me/hosts.yaml",
		Records: []Record{
			{record.Name{Host: "@", Domain: "example.com"}, PasswordRef{Env: "A", Line: 5, Column: 19}},
			{record.Name{Host: "git", Domain: "example.net"}, net},
			{record.Name{Host: "vpn", Domain: "example.net"}, net},
			{record.Name{Host: "*", Domain: "example.net"}, net},
			{record.Name{Host: "*.dev", Domain: "example.net"}, net},
			{record.Name{Host: "_acme.b", Domain: "example.net"}, net},
			{record.Name{Host: "xn--bcher-kva", Domain: "example.net"}, net},
		},
		EnvFile:        filepath.Join("me", "hosts.env"),
		State:          filepath.Join("me", "var", "state.json"),
		Endpoint:       "http://127.0.0.1:8080/update",
		Concurrency:    256,
		Timeout:        time.Hour,
		RequestTimeout: 1500 * time.Millisecond,
		Verify:         true,
		ReportFile:     filepath.Join("me", "page.html"),
		StatusFile:     filepath.Join("me", "status.json"),
		MetricsFile:    "ddns.prom",
		OnChange:       Command{[]string{"/usr/local/bin/restart", "-v"}, "me/hosts.yaml:21:12"},
		OnNews:         Command{[]string{"/usr/bin/mail"}, "me/hosts.yaml:22:10"},
		Notify:         Notify{PasswordRef{Env: "URLS", Line: 24, Column: 20}, false},
		Heartbeat:      Heartbeat{PasswordRef{File: "heartbeat-url", Line: 23, Column: 23}, Push},
		DNS: DNS{
			Resolver:    netip.MustParseAddrPort("192.0.2.53:53"),
			Nameservers: []netip.AddrPort{netip.MustParseAddrPort("127.0.0.1:5353")},
		},
		IP: IP{
			Sources: []string{"http://ipecho.example.net/plain"},
			Agree:   1,
			Allow:   []netip.Prefix{netip.MustParsePrefix("198.51.100.0/24"), netip.MustParsePrefix("203.0.113.7/32")},
			Bind:    "eth0",
		},
	}
	if !reflect.DeepEqual(c, want) {
		t.Errorf("got  %+v\nwant %+v", c, want)
	}
}

// minimal is a file without a fault; what follows it in a test is at the top level, from line 5 on.
const minimal = `records:
  - host: www
    domain: example.com
    password_env: EXAMPLE_COM
`

func TestEveryDefaultCanBeWrittenOut(t *testing.T) {
	short, err := Parse("hosts.yaml", []byte(minimal))
	if err != nil {
		t.Fatal(err)
	}
	long, err := Parse("hosts.yaml", []byte(minimal+`
env_file: ""
state: ""
endpoint: https://dynamicdns.park-your-domain.com/update
concurrency: 8
timeout: 2m
request_timeout: 30s
retries: 2
refresh_after: 24h
verify: false
report_file: ""
status_file: ""
metrics_file: ""
on_change: []
on_news: []
notify: {urls_env: "", urls_file: "", changes: true}
heartbeat: {url_env: "", url_file: "", style: healthchecks}
dns: {resolver: "", nameservers: []}
ip:
  sources: [https://api.ipify.org, https://ipv4.icanhazip.com, https://checkip.amazonaws.com]
  agree: 2
  allow: []
  bind: ""
`))
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(short, long) {
		t.Errorf("left out    %+v\nwritten out %+v", short, long)
	}
}

func TestExamplesLoad(t *testing.T) {
	c, err := Load(t.Context(), "../../examples/hosts.yaml")
	if err != nil {
		t.Fatal(err)
	}
	domains := map[string]bool{}
	variables := map[string]bool{}
	for _, r := range c.Records {
		domains[r.Name.Domain] = true
		variables[r.Password.Env] = true
	}
	if len(c.Records) != 15 || len(domains) != 3 {
		t.Errorf("%d records of %d domains, want 15 of 3", len(c.Records), len(domains))
	}
	data, err := os.ReadFile("../../examples/hosts.env.example")
	if err != nil {
		t.Fatal(err)
	}
	found, repeated, problems := parseEnvFile("hosts.env.example", string(data), variables)
	if len(found.values) != 3 || repeated != nil || problems != nil {
		t.Errorf("the env file gives %v, %v, %v; want each variable of the YAML", found, repeated, problems)
	}
}

func TestSingle(t *testing.T) {
	c, err := Single("Example.com", "WWW")
	if err != nil {
		t.Fatal(err)
	}
	want := Defaults()
	want.Records = []Record{{record.Name{Host: "www", Domain: "example.com"}, PasswordRef{Env: "DDNS_API_PASSWORD"}}}
	if !reflect.DeepEqual(*c, want) {
		t.Errorf("got %+v, want %+v", *c, want)
	}
	_, err = Single("com", "a..b")
	const both = `--domain: "com" has only one label; write the registered domain, such as example.com` +
		"\n" + `--host: "a..b": a label is empty; is there one dot too many?`
	if err == nil || err.Error() != both {
		t.Errorf("got %v, want %s", err, both)
	}
	if _, err = Single("example.com", "www.example.com"); err == nil || !strings.HasSuffix(err.Error(), `write "www"`) {
		t.Errorf("a full name as host gives %v", err)
	}
}

func TestLoadRefuses(t *testing.T) {
	dir := t.TempDir()
	huge := filepath.Join(dir, "huge.yaml")
	if err := os.WriteFile(huge, make([]byte, maxFile+1), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ path, want string }{
		"a file that is not there":  {filepath.Join(dir, "none.yaml"), "cannot be read: "},
		"a folder":                  {dir, "cannot be read: it is a folder; name the file in it"},
		"a file beyond all measure": {huge, "cannot be read: it is larger than 2048 KiB"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Load(t.Context(), c.path)
			if err == nil || !strings.HasPrefix(err.Error(), c.path+": "+c.want) {
				t.Errorf("got %v, want %s", err, c.want)
			}
			if strings.Count(err.Error(), c.path) != 1 {
				t.Errorf("%v does not name the path once", err)
			}
		})
	}
	if _, err := Load(t.Context(), filepath.Join(dir, "none.yaml")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%v is not os.ErrNotExist", err)
	}
}
