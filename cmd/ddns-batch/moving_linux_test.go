package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ddns-batch/internal/provider/namecheap/sandbox"
)

// updatersVariable is set to "required" where ddclient and inadyn have to be there.
const updatersVariable = "DDNS_BATCH_UPDATERS"

// updater is another program that updates records at Namecheap.
type updater struct {
	name string
	// head is the beginning of its configuration: where the stand-in is, as host:port, and the certificate that it has.
	head func(at, roots, dir string) string
	args func(dir, file string) []string
	// needs is a command that fails where something is missing that the program needs for HTTPS.
	needs []string
}

var ddclient = updater{"ddclient", func(at, roots, dir string) string {
	return fmt.Sprintf("ssl=yes\nssl_ca_file=%s\ncache=%s/cache\nuse=web, web=https://%s/getip\nprotocol=namecheap\nserver=%s\n", roots, dir, at, at)
}, func(dir, file string) []string {
	// With -daemon 0, version 4 stays in the background.
	return []string{"-force", "-file", file}
}, []string{"perl", "-MIO::Socket::SSL", "-e1"}}

var inadyn = updater{"inadyn", func(_, roots, _ string) string {
	return fmt.Sprintf("ca-trust-file = %q\nverify-address = false\n", roots)
}, func(dir, file string) []string {
	return []string{"--once", "--foreground", "--no-pidfile", "--force", "--cache-dir", dir, "--config", file}
}, nil}

// Passwords of the domains, as they are written in the files below.
var movingDomains = []sandbox.Domain{
	{Name: "example.com", Password: "cAnArY-com", Hosts: []string{"@", "www", "git", "*"}},
	{Name: "example.net", Password: "cAnArY-net", Hosts: []string{"@", "www", "vpn"}},
	{Name: "example.org", Password: "cAnArY#''-org", Hosts: []string{"@", "nas"}},
	{Name: "example.edu", Password: "cAnArY-edu,", Hosts: []string{"one"}},
	{Name: "example.info", Password: `cAnArY-info\`, Hosts: []string{"two"}},
	{Name: "example.dev", Password: "cAnArY&x-dev", Hosts: []string{"five"}},
	{Name: "example.biz", Password: `"cAnArY-biz"`, Hosts: []string{"three", "four"}},
}

// What the real program sends for a file is what is sent after import, and import names what that program leaves out.
func TestImportSendsWhatTheOtherProgramDid(t *testing.T) {
	t.Parallel()
	// custom is a section of inadyn's.
	custom := func(at, title, body string) string {
		return fmt.Sprintf("custom %s {\n checkip-server = %q\n checkip-path = \"/getip\"\n ddns-server = %q\n%s}\n", title, at, at, body)
	}
	const path = " ddns-path = \"/update?domain=%u&password=%p&host=%h&ip=%i\"\n"
	for _, c := range []struct {
		name string
		updater
		text func(at string) string
		// sent are the records that the other program updates, more those that only ours does.
		sent, more []string
		said       []string
		// varies are those that it updates or not, depending on its version; of several it updates one.
		varies []string
	}{
		{"ddclient", ddclient, func(string) string {
			return "login=example.com\npassword=cAnArY-com\n*, git,\n" +
				"login=example.net, \\\n password='cAnArY-net' \\\n vpn.example.net\n" +
				"login=example.edu, password=cAnArY-edu,  \\\none\n" +
				"login=example.info\npassword=cAnArY-info\\\ntwo\n"
		}, []string{"*.example.com", "git.example.com", "vpn.example.net", "one.example.edu", "two.example.info"}, nil, nil, nil},
		{"ddclient: the same host of two domains", ddclient, func(string) string {
			return "login=example.com, password=cAnArY-com @\nlogin=example.net, password=cAnArY-net @\n"
		}, nil, nil, []string{"ddclient.conf:8: note: ddclient keeps one entry per host, whatever the domain, so it updated only one of the records with the host @"}, []string{"example.com", "example.net"}},
		{"ddclient: no blank before the password", ddclient, func(string) string {
			return "login=example.com,password=cAnArY-com www\n"
		}, nil, []string{"www.example.com"}, []string{"ddclient.conf:7: note: without a space before password=, ddclient sends the word dummy"}, nil},
		{"ddclient: the whole domain as a host", ddclient, func(string) string {
			return "login=example.com, password=cAnArY-com www,example.com\n"
		}, []string{"www.example.com"}, []string{"example.com"}, []string{"ddclient.conf:7: note: ddclient sends the whole domain as the host"}, nil},
		{"ddclient: a password that needs encoding", ddclient, func(string) string {
			return "login=example.org, password='cAnArY#''-org' nas\nlogin=example.dev, password='cAnArY&x-dev' five\n"
		}, nil, []string{"five.example.dev"}, []string{"ddclient.conf:7: note: ddclient sends the password without encoding it"}, []string{"nas.example.org"}},
		{"ddclient: double quotes", ddclient, func(string) string {
			return "login=example.biz\npassword=\"cAnArY-biz\"\nthree\n"
		}, []string{"three.example.biz"}, nil, nil, nil},
		{"inadyn", inadyn, func(at string) string {
			return custom(at, "namecheap", path+" username = example.com # mine\n password = cAnArY-com#not\n hostname = { \"@\", 'www' }\n hostname += \"git\"\n") +
				custom(at, "namecheap:2", " ddns-path = \"/update?domain=example.net&password=cAnArY-net&host=%h&ip=%i\"\n hostname = vpn // one\n") +
				custom(at, "namecheap:3", path+" username = example.biz\n password = \"\\\"c\\101nArY-biz\\x22\"\n hostname = three\n")
		}, []string{"example.com", "www.example.com", "git.example.com", "vpn.example.net", "three.example.biz"}, nil, nil, nil},
		{"inadyn: a title twice", inadyn, func(at string) string {
			return custom(at, "namecheap", path+" username = example.com\n password = cAnArY-com\n hostname = www\n") +
				custom(at, "namecheap", path+" username = example.net\n password = cAnArY-net\n hostname = vpn\n")
		}, []string{"vpn.example.net"}, []string{"www.example.com"}, []string{"inadyn.conf:3: note: inadyn reads only the last section with this title"}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			program, err := exec.LookPath(c.updater.name)
			if err == nil && c.needs != nil {
				err = exec.Command(c.needs[0], c.needs[1:]...).Run()
			}
			if err != nil {
				lacking(t, updatersVariable, c.updater.name+" cannot be run: "+err.Error())
			}
			dir := t.TempDir()
			file := filepath.Join(dir, c.updater.name+".conf")
			said, theirs := c.run(t, program, dir, file, c.text)
			updated := len(theirs)
			// Of records that share a host, ddclient 3 updates the last and ddclient 4 the first.
			theirs = slices.DeleteFunc(theirs, func(name string) bool { return slices.Contains(c.varies, name) })
			if !slices.Equal(theirs, sorted(c.sent)) {
				t.Errorf("%s updated %q, not %q\n%s", c.updater.name, theirs, sorted(c.sent), said)
			}
			if len(c.varies) > 1 && updated != len(c.sent)+1 {
				t.Errorf("%s updated %d records, not one of %q", c.updater.name, updated, c.varies)
			}
			ours := imported(t, dir, file, c.said)
			if want := sorted(slices.Concat(c.sent, c.more, c.varies)); !slices.Equal(ours, want) {
				t.Errorf("ours updated %q, not %q", ours, want)
			}
		})
	}
}

// run writes the configuration and lets the other program work on it. updated are the records that it changed.
func (u updater) run(t *testing.T, program, dir, file string, text func(at string) string) (said string, updated []string) {
	t.Helper()
	o := sandbox.Options{Domains: slices.Clone(movingDomains), Lenient: true}
	n := startNetwork(o, false)
	defer n.server.Close()
	at := n.server.Addr().String()
	pem := filepath.Join(dir, "roots.pem")
	for path, content := range map[string]string{pem: string(authority().PEM), file: u.head(at, pem, dir) + text(at)} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	// inadyn would ask the DNS for a host of which it remembers nothing.
	for _, d := range movingDomains {
		for _, host := range d.Hosts {
			if err := os.WriteFile(filepath.Join(dir, host+".cache"), []byte("198.51.100.1"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	out, _ := exec.Command(program, u.args(dir, file)...).CombinedOutput()
	return string(out), accepted(n)
}

// accepted are the full names of the records that were updated with the right password.
func accepted(n *network) []string {
	var names []string
	for _, q := range n.server.Heard() {
		if q.Accepted && q.PasswordMatched {
			names = append(names, q.Name.String())
		}
	}
	return slices.Compact(sorted(names))
}

func sorted(names []string) []string { return slices.Sorted(slices.Values(names)) }

// imported imports the file, and lets ours work on what comes of it. said is what import has to say.
func imported(t *testing.T, dir, file string, said []string) []string {
	t.Helper()
	n := startNetwork(sandbox.Options{Domains: slices.Clone(movingDomains)}, true)
	to := filepath.Join(dir, "made")
	env := filepath.Join(to, "hosts.env")
	n.secrets = []string{file, env}
	e := inside{args: []string{"import", file, "--to", to}}.run()
	if e.status > 1 || n.leaks(e.stdout+e.stderr) {
		t.Fatalf("status %d\n%s%s", e.status, e.stdout, e.stderr)
	}
	for _, want := range said {
		if !strings.Contains(e.stderr, string(filepath.Separator)+want) {
			t.Errorf("no %q in\n%s", want, e.stderr)
		}
	}
	yaml := filepath.Join(to, "hosts.yaml")
	if e := (inside{args: []string{"validate", "--config", yaml}}.run()); e.status != 0 {
		t.Errorf("validate: status %d\n%s%s", e.status, e.stdout, e.stderr)
	}
	f, err := os.OpenFile(yaml, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	source := strings.TrimSuffix(n.server.Endpoint(), "update") + "getip"
	_, err = fmt.Fprintf(f, "endpoint: %s\nip: {sources: [%q], agree: 1, allow: [203.0.113.0/24]}\n", n.server.Endpoint(), source)
	if f.Close(); err != nil {
		t.Fatal(err)
	}
	if e := (inside{args: []string{"--config", yaml, "--state", filepath.Join(dir, "state.json")}}.run()); e.status != 0 {
		t.Errorf("status %d\n%s%s", e.status, e.stdout, e.stderr)
	}
	updated := accepted(n)
	for _, wrong := range n.close(dir) {
		t.Error(wrong)
	}
	return updated
}
