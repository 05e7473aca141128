package state

import (
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"ddns-batch/internal/record"
)

func TestPruneDropsWhatNobodyAsksFor(t *testing.T) {
	start := start.AddDate(5, 0, 0)
	at := func(host, domain string, days int) Record {
		return Record{Host: host, Domain: domain, AttemptedAt: start.AddDate(0, 0, -days)}
	}
	s := Snapshot{
		Records: []Record{
			at("planned", "example.com", 900), at("newest", "example.com", 0), at("young", "example.com", 365), at("old", "example.com", 366),
			at("@", "example.net", 800), at("@", "example.org", 900), {Host: "never", Domain: "example.org"},
		},
		Domains:   []Domain{{Domain: "example.com"}, {Domain: "example.net"}, {Domain: "example.org"}, {Domain: "bare.example.org"}},
		Addresses: []Address{{addr("192.0.2.1"), &Pause{Began: start.AddDate(-1, 0, -1)}}, {addr("192.0.2.2"), &Pause{Began: start}}},
	}
	s.Domains[0].Passwords = make([]Password, 103)
	s.Domains[0].Passwords[102].Fingerprint = "newest"
	got := s.Prune(start, func(n record.Name) bool { return n.Host == "planned" || n.Host == "never" })

	var left []string
	for _, r := range got.Records {
		left = append(left, r.Name().String())
	}
	want := []string{"planned.example.com", "newest.example.com", "young.example.com", "never.example.org"}
	if !slices.Equal(left, want) {
		t.Errorf("records left: %v", left)
	}
	var domains []string
	for _, d := range got.Domains {
		domains = append(domains, d.Domain)
	}
	if !slices.Equal(domains, []string{"example.com", "example.org", "bare.example.org"}) {
		t.Errorf("domains left: %v", domains)
	}
	if p := got.Domains[0].Passwords; len(p) != 100 || p[99].Fingerprint != "newest" {
		t.Errorf("%d passwords left", len(p))
	}
	if len(got.Addresses) != 1 || got.Addresses[0].IP != addr("192.0.2.2") {
		t.Errorf("addresses left: %v", got.Addresses)
	}
	if len(s.Records) != 7 || s.Records[4].Domain != "example.net" || len(s.Domains) != 4 || len(s.Addresses) != 2 {
		t.Error("the original changed")
	}
}

func TestPruneByAWrongClockLosesNothing(t *testing.T) {
	now := start.AddDate(3, 0, 0)
	older := now.AddDate(-2, 0, 0)
	for name, c := range map[string]struct {
		planned, other Record
		stays          bool
	}{
		"the clock was right":                              {Record{AttemptedAt: now}, Record{AttemptedAt: older}, false},
		"by a clock that was ahead, only what was planned": {Record{AttemptedAt: now.AddDate(10, 0, 0)}, Record{AttemptedAt: now}, true},
		"a boot in 1970":                                   {Record{AttemptedAt: now}, Record{AttemptedAt: time.Unix(17, 0)}, true},
		"a clock set back, since confirmed":                {Record{AttemptedAt: now}, Record{AttemptedAt: older, Since: now.AddDate(0, -1, 0)}, true},
		"a clock set back, with a history":                 {Record{AttemptedAt: now}, Record{AttemptedAt: older, History: []Change{{At: now.AddDate(0, -1, 0)}, {At: older}}}, true},
	} {
		t.Run(name, func(t *testing.T) {
			c.planned.Host, c.other.Host = "planned", "other"
			got := Snapshot{Records: []Record{c.planned, c.other}}.Prune(now, func(n record.Name) bool { return n.Host == "planned" })
			if (len(got.Records) == 2) != c.stays {
				t.Errorf("%d records left", len(got.Records))
			}
		})
	}
}

func TestPruneOfRecordsThatWereNeverSentKeepsThem(t *testing.T) {
	s := Snapshot{Records: []Record{{Host: "@", Domain: "example.com"}, {Host: "www", Domain: "example.com"}}}
	if got := s.Prune(start, func(record.Name) bool { return false }); len(got.Records) != 2 {
		t.Errorf("left: %v", got.Records)
	}
}

// past is a history of n changes, one an hour, the first of them after start.
func past(n int, after time.Duration) []Change {
	var h []Change
	for i := range n {
		h = append(h, Change{addr("192.0.2.1"), start.Add(after + time.Duration(i)*time.Hour)})
	}
	return h
}

func TestHistoriesAreBounded(t *testing.T) {
	t.Run("100 changes a record, the newest", func(t *testing.T) {
		s := Snapshot{Records: []Record{{Host: "@", Domain: "example.com", History: past(103, 0)}}}
		data, err := encode(s)
		if err != nil {
			t.Fatal(err)
		}
		got, err := parse(data, nil)
		if err != nil || !reflect.DeepEqual(got.Records[0].History, past(103, 0)[3:]) {
			t.Errorf("%v: %d changes", err, len(got.Records[0].History))
		}
		if len(s.Records[0].History) != 103 {
			t.Error("the original changed")
		}
	})
	t.Run("20,000 in all, the newest", func(t *testing.T) {
		var records []Record
		for i := range 200 {
			records = append(records, Record{Host: fmt.Sprint(i), History: past(100, time.Minute)})
		}
		records = append(records,
			Record{Host: "one old change", History: past(1, -time.Hour)},
			Record{Host: "two old changes", History: past(2, -3*time.Hour)},
		)
		got := bound(records)
		lengths := map[int]int{}
		for _, r := range got {
			lengths[len(r.History)]++
		}
		// Of the 3 too many one is old; the other two are the oldest of two long histories.
		if lengths[100] != 198 || lengths[99] != 2 || lengths[1] != 2 {
			t.Errorf("lengths %v", lengths)
		}
		if got[201].History[0].At != start.Add(-2*time.Hour) {
			t.Error("not the newest change was kept")
		}
		if len(records[201].History) != 2 {
			t.Error("the original changed")
		}
	})
	t.Run("more records than changes", func(t *testing.T) {
		records := make([]Record, 20_001)
		for i := range records {
			records[i].History = past(1+i%2, 0)
		}
		for _, r := range bound(records) {
			if len(r.History) != 1 {
				t.Fatalf("%d changes", len(r.History))
			}
		}
	})
}

// BenchmarkBound is what 10,000 records cost at each save that have one change more than a file may hold.
func BenchmarkBound(b *testing.B) {
	records := many().Records
	for i := range records {
		records[i].History = append(records[i].History, Change{addr("203.0.113.8"), start.Add(time.Duration(i%97) * time.Millisecond)})
	}
	for b.Loop() {
		bound(records)
	}
}
