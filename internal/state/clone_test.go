package state

import (
	"reflect"
	"slices"
	"testing"
	"time"
)

func TestCloneIsApart(t *testing.T) {
	s := sample()
	c := s.Clone()
	if !reflect.DeepEqual(s, c) {
		t.Fatal("not a copy")
	}
	spare := slices.Grow(s.Records[0].History, 8)
	s.Records[0].History = spare
	c = s.Clone()

	c.Key[0] = 'x'
	c.Records[0].IP = addr("192.0.2.1")
	c.Records[0].History = append(c.Records[0].History, Change{IP: addr("192.0.2.1")})
	c.Records = append(c.Records, Record{Host: "new"})
	c.Domains[0].Passwords[0].AcceptedAt = time.Time{}
	c.Domains[1].Pause = nil
	c.Addresses[0].Pause = nil
	c.Notices[0].Key = "other"
	c.Undelivered[0].To = "other"
	if !reflect.DeepEqual(s, sample()) {
		t.Errorf("the original changed: %+v", s)
	}
	if later := spare[:len(spare)+1][len(spare)]; later.IP.IsValid() {
		t.Error("the copy's history was written into the original's memory")
	}
}

func TestForEndpoint(t *testing.T) {
	s := sample()
	if got := s.ForEndpoint(s.Endpoint); !reflect.DeepEqual(got, sample()) {
		t.Errorf("the same endpoint changed %+v", got)
	}

	fresh := empty()
	want := fresh
	want.Endpoint = "sandbox"
	if got := fresh.ForEndpoint("sandbox"); !reflect.DeepEqual(got, want) {
		t.Errorf("a new state took more than the name: %+v", got)
	}

	nameless := s
	nameless.Endpoint = ""
	if got, other := nameless.ForEndpoint("sandbox"), s.ForEndpoint("sandbox"); !reflect.DeepEqual(got, other) {
		t.Errorf("what nobody is known to have confirmed counts: %+v", got)
	}
	got := s.ForEndpoint("sandbox")
	want = Snapshot{
		Version: Version, Endpoint: "sandbox", Key: s.Key,
		Records: []Record{
			{Host: "@", Domain: "example.com", Previous: addr("203.0.113.91"), AttemptedAt: start, History: s.Records[0].History},
			{Host: "*", Domain: "example.net", Previous: addr("203.0.113.7"), AttemptedAt: start},
		},
		Undelivered: s.Undelivered,
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v", got)
	}
	if !reflect.DeepEqual(s, sample()) {
		t.Errorf("the original changed: %+v", s)
	}
}
