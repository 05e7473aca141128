package decide

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"ddns-batch/internal/pause"
	"ddns-batch/internal/plan"
	"ddns-batch/internal/provider"
	"ddns-batch/internal/state"
)

// TestCronsRounds plays a run every five minutes against a provider that always answers the same, and lists the minutes
// in which something was sent.
func TestCronsRounds(t *testing.T) {
	for _, c := range []struct {
		name    string
		records string
		known   bool // all were confirmed at another address before
		answers string
		minutes string
	}{
		{"a passing failure pauses from the third in a row", "a1", true, "a1 timeout", "0 5 10 15 25 40 55 70 85 100"},
		{"no connection is passing", "a1", true, "a1 noconn", "0 5 10 15 25 40 55 70 85 100"},
		{"no proof is passing", "a1", true, "a1 noproof", "0 5 10 15 25 40 55 70 85 100"},
		{"another address is passing", "a1", true, "a1 mismatch", "0 5 10 15 25 40 55 70 85 100"},
		{"a certificate is passing", "a1", true, "a1 certificate", "0 5 10 15 25 40 55 70 85 100"},
		{"a redirect is passing", "a1", true, "a1 redirect", "0 5 10 15 25 40 55 70 85 100"},
		{"a request that is not understood is passing", "a1", true, "a1 badrequest", "0 5 10 15 25 40 55 70 85 100"},
		{"a refusal in unknown words is passing", "a1", true, "a1 refused", "0 5 10 15 25 40 55 70 85 100"},
		{"a refused password pauses from an hour to a day", "a1", true, "a1 badpass", "0 60 180 420 900 1860 3300 4740"},
		{"a refused record pauses from an hour on", "a1", true, "a1 norecord", "0 60 180 420"},
		{"a refused address pauses from an hour on", "a1", true, "a1 badip", "0 60 180 420"},
		{"a validation error pauses from an hour on", "a1", true, "a1 invalid", "0 60 180 420"},
		{"a refused domain without a confirmed record pauses from an hour to six", "a1 a2", false, "a nodomain", "0 60 180 420 780 1140 1500"},
		{"a refused domain with one is believed the third time", "a1 a2", true, "a nodomain", "0 5 10 70 190 430 790 1150"},
		{"a block pauses from a quarter of an hour to six hours", "a1 b1", true, "* blocked", "0 15 45 105 225 465 825 1185"},
		{"a block of 90 s is over in the next round", "a1 b1", true, "* blocked:90s", "0 5 10 15 20"},
		{"a block of ten minutes begins at the reply", "a1 b1", true, "* blocked:10m", "0 15 30 45 60"},
		{"a block of a week is a day", "a1 b1", true, "* blocked:168h", "0 1445 2890"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var memory state.Snapshot
			if c.known {
				p := &play{T: t, run: run{at: "-5m", ip: "y", records: c.records}}
				memory = p.play()
			}
			wanted := strings.Fields(c.minutes)
			var sent []string
			for minute := 0; len(sent) < len(wanted); minute += 5 {
				p := &play{T: t, run: run{at: fmt.Sprintf("%dm", minute), records: c.records, answers: c.answers}, before: memory}
				if memory = p.play(); len(p.waves) > 0 {
					sent = append(sent, fmt.Sprint(minute))
				}
				if minute > 5000 {
					break
				}
			}
			if got := strings.Join(sent, " "); got != c.minutes {
				t.Errorf("sent in the minutes\n     %s\nwant %s", got, c.minutes)
			}
		})
	}
}

func TestPauses(t *testing.T) {
	tellAll(t, []story{
		{"a run adds one failure and one doubling, however many replies said so", []run{
			{records: "a1 a2 a3 a4 b1"},
			{at: "5m", ip: "y", answers: "a badpass", sent: "a1 a2 a3 a4 b1", pauses: "a/pa x1 1h"},
			{at: "10m", ip: "z", flags: "force", answers: "a badpass", pauses: "a/pa x2 2h"},
			{at: "15m", records: "b1 b2 b3", ip: "z", answers: "* blocked", sent: "b2 b3", pauses: "endpoint x1 15m, a/pa x2 2h"},
			{at: "20m", ip: "y", flags: "force", answers: "* blocked", sent: "b1 b2 b3", pauses: "endpoint x2 30m, a/pa x2 2h"},
		}},
		{"one doubling of a domain and of an address", []run{
			{records: "a1 a2 b1 b2"},
			{at: "5m", ip: "y", answers: "a nodomain, b badip", sent: "a1 a2 b1 b2", pauses: "y x1 1h, a x1 0"},
			{at: "10m", ip: "y", flags: "force", answers: "a nodomain, b badip", sent: "a1 a2 b1 b2", pauses: "y x2 2h, a x2 0"},
		}},
		{"attempts are no failures of their own", []run{
			{records: "a1", answers: "a1 timeout+timeout+timeout", pauses: "a1 x1 0"},
		}},
		{"records under a pause count no failure of their own", []run{
			{records: "a1 a2", answers: "a badpass", pauses: "a/pa x1 1h"},
			{at: "5m", pauses: "a/pa x1 1h", knows: "a1-!"},
		}},
		{"a confirmation ends a row", []run{
			{records: "a1", answers: "a1 timeout", pauses: "a1 x1 0"},
			{at: "5m", answers: "a1 timeout", pauses: "a1 x2 0"},
			{at: "10m", pauses: "-"},
			{at: "15m", ip: "y", answers: "a1 timeout", pauses: "a1 x1 0"},
		}},
		{"a lasting failure in a row of passing ones pauses for an hour", []run{
			{records: "a1", answers: "a1 timeout"},
			{at: "5m", answers: "a1 timeout", pauses: "a1 x2 0"},
			{at: "10m", answers: "a1 norecord", pauses: "a1 x3 1h"},
			{at: "70m", answers: "a1 timeout", pauses: "a1 x4 9m"},
		}},
		{"a confirmation of one record ends the row of its password, its domain, its address and the endpoint", []run{
			{records: "a1 a2"},
			{at: "5m", ip: "y", workers: 1, answers: "a1 nodomain", pauses: "a x1 0"},
			{at: "10m", ip: "y", pauses: "-"},
			{at: "15m", ip: "z", workers: 1, answers: "a1 badip", pauses: "z x1 1h"},
			{at: "20m", ip: "z", flags: "force", pauses: "-"},
			{at: "25m", ip: "x", workers: 1, answers: "a1 badpass", pauses: "a/pa x1 1h"},
			{at: "30m", ip: "x", flags: "force", pauses: "-"},
			{at: "35m", ip: "y", workers: 1, answers: "a1 blocked", pauses: "endpoint x1 15m"},
			{at: "50m", ip: "y", pauses: "-"},
		}},
		{"whatever the endpoint answers to one record, the row of its blocks is over", []run{
			{records: "a1", answers: "a1 blocked", pauses: "endpoint x1 15m"},
			{at: "15m", answers: "a1 norecord", sent: "a1", pauses: "a1 x1 1h"},
			{at: "20m", records: "a2", answers: "a2 blocked", sent: "a2", pauses: "endpoint x1 15m, a1 x1 1h"},
			{at: "35m", answers: "a2 timeout", sent: "a2", pauses: "endpoint x1 15m, a1 x1 1h, a2 x1 0"},
			{at: "40m", answers: "a2 mismatch", sent: "a2", pauses: "a1 x1 1h, a2 x2 0"},
		}},
		{"a block holds whatever is confirmed beside it", []run{
			{records: "a1 b1 c1", answers: "a1 blocked:2h, b1 norecord", sent: "a1 b1 c1", ends: "a1 b1 failed, c1 updated", pauses: "endpoint x1 2h, b1 x1 1h"},
			{at: "5m", planned: "a1 b1 blocked, c1 current", pauses: "endpoint x1 2h, b1 x1 1h"},
		}},
		{"of several waits asked for in one run the longest counts", []run{
			{records: "a1 b1 c1", answers: "a1 blocked:5m, b1 blocked:1h, c1 blocked:10m", pauses: "endpoint x1 1h"},
			{at: "2h", answers: "* blocked", sent: "a1", pauses: "endpoint x2 30m"},
		}},
		{"a block for no stated time is not shortened by a short one", []run{
			{records: "a1 b1 c1", answers: "a1 blocked:2m, b1 blocked, c1 blocked:1m", pauses: "endpoint x1 15m"},
		}},
		{"a wait that was asked for is at least a minute and at most a day", []run{
			{records: "a1", answers: "a1 blocked:1s", pauses: "endpoint x1 1m"},
			{at: "5m", answers: "a1 blocked:1m1s", pauses: "endpoint x2 61s"},
			{at: "10m", answers: "a1 blocked:25h", pauses: "endpoint x3 24h"},
		}},
		{"a refused record shows that its domain is there", []run{
			{records: "a1 a2"},
			{at: "5m", ip: "y", workers: 1, answers: "a nodomain", pauses: "a x1 0"},
			{at: "10m", ip: "y", answers: "a timeout", pauses: "a x1 0, a1 x1 0, a2 x1 0"},
			{at: "15m", ip: "y", answers: "a norecord", pauses: "a1 x2 1h, a2 x2 1h"},
		}},
		{"current records are kept under a block, retry does not end it, force does", []run{
			{records: "a1 b1"},
			{at: "5m", records: "a1 b1 c1", answers: "c1 blocked", pauses: "endpoint x1 15m"},
			{at: "10m", flags: "retry", planned: "a1 b1 current, c1 blocked", sent: "-"},
			{at: "11m", ip: "y", planned: "a1 b1 c1 blocked", sent: "-"},
			{at: "12m", flags: "force", sent: "a1 b1 c1", pauses: "-"},
		}},
		{"retry sends what is held and leaves what is current", []run{
			{records: "a1 a2", answers: "a1 norecord"},
			{at: "5m", planned: "a1 failing, a2 current", sent: "-"},
			{at: "6m", flags: "retry", answers: "a1 norecord", planned: "a1 new, a2 current", sent: "a1", pauses: "a1 x2 2h"},
		}},
	})
}

func TestANewAddressEndsPauses(t *testing.T) {
	tellAll(t, []story{
		{"of a record, at most once an hour", []run{
			{records: "a1", answers: "a1 norecord", sent: "a1", pauses: "a1 x1 1h"},
			{at: "5m", ip: "y", answers: "a1 norecord", sent: "a1", pauses: "a1 x2 2h"},
			{at: "10m", ip: "x", sent: "-"},
			{at: "60m", ip: "x", sent: "-"},
			{at: "65m", ip: "x", answers: "a1 norecord", sent: "a1", pauses: "a1 x3 4h"},
			{at: "70m", ip: "y", sent: "-"},
			{at: "125m", ip: "x", sent: "-"},
			{at: "125m", ip: "y", sent: "a1", pauses: "-"},
		}},
		{"of a record, and the hour goes on through further failures", []run{
			{records: "a1", answers: "a1 norecord"},
			{at: "5m", ip: "y", answers: "a1 norecord", pauses: "a1 x2 2h"},
			{at: "10m", ip: "y", flags: "retry", answers: "a1 norecord", pauses: "a1 x3 4h"},
			{at: "15m", ip: "x", sent: "-"},
			{at: "65m", ip: "x", sent: "a1"},
		}},
		{"of a domain, of which one record is tried", []run{
			{records: "a1 a2", answers: "a nodomain", pauses: "a x1 1h"},
			{at: "5m", ip: "y", answers: "a nodomain", sent: "a2", pauses: "a x2 2h"},
			{at: "10m", ip: "z", sent: "-"},
		}},
		{"of an address, which is another one", []run{
			{records: "a1", answers: "a1 badip", pauses: "x x1 1h"},
			{at: "5m", ip: "y", answers: "a1 badip", sent: "a1", pauses: "x x1 1h, y x1 1h"},
			{at: "10m", ip: "x", sent: "-"},
			{at: "15m", ip: "z", sent: "a1", pauses: "x x1 1h, y x1 1h"},
		}},
		{"of a passing failure", []run{
			{records: "a1", answers: "a1 timeout"},
			{at: "5m", answers: "a1 timeout"},
			{at: "10m", answers: "a1 timeout", pauses: "a1 x3 4m"},
			{at: "11m", planned: "a1 failing"},
			{at: "12m", ip: "y", planned: "a1 unknown", sent: "a1"},
		}},
		{"not of a password", []run{
			{records: "a1", answers: "a1 badpass"},
			{at: "5m", ip: "y", sent: "-"},
		}},
		{"not of the endpoint", []run{
			{records: "a1", answers: "a1 blocked"},
			{at: "5m", ip: "y", sent: "-"},
		}},
	})
}

func TestTheClockIsSetBack(t *testing.T) {
	tellAll(t, []story{
		{"a pause that has yet to begin is over", []run{
			{records: "a1 b1 c1", answers: "a1 norecord, b1 badpass, c1 nodomain"},
			{at: "-1m", planned: "a1 b1 c1 new", sent: "a1 b1 c1"},
		}},
		{"a confirmation in the future is stale", []run{
			{records: "a1"},
			{at: "-1m", planned: "a1 stale", ends: "a1 refreshed"},
			{at: "0m", planned: "a1 current"},
		}},
	})
}

func TestWhatAPauseSays(t *testing.T) {
	first := &play{T: t, run: run{records: "a1 b1", answers: "a1 norecord, b1 blocked:5m"}}
	memory := first.play()
	p := memory.Records[0].Pause
	if p.Class != provider.Record || p.Message != "A record not Found;" || !p.Quoted || p.Under != addresses["x"] ||
		!p.Began.Equal(start) || !p.Since.Equal(start) || !p.Lifted.IsZero() {
		t.Errorf("the record's pause is %+v", p)
	}
	if b := memory.Blocked; b.Class != provider.Blocked || b.Quoted || !b.Since.Equal(start) || !b.Began.Equal(start.Add(2*time.Second)) {
		t.Errorf("the endpoint's pause is %+v", b)
	}
	second := &play{T: t, run: run{at: "20m", ip: "y", records: "a1", answers: "a1 timeout"}, before: memory}
	p = second.play().Records[0].Pause
	if p.Class != provider.Transient || p.Message != "no answer in 30 s" || p.Quoted || p.Under != addresses["y"] ||
		!p.Began.Equal(start.Add(20*time.Minute)) || !p.Since.Equal(start) || !p.Lifted.Equal(start.Add(20*time.Minute)) {
		t.Errorf("after another failure the record's pause is %+v", p)
	}
}

func TestARefusedPasswordIsNotAcceptedAnyMore(t *testing.T) {
	memory := (&play{T: t, run: run{records: "a1"}}).play()
	if p := memory.Domains[0].Passwords[0]; !p.AcceptedAt.Equal(start.Add(time.Second)) || p.Fingerprint != "pa" {
		t.Errorf("an accepted password is remembered as %+v", p)
	}
	memory = (&play{T: t, run: run{at: "5m", ip: "y", records: "a1", answers: "a1 badpass"}, before: memory}).play()
	if p := memory.Domains[0].Passwords[0]; !p.AcceptedAt.IsZero() {
		t.Errorf("a refused password is remembered as %+v", p)
	}
}

func TestPasswordsAreRememberedByTheirLastUse(t *testing.T) {
	memory := (&play{T: t, run: run{records: "a1/p a2/q a3/r"}}).play()
	memory = (&play{T: t, run: run{ip: "y", records: "a1/q"}, before: memory}).play()
	got := ""
	for _, p := range memory.Domains[0].Passwords {
		got += p.Fingerprint
	}
	if got != "prq" {
		t.Errorf("in the order of their last use they are %s, want prq", got)
	}
}

func TestThePauseAfterAnAbsurdOneIsSane(t *testing.T) {
	f := pause.Failure{Err: words["norecord"], At: start, Start: start, To: addresses["x"]}
	for _, seconds := range []int64{0, 1, 86400, 1 << 33, 1 << 62} {
		next := f.After(&state.Pause{Failures: 9, Seconds: seconds})
		if d := time.Duration(next.Seconds) * time.Second; d < time.Hour || d > 24*time.Hour {
			t.Errorf("after %d s comes a pause of %v", seconds, d)
		}
	}
}

func TestAFractionOfASecondThatWasAskedForCounts(t *testing.T) {
	e := &provider.Error{Class: provider.Blocked, RetryAfter: 90*time.Second + time.Millisecond}
	if p := (pause.Failure{Err: e, At: start, Start: start}).After(nil); p.Seconds != 91 {
		t.Errorf("asked for 90.001 s, paused for %d s", p.Seconds)
	}
}

func TestLasting(t *testing.T) {
	for _, c := range []struct {
		name     string
		answer   string
		failures int
		proven   bool
		want     bool
	}{
		{"a password", "badpass", 1, true, true},
		{"a record", "norecord", 1, true, true},
		{"an address", "badip", 1, true, true},
		{"a validation error", "invalid", 1, true, true},
		{"unknown words", "refused", 9, false, false},
		{"a domain with a confirmed record, twice", "nodomain", 2, true, false},
		{"a domain with a confirmed record, three times", "nodomain", 3, true, true},
		{"a domain without one", "nodomain", 1, false, true},
		{"silence", "timeout", 9, false, false},
		{"a block, which has its own rule", "blocked", 9, false, false},
		{"the reply could not be confirmed", "noproof", 9, false, false},
	} {
		if got := pause.Lasting(word(t, c.answer), c.failures, c.proven); got != c.want {
			t.Errorf("%s: lasting is %v", c.name, got)
		}
	}
}

func TestADomainIsProvenByWhatItOnceConfirmed(t *testing.T) {
	tellAll(t, []story{
		{"also while none of its addresses is certain", []run{
			{records: "a1 a2 b1"},
			{at: "5m", ip: "y", answers: "a timeout", knows: "a1?x! a2?x! b1=y"},
			{at: "10m", ip: "y", answers: "a nodomain", pauses: "a x1 0, a1 x1 0, a2 x1 0"},
		}},
		{"by a confirmation of the same run", []run{
			{records: "a1 a2 a3", answers: "a3 nodomain", sent: "a1 | a2 a3", pauses: "a x1 0"},
		}},
		{"not by one of another domain", []run{
			{records: "b1 a1", answers: "a1 nodomain", pauses: "a x1 1h"},
		}},
	})
}

func TestRefusedAddressesAreForgottenInTheEnd(t *testing.T) {
	s := state.Snapshot{}
	for i := range 150 {
		s.Addresses = append(s.Addresses, state.Address{
			IP:    netip.AddrFrom4([4]byte{192, 0, 2, byte(i)}),
			Pause: &state.Pause{Failures: 1, Began: start.Add(-time.Duration(i) * time.Hour), Seconds: 3600},
		})
	}
	in := (&play{T: t, run: run{records: "a1"}}).input()
	in.State = s
	p := plan.Build(in)
	confirmed := Summarize(p.Steps[0], []*provider.Error{nil}, "")
	confirmed.At = start.Add(time.Second)
	left := Learn(s, p, []Result{confirmed}).Addresses
	if len(left) != addressesKept || !left[0].Pause.Began.Equal(start.Add(-99*time.Hour)) || !left[99].Pause.Began.Equal(start) {
		t.Errorf("%d are left, from %v to %v", len(left), left[0].Pause.Began, left[len(left)-1].Pause.Began)
	}
	in.Now = start.Add(7*24*time.Hour + time.Hour)
	later := Learn(s, plan.Build(in), []Result{confirmed}).Addresses
	if len(later) != 1 {
		t.Errorf("a week after the pause of the youngest but one %d are left", len(later))
	}
}
