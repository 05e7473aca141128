package main

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"time"

	"ddns-batch/internal/provider/namecheap/sandbox"
	"ddns-batch/internal/record"
	"ddns-batch/internal/testnet"
)

// The two addresses between which the line changes.
var (
	homeAddress = netip.MustParseAddr("203.0.113.7")
	awayAddress = netip.MustParseAddr("203.0.113.91")
)

// The hosts of a network, and one that nobody has a reason to talk to but a redirect.
const (
	endpointHost = "ddns.example.net"
	elsewhere    = "elsewhere.example.org"
)

var sourceHosts = []string{"one.sandbox.example.net", "two.sandbox.example.net", "three.sandbox.example.net"}

// network is what a run can reach, all of it on loopback: the endpoint and the address sources of a sandbox, each of which
// can be told to be rude. With it come the passwords of its domains, which must not be found anywhere but in the files
// that are named in secrets.
type network struct {
	server            *sandbox.Server
	passwords         map[string]string // by variable
	canaries, secrets []string

	over context.Context // ends with the network
	end  context.CancelFunc

	mu     sync.Mutex
	plays  map[string]play // by the name of a record or the host name of a source
	played map[string]int
	proofs map[string]proof // by host name
	odd    []string         // what came with an update, and should not have
}

// play answers a request on a connection that is its own. body is what a well-behaved server would have said.
type play func(conn net.Conn, r *http.Request, body string)

// proof is a certificate that a server shows.
type proof int

const (
	good     proof = iota
	expired        // yesterday
	coming         // valid from tomorrow on
	misnamed       // for www.example.org
	stranger       // signed by nobody who is known
)

// authority signs all certificates but the stranger's.
var authority = sync.OnceValue(func() *testnet.Authority { return testnet.NewAuthority("authority of the tests") })

var certificates = sync.OnceValue(func() map[proof]*tls.Certificate {
	now, names := time.Now(), []string{"*.example.net", "*.sandbox.example.net", "127.0.0.1"}
	made := map[proof]tls.Certificate{
		good:     authority().Certificate(now.AddDate(-90, 0, 0), now.AddDate(90, 0, 0), names...),
		expired:  authority().Certificate(now.AddDate(0, -3, 0), now.AddDate(0, 0, -1), names...),
		coming:   authority().Certificate(now.AddDate(0, 0, 1), now.AddDate(0, 3, 0), names...),
		misnamed: authority().Certificate(now.AddDate(0, -1, 0), now.AddDate(0, 1, 0), "www.example.org"),
		stranger: testnet.NewAuthority("stranger").Certificate(now.AddDate(0, -1, 0), now.AddDate(0, 1, 0), names...),
	}
	all := map[proof]*tls.Certificate{}
	for p, certificate := range made {
		all[p] = &certificate
	}
	return all
})

// startNetwork serves some domains, over TLS unless it is to be plain. A domain without a password gets a canary, and the
// sources say homeAddress unless they are told something else.
func startNetwork(o sandbox.Options, plain bool) *network {
	n := &network{passwords: map[string]string{}, plays: map[string]play{}, played: map[string]int{}, proofs: map[string]proof{}}
	n.over, n.end = context.WithCancel(context.Background())
	o.Address, o.Around = homeAddress, n.around
	if !plain {
		o.TLS = &tls.Config{GetCertificate: n.certificate}
	}
	for i := range o.Domains {
		d := &o.Domains[i]
		if d.Password == "" {
			d.Password = canary(d.Name)
		}
		n.passwords[passwordVariable(d.Name)] = d.Password
		n.canaries = append(n.canaries, d.Password)
	}
	n.server = mustValue(sandbox.Start(o))
	return n
}

// close ends the network and says what must not be: odd requests, and passwords in files below dir.
func (n *network) close(dir string) []string {
	n.end()
	n.server.Close()
	var wrong []string
	for _, odd := range append(n.server.Violations(), n.odd...) {
		wrong = append(wrong, "the endpoint was sent "+odd)
	}
	for _, file := range findCanaries(dir, n.canaries, n.secrets) {
		wrong = append(wrong, "a password is in "+file)
	}
	return wrong
}

func (n *network) certificate(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return certificates()[n.proofs[hello.ServerName]], nil
}

// show lets a host show this certificate from now on.
func (n *network) show(host string, p proof) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.proofs[host] = p
}

// be lets a record or a source be rude from now on; nil ends it.
func (n *network) be(name string, p play) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.plays[name] = p
}

// timesPlayed counts how often a record or a source has been rude.
func (n *network) timesPlayed(name string) int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.played[name]
}

// around lets requests pass to the sandbox, unless who they are for is rude.
func (n *network) around(sandbox http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name, body := r.Host, awayAddress.String()+"\n"
		if r.URL.Path == "/update" {
			query := r.URL.Query()
			name = record.Name{Host: query.Get("host"), Domain: query.Get("domain")}.String()
			body = confirmation(query.Get("ip"))
		}
		p := n.heard(name, r)
		if p == nil {
			sandbox.ServeHTTP(w, r)
			return
		}
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		defer conn.Close()
		defer context.AfterFunc(n.over, func() { _ = conn.Close() })()
		p(conn, r, body)
	})
}

// heard notes a request, and returns how it is to be answered; nil: politely.
func (n *network) heard(name string, r *http.Request) play {
	n.mu.Lock()
	defer n.mu.Unlock()
	for header := range r.Header {
		// Above all nobody asks for a compressed answer: it would have to be unpacked.
		if r.URL.Path == "/update" && header != "User-Agent" && !(header == "Connection" && r.Close) {
			n.odd = append(n.odd, "a header "+header)
		}
	}
	p := n.plays[name]
	if p != nil {
		n.played[name]++
	}
	return p
}

// atAddress counts the records that are published with an address.
func (n *network) atAddress(a netip.Addr) int {
	count := 0
	for _, held := range n.server.Records() {
		if held == a {
			count++
		}
	}
	return count
}

// updatesDuring counts the updates that come while something is done.
func (n *network) updatesDuring(do func()) int {
	before := len(n.server.Heard())
	do()
	return len(n.server.Heard()) - before
}

// passwordVariable is the variable that holds the password of a domain.
func passwordVariable(domain string) string {
	return strings.NewReplacer(".", "_", "-", "_").Replace(strings.ToUpper(domain)) + "_DDNS_PASSWORD"
}

// zone is a domain and its records.
type zone struct {
	domain string
	hosts  []string
}

// numbered is a zone with so many records: the domain itself, h1, h2, and so on.
func numbered(domain string, count int) zone {
	return zone{domain, append([]string{"@"}, hostsUpTo(count)[1:]...)}
}

// hostsUpTo are h0, h1, and so on, as many as that.
func hostsUpTo(count int) []string {
	hosts := make([]string, count)
	for i := range hosts {
		hosts[i] = "h" + strconv.Itoa(i)
	}
	return hosts
}
