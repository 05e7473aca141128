package main

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"ddns-batch/internal/provider/namecheap/sandbox"
	"ddns-batch/internal/record"
)

// machine is where runs of the program are tried, watched, disturbed and killed: a folder, a network, and an environment as
// bare as cron's, with a canary as the password of each domain. No run may let out a password, and one that comes to its
// end may leave no goroutine behind, nor take more memory than it may.
type machine struct {
	*testing.T
	*network
	dir   string // hosts.yaml and the roots; the state has a folder of its own below it
	state string // the path of the state file
	zones []zone
	// settings are what hosts.yaml has, unless configure changes it.
	settings map[string]string
	env      map[string]string
	// dials are the exceptions to what redirected does.
	dials map[string]string
	// attributes are those of the runs; nil: as those of the tests.
	attributes *syscall.SysProcAttr
}

// setup is how a machine differs from the usual one.
type setup struct {
	dir     string        // where it is; empty: in a folder of its own
	service time.Duration // how long the endpoint takes for each update
	plain   bool          // the endpoint and the sources speak HTTP without TLS
}

// newMachine makes a machine with a hosts.yaml for all zones.
func newMachine(t *testing.T, zones ...zone) *machine {
	t.Helper()
	return setup{}.machine(t, zones...)
}

// twoDomains is a machine with these records and "@" of example.com, and with "@" and "www" of example.net. It sends each
// record once, and waits 5 s for an answer.
func twoDomains(t *testing.T, hosts ...string) *machine {
	t.Helper()
	return setup{}.twoDomains(t, hosts...)
}

func (s setup) twoDomains(t *testing.T, hosts ...string) *machine {
	t.Helper()
	m := s.machine(t, zone{"example.com", append([]string{"@"}, hosts...)}, zone{"example.net", []string{"@", "www"}})
	m.settings["retries"], m.settings["request_timeout"] = "0", "5s"
	m.configure(nil)
	return m
}

func (s setup) machine(t *testing.T, zones ...zone) *machine {
	t.Helper()
	if s.dir == "" {
		s.dir = quickDir(t)
	}
	o := sandbox.Options{ServiceTime: s.service}
	for _, z := range zones {
		o.Domains = append(o.Domains, sandbox.Domain{Name: z.domain, Hosts: z.hosts})
	}
	m := &machine{T: t, network: startNetwork(o, s.plain), dir: s.dir, state: filepath.Join(s.dir, "state", "state.json"), zones: zones, dials: map[string]string{}}
	t.Cleanup(func() {
		for _, wrong := range m.close(m.dir) {
			t.Error(wrong)
		}
	})
	m.env = map[string]string{
		"PATH": "/usr/bin:/bin",
		// Otherwise a program that looks for data races waits a second before it ends.
		"GORACE":      "atexit_sleep_ms=0",
		rootsVariable: m.write("roots.pem", string(authority().PEM)),
	}
	maps.Copy(m.env, m.passwords)
	urls, tokens := canaryURLs()
	maps.Copy(m.env, urls)
	m.canaries = append(m.canaries, tokens...)
	m.settings = map[string]string{
		"state":    "state/state.json",
		"endpoint": "https://" + endpointHost + "/update",
		"sources":  "[https://" + strings.Join(sourceHosts, ", https://") + "]",
	}
	if s.plain {
		m.settings["endpoint"] = m.server.Endpoint()
		m.settings["sources"] = "[http://" + strings.Join(sourceHosts, ", http://") + "]"
	}
	m.configure(nil)
	return m
}

// quickDir is a folder for a test that saves often: in memory, where there is such a place, since a disk that others are
// busy with may take half a second for each save.
func quickDir(t *testing.T) string {
	t.Helper()
	parent, err := os.MkdirTemp("/dev/shm", "ddns-batch-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { _ = os.RemoveAll(parent) })
	// Whoever it is given to has it in a folder in which nobody else may write.
	dir := filepath.Join(parent, "machine")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	return dir
}

// configure writes hosts.yaml with these settings changed; an empty one is left out.
func (m *machine) configure(changes map[string]string) {
	m.Helper()
	m.write("hosts.yaml", m.yaml(m.zones, changes))
}

// yaml is a configuration for zones, with these settings changed. A setting "password.DOMAIN" is how the password of a
// domain is found.
func (m *machine) yaml(zones []zone, changes map[string]string) string {
	settings := maps.Clone(m.settings)
	maps.Copy(settings, changes)
	var b strings.Builder
	b.WriteString("records:\n")
	for _, z := range zones {
		password := cmp.Or(settings["password."+z.domain], "password_env: "+passwordVariable(z.domain))
		fmt.Fprintf(&b, "  - {hosts: [\"%s\"], domain: %s, %s}\n", strings.Join(z.hosts, `", "`), z.domain, password)
	}
	fmt.Fprintf(&b, "ip:\n  sources: %s\n  allow: [203.0.113.0/24]\n", settings["sources"])
	for _, key := range slices.Sorted(maps.Keys(settings)) {
		if key != "sources" && !strings.HasPrefix(key, "password.") && settings[key] != "" {
			fmt.Fprintf(&b, "%s: %s\n", key, settings[key])
		}
	}
	return b.String()
}

// write puts a file beside hosts.yaml, and returns its path.
func (m *machine) write(name, content string) string {
	m.Helper()
	path := filepath.Join(m.dir, name)
	m.must(errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(content), 0o600)))
	return path
}

// hide is write for what may hold a password.
func (m *machine) hide(name, content string) string {
	m.Helper()
	path := m.write(name, content)
	m.secrets = append(m.secrets, path)
	return path
}

func (m *machine) content(path string) string {
	m.Helper()
	content, err := os.ReadFile(path)
	m.must(err)
	return string(content)
}

// must is for what a test has to do and what must not fail.
func (m *machine) must(err error) {
	m.Helper()
	if err != nil {
		m.Fatal(err)
	}
}

// names are those of all records.
func (m *machine) names() []string {
	var names []string
	for _, z := range m.zones {
		for _, host := range z.hosts {
			names = append(names, record.Name{Host: host, Domain: z.domain}.String())
		}
	}
	return names
}

// redirections is where connections go, as redirected reads it.
func (m *machine) redirections() string {
	list := m.server.Addr().String()
	for host, to := range m.dials {
		list += " " + host + "=" + to
	}
	return list
}

// environ is the environment of a run.
func (m *machine) environ() []string {
	env := []string{dialVariable + "=" + m.redirections()}
	for name, value := range m.env {
		env = append(env, name+"="+value)
	}
	return env
}

// command is a run of hosts.yaml that is about to start, or of another file that args name.
func (m *machine) command(args ...string) *process {
	return m.process("ddns-batch", append([]string{"--config", filepath.Join(m.dir, "hosts.yaml")}, args...)...)
}

// process is one that is about to start. Its working folder is that of cron's jobs.
func (m *machine) process(program string, args ...string) *process {
	p := &process{Cmd: exec.Command(program, args...), m: m}
	p.Dir, p.Env, p.SysProcAttr = "/", m.environ(), m.attributes
	p.Stdout, p.Stderr = &p.stdout, &p.stderr
	return p
}

func (m *machine) start(args ...string) *process {
	m.Helper()
	return m.command(args...).start()
}

// run is one run, from start to end.
func (m *machine) run(args ...string) finished {
	m.Helper()
	return m.command(args...).run()
}

// mustRun is a run that must end with status.
func (m *machine) mustRun(status int, args ...string) finished {
	m.Helper()
	e := m.run(args...)
	if e.status != status {
		m.Fatalf("%q ended with status %d, not %d, after %s:\n%s%s", args, e.status, status, e.took, e.stdout, e.stderr)
	}
	return e
}

// inProcess is a run within the process of the test, by a clock of its own.
func (m *machine) inProcess(now func() time.Time, args ...string) finished {
	m.Helper()
	args = append([]string{"--config", filepath.Join(m.dir, "hosts.yaml")}, args...)
	return m.examine(args, inside{args: args, env: m.env, now: now, dial: m.redirections()}.run())
}

// at is a run by a clock that is off by a duration. Only somebody else needs a process for it.
func (m *machine) at(clock string, args ...string) finished {
	m.Helper()
	if m.attributes == nil {
		off := mustValue(time.ParseDuration(clock))
		return m.inProcess(func() time.Time { return time.Now().Add(off) }, args...)
	}
	p := m.command(args...)
	p.Env = append(p.Env, clockVariable+"="+clock)
	return p.run()
}

// inTime is a run with a time of 1 s. It fails unless it needs that time and its process is gone within a second of it,
// whatever it says of itself. A machine that is busy with other things may be late, but not twice in a row.
func (m *machine) inTime(args ...string) finished {
	m.Helper()
	e := m.run(append(args, "--timeout", "1s")...)
	if e.took > 2*time.Second {
		e = m.run(append(args, "--timeout", "1s")...)
	}
	if e.took < time.Second || e.took > 2*time.Second {
		m.Errorf("%q took %s", args, e.took)
	}
	return e
}

// confirmAndMove lets everything be confirmed at homeAddress, and then the address change to awayAddress.
func (m *machine) confirmAndMove() {
	m.Helper()
	m.mustRun(statusOK)
	m.server.SetAddress(awayAddress)
}
