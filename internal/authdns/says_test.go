package authdns

import (
	"bytes"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode"

	"github.com/miekg/dns"

	"ddns-batch/internal/testnet"
)

func TestWhatOneServerSays(t *testing.T) {
	tests := []struct {
		name string
		how  respond
		want Answer
		// detail is a part of the detail.
		detail string
	}{
		{
			name: "one address",
			how:  holds("192.0.2.1"),
			want: Answer{Status: Address, Addresses: addresses("192.0.2.1"), TTL: 300 * time.Second},
		}, {
			name: "the name in other letters",
			how:  says("WWW.Example.COM. 300 IN A 192.0.2.1"),
			want: Answer{Status: Address, Addresses: addresses("192.0.2.1"), TTL: 300 * time.Second},
		}, {
			name: "several addresses, sorted, with the shortest TTL",
			how:  says("@ 300 IN A 192.0.2.2", "@ 60 IN A 192.0.2.3", "@ 100 IN A 192.0.2.1"),
			want: Answer{Status: Addresses, Addresses: addresses("192.0.2.1", "192.0.2.2", "192.0.2.3"), TTL: time.Minute},
		}, {
			name: "one address twice",
			how:  says("@ 300 IN A 192.0.2.2", "@ 300 IN A 192.0.2.2"),
			want: Answer{Status: Address, Addresses: addresses("192.0.2.2"), TTL: 300 * time.Second},
		}, {
			name: "a TTL with the highest bit set",
			how:  says("@ 2147483648 IN A 192.0.2.1"),
			want: Answer{Status: Address, Addresses: addresses("192.0.2.1")},
		}, {
			name: "an alias",
			how:  says("@ 300 IN CNAME Other.example.net."),
			want: Answer{Status: CNAME, Target: "other.example.net", TTL: 300 * time.Second},
		}, {
			name: "an alias with the addresses of its target",
			how: says("@ 300 IN CNAME a.example.com.", "a.example.com. 300 IN CNAME b.example.com.",
				"b.example.com. 300 IN A 192.0.2.1"),
			want: Answer{Status: CNAME, Target: "a.example.com", TTL: 300 * time.Second},
		}, {
			name: "an alias beside an address of the same name",
			how:  says("@ 300 IN A 192.0.2.1", "@ 300 IN CNAME a.example.com."),
			want: Answer{Status: CNAME, Target: "a.example.com", TTL: 300 * time.Second},
		}, {
			name: "an alias that leads nowhere",
			how:  changed(func(m *dns.Msg) { m.Rcode = dns.RcodeNameError }, "@ 300 IN CNAME gone.example.com."),
			want: Answer{Status: CNAME, Target: "gone.example.com", TTL: 300 * time.Second},
		}, {
			name: "a whole subtree that is an alias",
			how:  says("example.com. 300 IN DNAME example.net.", "@ 200 IN CNAME www.example.net."),
			want: Answer{Status: CNAME, Target: "www.example.net", TTL: 200 * time.Second},
		}, {
			name: "the same from a server that leaves the rest to the client",
			how:  says("example.com. 300 IN DNAME example.net."),
			want: Answer{Status: CNAME, Target: "www.example.net", TTL: 300 * time.Second},
		}, {
			name: "an alias to the root",
			how:  says("@ 300 IN CNAME ."),
			want: Answer{Status: CNAME, Target: ".", TTL: 300 * time.Second},
		}, {
			name: "an alias with a hostile target",
			how:  says(`@ 300 IN CNAME \027[31m\010\000<b>\226\128\174.example.net.`),
			want: Answer{Status: CNAME, Target: `\027[31m\010\000<b>\226\128\174.example.net`, TTL: 300 * time.Second},
		}, {
			name: "no such name, with the SOA's minimum",
			how:  noName,
			want: Answer{Status: NXDomain, TTL: 1800 * time.Second},
		}, {
			name: "no such name, with the SOA's own TTL",
			how:  code(dns.RcodeNameError, strings.Replace(soa, "3600 IN", "60 IN", 1)),
			want: Answer{Status: NXDomain, TTL: 60 * time.Second},
		}, {
			name: "no such name, with the SOA of another zone",
			how:  code(dns.RcodeNameError, strings.Replace(soa, "example.com.", "example.net.", 1)),
			want: Answer{Status: NXDomain},
		}, {
			name: "a name without an address",
			how:  code(dns.RcodeSuccess, soa),
			want: Answer{Status: NoAddress, TTL: 1800 * time.Second},
		}, {
			name: "the address of another name",
			how:  says("w.example.com. 300 IN A 192.0.2.1", "wwww.example.com. 300 IN A 192.0.2.2"),
			want: Answer{Status: NoAddress},
		}, {
			name: "an address of another class",
			how:  says("@ 300 CH A 192.0.2.1"),
			want: Answer{Status: NoAddress},
		}, {
			name: "an alias of another class",
			how:  says("@ 300 CH CNAME a.example.com.", "@ 300 IN A 192.0.2.1"),
			want: Answer{Status: Address, Addresses: addresses("192.0.2.1"), TTL: 300 * time.Second},
		}, {
			name:   "an address, and no such name",
			how:    changed(func(m *dns.Msg) { m.Rcode = dns.RcodeNameError }, "@ 300 IN A 192.0.2.1"),
			want:   Answer{Status: Malformed},
			detail: "contradicts itself",
		}, {
			name:   "SERVFAIL",
			how:    code(dns.RcodeServerFailure),
			want:   Answer{Status: Servfail},
			detail: "SERVFAIL",
		}, {
			name:   "REFUSED, without authority",
			how:    changed(func(m *dns.Msg) { m.Rcode, m.Authoritative = dns.RcodeRefused, false }),
			want:   Answer{Status: Refused},
			detail: "REFUSED",
		}, {
			name:   "a known error",
			how:    code(dns.RcodeNotImplemented),
			want:   Answer{Status: Failed},
			detail: "NOTIMP",
		}, {
			name:   "an unknown error",
			how:    code(13),
			want:   Answer{Status: Failed},
			detail: "code 13",
		}, {
			name:   "an address without authority",
			how:    changed(func(m *dns.Msg) { m.Authoritative = false }, "@ 300 IN A 192.0.2.1"),
			want:   Answer{Status: Lame},
			detail: "not authoritative",
		}, {
			name:   "no such name, without authority",
			how:    changed(func(m *dns.Msg) { m.Rcode, m.Authoritative = dns.RcodeNameError, false }),
			want:   Answer{Status: Lame},
			detail: "not authoritative",
		}, {
			name: "a resolver in place of the server",
			how: changed(func(m *dns.Msg) { m.Authoritative, m.RecursionAvailable = false, true },
				"@ 300 IN A 192.0.2.1"),
			want:   Answer{Status: Lame},
			detail: "intercepts DNS",
		}, {
			name: "a subdomain with servers of its own",
			how: changed(func(m *dns.Msg) {
				m.Authoritative = false
				m.Ns = records(m, "www.example.com. 300 IN NS ns1.example.net.")
			}),
			want:   Answer{Status: Delegated},
			detail: "www.example.com is a zone of its own",
		}, {
			name: "a referral upwards",
			how: changed(func(m *dns.Msg) {
				m.Authoritative = false
				m.Ns = records(m, ". 300 IN NS a.example.net.", "example.com. 300 IN NS a.example.net.")
			}),
			want:   Answer{Status: Lame},
			detail: "not authoritative",
		}, {
			name:   "the wrong id",
			how:    raw(func(p []byte) []byte { p[1]++; return p }),
			want:   Answer{Status: Malformed},
			detail: "not a reply to this query",
		}, {
			name:   "a question in place of an answer",
			how:    raw(func(p []byte) []byte { p[2] &^= 0x80; return p }),
			want:   Answer{Status: Malformed},
			detail: "not a reply to this query",
		}, {
			name:   "an answer to another kind of request",
			how:    raw(func(p []byte) []byte { p[2] |= dns.OpcodeNotify << 3; return p }),
			want:   Answer{Status: Malformed},
			detail: "not a reply to this query",
		}, {
			name:   "the answer to another question",
			how:    changed(func(m *dns.Msg) { m.Question[0].Name = "w.example.com." }, "@ 300 IN A 192.0.2.1"),
			want:   Answer{Status: Malformed},
			detail: "not a reply to this query",
		}, {
			name:   "the answer to a question of another type",
			how:    changed(func(m *dns.Msg) { m.Question[0].Qtype = dns.TypeANY }, "@ 300 IN A 192.0.2.1"),
			want:   Answer{Status: Malformed},
			detail: "not a reply to this query",
		}, {
			name:   "the answer to two questions",
			how:    changed(func(m *dns.Msg) { m.Question = append(m.Question, m.Question[0]) }, "@ 300 IN A 192.0.2.1"),
			want:   Answer{Status: Malformed},
			detail: "not a reply to this query",
		}, {
			name:   "an answer without the question",
			how:    changed(func(m *dns.Msg) { m.Question = nil }, "www.example.com. 300 IN A 192.0.2.1"),
			want:   Answer{Status: Malformed},
			detail: "not a reply to this query",
		}, {
			name:   "an answer that ends too early",
			how:    raw(func(p []byte) []byte { return p[:len(p)-2] }),
			want:   Answer{Status: Malformed},
			detail: "not a valid DNS message",
		}, {
			name:   "garbage",
			how:    raw(func([]byte) []byte { return []byte("HTTP/1.1 400 Bad Request\r\n\r\n") }),
			want:   Answer{Status: Malformed},
			detail: "not a reply to this query",
		}, {
			name: "an empty datagram, garbage and a forgery before the answer",
			how: func(w dns.ResponseWriter, r *dns.Msg) {
				_, _ = w.Write(nil)
				_, _ = w.Write(bytes.Repeat([]byte{0xff}, 600))
				raw(func(p []byte) []byte { p[0]++; return p })(w, r)
				holds("192.0.2.1")(w, r)
			},
			want: Answer{Status: Address, Addresses: addresses("192.0.2.1"), TTL: 300 * time.Second},
		}, {
			name: "an answer by TCP",
			how:  overTCP(holds("192.0.2.1")),
			want: Answer{Status: Address, Addresses: addresses("192.0.2.1"), TTL: 300 * time.Second},
		}, {
			name:   "truncated by TCP too",
			how:    changed(func(m *dns.Msg) { m.Truncated = true }, "@ 300 IN A 192.0.2.1"),
			want:   Answer{Status: Malformed},
			detail: "truncated over TCP too",
		}, {
			name:   "a forgery by TCP",
			how:    overTCP(raw(func(p []byte) []byte { p[0]++; return p })),
			want:   Answer{Status: Malformed},
			detail: "not a reply to this query",
		}, {
			name:   "a connection that is closed in the middle of the answer",
			how:    overTCP(func(w dns.ResponseWriter, _ *dns.Msg) { _ = w.Close() }),
			want:   Answer{Status: Malformed},
			detail: "closed before the answer was complete",
		}, {
			name:   "three bytes by TCP",
			how:    overTCP(raw(func(p []byte) []byte { return p[:3] })),
			want:   Answer{Status: Malformed},
			detail: "closed before the answer was complete",
		}, {
			name:   "silence",
			how:    silent,
			want:   Answer{Status: Timeout},
			detail: "no answer in 30 s",
		}, {
			name:   "silence by TCP",
			how:    overTCP(silent),
			want:   Answer{Status: Timeout},
			detail: "no answer in 30 s",
		}, {
			name: "a datagram longer than was asked for",
			how:  says(many(150)...),
			want: Answer{Status: Addresses, Addresses: manyAddresses(150), TTL: 300 * time.Second},
		}, {
			name: "a datagram longer than there is room for",
			how:  says(many(700)...),
			want: Answer{Status: Addresses, Addresses: manyAddresses(700), TTL: 300 * time.Second},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			q := question{name: "www.example.com.", domain: "example.com."}
			var got Answer
			if test.want.Status == Malformed || test.want.Status == Timeout {
				// Where the real answer is waited for to the end.
				synctest.Test(t, func(t *testing.T) {
					dial := memory(func(_ string, w dns.ResponseWriter, r *dns.Msg) { test.how(w, r) })
					got = wire{dial, patient}.ask(t.Context(), netip.MustParseAddrPort(liveAddress), q)
				})
			} else {
				h := newHost(t, script{"www.example.com.": test.how})
				got = wire{Query{}.dialer(), patient}.ask(t.Context(), h.address, q)
			}
			if !got.same(test.want) || got.TTL != test.want.TTL {
				t.Errorf("got %+v, want %+v", got, test.want)
			}
			if !strings.Contains(got.Detail, test.detail) || test.detail == "" && got.Detail != "" {
				t.Errorf("the detail is %q, want it to contain %q", got.Detail, test.detail)
			}
			safe(t, got)
		})
	}
}

// many are n addresses of one name, long enough to fill datagrams.
func many(n int) (lines []string) {
	for _, a := range manyAddresses(n) {
		lines = append(lines, "@ 300 IN A "+a.String())
	}
	return lines
}

// manyAddresses are n addresses for documentation, 750 at most, sorted.
func manyAddresses(n int) (all []netip.Addr) {
	for i := range n {
		a := [][4]byte{{192, 0, 2}, {198, 51, 100}, {203, 0, 113}}[i/250]
		a[3] = byte(i % 250)
		all = append(all, netip.AddrFrom4(a))
	}
	return all
}

// safe checks that an answer can be printed.
func safe(tb testing.TB, a Answer) {
	tb.Helper()
	for _, text := range []string{a.Target, a.Detail, a.Words()} {
		if strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
			tb.Errorf("%q cannot be printed", text)
		}
	}
	if n := len([]rune(a.Detail)); n > maxDetail {
		tb.Errorf("a detail of %d characters", n)
	}
	if n := len([]rune(a.Words())); n > maxDetail {
		tb.Errorf("an answer of %d characters", n)
	}
}

func TestAServerThatDoesNotListen(t *testing.T) {
	packets, streams := testnet.Sockets()
	streams.Close()
	packets.Close()
	address := netip.MustParseAddrPort(packets.LocalAddr().String())
	got := wire{Query{}.dialer(), patient}.ask(t.Context(), address, question{"www.example.com.", "example.com."})
	if got.Status != Unreachable || !strings.Contains(got.Detail, "refused") || strings.Contains(got.Detail, "127.0.0.1") {
		t.Errorf("got %+v", got)
	}
}

func TestAnswersInWords(t *testing.T) {
	tests := []struct {
		answer Answer
		want   string
	}{
		{Answer{}, "not known"},
		{Answer{Status: Refused}, "refused"},
		{Answer{Status: Refused, Detail: "because"}, "because"},
		{Answer{Status: NXDomain, Detail: "because"}, "no such name"},
		{Answer{Status: NoAddress}, "no A record"},
		{Answer{Status: CNAME, Target: "a.example.com"}, "CNAME a.example.com"},
		{Answer{Status: Addresses, Addresses: addresses("192.0.2.1", "192.0.2.2")}, "192.0.2.1, 192.0.2.2"},
		{Answer{Status: Addresses, Addresses: manyAddresses(40)}, "192.0.2.0, 192.0.2.1, 192.0.2.2 and 37 more"},
	}
	for _, test := range tests {
		if got := test.answer.Words(); got != test.want {
			t.Errorf("%+v in words is %q, want %q", test.answer, got, test.want)
		}
	}
}

func TestOnlyOneAddressIsTheAddress(t *testing.T) {
	one := Answer{Status: Address, Addresses: addresses("192.0.2.1")}
	if one.Address() != one.Addresses[0] {
		t.Error("one address is not the address")
	}
	for _, a := range []Answer{
		{},
		{Status: Address},
		{Status: Addresses, Addresses: addresses("192.0.2.1", "192.0.2.2")},
		{Status: Lame, Addresses: addresses("192.0.2.1")},
	} {
		if a.Address().IsValid() {
			t.Errorf("%+v has the address %v", a, a.Address())
		}
	}
}
