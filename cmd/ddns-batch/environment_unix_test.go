//go:build unix

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"ddns-batch/internal/testnet"
)

// passwordsIn writes an env file with the passwords and takes them out of the environment.
func (m *machine) passwordsIn(name string) (path string) {
	m.Helper()
	var lines strings.Builder
	for _, v := range []string{"EXAMPLE_COM_DDNS_PASSWORD", "EXAMPLE_NET_DDNS_PASSWORD"} {
		fmt.Fprintf(&lines, "%s='%s'\n", v, m.env[v])
		delete(m.env, v)
	}
	return m.hide(name, lines.String())
}

// Whoever starts the program, and whatever it is given on the way: the records are updated, nothing is complained of,
// and a second run has nothing to do.
func TestWhoeverStartsARun(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		arrange func(m *machine)
		state   string // where the state must be, below the folder
	}{
		{"cron, with a path and nothing else", func(m *machine) {
			m.passwordsIn("hosts.env")
			m.configure(map[string]string{"env_file": "hosts.env"})
			m.env["PATH"] = "/usr/bin:/bin"
		}, "state/state.json"},
		{"something that leaves no environment at all", func(m *machine) {
			m.passwordsIn("hosts.env")
			m.configure(map[string]string{"env_file": "hosts.env"})
			delete(m.env, "PATH")
		}, "state/state.json"},
		{"systemd, with a state folder", func(m *machine) {
			m.configure(map[string]string{"state": ""})
			m.systemd("a")
		}, "a/state.json"},
		{"systemd, with two state folders", func(m *machine) {
			m.configure(map[string]string{"state": ""})
			m.systemd("b", "a")
		}, "b/state.json"},
		{"systemd, with credentials", func(m *machine) {
			for domain, v := range map[string]string{"com": "EXAMPLE_COM_DDNS_PASSWORD", "net": "EXAMPLE_NET_DDNS_PASSWORD"} {
				m.hide("credentials/"+domain, m.env[v]+"\n")
				delete(m.env, v)
			}
			m.env["CREDENTIALS_DIRECTORY"] = filepath.Join(m.dir, "credentials")
			m.configure(map[string]string{"state": "", "password.example.com": "password_file: com", "password.example.net": "password_file: net"})
			m.systemd("a")
		}, "a/state.json"},
		{"sudo", func(m *machine) {
			m.passwordsIn("hosts.env")
			m.configure(map[string]string{"env_file": "hosts.env"})
			for name, value := range map[string]string{"SUDO_USER": "somebody", "SUDO_UID": "1000", "SUDO_GID": "1000", "SUDO_COMMAND": "/usr/bin/ddns-batch",
				"HOME": "/root", "USER": "root", "LOGNAME": "root", "SHELL": "/bin/bash", "MAIL": "/var/mail/root", "TERM": "xterm", "LANG": "C.UTF-8"} {
				m.env[name] = value
			}
		}, "state/state.json"},
		{"somebody with strange settings", func(m *machine) {
			for name, value := range map[string]string{"GODEBUG": "http2debug=2,http2client=1,netdns=go", "GOTRACEBACK": "crash", "GOMAXPROCS": "1", "GOGC": "1",
				"HTTP_PROXY": "http://me:secret@127.0.0.1:1", "http_proxy": "http://127.0.0.1:1", "ALL_PROXY": "socks5://127.0.0.1:1", "NO_PROXY": "*",
				"SSL_CERT_FILE": "/nowhere", "SSL_CERT_DIR": "/nowhere", "NO_COLOR": "1", "COLUMNS": "-1", "TERM": "\x1b[31m", "LANG": "tlh", "LC_ALL": "xx_YY.UTF-7",
				"TZ": "Nowhere/Else", "TMPDIR": "/nowhere", "HOME": "relative", "XDG_STATE_HOME": "relative", "XDG_CONFIG_HOME": "relative",
				"DDNS_BATCH_CONFIG": "/nowhere/hosts.yaml", "DDNS_API_PASSWORD": "cAnArY-unused", "STATE_DIRECTORY": "relative", "CREDENTIALS_DIRECTORY": "/nowhere"} {
				m.env[name] = value
			}
			m.canaries = append(m.canaries, "cAnArY-unused")
		}, "state/state.json"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := twoDomains(t)
			c.arrange(m)
			first, second := m.run(), m.run("-o", "json")
			if first.status != 0 || first.stderr != "" || !strings.Contains(first.stdout, "3 records: 3 updated") {
				t.Errorf("status %d\n%s%s", first.status, first.stdout, first.stderr)
			}
			if second.status != 0 || second.stderr != "" || second.document.of("www.example.net").Action != "keep" {
				t.Errorf("the second run: status %d\n%s%s", second.status, second.stdout, second.stderr)
			}
			if want := filepath.Join(m.dir, c.state); second.document.State != want {
				t.Errorf("the state is %s, not %s", second.document.State, want)
			}
			m.published(homeAddress)
		})
	}
}

// systemd sets what it sets for a service with these state folders.
func (m *machine) systemd(states ...string) {
	var paths []string
	for _, s := range states {
		path := filepath.Join(m.dir, s)
		if err := os.MkdirAll(path, 0o700); err != nil {
			m.Fatal(err)
		}
		paths = append(paths, path)
	}
	m.env["STATE_DIRECTORY"] = strings.Join(paths, ":")
	m.env["INVOCATION_ID"], m.env["JOURNAL_STREAM"], m.env["SYSTEMD_EXEC_PID"] = "0123456789abcdef", "8:1", "1"
}

// Without a home in the environment the one of the account counts; nothing is ever put where the run happens to start.
func TestTheStateOfAUserWithoutAHome(t *testing.T) {
	t.Parallel()
	m := twoDomains(t)
	m.configure(map[string]string{"state": ""})
	e := m.run("--dry-run", "-o", "json")
	if e.status != 0 || !strings.HasSuffix(e.document.State, "/.local/state/ddns-batch/state.json") || !filepath.IsAbs(e.document.State) {
		t.Errorf("status %d, the state is %q\n%s", e.status, e.document.State, e.stderr)
	}
}

// What a shell exports is not there under sudo, nor under cron.
func TestPasswordsThatStayedInAShell(t *testing.T) {
	t.Parallel()
	m := twoDomains(t)
	delete(m.env, "EXAMPLE_COM_DDNS_PASSWORD")
	delete(m.env, "EXAMPLE_NET_DDNS_PASSWORD")
	e := m.run()
	if e.status != 2 || !strings.Contains(e.stderr, "cron, systemd and sudo do not see what your shell exports") || len(m.server.Heard()) != 0 {
		t.Errorf("status %d\n%s", e.status, e.stderr)
	}
}

// After a boot the network may come later than the first run, and so may the name servers.
func TestABootWithoutANetwork(t *testing.T) {
	t.Parallel()
	for name, missing := range map[string]func(testnet.TB) string{
		"nothing listens":              testnet.Refusing,
		"names do not exist yet":       func(tb testnet.TB) string { return "dns:" + testnet.NameServer(tb, testnet.NoSuchName).String() },
		"the name server is not there": func(tb testnet.TB) string { return "dns:" + testnet.Refusing(tb) },
		"the name server is silent":    func(tb testnet.TB) string { return "dns:" + testnet.NameServer(tb, testnet.Silent).String() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := twoDomains(t)
			if e := m.run("-q"); e.status != 0 {
				t.Fatalf("before the boot: status %d\n%s%s", e.status, e.stdout, e.stderr)
			}
			sent := len(m.server.Heard())
			for _, host := range append(sourceHosts, endpointHost) {
				m.dials[host] = missing(t)
			}
			// A name server that is silent is waited for as long as there is time.
			e := m.run("-q", "--timeout", "1s")
			if e.status != 3 || e.stdout+e.stderr != "" || len(m.server.Heard()) != sent {
				t.Errorf("at boot: status %d\n%s%s", e.status, e.stdout, e.stderr)
			}
			clear(m.dials)
			m.server.SetAddress(awayAddress)
			if e = m.run("-q"); e.status != 0 || !strings.Contains(e.stdout, "nas: 3 records moved from 203.0.113.7 to 203.0.113.91") || e.stderr != "" {
				t.Errorf("five minutes later: status %d\n%s%s", e.status, e.stdout, e.stderr)
			}
			m.published(awayAddress)
		})
	}
}

// stdin, stdout and stderr may be closed, full, or a pipe that nobody reads: the run does what it is for, and its status
// tells the truth.
func TestStreamsThatAreNotThere(t *testing.T) {
	t.Parallel()
	type missing struct {
		name, redirection string
		stdout, stderr    string // what must be in what is left
	}
	cases := []missing{
		{"stdin closed", "<&-", "3 updated", "msg=updated"},
		{"stdout closed", ">&-", "", "msg=updated"},
		{"stderr closed", "2>&-", "3 updated", ""},
		{"all closed", "<&- >&- 2>&-", "", ""},
		{"stdout read only", "1</dev/null", "", "cannot write the report"},
		{"stdin a folder", "</", "3 updated", "msg=updated"},
	}
	if runtime.GOOS == "linux" {
		cases = append(cases,
			missing{"stdout full", ">/dev/full", "", "cannot write the report"},
			missing{"stderr full", "2>/dev/full", "3 updated", ""})
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			m := twoDomains(t)
			if e := m.shell("ddns-batch -c "+m.dir+"/hosts.yaml --log-level trace", c.redirection); e.status != 0 ||
				!strings.Contains(e.stdout, c.stdout) || !strings.Contains(e.stderr, c.stderr) {
				t.Errorf("status %d\n%s%s", e.status, e.stdout, e.stderr)
			}
			m.published(homeAddress)
			// A file that took the place of a closed stream would hold a piece of the report.
			if e := m.run("-o", "json"); e.status != 0 || e.document.of("example.com").Action != "keep" {
				t.Errorf("the next run: status %d\n%s%s", e.status, e.stdout, e.stderr)
			}
		})
	}
}

func TestPipesThatNobodyReads(t *testing.T) {
	t.Parallel()
	m := twoDomains(t)
	m.be("www.example.net", say("HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"))
	for _, c := range []struct {
		args   string
		status int
	}{
		{"--log-level trace", 1},
		{"--log-level trace -o json --force", 1},
		{"-q", 1},
		{"--dry-run --detailed-exitcode --retry", 5},
		{"status", 0},
		{"status -o json", 0},
		{"status --max-age 1m", 1},
		{"validate", 0},
		{"version", 0},
		{"help", 0},
		{"completion bash", 0},
	} {
		t.Run(c.args, func(t *testing.T) {
			streams := []string{"stdout"}
			if strings.HasPrefix(c.args, "-") {
				streams = append(streams, "stderr", "both")
			}
			for _, which := range streams {
				p := m.command(strings.Fields(c.args)...)
				reader, writer, err := os.Pipe()
				if err != nil {
					t.Fatal(err)
				}
				_ = reader.Close()
				if which != "stderr" {
					p.Stdout = writer
				}
				if which != "stdout" {
					p.Stderr = writer
				}
				e := p.run()
				_ = writer.Close()
				if e.status != c.status || which == "stdout" && strings.Contains(e.stderr, "error") && !strings.Contains(c.args, "trace") && !strings.Contains(c.args, "--max-age") {
					t.Errorf("%s: status %d\n%s%s", which, e.status, e.stdout, e.stderr)
				}
			}
		})
	}
	m.published(homeAddress, "www.example.net")
}

// shell runs a command line with a redirection.
func (m *machine) shell(line, redirection string) finished {
	m.Helper()
	p := m.process("/bin/sh", "-c", "exec "+line+" "+redirection)
	p.Env = append(p.Env, "PATH="+os.Getenv("PATH"))
	return p.run()
}
