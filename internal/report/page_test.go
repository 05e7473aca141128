package report

import (
	"net/netip"
	"testing"
	"time"

	"ddns-batch/internal/outcome"
	"ddns-batch/internal/plan"
	"ddns-batch/internal/provider"
	"ddns-batch/internal/record"
	"ddns-batch/internal/report/page"
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
		change func(*remembered, *state.Record)
		want   page.Record
	}{
		"up to date": {func(*remembered, *state.Record) {}, page.Record{Status: "ok", Level: outcome.Fine}},
		"up to date while the endpoint blocks updates": {
			func(s *remembered, _ *state.Record) { s.Snapshot.Blocked = held(provider.Blocked, 3600) },
			page.Record{Status: "ok", Level: outcome.Fine},
		},
		"held for good reason": {
			func(_ *remembered, r *state.Record) { r.IP, r.Pause = oldIP, held(provider.Record, 3600) },
			page.Record{Status: "held", Level: outcome.Trouble, Message: `Namecheap: "words"`, Hint: "record of www.example.com", Until: start.Add(time.Hour)},
		},
		"held after failures that may pass": {
			func(_ *remembered, r *state.Record) { r.IP, r.Pause = oldIP, held(provider.Transient, 240) },
			page.Record{Status: "held", Level: outcome.Warning, Message: `Namecheap: "words"`, Hint: "transient of www.example.com", Until: start.Add(4 * time.Minute)},
		},
		"refused, and tried again": {
			func(_ *remembered, r *state.Record) { r.IP, r.Pause = oldIP, held(provider.Record, 0) },
			page.Record{Status: "refused, tried again in the next run", Level: outcome.Trouble, Message: `Namecheap: "words"`, Hint: "record of www.example.com"},
		},
		"failed in passing": {
			func(_ *remembered, r *state.Record) { r.IP, r.Pause = oldIP, held(provider.Transient, 0) },
			page.Record{Status: "tried again in the next run", Level: outcome.Warning, Message: `Namecheap: "words"`, Hint: "transient of www.example.com"},
		},
		"its domain refused in passing": {
			func(s *remembered, r *state.Record) {
				r.IP, s.Snapshot.Domains = oldIP, []state.Domain{{Domain: "example.com", Pause: held(provider.Domain, 0)}}
			},
			page.Record{Status: "tried again in the next run", Level: outcome.Warning, Message: `Namecheap: "words"`, Hint: "domain of www.example.com"},
		},
		"its domain refused": {
			func(s *remembered, r *state.Record) {
				r.IP, s.Snapshot.Domains = oldIP, []state.Domain{{Domain: "example.com", Pause: held(provider.Domain, 3600)}}
			},
			page.Record{Status: "held", Level: outcome.Trouble, Message: `Namecheap: "words"`, Hint: "domain of www.example.com", Until: start.Add(time.Hour)},
		},
		"refused in words of no class": {
			func(_ *remembered, r *state.Record) { r.IP, r.Pause = oldIP, held("", 0) },
			page.Record{Status: "tried again in the next run", Level: outcome.Warning, Message: `Namecheap: "words"`, Hint: "unconfirmed of www.example.com"},
		},
		"without a password": {
			func(s *remembered, _ *state.Record) { s.Records[0].Missing = "not set" },
			page.Record{Status: "held", Level: outcome.Trouble, Message: "password missing: EXAMPLE_COM, hosts.env:3: not set", Hint: "password of www.example.com"},
		},
		"not known": {
			func(_ *remembered, r *state.Record) { r.Previous, r.IP, r.Unknown = r.IP, netip.Addr{}, true },
			page.Record{Status: "not known", Level: outcome.Warning, Message: "an earlier run ended before an answer came; the next run sends it again"},
		},
		"not known, with a reason": {
			func(_ *remembered, r *state.Record) {
				r.Previous, r.IP, r.Unknown, r.Pause = r.IP, netip.Addr{}, true, held(provider.Transient, 0)
			},
			page.Record{Status: "not known", Level: outcome.Warning, Message: `Namecheap: "words"`, Hint: "transient of www.example.com"},
		},
		"never confirmed": {
			func(s *remembered, _ *state.Record) { s.Snapshot.Records = nil },
			page.Record{Status: "never confirmed", Level: outcome.Warning, Message: "the next run sends it"},
		},
		"behind": {
			func(s *remembered, _ *state.Record) { s.LastRun.Address = oldIP },
			page.Record{Status: "behind", Level: outcome.Warning, Message: "the last run found 203.0.113.7; the next one sends it"},
		},
		"behind while the endpoint blocks updates": {
			func(s *remembered, _ *state.Record) {
				s.LastRun.Address, s.Snapshot.Blocked = oldIP, held(provider.Blocked, 3600)
			},
			page.Record{Status: "held", Level: outcome.Warning, Message: `Namecheap: "words"`, Hint: "blocked of www.example.com", Until: start.Add(time.Hour)},
		},
		"behind after the endpoint had blocked updates": {
			func(s *remembered, _ *state.Record) {
				s.LastRun.Address, s.Snapshot.Blocked = oldIP, held(provider.Blocked, 0)
			},
			page.Record{Status: "behind", Level: outcome.Warning, Message: "the last run found 203.0.113.7; the next one sends it"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := explained().remembered
			s.Hint = hinted
			c.change(&s, &s.Snapshot.Records[0])
			got := s.status().Page(zone).Records[0]
			if got.Status != c.want.Status || got.Level != c.want.Level || got.Message != c.want.Message || got.Hint != c.want.Hint || !got.Until.Equal(c.want.Until) {
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
	p := h.status().Page(zone)
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
	if p := h.status().Page(zone); len(p.Records) != 5 || p.Records[0].Name.Host != "gone" {
		t.Errorf("without a YAML file: %d records", len(p.Records))
	}
}
