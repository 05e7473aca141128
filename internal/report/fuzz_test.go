package report

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"time"
	"unicode"

	"ddns-batch/internal/decide"
	"ddns-batch/internal/outcome"
	"ddns-batch/internal/pause"
	"ddns-batch/internal/plan"
	"ddns-batch/internal/provider"
	"ddns-batch/internal/record"
	"ddns-batch/internal/state"
)

// mixed makes a run out of bytes: one record each, of four domains, ended in all ways there are and some there are not.
func mixed(data []byte, text string) played {
	classes := []provider.Class{
		provider.Credentials, provider.Domain, provider.Record, provider.Address, provider.Blocked, provider.Transient, provider.Unconfirmed, "", "later",
	}
	outcomes := []decide.Outcome{decide.Updated, decide.Refreshed, decide.Failed, decide.Unconfirmed, decide.Skipped, "", "later"}
	domains := []string{"example.com", "example.net", "example.org", "a.example.org"}
	var steps []plan.Step
	var results []decide.Result
	for i, b := range data {
		n := int(b)
		s := moves(strings.Repeat("a", i%7+1), domains[n%4])
		c := classes[n%len(classes)]
		switch n / 16 % 4 {
		case 0:
			s = pausedStep(s.Name.Host, s.Name.Domain, pauseOf(c, text, time.Duration(n)*time.Minute))
			if n%3 == 0 {
				s.Pause = nil
			}
		case 1:
			s = keeps(s.Name.Host, s.Name.Domain)
		case 2:
			s.Action = "later"
		}
		r := refused(outcomes[n%len(outcomes)], c, text)
		switch {
		case r.Confirmed():
			r.Err = nil
		case n%5 == 0:
			r.For = pause.OfRun
		case n%11 == 0:
			r.Err = nil
		}
		steps, results = append(steps, s), append(results, r)
	}
	r := run(steps, results...)
	if len(results) > 3 {
		r.Results = results[:len(results)-1]
	}
	r.Config, r.Error = text, &Error{Message: text, Hint: text, Details: []string{text}}
	r.Sources = append(r.Sources, Source{Name: text, Problem: text}, Source{Name: text, Address: newIP})
	r.Hint = func(provider.Class, record.Name) string { return text }
	r.PasswordFrom = text
	r.After = state.Snapshot{Blocked: pauseOf(provider.Blocked, text, 0)}
	return r
}

func FuzzReports(f *testing.F) {
	f.Add([]byte("\x00\x10\x20\x30\x40\x50\x60\x70"), "plain", false)
	f.Add([]byte("every byte is a record of its own, and this is enough of them"), "\x1b[2J\x1b]0;gone\x07\r\n\u009b1m\u202e", false)
	f.Add([]byte{0, 1, 2, 3, 4, 255}, "\xff\xfe\n\n- \x00", true)
	f.Add([]byte{}, "", true)
	f.Fuzz(func(t *testing.T, data []byte, text string, dry bool) {
		r := mixed(data[:min(len(data), 200)], text)
		r.DryRun = dry
		s := outcome.Summarize(r.report().Records)
		if sum := s.Kept + s.Updated + s.Refreshed + s.Failed + s.Unconfirmed + s.Held + s.Skipped + s.Pending; sum != s.Records || s.Records != len(r.Plan.Steps) {
			t.Errorf("%+v does not add up", s)
		}
		out := r.json(t)
		d := decodeDocument(t, out)
		if strings.Count(out, "\n") != 1 || !strings.HasSuffix(out, "\n") {
			t.Error("not one line")
		}
		count := map[string]int{}
		for _, x := range d.Records {
			switch {
			case x.Action == "keep":
				count["kept"]++
			case x.Action != "update":
				count["held"]++
			case dry:
				count["pending"]++
			default:
				count[x.Result]++
			}
		}
		for word, n := range d.Summary {
			if word != "records" && n != count[word] {
				t.Errorf("%d records are %s, the summary says %d", count[word], word, n)
			}
		}
		var errors bytes.Buffer
		if err := WriteError(&errors, text, *r.Error); err != nil {
			t.Error(err)
		}
		m := remembered{
			Status:   Status{State: text, Config: text, Now: start, LastRun: state.LastRun{Machine: text, EndedAt: start}},
			Snapshot: r.After, RunEndpoint: text + ".", PasswordFrom: text, Hint: r.Hint,
		}
		for _, step := range r.Plan.Steps {
			m.Snapshot.Records = append(m.Snapshot.Records, state.Record{Host: step.Name.Host, Domain: text, Pause: step.Pause})
		}
		e := question{remembered: m, Covered: map[record.Name][]string{}}
		for i, known := range m.Snapshot.Records {
			e.Asked = append(e.Asked, known.Name())
			e.Covered[known.Name()] = []string{text}
			if i%2 == 0 {
				e.Records = append(e.Records, plan.Target{Name: known.Name(), Missing: text})
			}
		}
		o := TextOptions{Location: zone}
		h := History{Status: m.status(), Together: dry}
		f := append(m.status().Pauses(zone), Finding{"topic", Problem, text, text})
		v := Validation{Config: text, Warnings: []string{text}, Passwords: []Password{{"example.com", []string{"@"}, text, text, text, text}}}
		for _, shown := range []string{
			out, r.text(t, TextOptions{}), r.text(t, TextOptions{All: true, Width: 1}), errors.String(), m.text(t), jsonOf(t, m.status()),
			textOf(t, h, o), jsonOf(t, h), textOf(t, e.explanation(), o), jsonOf(t, e.explanation()),
			textOf(t, f, o), jsonOf(t, f), textOf(t, v, o), jsonOf(t, v),
		} {
			if i := strings.IndexFunc(shown, func(r rune) bool { return r != '\n' && !unicode.IsPrint(r) }); i >= 0 {
				t.Errorf("%q is shown", shown[i:min(i+8, len(shown))])
			}
		}
	})
}

func many() Run {
	data := make([]byte, 10_000)
	for i := range data {
		data[i] = byte(i * 7)
	}
	return mixed(data, `No Records updated. A record not Found;`).report()
}

func BenchmarkText10000(b *testing.B) {
	r := many()
	b.ReportAllocs()
	for b.Loop() {
		_ = r.WriteText(io.Discard, TextOptions{All: true})
	}
}

func BenchmarkJSON10000(b *testing.B) {
	r := many()
	b.ReportAllocs()
	for b.Loop() {
		_ = r.WriteJSON(io.Discard)
	}
}
