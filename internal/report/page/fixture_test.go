package page

import (
	"fmt"
	"net/netip"
	"time"

	"ddns-batch/internal/outcome"
	"ddns-batch/internal/record"
	"ddns-batch/internal/state"
)

func noon() time.Time { return time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC) }

func address(n int) netip.Addr { return netip.AddrFrom4([4]byte{203, 0, 113, byte(n)}) }

// moves is a history of so many addresses, the last of which is address(last).
func moves(count, last int, every time.Duration) []state.Change {
	h := make([]state.Change, count)
	for i := range h {
		back := count - 1 - i
		// Not all at equal distances, as in life.
		at := noon().Add(-every*time.Duration(back+1) - time.Duration(back*back%7)*every/9)
		h[i] = state.Change{IP: address((last + 3*back) % 250), At: at}
	}
	return h
}

// household is so many records over three domains, all of them up to date.
func household(n int) Page {
	history := moves(9, 91, 26*24*time.Hour)
	p := Page{
		Machine: "nas", MadeAt: noon(), Address: address(91), Overall: history,
		LastRun: LastRun{EndedAt: noon().Add(-2 * time.Minute), SucceededAt: noon().Add(-2 * time.Minute)},
	}
	hosts := []string{"@", "www", "git", "vpn", "mail", "*", "cloud", "photos", "home", "wiki", "chat", "files", "music", "status", "*.dev"}
	domains := []string{"example.com", "example.net", "example.org"}
	for i := range n {
		host := hosts[i/len(domains)%len(hosts)]
		if round := i / len(domains) / len(hosts); round > 0 {
			host = fmt.Sprintf("%s%d", map[bool]string{true: host, false: "host"}[host != "@" && host[0] != '*'], round)
		}
		p.Records = append(p.Records, Record{
			Name: record.Name{Host: host, Domain: domains[i%len(domains)]}, Address: address(91), Since: history[8].At,
			ConfirmedAt: noon().Add(-time.Duration(i%24) * time.Hour), Status: "ok", Level: outcome.Fine, History: history,
		})
	}
	return p
}

// troubled is a household in which one record is not there, a password is wrong, and one is not known.
func troubled() Page {
	p := household(44)
	p.LastRun.Status, p.LastRun.SucceededAt = 1, noon().Add(-50*time.Hour)
	old := func(r *Record) {
		r.History = r.History[:8]
		r.Address, r.Since, r.ConfirmedAt = r.History[7].IP, r.History[7].At, noon().Add(-51*time.Hour)
	}
	for i := range p.Records {
		r := &p.Records[i]
		switch {
		case r.Name == record.Name{Host: "git", Domain: "example.com"}:
			old(r)
			r.Level, r.Status, r.Until = outcome.Trouble, "held", noon().Add(3*time.Hour)
			r.Message = `Namecheap: "No Records updated. A record not Found;"`
			r.Hint = "Domain List > Manage > Advanced DNS: add an \"A + Dynamic DNS Record\" with host git, then\nddns-batch --retry --only git.example.com"
		case r.Name.Domain == "example.org":
			old(r)
			r.Level, r.Status = outcome.Trouble, "held"
			r.Message = `Namecheap: "Passwords do not match"`
			r.Hint = "not the account password, and each domain has its own: Domain List > Manage example.org > Advanced DNS > Dynamic DNS"
			r.Until = noon().Add(time.Hour)
		case r.Name == record.Name{Host: "vpn", Domain: "example.net"}:
			r.Previous, r.Address, r.Since = r.Address, netip.Addr{}, time.Time{}
			r.ConfirmedAt = noon().Add(-20 * 24 * time.Hour)
			r.Level, r.Status = outcome.Warning, "not known"
			r.Message = "no answer in 30 s"
		}
	}
	return p
}

// crowd is so many records with so many changes each, every record's its own.
func crowd(records, changes int) Page {
	p := household(records)
	for i := range p.Records {
		p.Records[i].History = moves(changes, 91, time.Duration(60+i)*time.Hour)
	}
	p.Overall = moves(changes, 91, 80*time.Hour)
	return p
}
