package state

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"net/netip"
	"testing"
	"time"
)

// standard is what marshal has to give.
func standard(t testing.TB, s Snapshot) []byte {
	t.Helper()
	if s.Records == nil {
		s.Records = []Record{}
	}
	want, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return want
}

func compareWithStandard(t testing.TB, s Snapshot) {
	t.Helper()
	got, err := marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	if want := standard(t, s); !bytes.Equal(got, want) {
		at := 0
		for at < min(len(got), len(want)) && got[at] == want[at] {
			at++
		}
		from := max(0, at-80)
		t.Fatalf("at byte %d:\n%s\nwant\n%s", at, got[from:min(len(got), at+80)], want[from:min(len(want), at+80)])
	}
}

// A state file is the same to the byte whoever encodes it.
func TestRecordsAreEncodedAsTheStandardLibraryDoes(t *testing.T) {
	for name, s := range map[string]Snapshot{
		"nothing": {}, "no records": empty(), "a sample": sample(), "many": many(),
		"a text that looks like the place of the records": {Endpoint: "\n  \"records\": []", Records: []Record{{Host: "@"}}},
		"what no run saves": {Records: []Record{{Host: "<\xff>", Drift: Change{At: start}, History: []Change{{}, {IP: addr("::1%a\"b")}}}}},
	} {
		t.Run(name, func(t *testing.T) { compareWithStandard(t, s) })
	}
	for seed := range uint64(500) {
		compareWithStandard(t, random(seed))
	}
}

func TestWhatHasNoFormInJSONIsNotEncoded(t *testing.T) {
	if data, err := marshal(Snapshot{Records: []Record{{Since: start.AddDate(9000, 0, 0)}, {Host: "@"}}}); err == nil {
		t.Errorf("encoded: %s", data)
	}
}

// What may be saved can be read: what a state holds is found in its file, too.
func TestTheExtentOfAStateIsThatOfItsFile(t *testing.T) {
	states := []Snapshot{empty(), sample(), many()}
	for seed := range uint64(500) {
		states = append(states, random(seed))
	}
	for i, s := range states {
		data, err := encode(s)
		if err != nil {
			t.Fatal(err)
		}
		s.Records = bound(s.Records)
		if got, err := measure(data); err != nil || got != extentOf(&s) {
			t.Errorf("state %d: %+v in its file, %v; want %+v", i, got, err, extentOf(&s))
		}
	}
}

// FuzzEncode encodes records whose fields are anything, also what no run would save.
func FuzzEncode(f *testing.F) {
	f.Add("www", "example.com", []byte{203, 0, 113, 7}, int64(1_800_000_000), int64(123_000_000), uint64(0))
	f.Add("<a>&\"\\\u2028\xff", "b\u00fccher\n", []byte{}, int64(-62135596800), int64(0), uint64(0xffff))
	f.Add("@", "*", bytes.Repeat([]byte{0xab}, 16), int64(253402300800), int64(1), uint64(0x1234))
	f.Fuzz(func(t *testing.T, host, domain string, address []byte, seconds, nanoseconds int64, which uint64) {
		ip, _ := netip.AddrFromSlice(address)
		at := time.Unix(seconds, nanoseconds).UTC()
		r := rand.New(rand.NewPCG(which, 0))
		some := func() bool { return r.IntN(2) == 0 }
		addressOrNone := func() (a netip.Addr) {
			if some() {
				a = ip
			}
			return a
		}
		timeOrNone := func() (none time.Time) {
			if some() {
				return at.Add(time.Duration(r.IntN(2)))
			}
			return none
		}
		change := func() Change { return Change{addressOrNone(), timeOrNone()} }
		record := Record{
			Host: host, Domain: domain, IP: addressOrNone(), Since: timeOrNone(), ConfirmedAt: timeOrNone(), Previous: addressOrNone(),
			Unknown: some(), Doubted: some(), AttemptedAt: timeOrNone(), Failed: some(), Drift: change(),
		}
		if some() {
			record.Pause = &Pause{Message: host, Quoted: some(), Under: addressOrNone(), Lifted: timeOrNone()}
		}
		for range r.IntN(4) {
			record.History = append(record.History, change())
		}
		s := Snapshot{Endpoint: host, Records: []Record{record, {Host: domain}, record}}
		if _, err := json.Marshal(s); err != nil {
			if _, err := marshal(s); err == nil {
				t.Fatal("encoded, though encoding/json has no form for it")
			}
			return
		}
		compareWithStandard(t, s)
	})
}

// Saving thousands of records takes no memory for each of them.
func TestEncodingAllocatesNothingForEachRecord(t *testing.T) {
	s := many()
	n := testing.AllocsPerRun(3, func() {
		if _, err := marshal(s); err != nil {
			t.Fatal(err)
		}
	})
	if n > 300 {
		t.Errorf("%.0f allocations for %d records", n, len(s.Records))
	}
}
