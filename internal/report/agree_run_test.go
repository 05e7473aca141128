package report_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"testing"
	"time"

	"ddns-batch/internal/authdns"
	"ddns-batch/internal/config"
	"ddns-batch/internal/decide"
	"ddns-batch/internal/doctor"
	"ddns-batch/internal/exitstatus"
	"ddns-batch/internal/notices"
	"ddns-batch/internal/outcome"
	"ddns-batch/internal/plan"
	"ddns-batch/internal/provider"
	"ddns-batch/internal/provider/namecheap"
	"ddns-batch/internal/publicip"
	"ddns-batch/internal/record"
	"ddns-batch/internal/report"
	"ddns-batch/internal/run"
	"ddns-batch/internal/state"
)

const endpoint = "https://dynamicdns.example.com/update"

var (
	oldIP = netip.MustParseAddr("203.0.113.7")
	newIP = netip.MustParseAddr("203.0.113.91")
	start = time.Date(2026, 11, 23, 13, 5, 0, 0, time.UTC)
)

// answer is what can be shown in both ways.
type answer interface {
	WriteText(io.Writer, report.TextOptions) error
	WriteJSON(io.Writer) error
}

func written(t *testing.T, write func(io.Writer) error) string {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func textOf(t *testing.T, d answer, o report.TextOptions) string {
	t.Helper()
	return written(t, func(w io.Writer) error { return d.WriteText(w, o) })
}

func jsonOf(t *testing.T, d answer) string {
	t.Helper()
	return written(t, d.WriteJSON)
}

// installed is a household with its files, which is the target of its runs. Nobody is reached but the provider.
type installed struct {
	*household
	path string
	sent map[record.Name]bool
}

// install writes what the household remembers to files.
func (h *household) install() installed {
	in := installed{h, filepath.Join(h.dir, "state.json"), map[record.Name]bool{}}
	for path, content := range map[string]any{in.path: h.memory, filepath.Join(h.dir, "last-run.json"): h.lastRun} {
		data, err := json.Marshal(content)
		if err == nil {
			err = os.WriteFile(path, data, 0o600)
		}
		if err != nil {
			h.Fatal(err)
		}
	}
	return in
}

var errNobody = errors.New("nobody is there")

func (in installed) Endpoint() string { return in.endpoint }

func (in installed) Query() publicip.Query {
	return publicip.Query{Sources: []string{"static:" + in.address.String()}, Agree: 1, Documentation: true}
}

func (in installed) DNS(names []record.Name) authdns.Query {
	nobody := func(context.Context, string, string) (net.Conn, error) { return nil, errNobody }
	return authdns.Query{Names: names, Nameservers: []netip.AddrPort{netip.MustParseAddrPort("192.0.2.53:53")}, Dial: nobody}
}

func (in installed) Provider() (provider.Provider, error) { return in, nil }

func (in installed) Client() (*namecheap.Client, error) { return nil, errNobody }

func (in installed) Sandbox() bool { return true }

func (in installed) Close() {}

func (in installed) Update(_ context.Context, u provider.Update) error {
	in.sent[u.Name] = true
	if e := in.household.answer(u.Name); e != nil {
		return e
	}
	return nil
}

func (in installed) configuration() *config.Config {
	c := config.Defaults()
	c.Path, c.Retries, c.Concurrency, c.RefreshAfter = "hosts.yaml", 0, 1, in.refresh
	for _, n := range in.names {
		c.Records = append(c.Records, config.Record{Name: n})
	}
	return &c
}

// examine is what doctor finds.
func (in installed) examine() report.Findings {
	c := in.configuration()
	s := doctor.Subject{
		Config: c, Records: in.records(), State: in.path, Target: in, Now: in.clock, Built: start.AddDate(-1, 0, 0),
		Local: time.UTC, Guide: guideOf,
	}
	for i := range c.Records {
		s.Selected = append(s.Selected, i)
	}
	return doctor.Examine(in.Context(), s)
}

// doctor is what doctor says of the records. The rest of what it looks at takes time, so it is not asked every time.
func (s *situation) doctor() string {
	if s.IntN(12) == 0 {
		return textOf(s.T, s.install().examine(), report.TextOptions{})
	}
	return textOf(s.T, s.status.Pauses(time.UTC), report.TextOptions{})
}

func (in installed) clock() time.Time { return in.now }

// job is a run of all records.
func (in installed) job() run.Job {
	c := in.configuration()
	j := run.Job{
		Config: c, ConfigPath: c.Path, Records: in.records(), Target: in, State: in.path, Machine: "nas", Local: time.UTC,
		Started: in.now, Now: in.clock, Guide: guideOf, Events: silent,
	}
	for i := range c.Records {
		j.Selected = append(j.Selected, i)
	}
	return j
}

var silent = run.Events{
	Warn: func(string, error) {}, Heard: func(publicip.Finding) {}, Sending: func(int) {}, Answered: func(plan.Step, decide.Result) {},
	Sent: func() {}, Ended: func(run.Result) {}, Errand: func(notices.SideMatter) {},
}

func do(j run.Job) run.Report {
	stop := run.NewShutdown(make(chan os.Signal))
	defer stop.Close()
	stop.Start(time.Hour)
	return run.Do(stop, j)
}

// checkDryRun: the dry run says what it was expected to say.
func (s *situation) checkDryRun() {
	j := s.install().job()
	j.DryRun, j.Detailed, j.Address = true, true, s.expected.Address
	r := do(j)
	for name, got := range s.said(r.Run) {
		want := s.inDry[name]
		// Which run-time flags lead to the files is part of the hints.
		if got != want {
			s.Errorf("%s: a dry run says\n%+v, want\n%+v", name, got, want)
		}
	}
	want := exitstatus.OK
	for _, d := range s.inDry {
		if d.Action == string(plan.Update) {
			want = exitstatus.Pending
		}
	}
	if r.ExitStatus != want {
		s.Errorf("a dry run ends with %d, want %d", r.ExitStatus, want)
	}
}

// checkRealRun: a run does what was said, its exit status and its note say how its records ended, and the files that it
// writes say what status says afterwards.
func (s *situation) checkRealRun() {
	in := s.install()
	j := in.job()
	j.Address, j.Quiet = s.expected.Address, s.IntN(2) == 0
	var after report.Status
	j.Files = []run.File{{Kind: "the status_file", Path: "status.json", Write: func(a run.Aftermath) error {
		after = a.Records
		return nil
	}}}
	r := do(j)
	good := exitstatus.OK
	for _, record := range r.Records {
		confirmed := record.Result.Outcome == decide.Updated || record.Result.Outcome == decide.Refreshed
		if record.Step.Action != plan.Keep && !confirmed {
			good = exitstatus.NotAsAsked
		}
		if said := s.inStatus[record.Name.String()]; said.Action != string(plan.Update) && in.sent[record.Name] {
			s.Errorf("status says %s of %s, and a run sends it", said.Action, record.Name)
		}
	}
	if r.ExitStatus != good || len(r.Records) != len(s.names) {
		s.Errorf("a run of %d records ends with %d, want %d", len(r.Records), r.ExitStatus, good)
	}
	last, err := state.ReadLastRun(in.path)
	if err != nil || last.Status != int(good) {
		s.Errorf("%v, and the run is noted with status %d, want %d", err, last.Status, good)
	}
	memory, notes, err := state.Read(in.path)
	if err != nil || notes != nil {
		s.Fatal(err, notes)
	}
	// What the run knows to be missing is not assumed to be there.
	then := run.StatusOf(outcome.Memory{
		Now: s.now, Snapshot: memory, LastRun: last, Endpoint: s.endpoint, RefreshAfter: s.refresh, Guide: guideOf,
	}, s.records(), true, "hosts.yaml", in.path, nil)
	if got, want := jsonOf(s.T, after), jsonOf(s.T, then); got != want {
		s.Errorf("after a run its status_file says\n%s, and status\n%s", got, want)
	}
}
