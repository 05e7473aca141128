package main

import (
	"fmt"
	"net/netip"
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
	"ddns-batch/internal/state"
)

func otherThan(a netip.Addr) netip.Addr {
	if a == homeAddress {
		return awayAddress
	}
	return homeAddress
}

// zone is a domain with so many records.
type zone struct {
	domain string
	hosts  int
}

func (z zone) names() []string {
	hosts := []string{"@"}
	for i := 1; i < z.hosts; i++ {
		hosts = append(hosts, fmt.Sprintf("h%d", i))
	}
	return hosts
}

// site is a machine on which runs of the program can be watched, disturbed and killed: a folder, a stand-in, and an
// environment as bare as cron's, with a canary as the password of each domain.
type site struct {
	*testing.T
	*network
	dir   string // hosts.yaml and the roots; the state has a folder below it
	state string // the path of the state file
	env   []string
	// attributes are those of the runs; nil: as those of the tests.
	attributes *syscall.SysProcAttr
}

// newSite makes a site in dir with a hosts.yaml for all zones. Each update takes the stand-in as long as service.
func newSite(t *testing.T, dir string, service time.Duration, zones ...zone) *site {
	t.Helper()
	s := &site{T: t, dir: dir, state: filepath.Join(dir, "state", "state.json")}
	o := sandbox.Options{ServiceTime: service}
	for _, z := range zones {
		o.Domains = append(o.Domains, sandbox.Domain{Name: z.domain, Hosts: z.names()})
	}
	s.network = mustValue(startNetwork(o, true))
	for variable, password := range s.passwords {
		s.env = append(s.env, variable+"="+password)
	}
	s.env = append(s.env, "HOME="+s.dir,
		dialVariable+"="+s.server.Addr().String(), rootsVariable+"="+filepath.Join(s.dir, "roots.pem"),
		// A program that looks for data races waits a second before it ends, unless it is told not to.
		"GORACE=atexit_sleep_ms=0")
	s.write("roots.pem", string(s.roots))
	s.write("hosts.yaml", hostsFile(zones...))
	t.Cleanup(func() {
		for _, wrong := range s.network.end(s.dir) {
			t.Error(wrong)
		}
	})
	return s
}

// hostsFile is a YAML file for all records of zones, with its state in a folder beside it.
func hostsFile(zones ...zone) string {
	var b strings.Builder
	b.WriteString("records:\n")
	for _, z := range zones {
		fmt.Fprintf(&b, "  - {hosts: [\"%s\"], domain: %s, password_env: %s}\n", strings.Join(z.names(), `", "`), z.domain, passwordVariable(z.domain))
	}
	b.WriteString(`state: state/state.json
endpoint: https://ddns.example.net/update
ip:
  sources: [https://one.sandbox.example.net, https://two.sandbox.example.net, https://three.sandbox.example.net]
  allow: [203.0.113.0/24, 198.51.100.0/24]
`)
	return b.String()
}

func (s *site) content(path string) string {
	s.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		s.Fatal(err)
	}
	return string(content)
}

func (s *site) write(name, content string) {
	s.Helper()
	if err := os.WriteFile(filepath.Join(s.dir, name), []byte(content), 0o600); err != nil {
		s.Fatal(err)
	}
}

// command is a run that is about to start, with the site's hosts.yaml unless args name another one.
func (s *site) command(args ...string) *process {
	cmd := exec.Command("ddns-batch", append([]string{"--config", filepath.Join(s.dir, "hosts.yaml")}, args...)...)
	cmd.Env, cmd.Dir, cmd.SysProcAttr = s.env, s.dir, s.attributes
	return newProcess(s, s.network, cmd)
}

func (s *site) start(args ...string) *process {
	s.Helper()
	return s.command(args...).start()
}

// run is start and end of a run that must end with status.
func (s *site) run(status int, args ...string) finished {
	s.Helper()
	e := s.start(args...).end()
	if e.status != status {
		s.Fatalf("%q ended with status %d, not %d, after %s:\n%s%s", args, e.status, status, e.took, e.stdout, e.stderr)
	}
	return e
}

// settle waits until no update is under way: what a killed run has sent may be answered after its end.
func (s *site) settle() {
	s.Helper()
	s.await("the connections of a killed run to end", func() bool { return s.server.Open() == 0 })
}

// await waits for something in another process: there is nothing here to be woken by.
func (s *site) await(what string, done func() bool) {
	s.Helper()
	for end := time.Now().Add(time.Minute); !done(); time.Sleep(200 * time.Microsecond) {
		if time.Now().After(end) {
			s.Fatalf("waited a minute for %s", what)
		}
	}
}

// holding counts the records that are published with an address.
func (s *site) holding(a netip.Addr) int {
	n := 0
	for _, held := range s.server.Records() {
		if held == a {
			n++
		}
	}
	return n
}

// snapshot is what the state says.
func (s *site) snapshot() state.Snapshot {
	s.Helper()
	snapshot, notes, err := state.Read(s.state)
	if err != nil || len(notes) > 0 {
		s.Fatalf("the state cannot be read: %v %q", err, notes)
	}
	return snapshot
}

// claims is what the state says the records hold.
func (s *site) claims() map[record.Name]netip.Addr {
	s.Helper()
	return claimed(s.snapshot())
}

func claimed(snapshot state.Snapshot) map[record.Name]netip.Addr {
	claims := map[record.Name]netip.Addr{}
	for _, r := range snapshot.Records {
		if r.IP.IsValid() {
			claims[r.Name()] = r.IP
		}
	}
	return claims
}

// honest fails if the state says of a record that it holds what it does not hold.
func (s *site) honest() {
	s.Helper()
	s.compare(s.claims())
}

func (s *site) compare(claims map[record.Name]netip.Addr) {
	s.Helper()
	held := s.server.Records()
	for name, claimed := range claims {
		if held[name] != claimed {
			s.Fatalf("the state says that %s holds %s, but it holds %s", name, claimed, held[name])
		}
	}
}

// right fails unless every record holds a, and the state says so.
func (s *site) right(a netip.Addr) {
	s.Helper()
	claims := s.claims()
	for name, held := range s.server.Records() {
		if held != a || claims[name] != a {
			s.Fatalf("%s holds %s, and %s according to the state, instead of %s", name, held, claims[name], a)
		}
	}
}

// files lists what lies in the state's folder, but for ballast.
func (s *site) files() []string {
	s.Helper()
	var names []string
	for _, e := range mustValue(os.ReadDir(filepath.Dir(s.state))) {
		if !strings.HasPrefix(e.Name(), ballast) {
			names = append(names, e.Name())
		}
	}
	return names
}

// ballast begins the names of files with which a test makes a disk full.
const ballast = "ballast"

// tidy fails unless the state's folder holds what a run leaves behind, and nothing else.
func (s *site) tidy() {
	s.Helper()
	if names := s.files(); !slices.Equal(names, []string{"last-run.json", "state.json", "state.json.lock"}) {
		s.Fatalf("in the folder of the state: %q", names)
	}
}

// heard counts the updates that came during do.
func (s *site) heard(do func()) int {
	before := len(s.server.Heard())
	do()
	return len(s.server.Heard()) - before
}

// do is for what a test has to do and what must not fail.
func (s *site) do(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}
