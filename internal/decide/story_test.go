package decide

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"ddns-batch/internal/plan"
	"ddns-batch/internal/provider"
	"ddns-batch/internal/record"
	"ddns-batch/internal/state"
)

// The rules are tested by cases that are rows of runs. Records are written as a letter for the domain and a number for
// the host: a1 and a2 belong to example.com, b1 to example.net, c1 to example.org. Each domain has its password, pa, pb
// and so on; a2/q is a record of a with the password q instead. Addresses are x, y and z.

// run is one run, and what must come of it. An expectation that is empty is not checked, and "-" means nothing at all.
type run struct {
	at      string // how long after the first run: "5m"
	ip      string // the address found; x if empty
	records string // those asked for; if empty, those of the run before
	flags   string // force, retry, or refresh: every confirmation counts as stale
	workers int    // how many records are in flight at most; 0: any number
	answers string // by record, password or domain, the most precise first: "a badpass, a2 timeout+ok, b/q norecord"; else ok

	planned string // "a1 moved, a2 current"
	sent    string // what is sent, at once up to each bar: "a1 b1 | a2 a3"
	ends    string // "a1 failed, a2 a3 skipped"
	pauses  string // thing, failures in a row, length: "a/pa x1 1h, endpoint x2 30m"
	knows   string // a1=x: x is confirmed; a1?x: it is not known, and was x; a1-: never confirmed; and ! if the last attempt failed
}

// story is a row of runs with its name.
type story struct {
	name string
	runs []run
}

var (
	start     = time.Date(2026, 11, 23, 3, 5, 0, 0, time.UTC)
	addresses = map[string]netip.Addr{
		"x": netip.MustParseAddr("203.0.113.91"), "y": netip.MustParseAddr("203.0.113.7"), "z": netip.MustParseAddr("198.51.100.9"),
	}
	domains = map[string]string{"a": "example.com", "b": "example.net", "c": "example.org"}
)

// words are the answers of the provider. Those that may have changed the record do not say Unchanged.
var words = map[string]*provider.Error{
	"ok":          nil,
	"badpass":     {Class: provider.Credentials, Message: "Passwords do not match", Quoted: true, Unchanged: true, Validation: true},
	"nodomain":    {Class: provider.Domain, Message: "Domain name not found", Quoted: true, Unchanged: true, Validation: true},
	"norecord":    {Class: provider.Record, Message: "A record not Found;", Quoted: true, Unchanged: true},
	"badip":       {Class: provider.Address, Message: "Invalid IP", Quoted: true, Unchanged: true, Validation: true},
	"invalid":     {Class: provider.Refused, Message: "invalid something", Quoted: true, Unchanged: true, Validation: true},
	"refused":     {Class: provider.Refused, Message: "not today", Quoted: true, Unchanged: true},
	"blocked":     {Class: provider.Blocked, Message: "403", Unchanged: true},
	"badrequest":  {Class: provider.Request, Message: "400", Unchanged: true},
	"redirect":    {Class: provider.Redirect, Message: "302", Unchanged: true},
	"certificate": {Class: provider.Certificate, Message: "expired", Unchanged: true, Unsent: true},
	"noconn":      {Class: provider.Transient, Message: "connection refused", Unchanged: true, Unsent: true},
	"timeout":     {Class: provider.Transient, Message: "no answer in 30 s"},
	"down":        {Class: provider.Transient, Message: "connection refused", Unchanged: true, Unsent: true, Unanswered: true},
	"silence":     {Class: provider.Transient, Message: "no answer in 30 s", Unanswered: true},
	"busy":        {Class: provider.Transient, Message: "503"},
	"mismatch":    {Class: provider.Mismatch, Message: "another address was stored"},
	"noproof":     {Class: provider.Unconfirmed, Message: "no address in the answer"},
}

// word is an answer by its name; blocked:90s is one that asks for a wait.
func word(t *testing.T, name string) *provider.Error {
	t.Helper()
	name, wait, asks := strings.Cut(name, ":")
	e, ok := words[name]
	if !ok {
		t.Fatalf("there is no answer %q", name)
	}
	if asks {
		d, err := time.ParseDuration(wait)
		if err != nil {
			t.Fatal(err)
		}
		e = &provider.Error{Class: e.Class, Message: e.Message, Unchanged: e.Unchanged, RetryAfter: d}
	}
	return e
}

// tell plays a row of runs, each with what the one before it remembers.
func tell(t *testing.T, runs []run) {
	t.Helper()
	var memory state.Snapshot
	records := ""
	for i, r := range runs {
		if r.records == "" {
			r.records = records
		}
		records = r.records
		p := &play{T: t, run: r, title: fmt.Sprintf("run %d, at %q", i+1, r.at), before: memory}
		memory = p.play()
	}
}

// play is one run on its way.
type play struct {
	*testing.T
	run
	title   string
	before  state.Snapshot
	plan    plan.Plan
	batch   *Batch
	results []Result
	waves   []string
}

func (p *play) play() state.Snapshot {
	p.Helper()
	untouched := encode(p.T, p.before)
	p.plan = plan.Build(p.input())
	p.expect("planned", p.planned, p.thePlan())
	Learn(p.before, p.plan, make([]Result, len(p.plan.Steps)))
	p.send()
	p.expect("sent", p.sent, strings.Join(p.waves, " | "))
	p.expect("ends", p.ends, p.theEnds())
	after := Learn(p.before, p.plan, p.results)
	p.expect("pauses", p.pauses, thePauses(after))
	p.expect("knows", p.knows, theKnown(after))
	if got := encode(p.T, p.before); got != untouched {
		p.Errorf("%s: what was remembered before was changed from\n%s\nto\n%s", p.title, untouched, got)
	}
	if again := Learn(p.before, p.plan, p.results); encode(p.T, again) != encode(p.T, after) {
		p.Errorf("%s: the same was learnt in two ways", p.title)
	}
	return after
}

func (p *play) input() plan.Input {
	in := plan.Input{
		Now: start, Address: addresses["x"], State: p.before,
		Force: strings.Contains(p.flags, "force"), Retry: strings.Contains(p.flags, "retry"),
	}
	if p.at != "" {
		d, err := time.ParseDuration(p.at)
		if err != nil {
			p.Fatal(err)
		}
		in.Now = start.Add(d)
	}
	if p.ip != "" {
		in.Address = addresses[p.ip]
	}
	if strings.Contains(p.flags, "refresh") {
		in.RefreshAfter = 1
	}
	for _, r := range strings.Fields(p.records) {
		in.Targets = append(in.Targets, target(r))
	}
	return in
}

func target(name string) plan.Target {
	name, password, _ := strings.Cut(name, "/")
	letter, host := name[:1], name[1:]
	if password == "" {
		password = "p" + letter
	}
	return plan.Target{Name: record.Name{Host: "h" + host, Domain: domains[letter]}, Fingerprint: password}
}

// short is the inverse of target, without the password.
func short(n record.Name) string { return letter(n.Domain) + strings.TrimPrefix(n.Host, "h") }

func letter(domain string) string {
	for l, d := range domains {
		if d == domain {
			return l
		}
	}
	return "?"
}

// send gives out all that may be sent at once, answers it, and so on until nothing is left.
func (p *play) send() {
	p.batch = NewBatch(p.plan, p.before, strings.Contains(p.flags, "force"))
	clock := p.plan.Now
	for !p.batch.Done() {
		var wave []int
		for p.workers == 0 || len(wave) < p.workers {
			i, ok := p.batch.Next()
			if !ok {
				break
			}
			wave = append(wave, i)
		}
		if len(wave) == 0 {
			p.Fatalf("%s: nothing may be sent, and yet it is not done", p.title)
		}
		var sent []string
		for _, i := range wave {
			sent = append(sent, short(p.plan.Steps[i].Name))
			clock = clock.Add(time.Second)
			r := Summarize(p.plan.Steps[i], p.attempts(p.plan.Steps[i]), "")
			r.At = clock
			p.batch.Answer(i, r)
		}
		p.waves = append(p.waves, strings.Join(sent, " "))
	}
	p.results = p.batch.Results()
}

// attempts are the answers to a step, the most precise that are given for it.
func (p *play) attempts(s plan.Step) []*provider.Error {
	name := short(s.Name)
	for _, key := range []string{name, name[:1] + "/" + s.Fingerprint, name[:1], "*"} {
		for said := range strings.SplitSeq(p.answers, ", ") {
			if what, answers, ok := strings.Cut(said, " "); ok && what == key {
				var all []*provider.Error
				for a := range strings.SplitSeq(answers, "+") {
					all = append(all, word(p.T, a))
				}
				return all
			}
		}
	}
	return []*provider.Error{nil}
}

func (p *play) expect(what, want, got string) {
	p.Helper()
	if got == "" {
		got = "-"
	}
	if want != "" && want != got {
		p.Errorf("%s: %s\n     is %s\n   want %s", p.title, what, got, want)
	}
}

func (p *play) thePlan() string {
	return grouped(p.plan.Steps, func(i int) string { return string(p.plan.Steps[i].Reason) })
}

func (p *play) theEnds() string {
	for i, s := range p.plan.Steps {
		if ended := p.results[i].Outcome != ""; ended != (s.Action == plan.Update) {
			p.Errorf("%s: %v has the action %s and the result %q", p.title, s.Name, s.Action, p.results[i].Outcome)
		}
	}
	return grouped(p.plan.Steps, func(i int) string { return string(p.results[i].Outcome) })
}

// grouped lists the steps with what is said of them, neighbours of whom the same is said together.
func grouped(steps []plan.Step, said func(i int) string) string {
	var list []string
	for i := 0; i < len(steps); {
		what, names := said(i), []string(nil)
		for ; i < len(steps) && said(i) == what; i++ {
			names = append(names, short(steps[i].Name))
		}
		if what != "" {
			list = append(list, strings.Join(names, " ")+" "+what)
		}
	}
	return strings.Join(list, ", ")
}

func thePauses(s state.Snapshot) string {
	var list []string
	add := func(thing string, p *state.Pause) {
		if p != nil {
			list = append(list, fmt.Sprintf("%s x%d %s", thing, p.Failures, length(p)))
		}
	}
	add("endpoint", s.Blocked)
	for _, a := range s.Addresses {
		for name, ip := range addresses {
			if ip == a.IP {
				add(name, a.Pause)
			}
		}
	}
	for _, d := range s.Domains {
		add(letter(d.Domain), d.Pause)
		for _, p := range d.Passwords {
			add(letter(d.Domain)+"/"+p.Fingerprint, p.Pause)
		}
	}
	for _, r := range s.Records {
		add(short(r.Name()), r.Pause)
	}
	return strings.Join(list, ", ")
}

// length is that of a pause without zeros: 1h, 4m, 90s, 0.
func length(p *state.Pause) string {
	d := time.Duration(p.Seconds) * time.Second
	switch {
	case d == 0:
		return "0"
	case d%time.Hour == 0:
		return fmt.Sprintf("%dh", d/time.Hour)
	case d%time.Minute == 0:
		return fmt.Sprintf("%dm", d/time.Minute)
	default:
		return fmt.Sprintf("%ds", d/time.Second)
	}
}

func theKnown(s state.Snapshot) string {
	called := func(ip netip.Addr) string {
		for name, a := range addresses {
			if a == ip {
				return name
			}
		}
		return ""
	}
	var list []string
	for _, r := range s.Records {
		text := short(r.Name())
		switch {
		case r.IP.IsValid():
			text += "=" + called(r.IP)
		case r.Unknown:
			text += "?" + called(r.Previous)
		default:
			text += "-" + called(r.Previous)
		}
		if r.Failed {
			text += "!"
		}
		list = append(list, text)
	}
	slices.Sort(list)
	return strings.Join(list, " ")
}

func encode(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func tellAll(t *testing.T, stories []story) {
	t.Helper()
	for _, s := range stories {
		t.Run(s.name, func(t *testing.T) { tell(t, s.runs) })
	}
}
