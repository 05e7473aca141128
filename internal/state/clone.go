package state

import (
	"net/netip"
	"slices"
	"time"
)

// Clone copies s so that neither sees what is done to the other, as long as pauses are replaced and histories only
// appended to: those are shared.
func (s Snapshot) Clone() Snapshot {
	s.Key = slices.Clone(s.Key)
	s.Records = slices.Clone(s.Records)
	for i := range s.Records {
		s.Records[i].History = slices.Clip(s.Records[i].History)
	}
	s.Domains = slices.Clone(s.Domains)
	for i := range s.Domains {
		s.Domains[i].Passwords = slices.Clone(s.Domains[i].Passwords)
	}
	s.Addresses = slices.Clone(s.Addresses)
	s.Notices = slices.Clone(s.Notices)
	s.Undelivered = slices.Clone(s.Undelivered)
	return s
}

// ForEndpoint is the part of s that counts for a run that sends to endpoint. Under the same endpoint that is all of it; a
// new state only gets the endpoint's name. Under another one, or if it is not known which one confirmed it, nothing counts
// as confirmed, accepted, refused or reported: every record is as if it had never been sent, except that its address is kept
// as the previous one, and its history and last attempt stay.
func (s Snapshot) ForEndpoint(endpoint string) Snapshot {
	if s.Endpoint == endpoint {
		return s
	}
	fresh := s.Endpoint == "" && len(s.Records)+len(s.Domains) == 0
	s = s.Clone()
	s.Endpoint = endpoint
	if fresh {
		return s
	}
	for i := range s.Records {
		r := &s.Records[i]
		r.forget()
		r.Unknown, r.Doubted, r.Failed, r.Drift, r.Pause = false, false, false, Change{}, nil
	}
	s.Blocked, s.Domains, s.Addresses, s.Notices = nil, nil, nil, nil
	return s
}

// forget makes a confirmed address, which is not believed, the previous one. A record without one stays as it is.
func (r *Record) forget() {
	if !r.IP.IsValid() {
		return
	}
	r.Previous, r.IP = r.IP, netip.Addr{}
	r.Since, r.ConfirmedAt = time.Time{}, time.Time{}
	r.Unknown, r.Doubted = true, true
}
