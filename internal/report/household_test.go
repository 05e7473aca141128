package report_test

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
	"ddns-batch/internal/run"
	"ddns-batch/internal/state"
)

// household is a home with records, a provider that answers at random, and runs that follow one another.
type household struct {
	*rand.Rand
	*testing.T
	now       time.Time
	dir       string
	endpoint  string
	refresh   time.Duration
	address   netip.Addr
	names     []record.Name
	passwords map[record.Name]string // in this shell; empty where none can be read
	memory    state.Snapshot
	lastRun   state.LastRun
	faults    map[record.Name]provider.Class // what is refused whenever it is sent
	refusals  int
	refused   int // records that were met up to date with a password that was refused
	trouble   int // of a hundred answers, so many are none of success
	pace      int // the most minutes between two runs
	mail      mail
}

func newHousehold(t *testing.T, seed uint64) *household {
	h := &household{
		Rand: rand.New(rand.NewPCG(seed, 1)), T: t, now: start, dir: t.TempDir(), endpoint: endpoint, address: newIP,
		refresh: []time.Duration{0, time.Hour, 24 * time.Hour}[seed%3], passwords: map[record.Name]string{}, trouble: []int{0, 10, 30, 90}[seed/3%4],
		memory: state.Snapshot{Version: state.Version, Key: []byte("0123456789abcdef0123456789abcdef")},
		faults: map[record.Name]provider.Class{}, pace: []int{6, 30, 120}[seed/12%3],
		mail: mail{said: map[matter]time.Time{}, met: map[matter]time.Time{}, counted: map[matter]time.Time{}, what: map[thing]string{}},
	}
	for i := range 1 + h.IntN(9) {
		host := fmt.Sprint("h", i)
		if i == 0 {
			host = "*"
		}
		h.names = append(h.names, record.Name{Host: host, Domain: []string{"example.com", "example.net", "xn--bcher-kva.example.org"}[h.IntN(3)]})
	}
	h.changePasswords()
	h.changeFaults()
	return h
}

func (h *household) changePasswords() {
	for _, n := range h.names {
		h.passwords[n] = []string{"p", "p", "q", fmt.Sprint("r", h.IntN(50)), ""}[h.IntN(5)]
	}
}

func (h *household) changeFaults() {
	for _, n := range h.names {
		h.faults[n] = []provider.Class{
			"", "", "", provider.Credentials, provider.Domain, provider.Record, provider.Address, provider.Transient, provider.Refused,
		}[h.IntN(9)]
	}
}

// mistype changes the password of a domain to one that is refused.
func (h *household) mistype() {
	domain, password := h.names[h.IntN(len(h.names))].Domain, fmt.Sprint("typo", h.IntN(50))
	for _, n := range h.names {
		if n.Domain == domain {
			h.passwords[n], h.faults[n] = password, provider.Credentials
		}
	}
}

// pass lets time go by, and things change that a run does not see.
func (h *household) pass() {
	h.now = h.now.Add(time.Duration(h.IntN(h.pace)) * time.Minute)
	switch h.IntN(14) {
	case 0, 5, 6, 7:
		h.address = []netip.Addr{newIP, oldIP, netip.MustParseAddr("198.51.100.9")}[h.IntN(3)]
	case 1:
		h.changePasswords()
	case 2:
		h.endpoint = []string{endpoint, endpoint, "https://other.example.net/update"}[h.IntN(3)]
	case 3:
		h.now = h.now.Add(-time.Duration(h.IntN(200)) * time.Minute)
	case 8:
		h.changeFaults()
	case 9, 10:
		h.mistype()
	case 4:
		h.now = h.now.Add(time.Duration(h.IntN(40)) * time.Hour)
	}
}

// records are those of the YAML file, with the passwords of this shell.
func (h *household) records() []run.Record {
	var all []run.Record
	for _, n := range h.names {
		r := run.Record{Name: n, Secret: provider.NewSecret(h.passwords[n])}
		if r.Secret.IsZero() {
			r.Missing = "not set"
		}
		all = append(all, r)
	}
	return all
}

func (h *household) targets(sending bool) []plan.Target {
	return run.TargetsOf(h.records(), h.memory, sending).All
}

// answer is what the provider says about n, each refusal in words of its own.
func (h *household) answer(n record.Name) *provider.Error {
	class := h.faults[n]
	if h.IntN(100) < h.trouble {
		class = []provider.Class{
			provider.Credentials, provider.Domain, provider.Record, provider.Address, provider.Refused, provider.Request,
			provider.Transient, provider.Mismatch, provider.Unconfirmed, provider.Certificate, provider.Blocked,
		}[h.IntN(11)]
	}
	if class == "" {
		return nil
	}
	h.refusals++
	e := &provider.Error{Class: class, Message: fmt.Sprintf("refusal %d.", h.refusals), Quoted: h.IntN(2) == 0, Unchanged: h.IntN(2) == 0}
	switch class {
	case provider.Credentials, provider.Domain, provider.Record, provider.Address:
		e.Unchanged, e.Validation = true, true
	case provider.Transient:
		// A network that is down has the same words for all records.
		if h.IntN(2) == 0 {
			e.Message = "no answer in 30 s."
		}
	case provider.Blocked:
		e.RetryAfter = time.Duration(h.IntN(3)) * time.Hour
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
func (h *household) carryOut(in plan.Input) deed {
	in.State = in.State.ForEndpoint(h.endpoint)
	d := deed{plan: plan.Build(in)}
	d.sent = make([]bool, len(d.plan.Steps))
	queue := decide.NewBatch(d.plan, in.State, in.Force)
	stopped := h.IntN(20) == 0
	for i, ok := queue.Next(); ok; i, ok = queue.Next() {
		d.sent[i] = true
		if stopped && h.IntN(3) == 0 {
			queue.Answer(i, decide.Summarize(d.plan.Steps[i], []*provider.Error{{Class: provider.Transient, Message: "interrupted", Unchanged: true, Unsent: true}}, "interrupted"))
			queue.Stop("interrupted")
			continue
		}
		r := decide.Summarize(d.plan.Steps[i], []*provider.Error{h.answer(d.plan.Steps[i].Name)}, "")
		r.At = in.Now
		queue.Answer(i, r)
	}
	d.results = queue.Results()
	d.after = decide.Learn(in.State, d.plan, d.results)
	return d
}

// run is one run of some or all records, remembered.
func (h *household) run() {
	targets := h.targets(true)
	if h.IntN(4) == 0 {
		targets = targets[:h.IntN(len(targets)+1)]
	}
	in := plan.Input{
		Now: h.now, Address: h.address, State: h.memory, Targets: targets, RefreshAfter: h.refresh, Force: h.IntN(8) == 0, Retry: h.IntN(8) == 0,
	}
	d := h.carryOut(in)
	before := h.memory.ForEndpoint(h.endpoint).Notices
	if h.memory.Notices != nil && before == nil {
		h.mail.forgetAll()
	}
	h.memory = d.after
	h.memory.Notices = h.report(before, d)
	if h.IntN(10) > 0 {
		h.lastRun = state.LastRun{EndedAt: h.now, Status: h.checkRun(d), Address: h.address, Machine: "nas"}
	} else {
		h.lastRun = state.LastRun{EndedAt: h.now, Status: int(exitstatus.NoAddress)}
	}
}

// checkRun checks what is said of a run against its results, and returns its exit status.
func (h *household) checkRun(d deed) int {
	records := outcome.Of(outcome.Input{Plan: d.plan, Results: d.results, After: d.after})
	good := true
	for i, s := range d.plan.Steps {
		confirmed := d.results[i].Confirmed()
		good = good && (s.Action == plan.Keep || confirmed)
		if records[i].End.AsAsked() != (s.Action == plan.Keep || confirmed) {
			h.Errorf("%s: %s and %q is said to be %s", s.Name, s.Action, d.results[i].Outcome, records[i].End)
		}
	}
	if outcome.AllAsAsked(records) != good {
		h.Errorf("everything is up to date: %t, and the report says so: %t", good, !good)
	}
	addsUp(h.T, outcome.Summarize(records), records)
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
func (h *household) forget() {
	if len(h.names) > 1 && h.IntN(10) == 0 {
		h.names = slices.Delete(slices.Clone(h.names), 0, 1)
	}
}
