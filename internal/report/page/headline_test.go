package page

import (
	"net/netip"
	"testing"

	"ddns-batch/internal/outcome"
)

func TestHeadline(t *testing.T) {
	levels := func(p *Page, l outcome.Level, n int) {
		for i := range n {
			p.Records[len(p.Records)-1-i].Level = l
		}
	}
	for _, tt := range []struct {
		name    string
		records int
		change  func(*Page)
		want    headline
	}{
		{"all point here", 44, func(*Page) {}, headline{"All 44 records point here", "", outcome.Fine}},
		{"the only record points here", 1, func(*Page) {}, headline{"The only record points here", "", outcome.Fine}},
		{"one points elsewhere, as it should", 3, func(p *Page) { p.Records[1].Address = address(7) },
			headline{"All 3 records are up to date", "", outcome.Fine}},
		{"the address is not known", 3, func(p *Page) { p.Address = netip.Addr{} }, headline{"All 3 records are up to date", "", outcome.Fine}},
		{"one failed", 44, func(p *Page) { levels(p, outcome.Trouble, 1) },
			headline{"1 of 44 records needs you", "The other 43 are fine.", outcome.Trouble}},
		{"two failed", 44, func(p *Page) { levels(p, outcome.Trouble, 2) },
			headline{"2 of 44 records need you", "The other 42 are fine.", outcome.Trouble}},
		{"all failed", 3, func(p *Page) { levels(p, outcome.Trouble, 3) }, headline{"All 3 records need you", "", outcome.Trouble}},
		{"the only record failed", 1, func(p *Page) { levels(p, outcome.Trouble, 1) }, headline{"The only record needs you", "", outcome.Trouble}},
		{"a level that does not exist counts as failed", 3, func(p *Page) { levels(p, 9, 1) },
			headline{"1 of 3 records needs you", "The other 2 are fine.", outcome.Trouble}},
		{"no level said counts as failed", 3, func(p *Page) { p.Records[0] = Record{} },
			headline{"1 of 3 records needs you", "The other 2 are fine.", outcome.Trouble}},
		{"a negative one too", 3, func(p *Page) { levels(p, -1, 1) },
			headline{"1 of 3 records needs you", "The other 2 are fine.", outcome.Trouble}},
		{"failed and worth a look", 4, func(p *Page) { levels(p, outcome.Warning, 3); levels(p, outcome.Trouble, 1) },
			headline{"1 of 4 records needs you", "2 more are worth a look, the other 1 is fine.", outcome.Trouble}},
		{"worth a look", 44, func(p *Page) { levels(p, outcome.Warning, 3); p.LastRun.Status = 1 },
			headline{"3 of 44 records are worth a look", "The other 41 are fine.", outcome.Warning}},
		{"the only one is worth a look", 1, func(p *Page) { levels(p, outcome.Warning, 1) },
			headline{"The only record is worth a look", "", outcome.Warning}},
		{"no address", 44, func(p *Page) { p.LastRun.Status = 3 },
			headline{"The last run found no trustworthy address", "44 records hold what was last confirmed.", outcome.Warning}},
		{"no address, and something worth a look", 44, func(p *Page) { p.LastRun.Status = 3; levels(p, outcome.Warning, 1) },
			headline{"The last run found no trustworthy address", "44 records hold what was last confirmed; 1 is worth a look.", outcome.Warning}},
		{"no address, but a failure first", 44, func(p *Page) { p.LastRun.Status = 3; levels(p, outcome.Trouble, 1) },
			headline{"1 of 44 records needs you", "The other 43 are fine.", outcome.Trouble}},
		{"configuration error", 1, func(p *Page) { p.LastRun.Status = 2 },
			headline{"The last run stopped at its configuration", "1 record holds what was last confirmed.", outcome.Trouble}},
		{"state trouble", 2, func(p *Page) { p.LastRun.Status = 4 },
			headline{"The last run could not use its state file", "2 records hold what was last confirmed.", outcome.Trouble}},
		{"interrupted", 2, func(p *Page) { p.LastRun.Status = 143 },
			headline{"The last run was interrupted", "2 records hold what was last confirmed.", outcome.Warning}},
		{"an unheard-of status", 2, func(p *Page) { p.LastRun.Status = 99 },
			headline{"The last run ended with status 99", "2 records hold what was last confirmed.", outcome.Trouble}},
		{"status 1 that no record explains", 2, func(p *Page) { p.LastRun.Status = 1 },
			headline{"The last run left something undone", "2 records hold what was last confirmed.", outcome.Warning}},
		{"no run", 2, func(p *Page) { p.LastRun = LastRun{} },
			headline{"No run has been recorded yet", "2 records hold what was last confirmed.", outcome.Warning}},
		{"no records", 0, func(*Page) {},
			headline{"There are no records yet", "ddns-batch --dry-run shows what the first run would do.", outcome.Warning}},
	} {
		p := household(tt.records)
		tt.change(&p)
		if got := newHeadline(p); got != tt.want {
			t.Errorf("%s: %+v, want %+v", tt.name, got, tt.want)
		}
	}
}
