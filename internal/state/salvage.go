package state

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"strings"

	"ddns-batch/internal/record"
	"ddns-batch/internal/sanitize"
)

// salvager collects what is sound of a state file that is well-formed JSON of this version, and not sound as a whole.
// What it leaves out is as if it had never been remembered, so nothing is claimed that is not known.
type salvager struct {
	Snapshot
	records   map[record.Name]int
	domains   map[string]int
	addresses map[netip.Addr]bool
	lost      losses
}

// losses describes what was left out, in words for the user.
type losses struct {
	lines []string // the first of them
	count int
}

func (l *losses) add(what string, why error) {
	const lines, length = 5, 200
	if kind := (*json.UnmarshalTypeError)(nil); errors.As(why, &kind) {
		field := kind.Field[strings.LastIndex(kind.Field, ".")+1:]
		why = fmt.Errorf("%s: a %s is not allowed there", field, kind.Value)
	}
	if l.count++; l.count <= lines {
		l.lines = append(l.lines, sanitize.Line(what+": "+why.Error(), length))
	}
}

// notes has one sentence for each loss that was kept.
func (l losses) notes() []string {
	var notes []string
	for _, line := range l.lines {
		notes = append(notes, "left out: "+line)
	}
	if more := l.count - len(l.lines); more > 0 {
		notes = append(notes, fmt.Sprintf("left out: %d more", more))
	}
	return notes
}

// salvage is what is sound in data, and what is not. The error says that nothing is.
func salvage(data []byte) (Snapshot, losses, error) {
	v := salvager{records: map[record.Name]int{}, domains: map[string]int{}, addresses: map[netip.Addr]bool{}}
	v.Version = Version
	dec := json.NewDecoder(bytes.NewReader(data))
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return Snapshot{}, losses{}, errors.Join(errors.New("it is not an object"), err)
	}
	for dec.More() {
		key, err := dec.Token()
		if err == nil {
			err = v.value(dec, strings.ToLower(fmt.Sprint(key)))
		}
		if err != nil {
			return Snapshot{}, losses{}, err
		}
	}
	if len(v.Records)+len(v.Domains) == 0 && v.lost.count > 0 {
		return Snapshot{}, losses{}, errors.New(v.lost.lines[0])
	}
	return v.Snapshot, v.lost, nil
}

// value reads the value of one key of the file.
func (v *salvager) value(dec *json.Decoder, key string) error {
	each := map[string]func(string, json.RawMessage){
		"records": v.record, "domains": v.domain, "addresses": v.address, "news": v.notice, "undelivered": v.undelivered,
	}[key]
	if each != nil {
		return v.list(dec, key, each)
	}
	var raw json.RawMessage
	if err := dec.Decode(&raw); err != nil {
		return err
	}
	switch key {
	case "endpoint":
		v.Endpoint = part(v, key, raw, func(string) error { return nil })
	case "key":
		v.Key = part(v, key, raw, func([]byte) error { return nil })
	case "blocked":
		v.Blocked = part(v, key, raw, soundPause)
	}
	return nil
}

// list reads a list entry by entry, so that no more than one of them takes memory twice.
func (v *salvager) list(dec *json.Decoder, what string, each func(what string, raw json.RawMessage)) error {
	t, err := dec.Token()
	if err != nil {
		return err
	}
	begin, nested := t.(json.Delim)
	if begin != '[' && t != nil {
		v.lost.add(what, errors.New("not a list"))
	}
	if !nested {
		return nil
	}
	for i := 0; dec.More(); i++ {
		var raw json.RawMessage
		if begin != '[' {
			if _, err := dec.Token(); err != nil { // a key
				return err
			}
		}
		if err := dec.Decode(&raw); err != nil {
			return err
		}
		if begin == '[' {
			each(fmt.Sprintf("%s[%d]", what, i), raw)
		}
	}
	_, err = dec.Token()
	return err
}

func (v *salvager) record(what string, raw json.RawMessage) {
	var parts struct {
		Record
		Drift   json.RawMessage `json:"drift"`
		Pause   json.RawMessage `json:"pause"`
		History json.RawMessage `json:"history"`
	}
	err := json.Unmarshal(raw, &parts)
	r := parts.Record
	if plainName(r.Host) && plainName(r.Domain) {
		what += " (" + r.Name().String() + ")"
	}
	if err == nil {
		err = checkRecord(&r)
	}
	if err != nil {
		v.lost.add(what, err)
		return
	}
	r.Drift = part(v, what+".drift", parts.Drift, checkDrift)
	r.Pause = part(v, what+".pause", parts.Pause, soundPause)
	r.History = elements(v, what+".history", parts.History, checkChange)
	if at, twice := v.records[r.Name()]; twice {
		v.lost.add(what, errors.New("it appears twice, so its address is not certain"))
		v.Records[at].forget()
		return
	}
	v.records[r.Name()] = len(v.Records)
	v.Records = append(v.Records, r)
}

func (v *salvager) domain(what string, raw json.RawMessage) {
	var parts struct {
		Domain
		Pause     json.RawMessage `json:"pause"`
		Passwords json.RawMessage `json:"passwords"`
	}
	err := json.Unmarshal(raw, &parts)
	d := parts.Domain
	if err == nil {
		err = checkDomain(&d)
	}
	if err != nil {
		v.lost.add(what, err)
		return
	}
	what += " (" + d.Domain + ")"
	d.Pause = part(v, what+".pause", parts.Pause, soundPause)
	prints := map[string]bool{}
	d.Passwords = elements(v, what+".passwords", parts.Passwords, func(p Password) error {
		if prints[p.Fingerprint] {
			return errors.New("the fingerprint appears twice")
		}
		prints[p.Fingerprint] = true
		p.Pause.settle()
		return checkPassword(p)
	})
	if at, twice := v.domains[d.Domain]; twice {
		v.lost.add(what, errors.New("it appears twice, so no password counts as accepted"))
		v.Domains[at].Passwords = nil
		return
	}
	v.domains[d.Domain] = len(v.Domains)
	v.Domains = append(v.Domains, d)
}

func (v *salvager) address(what string, raw json.RawMessage) {
	a := part(v, what, raw, func(a Address) error {
		if v.addresses[a.IP] {
			return fmt.Errorf("%s appears twice", a.IP)
		}
		a.Pause.settle()
		return checkAddress(a)
	})
	if a.IP.IsValid() {
		v.addresses[a.IP] = true
		v.Addresses = append(v.Addresses, a)
	}
}

func (v *salvager) notice(what string, raw json.RawMessage) {
	if n := part(v, what, raw, checkNotice); n.Key != "" {
		v.Notices = append(v.Notices, n)
	}
}

func (v *salvager) undelivered(what string, raw json.RawMessage) {
	if u := part(v, what, raw, checkUndelivered); u.To != "" {
		v.Undelivered = append(v.Undelivered, u)
	}
}

// soundPause: numbers that are out of range are no reason to lose a pause.
func soundPause(p *Pause) error {
	p.settle()
	return checkPause(p)
}

// part is what raw holds; the zero value if there is none, or if it is not sound, which is a loss.
func part[T any](v *salvager, what string, raw json.RawMessage, check func(T) error) T {
	var value, none T
	if len(raw) == 0 {
		return none
	}
	err := json.Unmarshal(raw, &value)
	if err == nil {
		err = check(value)
	}
	if err != nil {
		v.lost.add(what, err)
		return none
	}
	return value
}

// elements is those of a list that are sound.
func elements[T any](v *salvager, what string, raw json.RawMessage, check func(T) error) []T {
	var sound []T
	for i, raw := range part(v, what, raw, func([]json.RawMessage) error { return nil }) {
		before := v.lost.count
		if t := part(v, fmt.Sprintf("%s[%d]", what, i), raw, check); v.lost.count == before {
			sound = append(sound, t)
		}
	}
	return sound
}
