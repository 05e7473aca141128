package authdns

import (
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/miekg/dns"
	"go.uber.org/goleak"

	"ddns-batch/internal/record"
	"ddns-batch/internal/testnet"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// respond answers one question, or does not.
type respond func(w dns.ResponseWriter, r *dns.Msg)

// script is how a server answers: by the name, or by "*.parent" for a random name below parent. It says that there is no
// such name for everything else.
type script map[string]respond

// host is a name server on loopback, with UDP and TCP on one port. It refuses questions that are not as they should be,
// and writes down what it heard. Whether it knows EDNS is up to its script.
type host struct {
	tb      testing.TB
	address netip.AddrPort

	mu     sync.Mutex
	script script
	heard  []string // "udp www.example.com."
}

var randomLabel = regexp.MustCompile(`^[0-9a-f]{16}\.`)

// starred puts "*" in the place of a random label.
func starred(name string) string { return randomLabel.ReplaceAllString(name, "*.") }

func newHost(tb testing.TB, script script) *host {
	tb.Helper()
	h := &host{tb: tb, script: script}
	h.address = testnet.NameServer(tb, h.answer)
	return h
}

func (h *host) answer(w dns.ResponseWriter, r *dns.Msg) {
	q := r.Question[0]
	if r.RecursionDesired || q.Qtype != dns.TypeA || q.Qclass != dns.ClassINET {
		h.tb.Errorf("a question that is not as it should be: %v", r)
	}
	edns, over := r.IsEdns0(), w.RemoteAddr().Network()
	h.mu.Lock()
	first := !slices.Contains(h.heard, "udp "+q.Name)
	if first && (over == "tcp" || edns == nil || edns.UDPSize() != 1232) || over == "tcp" && edns != nil {
		h.tb.Errorf("a question by %s that is not as it should be: %v", over, r)
	}
	h.heard = append(h.heard, w.RemoteAddr().Network()+" "+q.Name)
	how, ok := h.script[starred(q.Name)]
	h.mu.Unlock()
	if !ok {
		how = noName
	}
	how(w, r)
}

// names are what was asked for by UDP, random labels as "*", sorted.
func (h *host) names() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	var all []string
	for _, line := range h.heard {
		if name, ok := strings.CutPrefix(line, "udp "); ok {
			all = append(all, starred(name))
		}
	}
	slices.Sort(all)
	return all
}

func (h *host) now(name string, how respond) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.script[name] = how
}

// blank is an answer with authority and without records.
func blank(r *dns.Msg) *dns.Msg {
	m := new(dns.Msg)
	m.SetReply(r)
	m.Authoritative = true
	return m
}

func send(w dns.ResponseWriter, m *dns.Msg) { _ = w.WriteMsg(m) }

// records parses lines of a zone file in which "@" at the beginning is the name that was asked for.
func records(r *dns.Msg, lines ...string) (all []dns.RR) {
	for _, line := range lines {
		if rest, ok := strings.CutPrefix(line, "@ "); ok {
			line = r.Question[0].Name + " " + rest
		}
		rr, err := dns.NewRR(line)
		if err != nil {
			panic(err)
		}
		all = append(all, rr)
	}
	return all
}

// says answers with authority.
func says(lines ...string) respond {
	return func(w dns.ResponseWriter, r *dns.Msg) {
		m := blank(r)
		m.Answer = records(r, lines...)
		send(w, m)
	}
}

// holds answers with one address.
func holds(address string) respond { return says("@ 300 IN A " + address) }

// changed answers as says does, after change was made to the answer.
func changed(change func(m *dns.Msg), lines ...string) respond {
	return func(w dns.ResponseWriter, r *dns.Msg) {
		m := blank(r)
		m.Answer = records(r, lines...)
		change(m)
		send(w, m)
	}
}

// code answers with an error code.
func code(rcode int, authority ...string) respond {
	return changed(func(m *dns.Msg) {
		m.Rcode = rcode
		m.Ns = records(m, authority...)
	})
}

const soa = "example.com. 3600 IN SOA ns1.example.com. hostmaster.example.com. 1 3600 600 86400 1800"

var (
	noName respond = code(dns.RcodeNameError, soa)
	silent respond = func(dns.ResponseWriter, *dns.Msg) {}
)

// raw sends the bytes that make says, given those of a proper answer.
func raw(says func(proper []byte) []byte) respond {
	return func(w dns.ResponseWriter, r *dns.Msg) {
		m := blank(r)
		m.Answer = records(r, "@ 300 IN A 192.0.2.66")
		proper, err := m.Pack()
		if err != nil {
			panic(err)
		}
		_, _ = w.Write(says(proper))
	}
}

// overTCP answers datagrams with nothing but the flag that sends the client to TCP.
func overTCP(then respond) respond {
	return func(w dns.ResponseWriter, r *dns.Msg) {
		if w.RemoteAddr().Network() == "tcp" {
			then(w, r)
			return
		}
		changed(func(m *dns.Msg) { m.Truncated = true })(w, r)
	}
}

func name(host, domain string) record.Name { return record.Name{Host: host, Domain: domain} }

func addresses(all ...string) (list []netip.Addr) {
	for _, a := range all {
		list = append(list, netip.MustParseAddr(a))
	}
	return list
}

// patient is the time-out where an answer will come, however busy the machine is.
const patient = 30 * time.Second
