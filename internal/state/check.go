package state

import (
	"errors"
	"fmt"
	"math"
	"net/netip"
	"time"

	"ddns-batch/internal/record"
)

// longestPause is what a time.Duration can hold, in seconds.
const longestPause = math.MaxInt64 / int64(time.Second)

// check reports the first thing in s that contradicts itself or that no run would write. It holds for every Snapshot
// that was read and for every one that is saved, so that a fault in this program cannot cost the next run its memory.
func check(s *Snapshot) error {
	if err := checkPause(s.Blocked); err != nil {
		return fmt.Errorf("blocked: %w", err)
	}
	if err := checkRecords(s.Records); err != nil {
		return err
	}
	if err := checkDomains(s.Domains); err != nil {
		return err
	}
	if err := checkAddresses(s.Addresses); err != nil {
		return err
	}
	for i := range s.News {
		if s.News[i].Key == "" {
			return fmt.Errorf("news[%d]: no key", i)
		}
	}
	return checkTimes(s)
}

func checkRecords(records []Record) error {
	seen := make(map[record.Name]struct{}, len(records))
	for i := range records {
		r := &records[i]
		if err := checkRecord(r); err != nil {
			return fmt.Errorf("records[%d]: %w", i, err)
		}
		seen[r.Name()] = struct{}{}
		if len(seen) != i+1 {
			return fmt.Errorf("records[%d]: %q of %q is there twice", i, r.Host, r.Domain)
		}
	}
	return nil
}

func checkRecord(r *Record) error {
	switch {
	case r.Host == "" || r.Domain == "":
		return errors.New("no host or no domain")
	case !plainOrNone(r.IP):
		return fmt.Errorf("ip: %s is not an IPv4 address", r.IP)
	case !plainOrNone(r.Previous):
		return fmt.Errorf("previous: %s is not an IPv4 address", r.Previous)
	case r.IP.IsValid() && r.Previous.IsValid():
		return errors.New("both ip and previous")
	case !plainOrNone(r.Drift.IP):
		return fmt.Errorf("drift: %s is not an IPv4 address", r.Drift.IP)
	case r.IP.IsValid() && r.Unknown:
		return errors.New("both ip and unknown")
	}
	for i := range r.History {
		if !r.History[i].IP.Is4() {
			return fmt.Errorf("history[%d]: no IPv4 address", i)
		}
	}
	return checkPause(r.Pause)
}

func checkDomains(domains []Domain) error {
	seen := make(map[string]struct{}, len(domains))
	for i := range domains {
		d := &domains[i]
		seen[d.Domain] = struct{}{}
		if d.Domain == "" || len(seen) != i+1 {
			return fmt.Errorf("domains[%d]: %q is empty or there twice", i, d.Domain)
		}
		if err := checkPause(d.Pause); err != nil {
			return fmt.Errorf("domains[%d]: %w", i, err)
		}
		prints := make(map[string]struct{}, len(d.Passwords))
		for j, p := range d.Passwords {
			prints[p.Fingerprint] = struct{}{}
			if p.Fingerprint == "" || len(prints) != j+1 {
				return fmt.Errorf("domains[%d]: passwords[%d]: the fingerprint is empty or there twice", i, j)
			}
			if err := checkPause(p.Pause); err != nil {
				return fmt.Errorf("domains[%d]: passwords[%d]: %w", i, j, err)
			}
		}
	}
	return nil
}

func checkAddresses(addresses []Address) error {
	seen := make(map[netip.Addr]struct{}, len(addresses))
	for i, a := range addresses {
		seen[a.IP] = struct{}{}
		switch {
		case !a.IP.Is4():
			return fmt.Errorf("addresses[%d]: no IPv4 address", i)
		case a.Pause == nil:
			return fmt.Errorf("addresses[%d]: no pause", i)
		case len(seen) != i+1:
			return fmt.Errorf("addresses[%d]: %s is there twice", i, a.IP)
		}
		if err := checkPause(a.Pause); err != nil {
			return fmt.Errorf("addresses[%d]: %w", i, err)
		}
	}
	return nil
}

func checkPause(p *Pause) error {
	switch {
	case p == nil:
		return nil
	case p.Failures < 1:
		return fmt.Errorf("pause: %d failures", p.Failures)
	case p.Seconds < 0 || p.Seconds > longestPause:
		return fmt.Errorf("pause: %d seconds", p.Seconds)
	case !plainOrNone(p.Under):
		return fmt.Errorf("pause: under: %s is not an IPv4 address", p.Under)
	}
	return nil
}

// checkTimes refuses years that JSON has no form for.
func checkTimes(s *Snapshot) error {
	var err error
	eachTime(s, func(t *time.Time) {
		if year := t.Year(); year < 0 || year > 9999 {
			err = fmt.Errorf("the year %d", year)
		}
	})
	return err
}

// plainOrNone also refuses IPv4 addresses in IPv6 clothes: they do not equal the plain ones.
func plainOrNone(a netip.Addr) bool { return !a.IsValid() || a.Is4() }
