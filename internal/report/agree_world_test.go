package report

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"
	"time"

	"ddns-batch/internal/decide"
	"ddns-batch/internal/exitstatus"
	"ddns-batch/internal/outcome"
	"ddns-batch/internal/plan"
	"ddns-batch/internal/provider"
	"ddns-batch/internal/record"
	"ddns-batch/internal/state"
)

// line is a home with records, a provider that answers at random, and runs that follow one another.
type line struct {
	*rand.Rand
	*testing.T
	now       time.Time
	endpoint  string
	refresh   time.Duration
	address   netip.Addr
	names     []record.Name
	passwords map[record.Name]string // in this shell, as fingerprints; empty where none can be read
	memory    state.Snapshot
	lastRun   state.LastRun
	faults    map[record.Name]provider.Class // what is refused whenever it is sent
	refusals  int
	trouble   int // of a hundred answers, so many are none of success
	pace      int // the most minutes between two runs
}

func newLine(t *testing.T, seed uint64) *line {
	l := &line{
		Rand: rand.New(rand.NewPCG(seed, 1)), T: t, now: start, endpoint: endpoint, address: newIP,
		refresh: []time.Duration{0, time.Hour, 24 * time.Hour}[seed%3], passwords: map[record.Name]string{}, trouble: []int{0, 10, 30, 90}[seed/3%4],
		faults: map[record.Name]provider.Class{}, pace: []int{6, 30, 120}[seed/12%3],
	}
	for i := range 1 + l.IntN(9) {
		host := fmt.Sprint("h", i)
		if i == 0 {
			host = "*"
		}
		l.names = append(l.names, named(host, []string{"example.com", "example.net", "xn--bcher-kva.example.org"}[l.IntN(3)]))
	}
	l.changePasswords()
	l.changeFaults()
	return l
}

func (l *line) changePasswords() {
	for _, n := range l.names {
		l.passwords[n] = []string{"p", "p", "q", fmt.Sprint("r", l.IntN(50)), ""}[l.IntN(5)]
	}
}

func (l *line) changeFaults() {
	for _, n := range l.names {
		l.faults[n] = []provider.Class{
			"", "", "", provider.Credentials, provider.Domain, provider.Record, provider.Address, provider.Transient, provider.Refused,
		}[l.IntN(9)]
	}
}

// pass lets time go by, and things change that a run does not see.
func (l *line) pass() {
	l.now = l.now.Add(time.Duration(l.IntN(l.pace)) * time.Minute)
	switch l.IntN(12) {
	case 0, 5, 6, 7:
		l.address = []netip.Addr{newIP, oldIP, netip.MustParseAddr("198.51.100.9")}[l.IntN(3)]
	case 1:
		l.changePasswords()
	case 2:
		l.endpoint = []string{endpoint, endpoint, "https://other.example.net/update"}[l.IntN(3)]
	case 3:
		l.now = l.now.Add(-time.Duration(l.IntN(200)) * time.Minute)
	case 8:
		l.changeFaults()
	case 4:
		l.now = l.now.Add(time.Duration(l.IntN(40)) * time.Hour)
	}
}

// targets are the records with the passwords of this shell. sending: what has none is missing, otherwise the one used last
// is assumed. This is what the commands do.
func (l *line) targets(sending bool) (targets []plan.Target, unread []string) {
	for _, n := range l.names {
		t, problem := plan.Target{Name: n, Fingerprint: l.passwords[n]}, ""
		if t.Fingerprint == "" && sending {
			t.Missing = "not set"
		} else if t.Fingerprint == "" {
			problem = "not set"
			for _, d := range l.memory.Domains {
				if n := len(d.Passwords); d.Domain == t.Name.Domain && n > 0 {
					t.Fingerprint = d.Passwords[n-1].Fingerprint
				}
			}
		}
		targets, unread = append(targets, t), append(unread, problem)
	}
	return targets, unread
}

// answer is what the provider says about n, each refusal in words of its own.
func (l *line) answer(n record.Name) *provider.Error {
	class := l.faults[n]
	if l.IntN(100) < l.trouble {
		class = []provider.Class{
			provider.Credentials, provider.Domain, provider.Record, provider.Address, provider.Refused, provider.Request,
			provider.Transient, provider.Mismatch, provider.Unconfirmed, provider.Certificate, provider.Blocked,
		}[l.IntN(11)]
	}
	if class == "" {
		return nil
	}
	l.refusals++
	e := &provider.Error{Class: class, Message: fmt.Sprintf("refusal %d.", l.refusals), Quoted: l.IntN(2) == 0, Unchanged: l.IntN(2) == 0}
	switch class {
	case provider.Credentials, provider.Domain, provider.Record, provider.Address:
		e.Unchanged, e.Validation = true, true
	case provider.Blocked:
		e.RetryAfter = time.Duration(l.IntN(3)) * time.Hour
	}
	return e
}

// deed is a run as it was carried out.
type deed struct {
	plan    plan.Plan
	results []decide.Result
	sent    []bool
	after   state.Snapshot
}

// carryOut sends what in plans, one record after another.
func (l *line) carryOut(in plan.Input) deed {
	in.State = in.State.Rebase(l.endpoint)
	d := deed{plan: plan.Build(in)}
	d.sent = make([]bool, len(d.plan.Steps))
	queue := decide.NewBatch(d.plan, in.State, in.Force)
	stopped := l.IntN(20) == 0
	for i, ok := queue.Next(); ok; i, ok = queue.Next() {
		d.sent[i] = true
		if stopped && l.IntN(3) == 0 {
			queue.Answer(i, decide.Fold(d.plan.Steps[i], []*provider.Error{{Class: provider.Transient, Message: "interrupted", Unchanged: true, Unsent: true}}, "interrupted"))
			queue.Stop("interrupted")
			continue
		}
		r := decide.Fold(d.plan.Steps[i], []*provider.Error{l.answer(d.plan.Steps[i].Name)}, "")
		r.At = in.Now
		queue.Answer(i, r)
	}
	d.results = queue.Results()
	d.after = decide.Learn(in.State, d.plan, d.results)
	return d
}

// run is one run of some or all records, remembered.
func (l *line) run() {
	targets, _ := l.targets(true)
	if l.IntN(4) == 0 {
		targets = targets[:l.IntN(len(targets)+1)]
	}
	in := plan.Input{
		Now: l.now, Address: l.address, State: l.memory, Targets: targets, RefreshAfter: l.refresh, Force: l.IntN(8) == 0, Retry: l.IntN(8) == 0,
	}
	d := l.carryOut(in)
	l.memory = d.after
	if l.IntN(10) > 0 {
		l.lastRun = state.LastRun{EndedAt: l.now, Status: l.checkRun(d), Address: l.address, Machine: "nas"}
	} else {
		l.lastRun = state.LastRun{EndedAt: l.now, Status: int(exitstatus.NoAddress)}
	}
}

// checkRun checks what is said of a run against its results, and returns its exit status.
func (l *line) checkRun(d deed) int {
	records := outcome.Of(outcome.Input{Plan: d.plan, Results: d.results, After: d.after})
	good := true
	for i, s := range d.plan.Steps {
		confirmed := d.results[i].Confirmed()
		good = good && (s.Action == plan.Keep || confirmed)
		if records[i].End.AsAsked() != (s.Action == plan.Keep || confirmed) {
			l.Errorf("%s: %s and %q is said to be %s", s.Name, s.Action, d.results[i].Outcome, records[i].End)
		}
	}
	if outcome.AllAsAsked(records) != good {
		l.Errorf("everything is as asked: %t, and it is said: %t", good, !good)
	}
	addsUp(l.T, outcome.Summarize(records), records)
	if good {
		return 0
	}
	return 1
}

func addsUp(t *testing.T, s outcome.Summary, records []outcome.Record) {
	t.Helper()
	count := map[outcome.End]int{}
	for _, r := range records {
		if r.Configured {
			count[r.End]++
		}
	}
	want := outcome.Summary{
		Kept: count[outcome.Kept], Updated: count[outcome.Updated], Refreshed: count[outcome.Refreshed], Failed: count[outcome.Failed],
		Unconfirmed: count[outcome.Unconfirmed], Held: count[outcome.Held], Skipped: count[outcome.Skipped], Pending: count[outcome.Pending],
	}
	for _, n := range count {
		want.Records += n
	}
	if s != want {
		t.Errorf("the summary is %+v, want %+v", s, want)
	}
}

// forget takes records out of the YAML file, which leaves them in the state.
func (l *line) forget() {
	if len(l.names) > 1 && l.IntN(10) == 0 {
		l.names = slices.Delete(slices.Clone(l.names), 0, 1)
	}
}
