package state

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
)

// readsAlike reports whether unmarshal took data, and fails if encoding/json then reads something else of it.
func readsAlike(t testing.TB, data []byte) bool {
	t.Helper()
	got, ok := unmarshal(data)
	if !ok {
		return false
	}
	var want Snapshot
	if err := json.Unmarshal(data, &want); err != nil {
		t.Fatalf("read, though it is not JSON: %v\n%s", err, data)
	}
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("%+v\nwant %+v\nof\n%s", got, want, data)
	}
	return true
}

func TestRecordsAreDecodedAsTheStandardLibraryDoes(t *testing.T) {
	states := []Snapshot{sample(), many()}
	for seed := range uint64(500) {
		states = append(states, random(seed))
	}
	for i, s := range states {
		data, err := encode(s)
		if err != nil {
			t.Fatal(err)
		}
		if ok := readsAlike(t, data); !ok && len(s.Records) > 0 {
			t.Fatalf("state %d was left to encoding/json:\n%s", i, data)
		}
	}
}

// What marshal would not have written is left to encoding/json, whatever that makes of it.
func TestOtherFilesAreLeftToTheStandardLibrary(t *testing.T) {
	data, err := encode(sample())
	if err != nil {
		t.Fatal(err)
	}
	replace := func(old, by string) func(string) string {
		return func(s string) string { return strings.Replace(s, old, by, 1) }
	}
	for name, change := range map[string]func(string) string{
		"on one line": func(s string) string {
			var b bytes.Buffer
			if err := json.Compact(&b, []byte(s)); err != nil {
				t.Fatal(err)
			}
			return b.String()
		},
		"a second list of records":       replace("\n  \"domains\"", "\n  \"records\": [],\n  \"domains\""),
		"one in other letters":           replace("\n  \"domains\"", "\n  \"Records\": null,\n  \"domains\""),
		"a first list of records":        replace("\n  \"records\"", "\n  \"Records\": [{\"host\": \"x\", \"unknown\": true}],\n  \"records\""),
		"an unknown key":                 replace("\n  \"domains\"", "\n  \"more\": 1,\n  \"domains\""),
		"an unknown key of a record":     replace("\n      \"domain\"", "\n      \"more\": 1,\n      \"domain\""),
		"a key in other letters":         replace(`"domain":`, `"Domain":`),
		"a key twice":                    replace("\n      \"domain\"", "\n      \"host\": \"x\",\n      \"domain\""),
		"an escaped name":                replace(`"host": "`, `"host": "\u0061`),
		"a name that is not one":         replace(`"host": "`, `"host": "<`),
		"an address of IPv6":             replace(`"ip": "203.`, `"ip": "::ffff:203.`),
		"a time that is none":            replace(`"since": "2026-`, `"since": "2026-13-`),
		"a list that does not end":       func(s string) string { return s[:strings.Index(s, "\n  \"domains\"")-3] },
		"an end of the list of records":  replace("    },\n    {", "    }\n  ],\n    {"),
		"a comma at the end of a list":   replace("    }\n  ],", "    },\n  ],"),
		"something behind the end":       func(s string) string { return s + "{}" },
		"no line end at the end":         func(s string) string { return strings.TrimSuffix(s, "\n") },
		"a number with a fraction":       replace(`"version": 1`, `"version": 1.0`),
		"false where nothing is":         replace("\n      \"domain\"", "\n      \"unknown\": false,\n      \"domain\""),
		"an empty history":               replace("\n      \"history\": [", "\n      \"history\": [],\n      \"history\": ["),
		"a pause that is null":           replace(`"pause": {`, `"pause": null, "x": {`),
		"a pause with a pause inside it": replace(`"pause": {`, `"pause": {"pause": {`),
	} {
		changed := change(string(data))
		if changed == string(data) {
			t.Errorf("%s: nothing is changed", name)
		}
		if readsAlike(t, []byte(changed)) {
			t.Errorf("%s: it was read", name)
		}
	}
}

// FuzzDecode: what is not left to encoding/json is read as encoding/json reads it.
func FuzzDecode(f *testing.F) {
	for _, s := range []Snapshot{empty(), sample(), random(1), random(2), random(3)} {
		data, err := encode(s)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data, uint64(0))
		f.Add(data, uint64(1))
	}
	f.Fuzz(func(t *testing.T, data []byte, seed uint64) {
		readsAlike(t, data)
		// Pieces of a file in other places are more likely to be taken for sound than bytes.
		r := rand.New(rand.NewPCG(seed, 1))
		lines := bytes.SplitAfter(data, []byte("\n"))
		for range 1 + r.IntN(3) {
			i, j := r.IntN(len(lines)), r.IntN(len(lines))
			switch r.IntN(3) {
			case 0:
				lines[i] = lines[j]
			case 1:
				lines[i], lines[j] = lines[j], lines[i]
			default:
				lines[i] = append(bytes.Clone(lines[i]), lines[j]...)
			}
		}
		readsAlike(t, bytes.Join(lines, nil))
	})
}

// Histories share memory, and none is written into by what is appended to another.
func TestWhatIsAppendedToAHistoryStaysThere(t *testing.T) {
	data, err := encode(many())
	if err != nil {
		t.Fatal(err)
	}
	s, ok := unmarshal(data)
	if !ok {
		t.Fatal("left to encoding/json")
	}
	for i := range s.Records {
		s.Records[i].History = append(s.Records[i].History, Change{addr("198.51.100.9"), start})
	}
	for i, r := range s.Records {
		if len(r.History) != 3 || r.History[0] != many().Records[i].History[0] {
			t.Fatalf("record %d has %v", i, r.History)
		}
		if i > 10 {
			break
		}
	}
}
