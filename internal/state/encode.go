package state

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"time"
)

const (
	// indent is that of one level.
	indent = "  "
	// recordBytes and changeBytes are what the usual ones take.
	recordBytes = 300
	changeBytes = 90
)

// encode is the content of a state file. What parse would not accept as it is, is an error.
func encode(s Snapshot) ([]byte, error) {
	s = inUTC(s)
	s.Version = Version
	if err := check(&s); err != nil {
		return nil, err
	}
	s.Records = bound(s.Records)
	if s.Domains == nil {
		s.Domains = []Domain{}
	}
	if extentOf(&s).tooMuch() {
		return nil, fmt.Errorf("%w; use several YAML files, each with its own state", errTooMuch)
	}
	data, err := marshal(s)
	if err != nil {
		return nil, err
	}
	return append(data, '\n'), nil
}

// marshal gives what json.MarshalIndent does with that indent. A state has up to thousands of records, is saved every
// second while they are sent, and encoding/json takes several times as long for them; all else is left to it.
func marshal(s Snapshot) ([]byte, error) {
	records := s.Records
	s.Records = []Record{}
	head, err := json.MarshalIndent(s, "", indent)
	if err != nil || len(records) == 0 {
		return head, err
	}
	// This cannot occur inside a JSON string, which has no line ends.
	at := bytes.Index(head, []byte(recordsAt))
	if at < 0 {
		return nil, errors.New("no place for the records")
	}
	at += len(recordsAt)
	size := len(head)
	for i := range records {
		size += recordBytes + changeBytes*len(records[i].History)
	}
	w := encoder{data: append(make([]byte, 0, size), head[:at]...)}
	for i := range records {
		w.comma(i, 2)
		w.record(&records[i])
	}
	w.line(1)
	w.data = append(w.data, head[at:]...)
	return w.data, w.err
}

// encoder appends JSON. After an error its output must not be used.
type encoder struct {
	data []byte
	err  error
}

func (w *encoder) raw(s string) { w.data = append(w.data, s...) }

// line begins a new line at a depth.
func (w *encoder) line(depth int) {
	w.data = append(w.data, '\n')
	for range depth {
		w.data = append(w.data, indent...)
	}
}

// comma begins the element i of a list or an object.
func (w *encoder) comma(i, depth int) {
	if i > 0 {
		w.data = append(w.data, ',')
	}
	w.line(depth)
}

// record writes the fields in the order in which Record has them, and leaves out those that its tags leave out.
func (w *encoder) record(r *Record) {
	w.raw("{\n      \"host\": ")
	w.string(r.Host)
	w.raw(",\n      \"domain\": ")
	w.string(r.Domain)
	if r.IP.IsValid() {
		w.field("ip")
		w.address(r.IP)
	}
	if !r.Since.IsZero() {
		w.field("since")
		w.time(r.Since)
	}
	if !r.ConfirmedAt.IsZero() {
		w.field("confirmed_at")
		w.time(r.ConfirmedAt)
	}
	if r.Previous.IsValid() {
		w.field("previous")
		w.address(r.Previous)
	}
	if r.Unknown {
		w.field("unknown")
		w.raw("true")
	}
	if r.Doubted {
		w.field("doubted")
		w.raw("true")
	}
	if !r.AttemptedAt.IsZero() {
		w.field("attempted_at")
		w.time(r.AttemptedAt)
	}
	if r.Failed {
		w.field("failed")
		w.raw("true")
	}
	if r.Drift != (Change{}) {
		w.field("drift")
		w.change(r.Drift, 3)
	}
	if r.Pause != nil {
		w.field("pause")
		w.any(r.Pause, 3)
	}
	if len(r.History) > 0 {
		w.field("history")
		w.raw("[")
		for i, c := range r.History {
			w.comma(i, 4)
			w.change(c, 4)
		}
		w.line(3)
		w.raw("]")
	}
	w.line(2)
	w.raw("}")
}

// field begins a field of a record that is not its first.
func (w *encoder) field(name string) {
	w.raw(",\n      \"")
	w.raw(name)
	w.raw("\": ")
}

// address leaves a zone, which can be any text, to encoding/json. All other addresses, and times, have no characters that
// need escaping.
func (w *encoder) address(a netip.Addr) {
	if a.Zone() != "" {
		w.any(a, 0)
		return
	}
	w.close(a.AppendText(w.open()))
}

func (w *encoder) time(t time.Time) { w.close(t.AppendText(w.open())) }

func (w *encoder) open() []byte { return append(w.data, '"') }

func (w *encoder) close(data []byte, err error) {
	if err != nil {
		w.err = err
		return
	}
	w.data = append(data, '"')
}

func (w *encoder) change(c Change, depth int) {
	w.raw("{")
	w.line(depth + 1)
	w.raw(`"ip": `)
	w.address(c.IP)
	w.raw(",")
	w.line(depth + 1)
	w.raw(`"at": `)
	w.time(c.At)
	w.line(depth)
	w.raw("}")
}

// string writes a name. What is not made of the characters of one is left to encoding/json.
func (w *encoder) string(s string) {
	if !plainName(s) {
		w.any(s, 0)
		return
	}
	w.data = append(w.data, '"')
	w.data = append(w.data, s...)
	w.data = append(w.data, '"')
}

// any writes a rare value, by way of encoding/json.
func (w *encoder) any(value any, depth int) {
	prefix := ""
	for range depth {
		prefix += indent
	}
	data, err := json.MarshalIndent(value, prefix, indent)
	if err != nil {
		w.err = err
		return
	}
	w.data = append(w.data, data...)
}
