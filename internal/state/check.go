package state

import (
	"errors"
	"fmt"
	"net/netip"
	"time"

	"ddns-batch/internal/record"
)

// check reports the first thing in s that contradicts itself or that no run would write. Every Snapshot that is read or
// saved passes it, so that a fault in this program cannot cost the next run its memory.
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
	for i, n := range s.Notices {
		if err := checkNotice(n); err != nil {
			return fmt.Errorf("news[%d]: %w", i, err)
		}
	}
	for i, u := range s.Undelivered {
		if err := checkUndelivered(u); err != nil {
			return fmt.Errorf("undelivered[%d]: %w", i, err)
		}
	}
	return nil
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
			return fmt.Errorf("records[%d]: %q of %q appears twice", i, r.Host, r.Domain)
		}
	}
	return nil
}

func checkRecord(r *Record) error {
	switch {
	case r.Host == "" || r.Domain == "":
		return errors.New("no host or no domain")
	case !plainName(r.Host) || !plainName(r.Domain):
		return fmt.Errorf("%q of %q is not a name", r.Host, r.Domain)
	case !plainOrNone(r.IP):
		return fmt.Errorf("ip: %s is not an IPv4 address", r.IP)
	case !plainOrNone(r.Previous):
		return fmt.Errorf("previous: %s is not an IPv4 address", r.Previous)
	case r.IP.IsValid() && r.Previous.IsValid():
		return errors.New("both ip and previous")
	case r.IP.IsValid() && r.Unknown:
		return errors.New("both ip and unknown")
	case r.Doubted && !r.Unknown:
		return errors.New("doubted, but not unknown")
	}
	if err := checkTimes(r.Since, r.ConfirmedAt, r.AttemptedAt); err != nil {
		return err
	}
	if err := checkDrift(r.Drift); err != nil {
		return fmt.Errorf("drift: %w", err)
	}
	for i, c := range r.History {
		if err := checkChange(c); err != nil {
			return fmt.Errorf("history[%d]: %w", i, err)
		}
	}
	return checkPause(r.Pause)
}

func checkDrift(c Change) error {
	if !plainOrNone(c.IP) {
		return fmt.Errorf("%s is not an IPv4 address", c.IP)
	}
	return checkTimes(c.At)
}

func checkChange(c Change) error {
	if !c.IP.Is4() {
		return errors.New("no IPv4 address")
	}
	return checkTimes(c.At)
}

func checkDomains(domains []Domain) error {
	seen := make(map[string]struct{}, len(domains))
	for i := range domains {
		d := &domains[i]
		seen[d.Domain] = struct{}{}
		if len(seen) != i+1 {
			return fmt.Errorf("domains[%d]: %q appears twice", i, d.Domain)
		}
		if err := checkDomain(d); err != nil {
			return fmt.Errorf("domains[%d]: %w", i, err)
		}
	}
	return nil
}

func checkDomain(d *Domain) error {
	if !plainName(d.Domain) {
		return fmt.Errorf("%q is not a name", d.Domain)
	}
	if err := checkPause(d.Pause); err != nil {
		return err
	}
	prints := make(map[string]struct{}, len(d.Passwords))
	for i, p := range d.Passwords {
		prints[p.Fingerprint] = struct{}{}
		if len(prints) != i+1 {
			return fmt.Errorf("passwords[%d]: the fingerprint appears twice", i)
		}
		if err := checkPassword(p); err != nil {
			return fmt.Errorf("passwords[%d]: %w", i, err)
		}
	}
	return nil
}

func checkPassword(p Password) error {
	if p.Fingerprint == "" {
		return errors.New("no fingerprint")
	}
	if err := checkTimes(p.AcceptedAt); err != nil {
		return err
	}
	return checkPause(p.Pause)
}

func checkAddresses(addresses []Address) error {
	seen := make(map[netip.Addr]struct{}, len(addresses))
	for i, a := range addresses {
		seen[a.IP] = struct{}{}
		if len(seen) != i+1 {
			return fmt.Errorf("addresses[%d]: %s appears twice", i, a.IP)
		}
		if err := checkAddress(a); err != nil {
			return fmt.Errorf("addresses[%d]: %w", i, err)
		}
	}
	return nil
}

func checkAddress(a Address) error {
	switch {
	case !a.IP.Is4():
		return errors.New("no IPv4 address")
	case a.Pause == nil:
		return errors.New("no pause")
	}
	return checkPause(a.Pause)
}

func checkNotice(n Notice) error {
	if n.Key == "" {
		return errors.New("no key")
	}
	return checkTimes(n.Since, n.ReportedAt)
}

func checkUndelivered(u Undelivered) error {
	if u.To == "" {
		return errors.New("no recipient")
	}
	return checkTimes(u.At)
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
	return checkTimes(p.Since, p.Began, p.Lifted)
}

// checkTimes refuses years that JSON has no form for.
func checkTimes(times ...time.Time) error {
	for _, t := range times {
		if year := t.UTC().Year(); year < 0 || year > 9999 {
			return fmt.Errorf("the year %d is out of range", year)
		}
	}
	return nil
}

// plainOrNone also refuses IPv4 addresses in IPv6 clothes: they do not equal the plain ones.
func plainOrNone(a netip.Addr) bool { return !a.IsValid() || a.Is4() }

// plainName reports whether name can be one of the DNS: nothing else in it is shown to anybody.
func plainName(name string) bool {
	const longest = 253
	for i := range len(name) {
		c := name[i]
		if letter := 'a' <= c && c <= 'z' || '0' <= c && c <= '9'; !letter && c != '.' && c != '-' && c != '_' && c != '@' && c != '*' {
			return false
		}
	}
	return name != "" && len(name) <= longest
}
