package plan

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"ddns-batch/internal/provider"
	"ddns-batch/internal/record"
	"ddns-batch/internal/state"
)

// TestAPasswordThatWasNeverAcceptedIsTried: records are a to d of example.com and n of example.net, f1 was accepted for
// both, and all records are confirmed at the address found a minute ago.
func TestAPasswordThatWasNeverAcceptedIsTried(t *testing.T) {
	accepted := func(d string) state.Domain {
		return state.Domain{Domain: d, Passwords: []state.Password{{Fingerprint: "f1", AcceptedAt: now}}}
	}
	refused := func(p *state.Pause) func(*Input) {
		return func(in *Input) {
			in.State.Domains[0].Passwords = append(in.State.Domains[0].Passwords, state.Password{Fingerprint: "f2", Pause: p})
		}
	}
	of := func(host string, change func(*state.Record)) func(*Input) {
		return func(in *Input) {
			for i := range in.State.Records {
				if in.State.Records[i].Host == host {
					change(&in.State.Records[i])
				}
			}
		}
	}
	held := func(r *state.Record) { r.Pause = paused(provider.Record, here) }
	moved := func(r *state.Record) { r.IP = there }
	both := func(changes ...func(*Input)) func(*Input) {
		return func(in *Input) {
			for _, c := range changes {
				c(in)
			}
		}
	}
	for _, c := range []struct {
		name    string
		records string // each with its password
		change  func(*Input)
		want    string // the reasons
	}{
		{"an accepted one is not", "a/f1 b/f1 n/f1", nil, "current current current"},
		{"on the first record that has it", "a/f1 b/f2 c/f2 n/f1", nil, "current unproved current current"},
		{"for each domain apart", "a/f2 b/f2 n/f2", nil, "unproved current unproved"},
		{"each of two", "a/f2 b/f3 c/f2 d/f3", nil, "unproved unproved current current"},
		{"only among the records of the run", "c/f2 d/f2", nil, "unproved current"},
		{"not where one of them is sent anyway", "a/f2 b/f2 c/f2", of("b", moved), "current moved current"},
		{"also where one with another password is sent", "a/f2 b/f1", of("b", moved), "unproved moved"},
		{"also where another is held by its own failure", "a/f2 b/f2", both(of("a", moved), of("a", held)), "failing unproved"},
		{"not on a record that was refused itself", "a/f2 b/f2", of("a", held), "current unproved"},
		{"not while every one was refused itself", "a/f2", of("a", held), "current"},
		{"again after its pause", "a/f2 b/f2", refused(ended(provider.Credentials)), "unproved current"},
		{"not while it is paused", "a/f2 b/f2", refused(paused(provider.Credentials, here)), "current current"},
		{"and what is to be sent with a paused one stays held", "a/f2 b/f2", both(refused(paused(provider.Credentials, here)), of("a", moved)), "failing current"},
		{"not while the domain is paused", "a/f2", func(in *Input) { in.State.Domains[0].Pause = paused(provider.Domain, here) }, "current"},
		{"not while the address is paused", "a/f2", func(in *Input) {
			in.State.Addresses = []state.Address{{IP: here, Pause: paused(provider.Address, here)}}
		}, "current"},
		{"not while the endpoint is", "a/f2", func(in *Input) { in.State.Blocked = paused(provider.Blocked, here) }, "current"},
		{"retry changes nothing", "a/f2 b/f2 n/f1", func(in *Input) { in.Retry = true }, "unproved current current"},
		{"nor does it end the pause of a password that has nothing to send", "a/f2", both(refused(paused(provider.Credentials, here)), func(in *Input) { in.Retry = true }), "current"},
		{"force has sent it already", "a/f2 b/f2", func(in *Input) { in.Force = true }, "forced forced"},
		{"a first run has too", "a/f2 b/f2", func(in *Input) { in.State = state.Snapshot{} }, "new new"},
		{"none that is not known can be", "a/ b/", nil, "current current"},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := Input{Now: now, Address: here, RefreshAfter: time.Hour, State: state.Snapshot{Domains: []state.Domain{accepted("example.com"), accepted("example.net")}}}
			for _, r := range strings.Fields(c.records) {
				host, password, _ := strings.Cut(r, "/")
				n := record.Name{Host: host, Domain: "example.com"}
				if host == "n" {
					n.Domain = "example.net"
				}
				in.Targets = append(in.Targets, Target{Name: n, Fingerprint: password})
				in.State.Records = append(in.State.Records, state.Record{Host: n.Host, Domain: n.Domain, IP: here, ConfirmedAt: now.Add(-time.Minute)})
			}
			if c.change != nil {
				c.change(&in)
			}
			var got []string
			for _, s := range Build(in).Steps {
				got = append(got, string(s.Reason))
				if (s.Reason == Unproved) != (s.Action == Update && s.From == here && s.Known && s.To == here && s.Reason != Forced) {
					t.Errorf("%s: %s from %v to %v because of %s", s.Name, s.Action, s.From, s.To, s.Reason)
				}
			}
			if text := fmt.Sprint(strings.Join(got, " ")); text != c.want {
				t.Errorf("got  %s\nwant %s", text, c.want)
			}
		})
	}
}

func TestAnUnprovedRecordDoesNotReappear(t *testing.T) {
	r := unseen(at(here, 2*time.Hour), time.Hour)
	in := Input{
		Now: now, Address: here, Targets: []Target{mine}, State: state.Snapshot{Records: []state.Record{r}},
		Observed: map[record.Name]Observation{apex: published(here)},
	}
	if s := Build(in).Steps[0]; s.Reason != Unproved || s.Reappeared {
		t.Errorf("%s, reappeared %t", s.Reason, s.Reappeared)
	}
}
