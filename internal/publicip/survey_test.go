package publicip

import (
	"context"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestASurveyAsksEverybody(t *testing.T) {
	w := newInternet(t)
	w.site(one, says("203.0.113.7"))
	w.site(two, says("busy"))
	last := w.site(three, says("203.0.113.7"))
	q := w.query(one, two, three)
	q.Agree = 1
	q.Sources = append(q.Sources, "static:100.64.0.1")
	finding, err := Survey(t.Context(), q)
	must(t, err)
	if finding.Address != home || len(finding.Answers) != 4 || len(last.requests()) != 1 {
		t.Errorf("%+v", finding)
	}
	for i, a := range finding.Answers {
		if a.Took <= 0 || a.Cut || a.Address.IsValid() != (i == 0 || i == 2) || a.Kind == "" {
			t.Errorf("answer %+v", a)
		}
	}
	if a := finding.Answers[3]; a.Said.String() != "100.64.0.1" || !strings.Contains(a.Problem, "carrier's NAT") {
		t.Errorf("answer %+v", a)
	}
	if e := finding.Answers[0].Egress; e.Interface == "" || !e.Local.IsLoopback() {
		t.Errorf("egress %+v", e)
	}
	if e := finding.Answers[3].Egress; e != (Egress{}) {
		t.Errorf("egress %+v of an address in writing", e)
	}
}

func TestASurveyFailsAsARunWould(t *testing.T) {
	w := newInternet(t)
	w.site(one, says("203.0.113.7"))
	w.site(two, says("198.51.100.20"))
	finding, err := Survey(t.Context(), w.query(one, two))
	wantKind(t, err, Disagreement)
	if finding.Address.IsValid() || len(finding.Answers) != 2 {
		t.Errorf("%+v", finding)
	}
	q := w.query(one, two)
	q.Agree = 1
	if _, err := Survey(t.Context(), q); err == nil {
		t.Error("one of two addresses was taken")
	}
	if _, err := Survey(t.Context(), Query{Sources: []string{"eth0"}}); err == nil {
		t.Error("a source that is none")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = Survey(ctx, w.query(one))
	wantKind(t, err, Interrupted)
}

func TestASurveyTakes5Seconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		quorum := newQuorum([]candidate{{source: in(100*ms, x)}, {source: silent()}, {source: in(time.Second, x)}}, 2, Query{Documentation: true}.check)
		if a := quorum.runAll(t.Context()); a != home {
			t.Errorf("address %v", a)
		}
		if took := time.Since(began); took != 5*time.Second {
			t.Errorf("took %v", took)
		}
		if p := quorum.replies()[1].Problem; p != "no answer in 5 s" {
			t.Errorf("problem %q", p)
		}
	})
}

func TestALineOfALoopbackOnly(t *testing.T) {
	q := Query{Interfaces: interfaces(iface("lo", "", "127.0.0.1/8"), iface("tailscale0", "a Tailscale tunnel", "100.101.1.2/32"), iface("wwan0", "", "10.0.0.1/8", "100.64.1.2/30"))}
	line, err := q.Line(t.Context())
	must(t, err)
	want := []Egress{
		{Interface: "tailscale0", Local: netip.MustParseAddr("100.101.1.2"), Tunnel: "a Tailscale tunnel"},
		{Interface: "wwan0", Local: netip.MustParseAddr("100.64.1.2")},
	}
	if len(line.CarrierNAT) != 2 || line.CarrierNAT[0] != want[0] || line.CarrierNAT[1] != want[1] {
		t.Errorf("%+v", line)
	}
}
