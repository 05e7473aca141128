package state

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestWhatIsSavedIsReadBack(t *testing.T) {
	for name, s := range map[string]Snapshot{"a new state": empty(), "something in every field": sample()} {
		t.Run(name, func(t *testing.T) {
			data, err := encode(s)
			if err != nil {
				t.Fatal(err)
			}
			got, err := parse(data, nil)
			if err != nil || got.version != Version || got.lost.count > 0 {
				t.Fatal(got, err)
			}
			if !reflect.DeepEqual(got.Snapshot, s) {
				t.Errorf("read %+v, saved %+v", got, s)
			}
			if !bytes.HasPrefix(data, []byte("{\n  \"version\": 1,\n  \"endpoint\": ")) || !bytes.HasSuffix(data, []byte("\n}\n")) {
				t.Errorf("not the promised form:\n%s", data)
			}
		})
	}
}

func TestAnEmptyStateHasListsNotNull(t *testing.T) {
	data, err := encode(empty())
	if err != nil || !bytes.Contains(data, []byte(`"records": []`)) || !bytes.Contains(data, []byte(`"domains": []`)) {
		t.Errorf("%v:\n%s", err, data)
	}
}

func TestTooMuchForAState(t *testing.T) {
	for name, filler := range map[string]string{
		"records":                  `"records": [` + strings.Repeat("{},", maxEntries) + `{}]}`,
		"values that nobody knows": `"x": [` + strings.Repeat("1,", maxEntries) + `1]}`,
		"changes":                  `"records": [{"history": [` + strings.Repeat("1,", maxParts+1) + `1]}]}`,
		"changes of many records":  `"records": [` + strings.Repeat(`{"history": [1,1,1,1]},`, maxParts/3+1) + `{}]}`,
	} {
		if _, err := parse([]byte(`{"version": 1, `+filler), nil); !errors.As(err, new(notUnderstood)) || !strings.Contains(err.Error(), "too many entries") {
			t.Errorf("%s: %v", name, err)
		}
		if p, err := parse([]byte(`{"version": 99, `+filler), nil); !errors.Is(err, ErrNewer) || p.version != 99 {
			t.Errorf("%s, of a newer version: %d, %v", name, p.version, err)
		}
	}
	s := empty()
	for i := range maxEntries + 1 {
		s.Notices = append(s.Notices, Notice{Key: fmt.Sprint(i), Since: start})
	}
	if _, err := encode(s); err == nil || !strings.Contains(err.Error(), "use several YAML files") {
		t.Error("saved, and could not be read again:", err)
	}
	s.Notices = []Notice{{Key: "text", What: `,[{\`, Since: start, Name: `"[` + strings.Repeat(",", maxParts+1)}}
	if data, err := encode(s); err != nil {
		t.Error("what stands in text counts:", err)
	} else if got, err := parse(data, nil); err != nil || !reflect.DeepEqual(got.Snapshot, s) {
		t.Error(err)
	}
}

// What a state file can take of memory is in proportion to its size, whatever it holds.
func TestAStateTakesMemoryAsItsSize(t *testing.T) {
	entry := `{"host":"a","domain":"b"},`
	for name, c := range map[string]struct {
		data string
		most uint64 // bytes
	}{
		"1.2 million empty records":       {`{"version":1,"records":[` + strings.Repeat("{},", 1_200_000) + `{}]}`, 1 << 20},
		"as many numbers":                 {`{"version":1,"records":[` + strings.Repeat("1,", 1_200_000) + `1]}`, 1 << 20},
		"as many changes":                 {`{"version":1,"records":[{"history":[` + strings.Repeat("1,", 1_200_000) + `1]}]}`, 1 << 20},
		"as many empty records as may be": {`{"version":1,"records":[` + strings.Repeat("{},", maxEntries-1) + `{}]}`, 200 << 20},
		"the same record again and again": {`{"version":1,"records":[` + strings.Repeat(entry, maxEntries-1) + entry[:len(entry)-1] + `]}`, 250 << 20},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, _ = parse([]byte(c.data), nil)
		if runtime.ReadMemStats(&after); after.TotalAlloc-before.TotalAlloc > c.most+uint64(len(c.data)) {
			t.Errorf("%s: %.1f MiB of a file of %.1f MiB", name, float64(after.TotalAlloc-before.TotalAlloc)/(1<<20), float64(len(c.data))/(1<<20))
		}
	}
}

// edit changes one thing in the JSON form of sample.
func edit(t *testing.T, old, new string) []byte {
	t.Helper()
	data, err := encode(sample())
	if err != nil {
		t.Fatal(err)
	}
	edited := strings.Replace(string(data), old, new, 1)
	if edited == string(data) {
		t.Fatalf("%s is not in\n%s", old, data)
	}
	return []byte(edited)
}

func TestTolerated(t *testing.T) {
	for _, c := range []struct{ name, old, new string }{
		{"a key of a later release", `"version": 1,`, `"version": 1, "colour": {"a": [1, 2]},`},
		{"a key of a later release in a record", `"host": "@",`, `"host": "@", "colour": "red",`},
		{"an unknown class", `"class": "credentials"`, `"class": "weather"`},
		{"a null pause", `"failed": true,`, `"failed": true, "pause": null,`},
		{"an empty address", `"previous": "203.0.113.7"`, `"previous": ""`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if p, err := parse(edit(t, c.old, c.new), nil); err != nil || p.lost.count > 0 {
				t.Error(err, p.lost)
			}
		})
	}
}

func TestNotUnderstood(t *testing.T) {
	for _, c := range []struct{ name, old, new, want string }{
		{"cut off", "\n}\n", "", "unexpected end"},
		{"a second document", "\n}\n", "\n}\n{}", "after top-level"},
		{"version 0", `"version": 1`, `"version": 0`, "no version 0"},
		{"a negative version", `"version": 1`, `"version": -1`, "no version -1"},
		{"no version", `"version": 1,`, ``, "no version 0"},
		{"a version in words", `"version": 1`, `"version": "one"`, "version"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := parse(edit(t, c.old, c.new), nil)
			if bad := (notUnderstood{}); !errors.As(err, &bad) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want something about %q", err, c.want)
			}
		})
	}
	for _, data := range []string{
		"", " ", "null", "{}", "[]", "1", "records:\n  - host: www\n", "\x00\x01",
		`{"version": 1, "records": [{}]}`, `{"version": 1, "records": {"a": 1}}`, `{"version": 1, "domains": "none"}`,
	} {
		if p, err := parse([]byte(data), nil); !errors.As(err, new(notUnderstood)) {
			t.Errorf("%q: %v %+v", data, err, p)
		}
	}
}

func TestARefusedAddressTwiceIsNotUnderstood(t *testing.T) {
	s := sample()
	s.Addresses = append(s.Addresses, s.Addresses[0])
	if err := check(&s); err == nil || !strings.Contains(err.Error(), "twice") {
		t.Error(err)
	}
}

func TestWhatCouldNotBeReadIsNotWritten(t *testing.T) {
	for name, spoil := range map[string]func(*Snapshot){
		"a record twice":    func(s *Snapshot) { s.Records = append(s.Records, s.Records[0]) },
		"both addresses":    func(s *Snapshot) { s.Records[0].Previous = addr("203.0.113.7") },
		"a year without 4":  func(s *Snapshot) { s.Records[0].Since = time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC) },
		"a pause of nobody": func(s *Snapshot) { s.Blocked = &Pause{} },
	} {
		s := sample()
		spoil(&s)
		if _, err := encode(s); err == nil {
			t.Error(name, "was written")
		}
	}
}

func TestANewerStateHasItsOwnError(t *testing.T) {
	for name, data := range map[string]string{
		"the same form":      `{"version": 2, "records": []}`,
		"another form":       `{"version": 2, "records": {"example.com": ["@", "www"]}, "key": 7}`,
		"much newer, and no": `{"records": false, "version": 4711}`,
	} {
		if p, err := parse([]byte(data), nil); !errors.Is(err, ErrNewer) || p.version < 2 {
			t.Error(name, p.version, err)
		}
	}
}

// versionZero stands for a version before the first: a map from full name to address.
func versionZero() map[int]migration {
	return map[int]migration{0: func(data []byte) (Snapshot, error) {
		var old struct{ Records map[string]netip.Addr }
		if err := json.Unmarshal(data, &old); err != nil {
			return Snapshot{}, err
		}
		var s Snapshot
		for domain, ip := range old.Records {
			s.Records = append(s.Records, Record{Host: "@", Domain: domain, IP: ip})
		}
		return s, nil
	}}
}

func TestOlderIsBroughtUpToDate(t *testing.T) {
	s, err := parse([]byte(`{"version": 0, "records": {"example.com": "203.0.113.7"}}`), versionZero())
	want := []Record{{Host: "@", Domain: "example.com", IP: addr("203.0.113.7")}}
	if err != nil || s.version != 0 || s.Version != Version || !reflect.DeepEqual(s.Records, want) || len(s.Key) != keySize {
		t.Errorf("%+v %v", s, err)
	}
	for _, bad := range []string{`{"version": 0, "records": []}`, `{"version": 0, "records": {"": "203.0.113.7"}}`} {
		if _, err := parse([]byte(bad), versionZero()); !errors.As(err, new(notUnderstood)) {
			t.Error(bad, err)
		}
	}
}

func TestTimesAreReadAsUTC(t *testing.T) {
	s, err := parse(edit(t, `"since": "2026-11-23T03:05:00.123Z"`, `"since": "2026-11-23T05:05:00.123+02:00"`), nil)
	if err != nil || !reflect.DeepEqual(s.Snapshot, sample()) {
		t.Errorf("%v %+v", err, s.Records[0].Since)
	}
}

func TestPasswordsUnderAWeakKeyAreNotUsed(t *testing.T) {
	s := sample()
	s.Key = []byte("short")
	data, err := encode(s)
	if err != nil {
		t.Fatal(err)
	}
	got, err := parse(data, nil)
	if err != nil || len(got.Key) != keySize || got.Domains[0].Passwords != nil || got.Domains[1].Passwords != nil {
		t.Errorf("%v %+v", err, got)
	}
	if !reflect.DeepEqual(got.Records, s.Records) {
		t.Error("the records went with them")
	}
}

func FuzzLoad(f *testing.F) {
	for _, s := range []Snapshot{empty(), sample(), random(1), random(2)} {
		data, err := encode(s)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
		f.Add(data[:len(data)/2])
	}
	f.Add([]byte(`}]{[`))
	f.Add([]byte(`{"version":1,"records":[{"host":"\ud800","domain":"x","ip":"192.0.2.1","since":"0000-01-01T00:00:00-23:59"}]}`))
	f.Add([]byte(`{"version":1,"key":"AAAA","Records":[],"records":[{"HOST":"a","domain":"b","history":[]}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		read, err := parse(data, nil)
		first := read.Snapshot
		if err != nil {
			if !errors.Is(err, ErrNewer) && !errors.As(err, new(notUnderstood)) {
				t.Fatal(err)
			}
			return
		}
		saved, err := encode(first)
		if err != nil {
			t.Fatalf("what was read cannot be saved: %v", err)
		}
		readAgain, err := parse(saved, nil)
		second := readAgain.Snapshot
		if err != nil || readAgain.lost.count > 0 {
			t.Fatalf("what was saved cannot be read: %v %v\n%s", err, readAgain.lost, saved)
		}
		first.Records = bound(first.Records)
		if !reflect.DeepEqual(first, second) {
			t.Fatalf("read %+v\nand after a save %+v", first, second)
		}
		again, err := encode(second)
		if err != nil || !bytes.Equal(saved, again) {
			t.Fatalf("%v: saved %s\nand again %s", err, saved, again)
		}
	})
}

func FuzzSaved(f *testing.F) {
	for seed := range uint64(20) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		s := random(seed)
		data, err := encode(s)
		if err != nil {
			t.Fatal(err)
		}
		got, err := parse(data, nil)
		if err != nil || !reflect.DeepEqual(got.Snapshot, s) {
			t.Fatalf("%v: saved %+v\nread %+v", err, s, got)
		}
	})
}

// random is any state that a run could save.
func random(seed uint64) Snapshot {
	r := rand.New(rand.NewPCG(seed, 0))
	maybe := func() bool { return r.IntN(2) == 0 }
	ip := func() netip.Addr { return netip.AddrFrom4([4]byte{192, 0, 2, byte(r.IntN(256))}) }
	at := func() time.Time { return start.Add(time.Duration(r.Int64N(int64(400 * 24 * time.Hour)))) }
	pause := func() *Pause {
		if maybe() {
			return nil
		}
		p := &Pause{Message: "a \"b\" <c> é", Failures: 1 + r.IntN(9), Since: at(), Began: at(), Seconds: r.Int64N(longestPause + 1)}
		if maybe() {
			p.Under, p.Lifted, p.Quoted, p.Class = ip(), at(), true, "domain"
		}
		return p
	}
	s := Snapshot{Version: Version, Endpoint: "sandbox", Key: []byte("0123456789abcdef"), Blocked: pause()}
	for i := range r.IntN(20) {
		rec := Record{Host: fmt.Sprint("h", i), Domain: "example.org", Pause: pause(), Failed: maybe()}
		switch {
		case maybe():
			rec.IP, rec.Since, rec.ConfirmedAt = ip(), at(), at()
		case maybe():
			rec.Previous, rec.Unknown = ip(), maybe()
			rec.Doubted = rec.Unknown && maybe()
		}
		for range r.IntN(5) {
			rec.History = append(rec.History, Change{ip(), at()})
		}
		s.Records = append(s.Records, rec)
	}
	for i := range r.IntN(4) {
		d := Domain{Domain: fmt.Sprint("d", i, ".example.net"), Pause: pause()}
		for j := range r.IntN(3) {
			d.Passwords = append(d.Passwords, Password{Fingerprint: fmt.Sprint(j), AcceptedAt: at(), Pause: pause()})
		}
		s.Domains = append(s.Domains, d)
	}
	if p := pause(); p != nil {
		s.Addresses = append(s.Addresses, Address{ip(), p})
		s.Notices = append(s.Notices, Notice{Key: "k", What: "w", Since: at(), Name: "n"})
		s.Undelivered = append(s.Undelivered, Undelivered{To: "t", Text: "l", At: at()})
	}
	return s
}

// many is the state of 10,000 records with as many changes as a file may hold.
func many() Snapshot {
	s := empty()
	s.Endpoint = "https://dynamicdns.example.com/update"
	for i := range 10_000 {
		s.Records = append(s.Records, Record{
			Host: fmt.Sprintf("host-%05d", i), Domain: fmt.Sprintf("zone-%02d.example.com", i/100),
			IP: addr("203.0.113.91"), Since: start, ConfirmedAt: start, AttemptedAt: start,
			History: []Change{{addr("203.0.113.7"), start.Add(-time.Hour)}, {addr("203.0.113.91"), start}},
		})
	}
	return s
}

func BenchmarkParse(b *testing.B) {
	data, err := encode(many())
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		if _, err := parse(data, nil); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEncode(b *testing.B) {
	s := many()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := encode(s); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkClone(b *testing.B) {
	s := many()
	b.ReportAllocs()
	for b.Loop() {
		if c := s.Clone(); len(c.Records) != len(s.Records) || slices.ContainsFunc(c.Records[:1], func(r Record) bool { return r.Host == "" }) {
			b.Fatal(c)
		}
	}
}
