package decide

import (
	"strings"
	"testing"
	"time"

	"ddns-batch/internal/pause"
	"ddns-batch/internal/provider"
	"ddns-batch/internal/state"
)

func TestTrial(t *testing.T) {
	tellAll(t, []story{
		{"one record is tried first, and the others follow at once", []run{
			{records: "a1 a2 a3 a4", sent: "a1 | a2 a3 a4", ends: "a1 a2 a3 a4 updated"},
			{at: "5m", ip: "y", sent: "a1 a2 a3 a4"},
		}},
		{"domains are tried at the same time", []run{
			{records: "a1 a2 b1 b2 c1", sent: "a1 b1 c1 | a2 b2"},
		}},
		{"a wrong password is sent once, not once per record", []run{
			{records: "a1 a2 a3 b1 b2", answers: "a badpass", sent: "a1 b1 | b2", ends: "a1 failed, a2 a3 skipped, b1 b2 updated", pauses: "a/pa x1 1h"},
			{at: "5m", planned: "a1 a2 a3 failing, b1 b2 current", sent: "-"},
			{at: "1h", answers: "a badpass", planned: "a1 a2 a3 new, b1 b2 current", sent: "a2", ends: "a1 skipped, a2 failed, a3 skipped", pauses: "a/pa x2 2h"},
		}},
		{"a refused domain is asked once, not once per record", []run{
			{records: "a1 a2 a3 b1", answers: "a nodomain", sent: "a1 b1", ends: "a1 failed, a2 a3 skipped, b1 updated", pauses: "a x1 1h"},
			{at: "5m", planned: "a1 a2 a3 failing, b1 current"},
		}},
		{"a refused record moves the trial on to the next one", []run{
			{records: "a1 a2 a3 a4", answers: "a1 norecord", sent: "a1 | a2 | a3 a4", ends: "a1 failed, a2 a3 a4 updated", pauses: "a1 x1 1h"},
		}},
		{"after two trials without a verdict the others are skipped", []run{
			{records: "a1 a2 a3 b1", answers: "a1 norecord, a2 norecord", sent: "a1 b1 | a2", ends: "a1 a2 failed, a3 skipped, b1 updated", pauses: "a1 x1 1h, a2 x1 1h"},
			{at: "5m", planned: "a1 a2 failing, a3 new, b1 current", sent: "a3", ends: "a3 updated"},
		}},
		{"silence, a 4xx, another address and no proof are no verdicts", []run{
			{records: "a1 a2 a3 b1 b2 b3 c1 c2 c3", answers: "a timeout, b1 mismatch, b2 noproof, c1 badrequest, c2 certificate",
				sent: "a1 b1 c1 | a2 b2 c2", ends: "a1 a2 unconfirmed, a3 skipped, b1 b2 unconfirmed, b3 skipped, c1 c2 failed, c3 skipped"},
		}},
		{"words that nobody knows are no verdicts", []run{
			{records: "a1 a2 a3 b1 b2 b3", answers: "a refused, b redirect", sent: "a1 b1 | a2 b2", ends: "a1 a2 failed, a3 skipped, b1 b2 failed, b3 skipped"},
			{at: "5m", answers: "a invalid", sent: "a3 b3 | a1 b1 b2", ends: "a1 failed, a2 skipped, a3 failed, b1 b2 b3 updated"},
		}},
		{"the second trial decides as well as the first", []run{
			{records: "a1 a2 a3 b1 b2 b3", answers: "a1 timeout, a2 badpass, b1 norecord, b2 nodomain",
				sent: "a1 b1 | a2 b2", ends: "a1 unconfirmed, a2 failed, a3 skipped, b1 b2 failed, b3 skipped", pauses: "a/pa x1 1h, b x1 1h, a1 x1 0, b1 x1 1h"},
		}},
		{"two trials are counted anew in each run", []run{
			{records: "a1 a2 a3 a4", answers: "a timeout", sent: "a1 | a2"},
			{at: "5m", answers: "a timeout", sent: "a3 | a4", ends: "a1 a2 skipped, a3 a4 unconfirmed"},
			{at: "10m", answers: "a1 timeout", sent: "a1 | a2 | a3 a4"},
		}},
		{"different passwords of one domain are tried apart", []run{
			{records: "a1 a2/q a3 a4/q", answers: "a/q badpass", sent: "a1 a2 | a3", ends: "a1 updated, a2 failed, a3 updated, a4 skipped", pauses: "a/q x1 1h"},
			{at: "5m", planned: "a1 current, a2 failing, a3 current, a4 failing"},
		}},
		{"a refusal of the domain stops every password of it", []run{
			{records: "a1 a2 a3 b1"},
			{at: "5m", ip: "y", records: "a1/q a2 a3 a4/q b1", workers: 1, answers: "a1 nodomain", sent: "a1 | b1", ends: "a1 failed, a2 a3 a4 skipped, b1 updated"},
		}},
		{"the same password under two domains is proved for each", []run{
			{records: "a1/s a2/s b1/s b2/s", answers: "b badpass", sent: "a1 b1 | a2", ends: "a1 a2 updated, b1 failed, b2 skipped", pauses: "b/s x1 1h"},
		}},
		{"an accepted password needs no trial, also if it was another one yesterday", []run{
			{records: "a1"},
			{at: "5m", ip: "y", records: "a1/q a2/q", sent: "a1 | a2"},
			{at: "10m", records: "a1 a2", sent: "a1 a2"},
			{at: "15m", ip: "z", records: "a1 a2/q a3 a4/q", sent: "a1 a2 a3 a4"},
		}},
		{"a refusal takes the acceptance back", []run{
			{records: "a1 a2 a3"},
			{at: "5m", ip: "y", workers: 1, answers: "a badpass", sent: "a1", ends: "a1 failed, a2 a3 skipped", pauses: "a/pa x1 1h"},
			{at: "65m", ip: "y", answers: "a2 timeout, a3 timeout", sent: "a2 | a3", ends: "a1 skipped, a2 a3 unconfirmed"},
			{at: "70m", ip: "y", sent: "a1 | a2 a3", pauses: "-"},
		}},
		{"what is in flight when an accepted password is refused may end, the rest is skipped", []run{
			{records: "a1 a2 a3 a4 a5"},
			{at: "5m", ip: "y", workers: 3, answers: "a badpass", sent: "a1 a2 a3", ends: "a1 a2 a3 failed, a4 a5 skipped", pauses: "a/pa x1 1h"},
		}},
		{"force does not waive the trial of a password", []run{
			{records: "a1 a2 b1 b2"},
			{at: "5m", records: "a1 a2 a3/q a4/q b1 b2", flags: "force", planned: "a1 a2 a3 a4 b1 b2 forced", sent: "a1 a2 a3 b1 b2 | a4"},
			{at: "10m", records: "a1 a2", ip: "y", flags: "force", answers: "a badpass", workers: 1, sent: "a1"},
			{at: "15m", ip: "y", flags: "force", answers: "a badpass", sent: "a2", ends: "a1 skipped, a2 failed", pauses: "a/pa x2 2h"},
		}},
		{"retry does not waive it either", []run{
			{records: "a1 a2 a3", answers: "a badpass"},
			{at: "5m", flags: "retry", answers: "a badpass", sent: "a2", ends: "a1 skipped, a2 failed, a3 skipped", pauses: "a/pa x2 2h"},
		}},
		{"a new password is tried at once", []run{
			{records: "a1 a2", answers: "a badpass", pauses: "a/pa x1 1h"},
			{at: "5m", records: "a1/q a2/q", answers: "a badpass", sent: "a2", pauses: "a/pa x1 1h, a/q x1 1h"},
			{at: "10m", records: "a1/r a2/r", sent: "a1 | a2", ends: "a1 a2 updated", pauses: "a/pa x1 1h, a/q x1 1h"},
			{at: "15m", ip: "y", records: "a1 a2", planned: "a1 a2 failing"},
		}},
		{"a changed password is tried on one record, though nothing else is to be sent", []run{
			{records: "a1 a2 b1"},
			{at: "5m", records: "a1/q a2/q b1", planned: "a1 unproved, a2 b1 current", sent: "a1", ends: "a1 refreshed", knows: "a1=x a2=x b1=x"},
			{at: "10m", planned: "a1 a2 b1 current"},
			{at: "15m", ip: "y", sent: "a1 a2 b1"},
		}},
		{"and held for its pause if it is refused", []run{
			{records: "a1 a2"},
			{at: "5m", records: "a1/q a2/q", answers: "a badpass", sent: "a1", ends: "a1 failed", pauses: "a/q x1 1h", knows: "a1=x! a2=x"},
			{at: "10m", planned: "a1 a2 current", sent: "-"},
			{at: "15m", flags: "retry", planned: "a1 a2 current", sent: "-"},
			{at: "20m", ip: "y", planned: "a1 a2 failing"},
			{at: "65m", answers: "a badpass", planned: "a1 unproved, a2 current", sent: "a1", pauses: "a/q x2 2h"},
			{at: "70m", records: "a1/r a2/r", planned: "a1 unproved, a2 current", ends: "a1 refreshed"},
			{at: "75m", records: "a1 a2", planned: "a1 a2 current"},
		}},
		{"and again in the next run if there was no verdict", []run{
			{records: "a1 a2"},
			{at: "5m", records: "a1/q a2/q", answers: "a1 timeout", sent: "a1", ends: "a1 unconfirmed", knows: "a1=x! a2=x"},
			{at: "10m", answers: "a1 norecord", planned: "a1 unproved, a2 current", ends: "a1 failed", pauses: "a1 x2 1h"},
			{at: "15m", planned: "a1 current, a2 unproved", sent: "a2", ends: "a2 refreshed"},
			{at: "20m", planned: "a1 a2 current"},
		}},
		{"and not known to hold anything after another address was stored", []run{
			{records: "a1 a2"},
			{at: "5m", records: "a1/q a2/q", answers: "a1 mismatch", sent: "a1", ends: "a1 unconfirmed", knows: "a1?x! a2=x"},
			{at: "10m", planned: "a1 unknown, a2 current", sent: "a1"},
		}},
		{"a domain with one record has nothing to skip", []run{
			{records: "a1", answers: "a timeout", ends: "a1 unconfirmed"},
		}},
	})
}

func TestAfterAPauseOneIsTriedFirst(t *testing.T) {
	tellAll(t, []story{
		{"of a domain", []run{
			{records: "a1 a2 a3 b1 b2"},
			{at: "5m", ip: "y", workers: 1, answers: "a nodomain", sent: "a1 | b1 | b2", pauses: "a x1 0"},
			{at: "10m", ip: "y", sent: "a2 | a3 a1", pauses: "-"},
			{at: "15m", ip: "z", sent: "a1 a2 a3 b1 b2"},
		}},
		{"of a domain, where a refused record shows that the domain is there", []run{
			{records: "a1 a2 a3 a4"},
			{at: "5m", ip: "y", workers: 1, answers: "a nodomain"},
			{at: "10m", ip: "y", answers: "a2 norecord", sent: "a2 | a3 a4 a1", pauses: "a2 x1 1h"},
		}},
		{"of a domain, until two of them gave no verdict", []run{
			{records: "a1 a2 a3 a4"},
			{at: "5m", ip: "y", workers: 1, answers: "a nodomain", pauses: "a x1 0"},
			{at: "10m", ip: "y", answers: "a timeout", sent: "a2 | a3", ends: "a1 skipped, a2 a3 unconfirmed, a4 skipped", pauses: "a x1 0, a2 x1 0, a3 x1 0"},
		}},
		{"of a domain with two passwords, one of them all", []run{
			{records: "a1 a2/q a3 a4/q"},
			{at: "5m", ip: "y", workers: 1, answers: "a nodomain"},
			{at: "10m", ip: "y", sent: "a2 | a3 a4 a1"},
		}},
		{"of an address, of all domains", []run{
			{records: "a1 a2 b1 b2"},
			{at: "5m", ip: "y", workers: 1, answers: "* badip", sent: "a1", ends: "a1 failed, a2 b1 b2 skipped", pauses: "y x1 1h"},
			{at: "10m", ip: "y", planned: "a1 a2 b1 b2 failing"},
			{at: "65m", ip: "y", answers: "* badip", sent: "a2", ends: "a1 skipped, a2 failed, b1 b2 skipped", pauses: "y x2 2h"},
			{at: "4h", ip: "y", sent: "b1 | b2 a1 a2", pauses: "-"},
		}},
		{"of the endpoint", []run{
			{records: "a1 a2 b1 b2"},
			{at: "5m", ip: "y", workers: 1, answers: "a1 blocked", sent: "a1", ends: "a1 failed, a2 b1 b2 skipped", pauses: "endpoint x1 15m"},
			{at: "10m", ip: "y", planned: "a1 a2 b1 b2 blocked"},
			{at: "20m", ip: "y", sent: "a2 | b1 b2 a1", pauses: "-"},
		}},
		{"of the endpoint, where any judgement of the provider's will do", []run{
			{records: "a1 a2 b1 b2"},
			{at: "5m", ip: "y", workers: 1, answers: "a1 blocked"},
			{at: "20m", ip: "y", answers: "a2 norecord", sent: "a2 | b1 b2 a1", pauses: "a2 x1 1h"},
		}},
		{"of the endpoint, until two of them gave no verdict", []run{
			{records: "a1 a2 b1 b2"},
			{at: "5m", ip: "y", workers: 1, answers: "a1 blocked"},
			{at: "20m", ip: "y", answers: "* timeout", sent: "a2 | b1", ends: "a1 skipped, a2 b1 unconfirmed, b2 skipped", pauses: "endpoint x1 15m, a2 x1 0, b1 x1 0"},
		}},
		{"after retry too", []run{
			{records: "a1 a2 b1", answers: "a nodomain"},
			{at: "5m", flags: "retry", answers: "a nodomain", planned: "a1 a2 new, b1 current", sent: "a2", ends: "a1 skipped, a2 failed", pauses: "a x2 2h"},
			{at: "10m", flags: "retry", sent: "a1 | a2"},
		}},
		{"but force sends all at once", []run{
			{records: "a1 a2 b1 b2"},
			{at: "5m", ip: "y", workers: 1, answers: "a nodomain, b1 blocked"},
			{at: "10m", ip: "y", flags: "force", sent: "a2 b2 a1 b1", pauses: "-"},
			{at: "15m", ip: "z", workers: 1, answers: "* badip"},
			{at: "20m", ip: "z", flags: "force", sent: "a2 b1 b2 a1", pauses: "-"},
		}},
	})
}

func TestTheOrderOfSending(t *testing.T) {
	tellAll(t, []story{
		{"is that of the file", []run{
			{records: "b1 a1 c1 a2 b2", sent: "b1 a1 c1 | a2 b2"},
			{at: "5m", ip: "y", sent: "b1 a1 c1 a2 b2"},
			{at: "10m", ip: "z", workers: 2, sent: "b1 a1 | c1 a2 | b2"},
		}},
		{"has those last that failed the last time", []run{
			{records: "a1 a2 b1 b2"},
			{at: "5m", ip: "y", answers: "a1 timeout, b1 noconn"},
			{at: "10m", ip: "z", workers: 1, sent: "a2 | b2 | a1 | b1"},
			{at: "15m", ip: "y", sent: "a1 a2 b1 b2"},
		}},
		{"has those last also with force", []run{
			{records: "a1 a2 a3", answers: "a2 norecord"},
			{at: "5m", flags: "force", sent: "a1 a3 a2"},
		}},
		{"lets no other domain wait for a trial", []run{
			{records: "a1 a2 a3 b1 b2", workers: 2, sent: "a1 b1 | a2 a3 | b2"},
		}},
	})
}

func TestWhatStopsAndWhatDoesNot(t *testing.T) {
	tellAll(t, []story{
		{"a refused address stops all", []run{
			{records: "a1 a2 b1 b2", answers: "b1 badip", sent: "a1 b1", ends: "a1 updated, a2 skipped, b1 failed, b2 skipped", pauses: "x x1 1h"},
		}},
		{"a block stops all", []run{
			{records: "a1 a2 b1 b2", answers: "a1 blocked", sent: "a1 b1", ends: "a1 failed, a2 skipped, b1 updated, b2 skipped"},
		}},
		{"a block that comes after something that may have worked stops all too", []run{
			{records: "a1 a2 b1 b2", workers: 1, answers: "a1 timeout+blocked", sent: "a1", ends: "a1 unconfirmed, a2 b1 b2 skipped", pauses: "endpoint x1 15m"},
		}},
		{"one record's failure stops nobody", []run{
			{records: "a1 a2 b1 b2"},
			{at: "5m", ip: "y", workers: 1, answers: "a1 norecord, a2 timeout, b1 invalid", sent: "a1 | a2 | b1 | b2", ends: "a1 failed, a2 unconfirmed, b1 failed, b2 updated"},
		}},
		{"a certificate stops nobody", []run{
			{records: "a1 a2 b1"},
			{at: "5m", ip: "y", workers: 1, answers: "* certificate", sent: "a1 | a2 | b1", ends: "a1 a2 b1 failed"},
		}},
	})
}

func TestWhatSkippedRecordsCarry(t *testing.T) {
	for _, c := range []struct {
		name    string
		records string
		answers string
		skipped string // the record to look at
		class   string
		message string
		scope   pause.Scope
	}{
		{"the refusal of their password", "a1 a2", "a badpass", "a2", "credentials", "Passwords do not match", pause.OfPassword},
		{"the refusal of their domain", "a1 a2", "a nodomain", "a2", "domain", "Domain name not found", pause.OfDomain},
		{"the refusal of the address", "a1 a2", "a badip", "a2", "address", "Invalid IP", pause.OfAddress},
		{"the block", "a1 a2", "a blocked", "a2", "blocked", "403", pause.OfEndpoint},
		{"that their password is not proved", "a1 a2 a3", "a1 norecord, a2 timeout", "a3", "transient",
			"not sent: this password has not been accepted yet, and the 2 records tried first failed", pause.OfPassword},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := &play{T: t, run: run{records: c.records, answers: c.answers}}
			p.play()
			r := p.results[len(strings.Fields(c.records))-1]
			if r.Outcome != Skipped || r.Attempts != 0 || string(r.Err.Class) != c.class || r.Err.Message != c.message || r.For != c.scope {
				t.Errorf("%+v with %v", r, r.Err)
			}
		})
	}
}

// Answers come in any order. What is remembered of a password, a domain or an address is what was said last.
func TestTheLastWordCounts(t *testing.T) {
	for name, c := range map[string]struct{ first, last, want string }{
		"a refusal after a confirmation": {"ok", "badpass", "a/pa x1 1h"},
		"a confirmation after a refusal": {"badpass", "ok", ""},
		"a domain that is not there":     {"norecord", "nodomain", "a x1 1h, a2 x1 1h"},
		"a domain that is there":         {"nodomain", "ok", ""},
		"a refused address":              {"ok", "badip", "x x1 1h"},
		"an address that was taken":      {"badip", "ok", ""},
	} {
		t.Run(name, func(t *testing.T) {
			p, _ := newTestBatch(t, "a1 a2")
			results := make([]Result, 2)
			// The second record is answered first.
			for at, i := range []int{1, 0} {
				results[i] = Summarize(p.Steps[i], []*provider.Error{word(t, []string{c.first, c.last}[at])}, "")
				results[i].At = p.Now.Add(time.Duration(at+1) * time.Second)
			}
			if got := thePauses(Learn(state.Snapshot{}, p, results)); got != c.want {
				t.Errorf("pauses %q, want %q", got, c.want)
			}
		})
	}
}
