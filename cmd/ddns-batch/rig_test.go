package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"ddns-batch/internal/provider/namecheap/sandbox"
	"ddns-batch/internal/record"
)

// rig is a machine whose surroundings go wrong: a folder, an environment as bare as cron's, and a front behind which
// the records of two domains are published. Whatever runs on it must not let out a password, must not leave a goroutine
// behind, and must not take more memory than it may.
type rig struct {
	*testing.T
	*network
	dir   string // hosts.yaml and roots.pem; the state is in a folder of its own below it
	stand *sandbox.Server
	front *front
	// hosts are those of example.com; example.net has "@" and "www".
	hosts []string
	env   map[string]string
	// dials are the exceptions to what redirected does.
	dials map[string]string

	mu   sync.Mutex
	runs int
}

func newRig(t *testing.T, hosts ...string) *rig {
	t.Helper()
	r := &rig{T: t, dir: quickDir(t), hosts: append([]string{"@"}, hosts...), env: map[string]string{}, dials: map[string]string{}}
	r.network = mustValue(startNetwork(sandbox.Options{Domains: []sandbox.Domain{
		{Name: "example.com", Hosts: r.hosts}, {Name: "example.net", Hosts: []string{"@", "www"}},
	}}, false))
	r.stand = r.server
	r.front = newFront(t, r.stand)
	r.env = map[string]string{
		"PATH": "/usr/bin:/bin",
		// Otherwise a program that looks for data races waits a second before it ends.
		"GORACE":      "atexit_sleep_ms=0",
		rootsVariable: r.write("roots.pem", string(r.front.roots)),
	}
	maps.Copy(r.env, r.passwords)
	r.configure(nil)
	t.Cleanup(func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		for _, wrong := range r.end(r.dir) {
			t.Error(wrong)
		}
	})
	return r
}

// quickDir is a folder for a test that saves often: in memory, where there is such a place, since a disk that others are
// busy with may take half a second for each save.
func quickDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "ddns-batch-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// write puts a file beside hosts.yaml, and returns its path.
func (r *rig) write(name, content string) string {
	r.Helper()
	path := filepath.Join(r.dir, name)
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(content), 0o600)); err != nil {
		r.Fatal(err)
	}
	return path
}

// hide is write for what may hold a password.
func (r *rig) hide(name, content string) string {
	path := r.write(name, content)
	r.secrets = append(r.secrets, path)
	return path
}

// configure writes hosts.yaml with these settings changed; an empty one is left out.
func (r *rig) configure(changes map[string]string) {
	settings := map[string]string{
		"state":           "state/state.json",
		"endpoint":        "https://ddns.example.net/update",
		"concurrency":     "8",
		"retries":         "0",
		"request_timeout": "5s",
		"sources":         "[https://one.sandbox.example.net, https://two.sandbox.example.net, https://three.sandbox.example.net]",
	}
	maps.Copy(settings, changes)
	var b strings.Builder
	fmt.Fprintf(&b, "records:\n  - {hosts: [%s], domain: example.com, %s}\n  - {hosts: [\"@\", www], domain: example.net, %s}\n",
		`"`+strings.Join(r.hosts, `", "`)+`"`, or(settings["password.com"], "password_env: EXAMPLE_COM_DDNS_PASSWORD"),
		or(settings["password.net"], "password_env: EXAMPLE_NET_DDNS_PASSWORD"))
	fmt.Fprintf(&b, "ip:\n  sources: %s\n  allow: [203.0.113.0/24]\n", settings["sources"])
	for _, key := range slices.Sorted(maps.Keys(settings)) {
		if key != "sources" && !strings.HasPrefix(key, "password.") && settings[key] != "" {
			fmt.Fprintf(&b, "%s: %s\n", key, settings[key])
		}
	}
	if err := os.Chmod(r.write("hosts.yaml", b.String()), 0o644); err != nil {
		r.Fatal(err)
	}
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// atOnce holds those programs that run at the same time. Most of them wait, but more would be late for reasons of their
// own on a small machine.
var atOnce = make(chan struct{}, 4)

// longest is after how long a run is ended that does not end by itself.
const longest = 90 * time.Second

// command is a run that is not started yet. Its working folder is that of cron's jobs.
func (r *rig) command(args ...string) *exec.Cmd {
	ctx, cancel := context.WithTimeout(context.Background(), longest)
	r.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, "ddns-batch", append([]string{"-c", filepath.Join(r.dir, "hosts.yaml")}, args...)...)
	cmd.Dir = "/"
	cmd.Env = r.environ()
	return cmd
}

func (r *rig) environ() []string {
	dial := r.front.address
	for host, to := range r.dials {
		dial += " " + host + "=" + to
	}
	env := []string{dialVariable + "=" + dial}
	for name, value := range r.env {
		env = append(env, name+"="+value)
	}
	return env
}

// run runs the program on hosts.yaml and looks at what it leaves behind.
func (r *rig) run(args ...string) finished {
	r.Helper()
	return r.finish(r.command(args...))
}

// finish is run for a command that somebody may have changed.
func (r *rig) finish(cmd *exec.Cmd) finished {
	r.Helper()
	r.mu.Lock()
	r.runs++
	file := filepath.Join(r.dir, fmt.Sprintf("aftermath-%d", r.runs))
	r.mu.Unlock()
	cmd.Env = append(cmd.Env, aftermathVariable+"="+file)
	atOnce <- struct{}{}
	defer func() { <-atOnce }()
	e := newProcess(r, r.network, cmd).start().end()
	r.lookAt(file, e)
	return e
}

func (r *rig) lookAt(file string, e finished) {
	r.Helper()
	var a aftermath
	content, err := os.ReadFile(file)
	if err != nil || json.Unmarshal(content, &a) != nil {
		r.Errorf("the run did not come to its end: status %d\n%s%s", e.status, e.stdout, e.stderr)
		return
	}
	if a.Goroutines != "" {
		r.Errorf("goroutines are left: %s", a.Goroutines)
	}
	if a.PeakKiB > mostKiB() {
		r.Errorf("it took %d KiB of memory", a.PeakKiB)
	}
}

// holds fails unless all records are published at an address, except these.
func (r *rig) holds(address string, except ...string) {
	r.Helper()
	for name, at := range r.stand.Records() {
		if at != netip.MustParseAddr(address) && !slices.Contains(except, name.String()) {
			r.Errorf("%s is at %v, not at %s", name, at, address)
		}
	}
}

// settle lets everything be confirmed at 203.0.113.7, and then the address change to 203.0.113.91.
func (r *rig) settle() {
	r.Helper()
	if e := r.run("-o", "json"); e.status != 0 {
		r.Fatalf("the first run ends with status %d\n%s%s", e.status, e.stdout, e.stderr)
	}
	r.stand.SetAddress(netip.MustParseAddr("203.0.113.91"))
}

// inTime runs the program with a time of 1 s, and fails unless it needs that time and its process is gone within a second
// of it, whatever it says of itself. A machine that is busy with other things may be late, but not twice in a row.
func (r *rig) inTime(args ...string) finished {
	r.Helper()
	e := r.run(append(args, "--timeout", "1s")...)
	if e.took > 2*time.Second {
		e = r.run(append(args, "--timeout", "1s")...)
	}
	if e.took < time.Second || e.took > 2*time.Second {
		r.Errorf("%q took %s", args, e.took)
	}
	return e
}

// names are all records.
func (r *rig) names() []string {
	var names []string
	for _, host := range r.hosts {
		names = append(names, record.Name{Host: host, Domain: "example.com"}.String())
	}
	return append(names, "example.net", "www.example.net")
}

// together checks cases at the same time, more of them than there are processors: most of the time they wait.
func together[C any](t *testing.T, cases []C, name func(C) string, check func(*testing.T, C)) {
	t.Helper()
	var all sync.WaitGroup
	places := make(chan struct{}, cap(atOnce))
	for _, c := range cases {
		all.Go(func() {
			places <- struct{}{}
			defer func() { <-places }()
			t.Run(name(c), func(t *testing.T) { check(t, c) })
		})
	}
	all.Wait()
}
