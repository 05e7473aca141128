package state

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

const (
	// maxSize is the size above which a file is neither read nor written: a state of 100,000 records is smaller.
	maxSize = 64 << 20
	// maxValues is the number of values, roughly, above which a file is neither decoded nor written. One of maxSize that
	// holds nothing but empty records would otherwise take gigabytes of memory before it is found to be garbage.
	maxValues = 2_500_000
)

// ErrNewer: the state file was written by a newer version of this program. It is left alone.
var ErrNewer = errors.New("the state is of a newer version")

// migration reads the state file of one older version. It may return what check refuses; that is then not understood.
type migration func(data []byte) (Snapshot, error)

// olderVersions lists every version before Version that can be read. So far there is none.
func olderVersions() map[int]migration { return nil }

// notUnderstood is why a file is not a state file.
type notUnderstood struct{ why error }

func (e notUnderstood) Error() string { return e.why.Error() }

// empty is a state that nothing was ever saved to.
func empty() Snapshot { return Snapshot{Version: Version, Key: NewKey()} }

// encode is the content of a state file. What parse would not accept is an error.
func encode(s Snapshot) ([]byte, error) {
	s.Version = Version
	if err := check(&s); err != nil {
		return nil, err
	}
	s.Records = bound(s.Records)
	if s.Records == nil {
		s.Records = []Record{}
	}
	if s.Domains == nil {
		s.Domains = []Domain{}
	}
	data, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return nil, err
	}
	if tooMany(data) {
		return nil, errors.New("it holds too much; use several YAML files, each with its own state")
	}
	return append(data, '\n'), nil
}

// tooMany reports whether data holds more than maxValues. Every value but the first of a list or an object stands after
// a comma.
func tooMany(data []byte) bool {
	return bytes.Count(data, []byte(","))+bytes.Count(data, []byte("{")) > maxValues
}

// parse reads the content of a state file of any version it knows, and says which. Keys it does not know are passed
// over. The error is ErrNewer or a notUnderstood.
func parse(data []byte, older map[int]migration) (Snapshot, int, error) {
	if len(data) == 0 {
		return Snapshot{}, 0, notUnderstood{errors.New("it is empty")}
	}
	var s Snapshot
	err := errors.New("it holds too much for a state")
	if !tooMany(data) {
		s.Records = make([]Record, 0, countRecords(data))
		err = json.Unmarshal(data, &s)
	}
	version := s.Version
	if err != nil || version != Version {
		// Another version may give the other keys other types.
		var head struct {
			Version int `json:"version"`
		}
		if headErr := json.Unmarshal(data, &head); headErr != nil {
			return Snapshot{}, 0, notUnderstood{headErr}
		}
		version = head.Version
		switch migrate := older[version]; {
		case version > Version:
			return Snapshot{}, version, ErrNewer
		case migrate != nil:
			s, err = migrate(data)
		case version != Version:
			err = fmt.Errorf("there is no version %d", version)
		}
	}
	if err != nil {
		return Snapshot{}, version, notUnderstood{err}
	}
	settle(&s)
	if err := check(&s); err != nil {
		return Snapshot{}, version, notUnderstood{err}
	}
	return s, version, nil
}

// countRecords is about how many records data holds, so that there is room for all of them before they are read: growing
// a list of thousands copies it many times over. It is never more than fit into data.
func countRecords(data []byte) int {
	const least = `{"host":"h","domain":"d"}`
	return min(bytes.Count(data, []byte(`"host":`)), len(data)/len(least))
}

// settle gives what was read the one form that a state has in memory.
func settle(s *Snapshot) {
	s.Version = Version
	eachTime(s, func(t *time.Time) { *t = t.UTC() })
	s.Records, s.Domains, s.Addresses, s.News = full(s.Records), full(s.Domains), full(s.Addresses), full(s.News)
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
}

// full is list, or nil if there is nothing in it.
func full[T any](list []T) []T {
	if len(list) == 0 {
		return nil
	}
	return list
}

// eachTime calls do with every time in s. Those of pauses and histories are not copies.
func eachTime(s *Snapshot, do func(*time.Time)) {
	pause := func(p *Pause) {
		if p != nil {
			do(&p.Since)
			do(&p.Began)
			do(&p.Lifted)
		}
	}
	pause(s.Blocked)
	for i := range s.Records {
		r := &s.Records[i]
		do(&r.Since)
		do(&r.ConfirmedAt)
		do(&r.AttemptedAt)
		do(&r.Drift.At)
		pause(r.Pause)
		for j := range r.History {
			do(&r.History[j].At)
		}
	}
	for i := range s.Domains {
		pause(s.Domains[i].Pause)
		for j := range s.Domains[i].Passwords {
			do(&s.Domains[i].Passwords[j].AcceptedAt)
			pause(s.Domains[i].Passwords[j].Pause)
		}
	}
	for i := range s.Addresses {
		pause(s.Addresses[i].Pause)
	}
	for i := range s.News {
		do(&s.News[i].Since)
		do(&s.News[i].SaidAt)
	}
}
