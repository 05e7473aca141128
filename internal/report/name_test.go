package report

import (
	"strings"
	"testing"
	"time"

	"ddns-batch/internal/plan"
	"ddns-batch/internal/state"
)

// bücher is a home with an international domain.
func bücher() question {
	e := explained()
	r := lived("www", "xn--bcher-kva.example", "203.0.113.7", 30*day)
	e.Records = []plan.Target{{Name: r.Name(), Fingerprint: "fp"}, {Name: named("@", "xn--4dbrk0ce.example"), Fingerprint: "fp"}}
	e.Snapshot.Records, e.Asked[0] = []state.Record{r}, r.Name()
	return e
}

func TestInternationalNamesAreShownAsPeopleReadThem(t *testing.T) {
	e := bücher()
	h := History{Status: e.status()}
	r := run([]plan.Step{moves("www", "xn--bcher-kva.example"), moves("@", "xn--bcher-kva.example")}, done(time.Second), done(time.Second))
	for name, text := range map[string]string{
		"report": r.text(t, TextOptions{}), "status": e.remembered.text(t), "explain": textOf(t, e.explanation(), TextOptions{}), "history": textOf(t, h, TextOptions{}),
	} {
		if !strings.Contains(text, "www.bücher.example (www.xn--bcher-kva.example)") {
			t.Errorf("%s:\n%s", name, text)
		}
	}
	if text := e.remembered.text(t); !strings.Contains(text, "\nxn--4dbrk0ce.example ") {
		t.Errorf("a name from right to left:\n%s", text)
	}
	for name, document := range map[string]string{
		"report": r.json(t), "status": jsonOf(t, e.status()), "explain": jsonOf(t, e.explanation()), "history": jsonOf(t, h),
	} {
		if !strings.Contains(document, `{"name":"www.xn--bcher-kva.example","unicode":"www.bücher.example","host":"www","domain":"xn--bcher-kva.example"`) {
			t.Errorf("%s: %s", name, document)
		}
		if name == "status" && strings.Count(document, `"unicode"`) != 1 {
			t.Errorf("a name that is not shown so: %s", document)
		}
	}
}

func TestInternationalNamesStandInColumns(t *testing.T) {
	r := run([]plan.Step{moves("www", "xn--bcher-kva.example"), moves("@", "example.com")}, done(time.Second), done(time.Second))
	if got := r.text(t, TextOptions{}); !strings.Contains(got, "\nupdated  example.com                                     moved  ") {
		t.Error(got)
	}
}

func TestHowManyRecordsOfAnInternationalDomain(t *testing.T) {
	p := pauseOf("credentials", "no", time.Hour)
	r := run([]plan.Step{pausedStep("www", "xn--bcher-kva.example", p), pausedStep("@", "xn--bcher-kva.example", p)})
	if got := r.text(t, TextOptions{}); !strings.Contains(got, "held  all 2 records of bücher.example (xn--bcher-kva.example): ") {
		t.Error(got)
	}
}
