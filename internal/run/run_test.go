package run

import (
	"errors"
	"net/netip"
	"os"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/miekg/dns"

	"ddns-batch/internal/exitstatus"
	"ddns-batch/internal/provider"
	"ddns-batch/internal/state"
	"ddns-batch/internal/testnet"
)

func TestOneRun(t *testing.T) {
	m := newMachine(t)
	r := m.run(m.job())
	if r.ExitStatus != exitstatus.OK || r.Failure != nil || !r.Planned || len(r.Records) != 2 {
		t.Errorf("%+v", r)
	}
	want(t, "events", m.events, "heard "+oldAddress, "sending 2", "www updated", "git updated", "sent", "ended")
	want(t, "state", m.holds(), oldAddress, oldAddress)
	if last, err := state.ReadLastRun(m.path()); err != nil || last.Status != 0 || last.Address.String() != oldAddress || !last.EndedAt.Equal(m.time) {
		t.Errorf("%+v, %v", last, err)
	}

	r = m.run(m.job())
	want(t, "events of a run with nothing to do", m.events, "heard "+oldAddress, "ended")
	if r.ExitStatus != exitstatus.OK || m.sent != nil {
		t.Errorf("status %d, sent %s", r.ExitStatus, m.sent)
	}

	m.address, m.answer = newAddress, gitRefused
	r = m.run(m.job())
	want(t, "events after a change of the address", m.events, "heard "+newAddress, "sending 2", "www updated", "git failed", "sent", "ended")
	want(t, "state", m.holds(), newAddress, oldAddress)
	if r.ExitStatus != exitstatus.NotAsAsked || m.ended.Status != r.ExitStatus || m.ended.Records != 2 {
		t.Errorf("status %d, ended %+v", r.ExitStatus, m.ended)
	}
}

// What is about to be sent is not claimed any more, and nobody else has the lock meanwhile.
func TestWhileARecordIsSent(t *testing.T) {
	m := newMachine(t)
	m.run(m.job())
	m.address = newAddress
	var held, claimed int
	m.answer = func(provider.Update) error {
		if !m.lockFree() {
			held++
		}
		for _, r := range m.saved().Records {
			if r.IP.IsValid() || r.Previous.String() != oldAddress {
				claimed++
			}
		}
		return nil
	}
	if r := m.run(m.job()); r.ExitStatus != exitstatus.OK || held != 2 || claimed != 0 {
		t.Errorf("status %d, the lock was held %d times, %d claims", r.ExitStatus, held, claimed)
	}
	want(t, "state", m.holds(), newAddress, newAddress)
}

func TestADryRun(t *testing.T) {
	m := newMachine(t)
	m.refused = errors.New("a dry run wants no provider")
	j := m.job()
	j.DryRun = true
	for _, detailed := range []bool{false, true} {
		j.Detailed = detailed
		status := exitstatus.OK
		if detailed {
			status = exitstatus.Pending
		}
		if r := Do(m.start(time.Minute), j); r.ExitStatus != status || r.Failure != nil || len(r.Records) != 2 {
			t.Errorf("detailed %t: %+v", detailed, r)
		}
	}
	if files, err := os.ReadDir(m.dir); err != nil || len(files) > 0 {
		t.Errorf("it made %s, %v", files, err)
	}
}

func TestAProviderThatCannotBeSetUp(t *testing.T) {
	m := newMachine(t)
	m.run(m.job())
	m.address, m.refused = newAddress, errors.New("the endpoint is no URL")
	r := m.run(m.job())
	if r.ExitStatus != exitstatus.Usage || r.Failure == nil || !r.Failure.AlwaysPrint || r.Failure.Report.Message != "the endpoint is no URL" {
		t.Errorf("status %d, %+v", r.ExitStatus, r.Failure)
	}
	want(t, "state", m.holds(), oldAddress, oldAddress)
}

func TestASaveThatFails(t *testing.T) {
	t.Run("before anything is sent", func(t *testing.T) {
		m := newMachine(t)
		m.run(m.job())
		m.address = newAddress
		m.blockSaves()
		r := m.run(m.job())
		if r.ExitStatus != exitstatus.State || !r.Failure.AlwaysPrint || m.sent != nil {
			t.Errorf("status %d, %+v, sent %s", r.ExitStatus, r.Failure, m.sent)
		}
		for _, of := range r.Records {
			if of.End.AsAsked() || of.Cause.Message != "not sent: "+r.Failure.Report.Message {
				t.Errorf("%s: %s, %+v", of.Name, of.End, of.Cause)
			}
		}
		want(t, "state", m.holds(), oldAddress, oldAddress)
	})
	t.Run("after everything was sent", func(t *testing.T) {
		m := newMachine(t)
		m.run(m.job())
		m.address = newAddress
		m.answer = func(provider.Update) error {
			m.blockSaves()
			return nil
		}
		r := m.run(m.job())
		if r.ExitStatus != exitstatus.State || r.Failure.Report.Message[:24] != "sent but not remembered:" || len(m.sent) != 2 {
			t.Errorf("status %d, %+v, sent %s", r.ExitStatus, r.Failure, m.sent)
		}
		for _, of := range r.Records {
			if !of.End.AsAsked() {
				t.Errorf("%s: %s", of.Name, of.End)
			}
		}
		want(t, "state", m.holds(), "invalid IP", "invalid IP")
	})
}

// A signal that comes before the plan ends the run, and changes nothing.
func TestASignalBeforeThePlan(t *testing.T) {
	m := newMachine(t)
	m.run(m.job())
	before := m.saved()
	m.address = newAddress
	stop := m.start(time.Minute)
	m.signals <- syscall.SIGTERM
	<-stop.Signalled.Done()
	<-stop.Sending.Done()
	r := Do(stop, m.job())
	if r.ExitStatus != exitstatus.Terminated || r.Failure == nil || m.sent != nil || !m.lockFree() {
		t.Errorf("status %d, %+v, sent %s", r.ExitStatus, r.Failure, m.sent)
	}
	if after := m.saved(); !after.Records[0].AttemptedAt.Equal(before.Records[0].AttemptedAt) {
		t.Errorf("%+v, before: %+v", after.Records, before.Records)
	}
}

// A run at work is no news; one that should have ended long ago is.
func TestALockThatAnotherRunHolds(t *testing.T) {
	m := newMachine(t)
	m.run(m.job())
	began := m.time
	other, err := state.Acquire(t.Context(), m.path(), 0, func() time.Time { return began })
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		after time.Duration
		print bool
	}{{time.Minute, false}, {3 * time.Minute, true}} {
		stop := m.start(0) // Nobody waits for the lock then.
		m.time = began.Add(c.after)
		r := Do(stop, m.quiet())
		if r.ExitStatus != exitstatus.State || r.Planned || r.Failure.AlwaysPrint != c.print || r.Lines != nil {
			t.Errorf("%s later: status %d, %+v, %q", c.after, r.ExitStatus, r.Failure, r.Lines)
		}
		want(t, "events", m.events, "ended")
	}
	if err := other.Release(); err != nil {
		t.Error(err)
	}
}

// A signal that comes while a run waits for the name servers ends the waiting. All records were sent and confirmed, but not all
// are known to be served, so the exit status is that of the signal.
func TestASignalWhileTheRunWaits(t *testing.T) {
	m := newMachine(t)
	m.nameservers = []netip.AddrPort{testnet.NameServer(t, func(w dns.ResponseWriter, q *dns.Msg) {
		_ = w.WriteMsg(new(dns.Msg).SetRcode(q, dns.RcodeServerFailure))
	})}
	j := m.job()
	j.Wait = time.Hour
	sent := j.Events.Sent
	j.Events.Sent = func() {
		sent()
		m.signals <- syscall.SIGTERM
	}
	r := m.run(j)
	if r.ExitStatus != exitstatus.Terminated || len(r.Waited) != 2 || r.Waited[0].Served {
		t.Errorf("status %d, %+v", r.ExitStatus, r.Waited)
	}
	want(t, "state", m.holds(), oldAddress, oldAddress)
}

// While a run waits for the name servers another one may have the lock, and what that one saved stays.
func TestWaitingForTheNameServers(t *testing.T) {
	m := newMachine(t)
	free := make(chan bool, 100)
	server := testnet.NameServer(t, func(w dns.ResponseWriter, q *dns.Msg) {
		l, err := state.Acquire(t.Context(), m.path(), 0, time.Now)
		if err == nil {
			var s state.Snapshot
			if s, _, err = l.Load(); err == nil {
				s.Records = append(s.Records, state.Record{Host: "@", Domain: q.Question[0].Name + "example.net"})
				err = l.Save(s)
			}
			err = errors.Join(err, l.Release())
		}
		free <- err == nil
		a := new(dns.Msg).SetReply(q)
		a.Authoritative = true
		a.Answer = []dns.RR{&dns.A{
			Hdr: dns.RR_Header{Name: q.Question[0].Name, Rrtype: dns.TypeA, Class: dns.ClassINET, Ttl: 60}, A: netip.MustParseAddr(oldAddress).AsSlice(),
		}}
		_ = w.WriteMsg(a)
	})
	j := m.quiet()
	j.Selected, j.Wait = j.Selected[:1], time.Minute
	m.nameservers = []netip.AddrPort{server}
	j.Files = []File{{Kind: "the report_file", Path: "page.html", Write: failing}}
	r := m.run(j)
	if !<-free {
		t.Error("the lock was held while the run waited")
	}
	if r.ExitStatus != exitstatus.OK || len(r.Waited) != 1 || !r.Waited[0].Served {
		t.Errorf("status %d, %+v", r.ExitStatus, r.Waited)
	}
	s := m.saved()
	if !slices.ContainsFunc(s.Records, func(r state.Record) bool { return r.Domain == "www.example.com.example.net" }) || len(s.Notices) != 1 {
		t.Errorf("%+v", s)
	}
}
