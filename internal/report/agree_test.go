package report_test

import (
	"encoding/json"
	"io"
	"regexp"
	"strings"
	"testing"
	"time"

	"ddns-batch/internal/idn"
	"ddns-batch/internal/outcome"
	"ddns-batch/internal/pause"
	"ddns-batch/internal/plan"
	"ddns-batch/internal/provider"
	"ddns-batch/internal/record"
	"ddns-batch/internal/report"
	"ddns-batch/internal/report/page"
	"ddns-batch/internal/run"
	"ddns-batch/internal/state"
)

// TestEverythingAgreesAboutEveryRecord lets random lives go on, and compares, after every run and some time later, what
// the dry run, status, explain, doctor and the page say of every record, and what a run then does; and what quiet runs say,
// or leave unsaid, with how their records ended.
func TestEverythingAgreesAboutEveryRecord(t *testing.T) {
	situations, unproved, refused, lines, silent := 0, 0, 0, 0, 0
	for seed := range uint64(450) {
		h := newHousehold(t, seed)
		for range 1 + h.IntN(9) {
			h.pass()
			h.forget()
			s := newSituation(h)
			s.check()
			situations++
			for _, r := range s.dry.Records {
				if r.Step.Reason == plan.Unproved {
					unproved++
				}
			}
			h.run()
			h.pass()
			if t.Failed() {
				t.Fatalf("with the seed %d", seed)
			}
		}
		refused += h.refused
		lines, silent = lines+h.mail.lines, silent+h.mail.silent
	}
	if situations < 2000 {
		t.Errorf("only %d situations", situations)
	}
	if lines < 1000 || silent < 100 {
		t.Errorf("quiet runs said only %d lines, and only %d said nothing", lines, silent)
	}
	if refused < 30 {
		t.Errorf("only %d records were up to date with a password that was refused", refused)
	}
	if unproved < 50 {
		t.Errorf("only %d records would be sent to try their password", unproved)
	}
}

// situation is what can be looked at, at one time.
type situation struct {
	*household
	memory   outcome.Memory
	expected outcome.Expected
	status   report.Status
	dry      report.Run
	// table is the text of status, explained that of explain of all records, and html the page; inDry and inStatus are what those documents say, by name.
	table, explained, html string
	inDry, inStatus        map[string]said
}

func guideOf(c provider.Class, n record.Name) (string, bool) {
	return "look after " + string(c), c == provider.Record
}

func newSituation(h *household) *situation {
	s := &situation{household: h}
	t := run.TargetsOf(h.records(), h.memory, false)
	s.memory = outcome.Memory{
		Now: h.now, Snapshot: h.memory, LastRun: h.lastRun, Endpoint: h.endpoint, RefreshAfter: h.refresh, Guide: guideOf,
	}
	s.expected = s.memory.Expected()
	s.status = run.StatusOf(s.memory, h.records(), false, "hosts.yaml", "state.json", nil)
	p := plan.Build(plan.Input{
		Now: h.now, Address: s.expected.Address, Targets: t.All, State: h.memory.ForEndpoint(h.endpoint), RefreshAfter: h.refresh,
	})
	s.dry = report.Run{
		DryRun: true, Config: "hosts.yaml", State: "state.json", Address: s.expected.Address, StartedAt: h.now, Provider: "Namecheap",
		Records: outcome.Of(outcome.Input{Plan: p, DryRun: true, After: h.memory.ForEndpoint(h.endpoint), PasswordFrom: t.From, Unread: t.Unread, Guide: guideOf}),
	}
	s.inDry, s.inStatus = s.said(s.dry), s.said(s.status)
	s.table, s.explained = textOf(h.T, s.status, report.TextOptions{}), textOf(h.T, s.explanation(), report.TextOptions{Width: 100_000})
	s.html = written(h.T, func(w io.Writer) error { return page.Write(w, s.status.Page(time.UTC)) })
	return s
}

func (s *situation) check() {
	s.checkDocuments()
	s.checkPage()
	s.checkTexts()
	s.checkMetrics()
	s.checkPauses()
	s.checkNextRun()
	s.checkUntil()
	s.checkShownUntil()
	if s.expected.Address.IsValid() && s.IntN(12) == 0 {
		s.checkDryRun()
		s.checkRealRun()
	}
	addsUp(s.T, outcome.Summarize(s.dry.Records), s.dry.Records)
	addsUp(s.T, outcome.Summarize(s.status.Records), s.status.Records)
}

// said is what a document says of one record.
type said struct {
	Action, Reason, Until, State string
	Error, Refused               struct{ Class, Message, Hint string }
}

func (s *situation) said(d answer) map[string]said {
	var document struct {
		Records []struct {
			Name       string
			Configured *bool
			said
		}
	}
	if err := json.Unmarshal([]byte(jsonOf(s.T, d)), &document); err != nil {
		s.Fatal(err)
	}
	all := map[string]said{}
	for _, r := range document.Records {
		if r.Configured == nil || *r.Configured {
			all[r.Name] = r.said
		}
	}
	return all
}

func (s *situation) explanation() report.Explanation {
	e := report.Explanation{Status: s.status, RunEndpoint: s.endpoint, RefreshAfter: s.refresh}
	for _, r := range s.status.Records {
		e.Asked = append(e.Asked, r.Name)
	}
	return e
}

func (s *situation) checkDocuments() {
	dry, status, explained := s.inDry, s.inStatus, s.said(s.explanation())
	if len(dry) != len(s.names) || len(status) != len(dry) || len(explained) != len(dry) {
		s.Errorf("of %d records, the dry run has %d, status %d, explain %d", len(s.names), len(dry), len(status), len(explained))
	}
	for name, want := range dry {
		got := status[name]
		got.State = ""
		if got != want || explained[name] != want {
			s.Errorf("%s: the dry run says\n%+v, status\n%+v, explain\n%+v", name, want, got, explained[name])
		}
		if (status[name].State == "held") != (want.Action == "hold") || want.Action == "keep" && status[name].State != "ok" {
			s.Errorf("%s: the action is %s, and it stands as %s", name, want.Action, status[name].State)
		}
	}
}

var marked = regexp.MustCompile(`<tr role="row" data-record="([^"]*)" data-action="([^"]*)" data-state="([^"]*)"`)

func (s *situation) checkPage() {
	status, dry := s.inStatus, s.inDry
	found := marked.FindAllStringSubmatch(s.html, -1)
	if len(found) != len(dry) {
		s.Errorf("%d records are marked on the page, want %d", len(found), len(dry))
	}
	for _, m := range found {
		if m[2] != dry[m[1]].Action || m[3] != status[m[1]].State {
			s.Errorf("%s: the page says %s, %s; want %s, %s", m[1], m[2], m[3], dry[m[1]].Action, status[m[1]].State)
		}
	}
	for _, d := range dry {
		if m := d.Error.Message; d.Action == "hold" && !strings.Contains(s.html, m) {
			s.Errorf("the page does not say what holds a record: %q", m)
		}
	}
}

// words with which texts begin what they say of a record, by its action.
var words = map[string]struct {
	report  string
	explain []string
}{
	"keep":   {"kept", []string{"It is up to date: "}},
	"update": {"would update", []string{"A run now would send it: "}},
	"hold":   {"held", []string{"A run now would not send it: ", "A run now would hold it: "}},
}

var several = regexp.MustCompile(`^(all |the other )?(\d+)( more)? records?( of [^:]*)?: `)

func (s *situation) checkTexts() {
	dry := s.inDry
	counts := map[string]int{}
	for _, d := range dry {
		counts[words[d.Action].report]++
	}
	for line := range strings.Lines(textOf(s.T, s.dry, report.TextOptions{All: true})) {
		for _, w := range words {
			rest, ok := strings.CutPrefix(line, w.report+"  ")
			rest = strings.TrimSpace(rest)
			switch m := several.FindStringSubmatch(rest); {
			case !ok:
			case m != nil:
				counts[w.report] -= atoi(s.T, m[2])
			default:
				counts[w.report]--
				if name := lastName(rest); words[dry[name].Action].report != w.report {
					s.Errorf("the report says %s of %q, whose action is %s", w.report, name, dry[name].Action)
				}
			}
		}
	}
	for word, n := range counts {
		if n != 0 {
			s.Errorf("the report says %s of %d records too few", word, n)
		}
	}
	s.checkStatusText(dry)
	s.checkExplainText(dry)
}

// lastName is the name in A-labels that a row begins with.
func lastName(row string) string {
	fields := strings.Fields(row)
	if len(fields) > 1 && strings.HasPrefix(fields[1], "(") {
		return strings.Trim(fields[1], "()")
	}
	return fields[0]
}

func atoi(t *testing.T, s string) int {
	t.Helper()
	n := 0
	if err := json.Unmarshal([]byte(s), &n); err != nil {
		t.Fatal(err)
	}
	return n
}

func (s *situation) checkStatusText(dry map[string]said) {
	states := s.inStatus
	fine, rows, met := 0, 0, false
	for line := range strings.Lines(s.table) {
		if strings.TrimSpace(line) == "" {
			continue
		}
		name := lastName(line)
		d, configured := dry[name]
		if !configured {
			continue
		}
		rows++
		ok := strings.HasSuffix(line, "  ok\n")
		if ok {
			met = true
			fine++
		} else if met {
			s.Errorf("%s stands below those that are up to date", name)
		}
		if held := strings.Contains(line, "  held"); held != (d.Action == "hold") || ok != (states[name].State == "ok") {
			s.Errorf("the action is %s, the state %s, and status says %s", d.Action, states[name].State, line)
		}
	}
	if rows > 0 && !strings.Contains(s.table, "\n"+counted(fine, rows-fine)+"\n") || rows != len(dry) {
		s.Errorf("%d of %d records are up to date, which is not what it says:\n%s", fine, rows, s.table)
	}
}

func (s *situation) checkExplainText(dry map[string]said) {
	for name, d := range dry {
		found := false
		for _, w := range words[d.Action].explain {
			found = found || strings.Contains(s.explained, "\n"+idn.Both(name)+"\n  "+w)
		}
		if !found {
			s.Errorf("%s: the action is %s, and it is explained so:\n%s", name, d.Action, s.explained)
		}
	}
}

// checkNextRun: a run now, with the passwords that were assumed and at that address, does what was said.
func (s *situation) checkNextRun() {
	targets := s.targets(false)
	d := s.carryOut(plan.Input{Now: s.now, Address: s.expected.Address, Targets: targets, State: s.household.memory, RefreshAfter: s.refresh})
	for i, r := range s.status.Records[:len(targets)] {
		switch {
		case d.plan.Steps[i].Action != r.Step.Action || d.plan.Steps[i].Reason != r.Step.Reason:
			s.Errorf("%s: %s %s was said, and a run does %s %s", r.Name, r.Step.Action, r.Step.Reason, d.plan.Steps[i].Action, d.plan.Steps[i].Reason)
		case r.End != outcome.Pending && d.sent[i]:
			s.Errorf("%s is %s, and a run sends it", r.Name, r.End)
		case r.End == outcome.Pending && d.results[i].Outcome == "":
			s.Errorf("%s is said to be sent, and a run does not send it", r.Name)
		}
	}
}

// checkUntil: what is held until a time is not sent a second before, and sent then unless something else holds it.
func (s *situation) checkUntil() {
	targets := s.targets(false)
	memory := s.household.memory.ForEndpoint(s.endpoint)
	for i, r := range s.status.Records[:len(targets)] {
		if r.Cause == nil || r.Cause.Until.IsZero() {
			continue
		}
		at := func(now time.Time) plan.Step {
			return plan.Build(plan.Input{
				Now: now, Address: s.expected.Address, Targets: targets[i : i+1], State: memory, RefreshAfter: s.refresh,
			}).Steps[0]
		}
		until := r.Cause.Until
		if !until.After(s.now) {
			s.Errorf("%s is held until %s, which is over", r.Name, until)
		}
		if early := at(until.Add(-time.Second)); early.Action == plan.Update {
			s.Errorf("%s is held until %s, and sent before: %s\n%+v", r.Name, until, early.Reason, r.Cause.Pause)
		}
		other, _ := pause.In(memory).Holding(pause.Subject{Name: r.Name, Fingerprint: targets[i].Fingerprint, Address: s.expected.Address}, until, func(*state.Pause) bool { return false })
		if then := at(until); then.Action == plan.Hold && other == nil && memory.Blocked.Over(until) {
			s.Errorf("%s is held until %s, and then held because of nothing", r.Name, until)
		} else if then.Pause != nil && then.Pause == r.Cause.Pause {
			s.Errorf("%s is held until %s, and still held then by the same pause", r.Name, until)
		}
	}
}
