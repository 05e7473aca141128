package state

import (
	"bytes"
	"encoding/json"
	"net/netip"
	"time"
)

// recordsAt is where a file that marshal made has its records.
const recordsAt = "\n" + indent + `"records": [`

// unmarshal is json.Unmarshal for what marshal made, and several times as fast for thousands of records. Of anything else,
// sound or not, it says false: then encoding/json has to read it.
func unmarshal(data []byte) (Snapshot, bool) {
	head, rest, found := bytes.Cut(data, []byte(recordsAt))
	if !found {
		return Snapshot{}, false
	}
	// Room for all before they are read, but no more than a state may hold: it may be anybody's file.
	changes := min(bytes.Count(rest, []byte(`"at": "`)), maxParts)
	records := min(bytes.Count(rest, []byte(`"host": "`)), maxEntries)
	d := decoder{data: rest, changes: make([]Change, 0, changes), addresses: map[string]netip.Addr{}}
	list := d.records(records)
	if d.failed {
		return Snapshot{}, false
	}
	// The file without its records. A key that is there twice, in other letters, or unknown would not be written again.
	others := bytes.Join([][]byte{head, []byte(recordsAt), d.data}, nil)
	var s Snapshot
	if json.Unmarshal(others, &s) != nil || len(s.Records) > 0 {
		return Snapshot{}, false
	}
	s.Records = []Record{}
	if again, err := json.MarshalIndent(s, "", indent); err != nil || !bytes.Equal(append(again, '\n'), others) {
		return Snapshot{}, false
	}
	s.Records = list
	return s, !extentOf(&s).tooMuch()
}

// decoder reads the records of a file that marshal made. If it meets anything else, what it has read must not be used.
type decoder struct {
	data   []byte // what is left
	failed bool
	// changes has room for all of the file that a state may hold.
	changes []Change
	// domain is the one of the last record, and addresses are those so far: many share them.
	domain    string
	addresses map[string]netip.Addr
}

// has passes over text if it comes next.
func (d *decoder) has(text string) bool {
	if len(d.data) < len(text) || string(d.data[:len(text)]) != text {
		return false
	}
	d.data = d.data[len(text):]
	return true
}

// must passes over text, which has to come next.
func (d *decoder) must(text string) { d.failed = !d.has(text) || d.failed }

// records reads the list up to its bracket, which stays. There are n, or it is not a list that marshal made.
func (d *decoder) records(n int) []Record {
	records := make([]Record, 0, n)
	if bytes.HasPrefix(d.data, []byte("]")) {
		return records
	}
	for !d.failed {
		d.failed = len(records) == n
		d.must("\n    {")
		records = append(records, d.record())
		d.must("\n    }")
		if !d.has(",") {
			d.must("\n  ")
			break
		}
	}
	return records
}

// record reads the fields in the order in which encoder.record writes them.
func (d *decoder) record() (r Record) {
	d.must("\n      \"host\": ")
	r.Host = d.name("")
	d.must(",\n      \"domain\": ")
	r.Domain = d.name(d.domain)
	d.domain = r.Domain
	if d.field("ip") {
		r.IP = d.address()
	}
	if d.field("since") {
		r.Since = d.time()
	}
	if d.field("confirmed_at") {
		r.ConfirmedAt = d.time()
	}
	if d.field("previous") {
		r.Previous = d.address()
	}
	if d.field("unknown") {
		d.must("true")
		r.Unknown = true
	}
	if d.field("doubted") {
		d.must("true")
		r.Doubted = true
	}
	if d.field("attempted_at") {
		r.AttemptedAt = d.time()
	}
	if d.field("failed") {
		d.must("true")
		r.Failed = true
	}
	if d.field("drift") {
		r.Drift = d.change("\n        ", "\n      ")
	}
	if d.field("pause") {
		r.Pause = d.pause()
	}
	if d.field("history") {
		r.History = d.history()
	}
	return r
}

// field passes over the beginning of a field, if it comes next.
func (d *decoder) field(name string) bool {
	const before, after = ",\n      \"", "\": "
	n := len(before) + len(name) + len(after)
	if len(d.data) < n || string(d.data[len(before):len(before)+len(name)]) != name ||
		string(d.data[:len(before)]) != before || string(d.data[n-len(after):n]) != after {
		return false
	}
	d.data = d.data[n:]
	return true
}

// quoted is what stands between two quotes, in which nothing may be escaped.
func (d *decoder) quoted() []byte {
	d.must(`"`)
	text, rest, closed := bytes.Cut(d.data, []byte(`"`))
	if d.failed = d.failed || !closed; d.failed {
		return nil
	}
	d.data = rest
	return text
}

// name returns last if the same name is written, to save an allocation.
func (d *decoder) name(last string) string {
	text := d.quoted()
	if string(text) == last {
		return last
	}
	name := string(text)
	d.failed = d.failed || !plainName(name)
	return name
}

func (d *decoder) address() netip.Addr {
	text := d.quoted()
	if a, known := d.addresses[string(text)]; known {
		return a
	}
	a, err := netip.ParseAddr(string(text))
	d.failed = d.failed || err != nil || !a.Is4()
	d.addresses[string(text)] = a
	return a
}

func (d *decoder) time() (t time.Time) {
	text := d.quoted()
	d.failed = d.failed || t.UnmarshalText(text) != nil
	return t
}

func (d *decoder) change(before, after string) (c Change) {
	d.must("{")
	d.must(before)
	d.must(`"ip": `)
	c.IP = d.address()
	d.must(",")
	d.must(before)
	d.must(`"at": `)
	c.At = d.time()
	d.must(after)
	d.must("}")
	return c
}

func (d *decoder) history() []Change {
	first := len(d.changes)
	d.must("[")
	for !d.failed {
		d.must("\n        ")
		d.changes = append(d.changes, d.change("\n          ", "\n        "))
		if !d.has(",") {
			break
		}
	}
	d.must("\n      ]")
	return d.changes[first:len(d.changes):len(d.changes)]
}

// pause leaves one, which is rare, to encoding/json. No text in JSON holds a line end.
func (d *decoder) pause() *Pause {
	const end = "\n      }"
	text, rest, closed := bytes.Cut(d.data, []byte(end))
	if d.failed = d.failed || !closed; d.failed {
		return nil
	}
	p := &Pause{}
	d.failed = json.Unmarshal(append(bytes.Clone(text), end...), p) != nil
	d.data = rest
	return p
}
