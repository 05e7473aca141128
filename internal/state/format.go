package state

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"ddns-batch/internal/provider"
	"ddns-batch/internal/sanitize"
)

// ErrNewer means that a newer version of this program wrote the state file. The file is not touched.
var ErrNewer = errors.New("the state was written by a newer version")

// migration reads the state file of one older version. It may return what check refuses; that is then not understood.
type migration func(data []byte) (Snapshot, error)

// olderVersions lists every version before Version that can be read. So far there is none.
func olderVersions() map[int]migration { return nil }

// notUnderstood is why a file is not a state file.
type notUnderstood struct{ why error }

func (e notUnderstood) Error() string { return e.why.Error() }

// empty is a new state.
func empty() Snapshot { return Snapshot{Version: Version, Key: NewKey()} }

// parsed is what a state file says.
type parsed struct {
	Snapshot
	version int    // of the file
	lost    losses // what of it is not sound
}

// parse reads the content of a state file of any version it knows. Keys it does not know are passed over, and so are
// entries that are not sound. The error is ErrNewer or a notUnderstood.
func parse(data []byte, older map[int]migration) (parsed, error) {
	if len(data) == 0 {
		return parsed{}, notUnderstood{errors.New("it is empty")}
	}
	s, err := decode(data)
	if err == nil {
		return parsed{Snapshot: s, version: Version}, nil
	}
	// Another version may give the other keys other types.
	var head struct {
		Version int `json:"version"`
	}
	if headErr := json.Unmarshal(data, &head); headErr != nil {
		return parsed{}, notUnderstood{headErr}
	}
	p := parsed{version: head.Version}
	switch migrate := older[p.version]; {
	case p.version > Version:
		return p, ErrNewer
	case migrate != nil:
		if p.Snapshot, err = migrate(data); err == nil {
			err = settle(&p.Snapshot)
		}
	case p.version != Version:
		err = fmt.Errorf("there is no version %d", p.version)
	case !errors.Is(err, errTooMuch):
		if p.Snapshot, p.lost, err = salvage(data); err == nil {
			err = settle(&p.Snapshot)
		}
	}
	if err != nil {
		return parsed{version: p.version}, notUnderstood{err}
	}
	return p, nil
}

// decode reads a state file of this version that is sound as a whole.
func decode(data []byte) (Snapshot, error) {
	if s, ok := unmarshal(data); ok && s.Version == Version {
		return s, settle(&s)
	}
	holds, err := measure(data)
	if err != nil {
		return Snapshot{}, err
	}
	// Room for all records before they are read: growing a list of thousands copies it many times over.
	s := Snapshot{Records: make([]Record, 0, holds.longest)}
	if err := json.Unmarshal(data, &s); err != nil {
		return Snapshot{}, err
	}
	if s.Version != Version {
		return Snapshot{}, errors.New("another version")
	}
	return s, settle(&s)
}

// settle gives what was read the one form that a state has in memory, and checks it.
func settle(s *Snapshot) error {
	s.Version = Version
	eachTime(s, func(t *time.Time) { *t = t.UTC() })
	eachPause(s, func(p **Pause) { (*p).settle() })
	for i := range s.Notices {
		n := &s.Notices[i]
		n.Key, n.What, n.Name = sanitize.Text(n.Key), sanitize.Text(n.What), sanitize.Text(n.Name)
	}
	for i := range s.Undelivered {
		u := &s.Undelivered[i]
		u.To, u.Text = sanitize.Text(u.To), sanitize.Text(u.Text)
	}
	s.Undelivered = full(s.Undelivered)
	s.Records, s.Domains, s.Addresses, s.Notices = full(s.Records), full(s.Domains), full(s.Addresses), full(s.Notices)
	for i := range s.Records {
		s.Records[i].History = full(s.Records[i].History)
	}
	weak := len(s.Key) < keyAtLeast
	for i := range s.Domains {
		s.Domains[i].Passwords = full(s.Domains[i].Passwords)
		if weak {
			s.Domains[i].Passwords = nil
		}
	}
	if weak {
		s.Key = NewKey()
	}
	return check(s)
}

const (
	// longestPause is that of package decide, in seconds. A longer one was not made by a run.
	longestPause = 24 * 60 * 60
	// mostFailures is more than a lifetime has, and can be counted on from.
	mostFailures = 1_000_000
	// messageLength is what package provider promises.
	messageLength = 200
)

// settle gives the pause numbers that it can have, and text that can be shown.
func (p *Pause) settle() {
	if p == nil {
		return
	}
	p.Failures = min(max(p.Failures, 1), mostFailures)
	p.Seconds = min(max(p.Seconds, 0), longestPause)
	p.Message = sanitize.Line(p.Message, messageLength)
	if class := string(p.Class); sanitize.Line(class, messageLength) != class {
		p.Class = provider.Unconfirmed
	}
}

// full is list, or nil if there is nothing in it.
func full[T any](list []T) []T {
	if len(list) == 0 {
		return nil
	}
	return list
}

// eachPause calls do with every pause in s.
func eachPause(s *Snapshot, do func(**Pause)) {
	some := func(p **Pause) {
		if *p != nil {
			do(p)
		}
	}
	some(&s.Blocked)
	for i := range s.Records {
		some(&s.Records[i].Pause)
	}
	for i := range s.Domains {
		some(&s.Domains[i].Pause)
		for j := range s.Domains[i].Passwords {
			some(&s.Domains[i].Passwords[j].Pause)
		}
	}
	for i := range s.Addresses {
		some(&s.Addresses[i].Pause)
	}
}

// eachTime calls do with every time in s. Those of pauses and histories are not copies.
func eachTime(s *Snapshot, do func(*time.Time)) {
	eachPause(s, func(p **Pause) {
		do(&(*p).Since)
		do(&(*p).Began)
		do(&(*p).Lifted)
	})
	for i := range s.Records {
		r := &s.Records[i]
		do(&r.Since)
		do(&r.ConfirmedAt)
		do(&r.AttemptedAt)
		do(&r.Drift.At)
		for j := range r.History {
			do(&r.History[j].At)
		}
	}
	for i := range s.Domains {
		for j := range s.Domains[i].Passwords {
			do(&s.Domains[i].Passwords[j].AcceptedAt)
		}
	}
	for i := range s.Notices {
		do(&s.Notices[i].Since)
		do(&s.Notices[i].ReportedAt)
	}
	for i := range s.Undelivered {
		do(&s.Undelivered[i].At)
	}
}

// inUTC is s with all its times in UTC; s is not changed.
func inUTC(s Snapshot) Snapshot {
	local := false
	eachTime(&s, func(t *time.Time) { local = local || t.Location() != time.UTC })
	if !local {
		return s
	}
	s = s.Clone()
	for i := range s.Records {
		s.Records[i].History = slices.Clone(s.Records[i].History)
	}
	eachPause(&s, func(p **Pause) {
		own := **p
		*p = &own
	})
	eachTime(&s, func(t *time.Time) { *t = t.UTC() })
	return s
}
