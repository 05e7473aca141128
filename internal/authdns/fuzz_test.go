package authdns

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/miekg/dns"
	"golang.org/x/net/dns/dnsmessage"
)

// FuzzReply takes whatever arrives for one question, and compares what is made of it with what another library reads.
func FuzzReply(f *testing.F) {
	const id = 0x1234
	q := question{"www.example.com.", "example.com."}
	ask := new(dns.Msg)
	ask.SetQuestion(q.name, dns.TypeA)
	ask.Id = id
	seed := func(change func(m *dns.Msg), lines ...string) {
		m := blank(ask)
		m.Answer = records(ask, lines...)
		m.Ns = records(ask, soa)
		change(m)
		packet, err := m.Pack()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(packet)
	}
	as := func(*dns.Msg) {}
	seed(as)
	seed(as, "@ 300 IN A 192.0.2.1")
	seed(as, "@ 300 IN A 192.0.2.1", "@ 60 IN A 192.0.2.2", "ww.example.com. 1 IN A 192.0.2.3")
	seed(as, "@ 300 IN CNAME a.example.com.", "a.example.com. 300 IN A 192.0.2.1")
	seed(as, "example.com. 300 IN DNAME example.net.")
	seed(as, `@ 300 IN CNAME \027[31m\010\226\128\174.example.net.`)
	seed(as, "@ 300 CH A 192.0.2.1")
	seed(func(m *dns.Msg) { m.Authoritative = false }, "@ 300 IN A 192.0.2.1")
	seed(func(m *dns.Msg) { m.Rcode = dns.RcodeNameError })
	seed(func(m *dns.Msg) { m.Rcode = dns.RcodeNameError }, "@ 300 IN A 192.0.2.1")
	seed(func(m *dns.Msg) { m.Truncated = true }, "@ 300 IN A 192.0.2.1")
	seed(func(m *dns.Msg) { m.Id++ }, "@ 300 IN A 192.0.2.1")
	seed(func(m *dns.Msg) { m.Question[0].Name = "ww.example.com." }, "@ 300 IN A 192.0.2.1")
	seed(func(m *dns.Msg) { m.SetEdns0(1232, false); m.Rcode = dns.RcodeBadVers })
	seed(func(m *dns.Msg) {
		m.Authoritative = false
		m.Ns = records(ask, "www.example.com. 300 IN NS ns.example.net.")
	})

	f.Fuzz(func(t *testing.T, packet []byte) {
		m, err := accept(packet, id, q, false)
		if err != nil {
			if m != nil {
				t.Error("an error, and a message")
			}
			return
		}
		a := judge(m, q)
		safe(t, a)
		if a.Status == Unknown || a.Status == Timeout || a.Status == Differ {
			t.Errorf("a reply was judged %+v", a)
		}
		if a.Status.Certain() && !m.Authoritative {
			t.Errorf("certain without authority: %+v", a)
		}
		if (a.Status == Address) != (len(a.Addresses) == 1) || (a.Status == Addresses) != (len(a.Addresses) > 1) || (a.Status == CNAME) != (a.Target != "") {
			t.Errorf("contradictory: %+v", a)
		}
		if len(a.Addresses) > 0 {
			want, ok := otherReading(packet, q)
			if ok && !slices.Equal(a.Addresses, want) {
				t.Errorf("read %v, another library %v", a.Addresses, want)
			}
		}
	})
}

// otherReading is the addresses that a message holds with authority for q, in the eyes of another library. That one is
// strict about labels with dots in them; ok is false when it cannot read the message.
func otherReading(packet []byte, q question) (all []netip.Addr, ok bool) {
	var p dnsmessage.Parser
	header, err := p.Start(packet)
	if err != nil {
		return nil, false
	}
	asked, err := p.AllQuestions()
	if err != nil {
		return nil, false
	}
	if !header.Response || !header.Authoritative || header.Truncated || len(asked) != 1 || !strings.EqualFold(asked[0].Name.String(), q.name) {
		return nil, true
	}
	for {
		h, err := p.AnswerHeader()
		if err == dnsmessage.ErrSectionDone {
			slices.SortFunc(all, netip.Addr.Compare)
			return slices.Compact(all), true
		}
		if err != nil {
			return nil, false
		}
		if h.Type == dnsmessage.TypeA && h.Class == dnsmessage.ClassINET && strings.EqualFold(h.Name.String(), q.name) && h.Length == 4 {
			r, err := p.AResource()
			if err != nil {
				return nil, false
			}
			all = append(all, netip.AddrFrom4(r.A))
			continue
		}
		if err := p.SkipAnswer(); err != nil {
			return nil, false
		}
	}
}
