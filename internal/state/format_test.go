package state

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"reflect"
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
			got, version, err := parse(data, nil)
			if err != nil || version != Version {
				t.Fatal(version, err)
			}
			if !reflect.DeepEqual(got, s) {
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
	filler := `"x": [` + strings.Repeat("1,", maxValues) + `1]}`
	if _, _, err := parse([]byte(`{"version": 1, `+filler), nil); !errors.As(err, new(notUnderstood)) {
		t.Errorf("of this version: %v", err)
	}
	if _, version, err := parse([]byte(`{"version": 99, `+filler), nil); !errors.Is(err, ErrNewer) || version != 99 {
		t.Errorf("of a newer version: %d, %v", version, err)
	}
	s := empty()
	s.News = []News{{Key: "record", What: "what", Since: start, Name: strings.Repeat(",", maxValues)}}
	if _, err := encode(s); err == nil {
		t.Error("saved, and could not be read again")
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
			if _, _, err := parse(edit(t, c.old, c.new), nil); err != nil {
				t.Error(err)
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
		{"a record without a host", `"host": "@"`, `"host": ""`, "records[0]: no host"},
		{"a record without a domain", `"domain": "example.com"`, `"domain": ""`, "records[0]: no host or no domain"},
		{"a null record", `"records": [`, `"records": [null,`, "records[0]"},
		{"a record twice", "\"records\": [", `"records": [{"host": "*", "domain": "example.net"},`, `"*" of "example.net" is there twice`},
		{"an IPv6 address", `"ip": "203.0.113.91"`, `"ip": "2001:db8::1"`, "2001:db8::1 is not an IPv4"},
		{"an IPv4 address in IPv6 clothes", `"ip": "203.0.113.91"`, `"ip": "::ffff:203.0.113.91"`, "not an IPv4"},
		{"an address with a zone", `"ip": "203.0.113.91"`, `"ip": "fe80::1%eth0"`, "not an IPv4"},
		{"no address at all", `"ip": "203.0.113.91"`, `"ip": "203.0.113"`, "203.0.113"},
		{"an IPv6 previous address", `"previous": "203.0.113.7"`, `"previous": "2001:db8::1"`, "not an IPv4"},
		{"both ip and previous", `"ip": "203.0.113.91"`, `"ip": "203.0.113.91", "previous": "203.0.113.7"`, "both ip and previous"},
		{"both ip and unknown", `"ip": "203.0.113.91"`, `"ip": "203.0.113.91", "unknown": true`, "both ip and unknown"},
		{"no address in a history", `"ip": "203.0.113.7"`, `"ip": ""`, "history[0]"},
		{"no failures in a pause", `"failures": 2`, `"failures": 0`, "0 failures"},
		{"negative seconds", `"seconds": 7200`, `"seconds": -1`, "-1 seconds"},
		{"more seconds than a duration holds", `"seconds": 7200`, `"seconds": 9223372037`, "seconds"},
		{"a pause under IPv6", `"under": "203.0.113.7"`, `"under": "2001:db8::1"`, "under"},
		{"a domain without a name", `"domains": [`, `"domains": [{},`, "domains[0]"},
		{"a domain twice", `"domains": [`, `"domains": [{"domain": "example.net"},`, "domains[2]"},
		{"an empty fingerprint", `"fingerprint": "ab"`, `"fingerprint": ""`, "fingerprint"},
		{"a fingerprint twice", `"fingerprint": "cd"`, `"fingerprint": "ef"`, "fingerprint"},
		{"a refused address that is none", `"ip": "198.51.100.9"`, `"ip": ""`, "addresses[0]"},
		{"a refused address without a pause", `"addresses": [`, `"addresses": [{"ip": "198.51.100.10"},`, "addresses[0]: no pause"},
		{"news without a key", `"key": "record www.example.com"`, `"key": ""`, "news[0]"},
		{"a time without a zone", `"since": "2026-11-23T03:05:00.123Z"`, `"since": "2026-11-23T03:05:00"`, "parsing time"},
		{"a time past the year 9999 in UTC", `"since": "2026-11-23T03:05:00.123Z"`, `"since": "9999-12-31T23:59:59-10:00"`, "year 10000"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, _, err := parse(edit(t, c.old, c.new), nil)
			if bad := (notUnderstood{}); !errors.As(err, &bad) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want something about %q", err, c.want)
			}
		})
	}
	for _, data := range []string{"", " ", "null", "{}", "[]", "1", "records:\n  - host: www\n", "\x00\x01"} {
		if _, _, err := parse([]byte(data), nil); !errors.As(err, new(notUnderstood)) {
			t.Errorf("%q: %v", data, err)
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

func TestNewerIsToldApart(t *testing.T) {
	for name, data := range map[string]string{
		"the same form":      `{"version": 2, "records": []}`,
		"another form":       `{"version": 2, "records": {"example.com": ["@", "www"]}, "key": 7}`,
		"much newer, and no": `{"records": false, "version": 4711}`,
	} {
		if _, version, err := parse([]byte(data), nil); !errors.Is(err, ErrNewer) || version < 2 {
			t.Error(name, version, err)
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
	s, version, err := parse([]byte(`{"version": 0, "records": {"example.com": "203.0.113.7"}}`), versionZero())
	want := []Record{{Host: "@", Domain: "example.com", IP: addr("203.0.113.7")}}
	if err != nil || version != 0 || s.Version != Version || !reflect.DeepEqual(s.Records, want) || len(s.Key) != keySize {
		t.Errorf("%d %+v %v", version, s, err)
	}
	for _, bad := range []string{`{"version": 0, "records": []}`, `{"version": 0, "records": {"": "203.0.113.7"}}`} {
		if _, _, err := parse([]byte(bad), versionZero()); !errors.As(err, new(notUnderstood)) {
			t.Error(bad, err)
		}
	}
}

func TestTimesAreReadAsUTC(t *testing.T) {
	s, _, err := parse(edit(t, `"since": "2026-11-23T03:05:00.123Z"`, `"since": "2026-11-23T05:05:00.123+02:00"`), nil)
	if err != nil || !reflect.DeepEqual(s, sample()) {
		t.Errorf("%v %+v", err, s.Records[0].Since)
	}
}

func TestPasswordsUnderAWeakKeyAreNotBelieved(t *testing.T) {
	s := sample()
	s.Key = []byte("short")
	data, err := encode(s)
	if err != nil {
		t.Fatal(err)
	}
	got, _, err := parse(data, nil)
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
	f.Add([]byte(`{"version":1,"records":[{"host":"\ud800","domain":"x","ip":"192.0.2.1","since":"0000-01-01T00:00:00-23:59"}]}`))
	f.Add([]byte(`{"version":1,"key":"AAAA","Records":[],"records":[{"HOST":"a","domain":"b","history":[]}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		first, _, err := parse(data, nil)
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
		second, _, err := parse(saved, nil)
		if err != nil {
			t.Fatalf("what was saved cannot be read: %v\n%s", err, saved)
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
		got, _, err := parse(data, nil)
		if err != nil || !reflect.DeepEqual(got, s) {
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
		p := &Pause{Message: "a \"b\" <c> \u2028 é", Failures: 1 + r.IntN(9), Since: at(), Began: at(), Seconds: r.Int64N(90_000)}
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
		s.News = append(s.News, News{Key: "k", What: "w", Since: at(), Name: "n"})
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
		if _, _, err := parse(data, nil); err != nil {
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
