package report

import (
	"net/netip"
	"testing"
	"time"

	"ddns-batch/internal/page"
	"ddns-batch/internal/plan"
	"ddns-batch/internal/provider"
	"ddns-batch/internal/record"
	"ddns-batch/internal/state"
)

func hinted(c provider.Class, n record.Name) string { return string(c) + " of " + n.String() }

func TestHowARecordStandsOnThePage(t *testing.T) {
	held := func(c provider.Class, seconds int64) *state.Pause {
		p := pauseOf(c, "words", time.Hour)
		p.Seconds = seconds
		return p
	}
	for name, c := range map[string]struct {
		change func(*Status, *state.Record)
		want   page.Record
	}{
		"as asked": {func(*Status, *state.Record) {}, page.Record{State: "ok", Level: page.OK}},
		"as asked while the endpoint wants to be left alone": {
			func(s *Status, _ *state.Record) { s.Snapshot.Blocked = held(provider.Blocked, 3600) },
			page.Record{State: "ok", Level: page.OK},
		},
		"held for good reason": {
			func(_ *Status, r *state.Record) { r.Pause = held(provider.Record, 3600) },
			page.Record{State: "held", Level: page.Failed, Message: `Namecheap: "words"`, Hint: "record of www.example.com", Until: start.Add(time.Hour)},
		},
		"held after failures that may pass": {
			func(_ *Status, r *state.Record) { r.Pause = held(provider.Transient, 240) },
			page.Record{State: "held", Level: page.Warning, Message: `Namecheap: "words"`, Hint: "transient of www.example.com", Until: start.Add(4 * time.Minute)},
		},
		"refused, and tried again": {
			func(_ *Status, r *state.Record) { r.Pause = held(provider.Record, 0) },
			page.Record{State: "refused, tried again in the next run", Level: page.Failed, Message: `Namecheap: "words"`, Hint: "record of www.example.com"},
		},
		"failed in passing": {
			func(_ *Status, r *state.Record) { r.Pause = held(provider.Transient, 0) },
			page.Record{State: "tried again in the next run", Level: page.Warning, Message: `Namecheap: "words"`, Hint: "transient of www.example.com"},
		},
		"its domain refused in passing": {
			func(s *Status, r *state.Record) {
				r.IP, s.Snapshot.Domains = oldIP, []state.Domain{{Domain: "example.com", Pause: held(provider.Domain, 0)}}
			},
			page.Record{State: "tried again in the next run", Level: page.Warning, Message: `Namecheap: "words"`, Hint: "domain of www.example.com"},
		},
		"its domain refused": {
			func(s *Status, r *state.Record) {
				r.IP, s.Snapshot.Domains = oldIP, []state.Domain{{Domain: "example.com", Pause: held(provider.Domain, 3600)}}
			},
			page.Record{State: "held", Level: page.Failed, Message: `Namecheap: "words"`, Hint: "domain of www.example.com", Until: start.Add(time.Hour)},
		},
		"refused in words of no class": {
			func(_ *Status, r *state.Record) { r.Pause = held("", 0) },
			page.Record{State: "tried again in the next run", Level: page.Warning, Message: `Namecheap: "words"`, Hint: "unconfirmed of www.example.com"},
		},
		"without a password": {
			func(s *Status, _ *state.Record) { s.Records[0].Missing = "not set" },
			page.Record{State: "held", Level: page.Failed, Message: "password missing: not set", Hint: "password of www.example.com"},
		},
		"not known": {
			func(_ *Status, r *state.Record) { r.Previous, r.IP, r.Unknown = r.IP, netip.Addr{}, true },
			page.Record{State: "not known", Level: page.Warning, Message: "an earlier run never got an answer; the next one sends it again"},
		},
		"not known, with a reason": {
			func(_ *Status, r *state.Record) {
				r.Previous, r.IP, r.Unknown, r.Pause = r.IP, netip.Addr{}, true, held(provider.Transient, 0)
			},
			page.Record{State: "not known", Level: page.Warning, Message: `Namecheap: "words"`, Hint: "transient of www.example.com"},
		},
		"never confirmed": {
			func(s *Status, _ *state.Record) { s.Snapshot.Records = nil },
			page.Record{State: "never confirmed", Level: page.Warning, Message: "the next run sends it"},
		},
		"behind": {
			func(s *Status, _ *state.Record) { s.LastRun.Address = oldIP },
			page.Record{State: "behind", Level: page.Warning, Message: "the last run found 203.0.113.7; the next one sends it"},
		},
		"behind while the endpoint wants to be left alone": {
			func(s *Status, _ *state.Record) {
				s.LastRun.Address, s.Snapshot.Blocked = oldIP, held(provider.Blocked, 3600)
			},
			page.Record{State: "held", Level: page.Warning, Message: `Namecheap: "words"`, Hint: "blocked of www.example.com", Until: start.Add(time.Hour)},
		},
		"behind after the endpoint had wanted to be left alone": {
			func(s *Status, _ *state.Record) {
				s.LastRun.Address, s.Snapshot.Blocked = oldIP, held(provider.Blocked, 0)
			},
			page.Record{State: "behind", Level: page.Warning, Message: "the last run found 203.0.113.7; the next one sends it"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := explained().Status
			c.change(&s, &s.Snapshot.Records[0])
			got := s.Page(zone, hinted).Records[0]
			if got.State != c.want.State || got.Level != c.want.Level || got.Message != c.want.Message || got.Hint != c.want.Hint || !got.Until.Equal(c.want.Until) {
				t.Errorf("got %+v\nwant %+v", got, c.want)
			}
			if got.Name != named("www", "example.com") {
				t.Errorf("it is called %s", got.Name)
			}
			if r := s.Snapshot.Records; len(r) > 0 && (got.Address != r[0].IP || got.Previous != r[0].Previous || got.Since != r[0].Since ||
				got.ConfirmedAt != r[0].ConfirmedAt || len(got.History) != len(r[0].History)) {
				t.Errorf("got %+v\nof %+v", got, r[0])
			}
		})
	}
}

func TestWhatIsOnThePage(t *testing.T) {
	h := house()
	h.LastRun = state.LastRun{EndedAt: start, Status: 1, Address: newIP, Machine: "nas", SucceededAt: start.Add(-day)}
	p := h.Page(zone, nil)
	if p.Machine != "nas" || p.MadeAt != h.Now || p.Location != zone || p.Address != newIP ||
		p.LastRun != (page.LastRun{EndedAt: start, Status: 1, SucceededAt: start.Add(-day)}) {
		t.Errorf("%+v", p)
	}
	if len(p.Records) != 5 {
		t.Errorf("%d records: those that are not in the YAML file do not belong there", len(p.Records))
	}
	// One record was late, and another one never got there: for the line that is one change each.
	if len(p.Overall) != 2 || p.Overall[0].IP != oldIP || p.Overall[1].IP != newIP || !p.Overall[1].At.Equal(start.Add(-12*day)) {
		t.Errorf("overall %v", p.Overall)
	}
	h.Config, h.Records = "", []plan.Target{}
	if p := h.Page(zone, nil); len(p.Records) != 5 || p.Records[0].Name.Host != "gone" {
		t.Errorf("without a YAML file: %d records", len(p.Records))
	}
}
