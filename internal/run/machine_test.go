package run

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"ddns-batch/internal/authdns"
	"ddns-batch/internal/config"
	"ddns-batch/internal/decide"
	"ddns-batch/internal/notices"
	"ddns-batch/internal/plan"
	"ddns-batch/internal/provider"
	"ddns-batch/internal/provider/namecheap"
	"ddns-batch/internal/publicip"
	"ddns-batch/internal/record"
	"ddns-batch/internal/state"
)

const (
	oldAddress = "203.0.113.7"
	newAddress = "203.0.113.91"
	password   = "canary-5d1e8a7c"
)

// machine is where one run follows another, five minutes apart, with real files and a provider whose answers the test chooses.
type machine struct {
	t       *testing.T
	dir     string
	time    time.Time
	address string
	// nameservers are those of all domains.
	nameservers []netip.AddrPort
	signals     chan os.Signal
	stop        *Shutdown
	// answer is what the provider says; nil confirms. refused: there is no provider.
	answer  func(provider.Update) error
	refused error

	mu     sync.Mutex
	sent   []record.Name
	events []string
	ended  Result
}

func newMachine(t *testing.T) *machine {
	m := &machine{t: t, dir: t.TempDir(), time: time.Date(2026, 11, 25, 3, 0, 0, 0, time.UTC), address: oldAddress}
	t.Cleanup(m.keptSecret)
	return m
}

// keptSecret looks for the password in all files and in what the runs reported.
func (m *machine) keptSecret() {
	err := filepath.WalkDir(m.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if bytes.Contains(data, []byte(password)) {
			m.t.Errorf("%s holds the password", path)
		}
		return err
	})
	if output := fmt.Sprint(m.events, m.ended); err != nil || bytes.Contains([]byte(output), []byte(password)) {
		m.t.Errorf("%v, %s", err, output)
	}
}

func (m *machine) path() string { return filepath.Join(m.dir, "state.json") }

// job is about www and git of example.com.
func (m *machine) job() Job {
	c := config.Defaults()
	c.Path, c.Retries, c.Concurrency = "hosts.yaml", 0, 1
	j := Job{
		Config: &c, ConfigPath: c.Path, Target: m, State: m.path(), Machine: "nas", Local: time.UTC,
		Started: m.time, Now: func() time.Time { return m.time }, Guide: namecheap.Guide, Events: m.recordEvents(),
	}
	for i, host := range []string{"www", "git"} {
		name := record.Name{Host: host, Domain: "example.com"}
		c.Records = append(c.Records, config.Record{Name: name})
		j.Records = append(j.Records, Record{Name: name, Secret: provider.NewSecret(password), From: "PASSWORD"})
		j.Selected = append(j.Selected, i)
	}
	return j
}

func (m *machine) quiet() Job {
	j := m.job()
	j.Quiet = true
	return j
}

// start begins the time of the next run.
func (m *machine) start(timeout time.Duration) *Shutdown {
	m.time = m.time.Add(5 * time.Minute)
	m.signals = make(chan os.Signal)
	m.stop = NewShutdown(m.signals)
	m.t.Cleanup(m.stop.Close)
	m.stop.Start(timeout)
	m.sent, m.events, m.ended = nil, nil, Result{}
	return m.stop
}

// run makes one run, after which the lock must be free.
func (m *machine) run(j Job) Report {
	m.t.Helper()
	stop := m.start(time.Minute)
	j.Started = m.time
	r := Do(stop, j)
	if !m.lockFree() {
		m.t.Error("the lock is held after the run")
	}
	return r
}

// lockFree tries the lock as another run would, without waiting.
func (m *machine) lockFree() bool {
	m.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	l, err := state.Acquire(ctx, m.path(), 0, time.Now)
	if err != nil {
		if !errors.As(err, new(*state.HeldError)) {
			m.t.Error(err)
		}
		return false
	}
	return l.Release() == nil
}

// saved is the state file.
func (m *machine) saved() state.Snapshot {
	m.t.Helper()
	s, notes, err := state.Read(m.path())
	if err != nil || notes != nil {
		m.t.Fatal(notes, err)
	}
	return s
}

// holds is what the state says that the records hold, in their order.
func (m *machine) holds() []string {
	m.t.Helper()
	var all []string
	for _, r := range m.saved().Records {
		all = append(all, r.IP.String())
	}
	return all
}

// blockSaves lets every further save fail: something that cannot be removed stands where the new file is made.
func (m *machine) blockSaves() {
	if err := os.MkdirAll(filepath.Join(m.path()+".tmp", "something"), 0o755); err != nil {
		m.t.Error(err)
	}
}

func (m *machine) record(event string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.events = append(m.events, event)
}

func (m *machine) recordEvents() Events {
	return Events{
		Warn:     func(message string, err error) { m.record("warn: " + message) },
		Heard:    func(f publicip.Finding) { m.record("heard " + f.Address.String()) },
		Sending:  func(updates int) { m.record(fmt.Sprint("sending ", updates)) },
		Answered: func(s plan.Step, r decide.Result) { m.record(s.Name.Host + " " + string(r.Outcome)) },
		Sent:     func() { m.record("sent") },
		Errand:   func(s notices.SideMatter) { m.record("errand " + s.Name + " " + s.Cause) },
		Ended: func(e Result) {
			m.record("ended")
			m.ended = e
		},
	}
}

// The machine is the target of its runs.

func (m *machine) Endpoint() string { return "https://update.example.com/update" }

func (m *machine) Query() publicip.Query {
	return publicip.Query{Sources: []string{"static:" + m.address}, Agree: 1, Documentation: true}
}

func (m *machine) DNS(names []record.Name) authdns.Query {
	return authdns.Query{Names: names, Nameservers: m.nameservers}
}

func (m *machine) Provider() (provider.Provider, error) {
	if m.refused != nil {
		return nil, m.refused
	}
	return m, nil
}

func (m *machine) Sandbox() bool { return false }

func (m *machine) Close() {}

func (m *machine) Update(_ context.Context, u provider.Update) error {
	m.mu.Lock()
	m.sent = append(m.sent, u.Name)
	m.mu.Unlock()
	if u.Address != netip.MustParseAddr(m.address) || u.Password.Reveal() != password {
		m.t.Errorf("%s was sent %s", u.Name, u.Address)
	}
	if m.answer == nil {
		return nil
	}
	return m.answer(u)
}

// gitRefused is a provider that has no record git.
func gitRefused(u provider.Update) error {
	if u.Name.Host != "git" {
		return nil
	}
	return &provider.Error{Class: provider.Record, Message: "no such record", Unchanged: true}
}

// want checks what is new in a list.
func want(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: %q, want %q", what, got, want)
	}
}
