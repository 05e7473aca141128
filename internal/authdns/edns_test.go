package authdns

import (
	"net/netip"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/miekg/dns"
)

// oldServer answers questions with EDNS by how, and those without as then does.
func oldServer(how, then respond) respond {
	return func(w dns.ResponseWriter, r *dns.Msg) {
		if r.IsEdns0() != nil {
			how(w, r)
			return
		}
		then(w, r)
	}
}

// bare answers with an error code and nothing but the header.
func bare(rcode int) respond {
	return changed(func(m *dns.Msg) {
		m.Rcode, m.Authoritative, m.Question = rcode, false, nil
	})
}

// echo sends the whole question back, OPT record included, as an error.
func echo(rcode int) respond {
	return func(w dns.ResponseWriter, r *dns.Msg) {
		m := r.Copy()
		m.Response, m.Rcode = true, rcode
		send(w, m)
	}
}

// headerWithCounts is a header that promises the sections of the question, without them.
var headerWithCounts respond = func(w dns.ResponseWriter, r *dns.Msg) {
	m := r.Copy()
	m.Response, m.Rcode = true, dns.RcodeFormatError
	packed, err := m.Pack()
	if err != nil {
		panic(err)
	}
	_, _ = w.Write(packed[:12])
}

func TestServersThatDoNotKnowEDNSAreAskedWithoutIt(t *testing.T) {
	address := Answer{Status: Address, Addresses: addresses("192.0.2.1"), TTL: 300 * time.Second}
	tests := []struct {
		name string
		how  respond
		// waits: half of the time-out passes before the second question.
		waits bool
	}{
		{"FORMERR, with the question", code(dns.RcodeFormatError), false},
		{"FORMERR, with nothing but the header", bare(dns.RcodeFormatError), false},
		{"FORMERR, with a header that promises more", headerWithCounts, false},
		{"FORMERR, with the whole question sent back", echo(dns.RcodeFormatError), false},
		{"NOTIMP, with the question", code(dns.RcodeNotImplemented), false},
		{"NOTIMP, with nothing but the header", bare(dns.RcodeNotImplemented), false},
		{"REFUSED, with the question", code(dns.RcodeRefused), false},
		{"REFUSED, with nothing but the header", bare(dns.RcodeRefused), false},
		{"SERVFAIL, with the question", code(dns.RcodeServerFailure), false},
		{"SERVFAIL, with nothing but the header", bare(dns.RcodeServerFailure), false},
		{"BADVERS", changed(func(m *dns.Msg) { m.SetEdns0(1232, false); m.Rcode = dns.RcodeBadVers }), false},
		{"silence, as behind a firewall that drops what it does not know", silent, true},
		{"the question sent back as it came", func(w dns.ResponseWriter, r *dns.Msg) { send(w, r) }, true},
		{"an answer that is no message", raw(func([]byte) []byte { return []byte("no EDNS here") }), true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				dial := memory(func(_ string, w dns.ResponseWriter, r *dns.Msg) { oldServer(test.how, holds("192.0.2.1"))(w, r) })
				began := time.Now()
				got := wire{dial, patient}.ask(t.Context(), netip.MustParseAddrPort(liveAddress), question{"www.example.com.", "example.com."})
				if !got.same(address) || got.TTL != address.TTL || got.Detail != "" {
					t.Errorf("got %+v", got)
				}
				want := time.Duration(0)
				if test.waits {
					want = patient / 2
				}
				if took := time.Since(began); took != want {
					t.Errorf("took %v, want %v", took, want)
				}
			})
		})
	}
}

// A server that does not know EDNS may be as good at anything else as others are, or as bad.
func TestWithoutEDNSNothingElseIsDifferent(t *testing.T) {
	formerr := bare(dns.RcodeFormatError)
	// The first plain datagram is lost.
	forgetful := func(then respond) respond {
		lost := false
		return func(w dns.ResponseWriter, r *dns.Msg) {
			if !lost {
				lost = true
				return
			}
			then(w, r)
		}
	}
	// after answers some time later.
	after := func(d time.Duration, then respond) respond {
		return func(w dns.ResponseWriter, r *dns.Msg) { time.AfterFunc(d, func() { then(w, r) }) }
	}
	tests := []struct {
		name string
		how  respond
		want Answer
		took time.Duration
	}{
		{"an answer that does not fit into a datagram", oldServer(formerr, overTCP(says(many(150)...))), Answer{Status: Addresses, Addresses: manyAddresses(150)}, 0},
		{"a lost datagram", oldServer(formerr, forgetful(holds("192.0.2.1"))), Answer{Status: Address, Addresses: addresses("192.0.2.1")}, patient / 2},
		{"an error that comes when the question was already asked again", oldServer(after(patient/2+time.Second, formerr), after(10*time.Second, holds("192.0.2.1"))),
			Answer{Status: Address, Addresses: addresses("192.0.2.1")}, patient/2 + 10*time.Second},
		{"it refuses that too", oldServer(formerr, code(dns.RcodeRefused)), Answer{Status: Refused}, 0},
		{"it refuses that too, with nothing but the header", bare(dns.RcodeRefused), Answer{Status: Refused}, 0},
		{"it is silent from then on", oldServer(formerr, silent), Answer{Status: Timeout}, patient},
		{"it does not understand that either", formerr, Answer{Status: Failed}, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				dial := memory(func(_ string, w dns.ResponseWriter, r *dns.Msg) { test.how(w, r) })
				began := time.Now()
				got := wire{dial, patient}.ask(t.Context(), netip.MustParseAddrPort(liveAddress), question{"www.example.com.", "example.com."})
				if !got.same(test.want) {
					t.Errorf("got %+v, want %+v", got, test.want)
				}
				if took := time.Since(began); took != test.took {
					t.Errorf("took %v, want %v", took, test.took)
				}
			})
		})
	}
}

// A server that says by an OPT record of its own that it knows EDNS means what it says.
func TestAServerThatKnowsEDNSIsBelievedAtOnce(t *testing.T) {
	for _, rcode := range []int{dns.RcodeRefused, dns.RcodeServerFailure, dns.RcodeNotImplemented} {
		synctest.Test(t, func(t *testing.T) {
			var mu sync.Mutex
			asked := 0
			dial := pipes(func(_ string, r *dns.Msg) *dns.Msg {
				mu.Lock()
				defer mu.Unlock()
				asked++
				m := blank(r)
				m.Rcode = rcode
				m.SetEdns0(1232, false)
				return m
			})
			got := wire{dial, patient}.ask(t.Context(), netip.MustParseAddrPort(liveAddress), question{"www.example.com.", "example.com."})
			if got.Status.Certain() || asked != 1 {
				t.Errorf("%s: asked %d times, and got %+v", dns.RcodeToString[rcode], asked, got)
			}
		})
	}
}

func TestAnOldServerOverARealSocket(t *testing.T) {
	h := newHost(t, script{"www.example.com.": oldServer(bare(dns.RcodeFormatError), holds("192.0.2.1"))})
	got := wire{Query{}.dialer(), patient}.ask(t.Context(), h.address, question{"www.example.com.", "example.com."})
	if got.Address().String() != "192.0.2.1" {
		t.Errorf("got %+v", got)
	}
	if names := h.names(); len(names) != 2 {
		t.Errorf("asked %d times, want twice: %q", len(names), names)
	}
}
